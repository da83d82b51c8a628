"""From which distance on two photos are copies of one: measured on copies that are made, and on what is no copy."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cbir.datasets.photo import Photo
from cbir.evaluation.retrieval import make_copy
from cbir.network.extractor import FeatureExtractor
from cbir.network.preprocess import read_batches, to_pixels
from cbir.photos.decode import DECODE_SIDE, load_image
from cbir.system.progress import Progress

MARGIN = 0.75
"""The bound, as a share of the least distance of two photos that are no copies: larger catalogues have nearer ones."""


class CopyBound(NamedTuple):
    """The distance up to which photos count as copies, and what it gets wrong."""

    distance: float
    missed: dict[str, float]
    """Share of copies farther than this from their photo, by what was done to them."""
    false: int
    """Photos with another contributor's photo within this."""
    photos: int
    """All that were copied and compared."""
    least_other: float
    """Least distance of one of them to another contributor's photo."""

    def __str__(self) -> str:
        missed = ", ".join(f"{how} {share:.3f}" for how, share in self.missed.items())
        return (
            f"copies: up to distance {self.distance:.3f}; missed of {self.photos:,} each: {missed}; "
            f"{self.false} photos taken for another contributor's (the nearest is at {self.least_other:.3f})"
        )


def find_copy_bound(
    photos: Sequence[Photo],
    features: NDArray[np.float32],
    others: Sequence[Photo],
    other_features: NDArray[np.float32],
    extractor: FeatureExtractor,
    progress: Progress,
) -> CopyBound:
    """The bound of copies, by photos, whose features are (n, D), and others, (N, D): MARGIN of the least distance
    between a photo and another contributor's.

    Photos without a contributor count as one contributor's each, so known copies among them would spoil it.
    """
    names, other_names = (np.array([photo.contributor or photo.name for photo in some]) for some in (photos, others))
    distances = np.sqrt(
        np.maximum(2.0 - 2.0 * (features.astype(np.float64) @ other_features.T.astype(np.float64)), 0.0)
    )
    nearest = np.where(names[:, None] == other_names, np.inf, distances).min(1)
    bound = round(MARGIN * float(nearest.min()), 4)
    missed = {}
    for number, (how, change) in enumerate(CHANGES.items()):
        copies = extractor.embed_batches(
            read_batches(photos, read=partial(_read_changed, change)),
            len(photos),
            progress=lambda done, before=number * len(photos): progress(  # type: ignore[misc]
                "copies", before + done, len(CHANGES) * len(photos)
            ),
        )
        apart = np.linalg.norm(copies.astype(np.float64) - features, axis=1)
        missed[how] = float((apart > bound).mean())
    return CopyBound(bound, missed, int((nearest <= bound).sum()), len(photos), float(nearest.min()))


def save_again(image: Image.Image, seed: str, *, cropped: bool = False, relit: bool = False) -> Image.Image:
    """A copy as it comes about on its way through the web: scaled to 50 to 100 % and saved as JPEG of quality 40 to 90.

    cropped: to 85 to 98 % of its area first. relit: under a little other light first (gamma 0.85 to 1.18, brightness by
    a tenth).
    """
    rng = random.Random(seed)
    if cropped:
        share = rng.uniform(0.85, 0.98) ** 0.5
        width, height = share * image.width, share * image.height
        left, top = rng.uniform(0, image.width - width), rng.uniform(0, image.height - height)
        image = image.crop((round(left), round(top), round(left + width), round(top + height)))
    if relit:
        light = (np.asarray(image) / 255) ** rng.uniform(0.85, 1.18) * rng.uniform(0.9, 1.1)
        image = Image.fromarray((255 * light).clip(0, 255).astype(np.uint8))
    scale = rng.uniform(0.5, 1.0)
    image = image.resize((max(1, round(scale * image.width)), max(1, round(scale * image.height))))
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=rng.randrange(40, 91))
    return Image.open(encoded).convert("RGB")


CHANGES: dict[str, Callable[[Image.Image, str], Image.Image]] = {
    "saved again": save_again,
    "cropped": partial(save_again, cropped=True),
    "relit": partial(save_again, relit=True),
    "mirrored, cropped and relit": make_copy,
}


def _read_changed(change: Callable[[Image.Image, str], Image.Image], photo: Photo) -> NDArray[np.uint8]:
    return to_pixels(change(load_image(photo.path, short_side=DECODE_SIDE), photo.name))

"""What the finder sees in street photos, beside what their label maps show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from cbir.datasets.photo import Photo
from cbir.datasets.street import read_garments
from cbir.datasets.vocabulary import GARMENTS, LABELS, UNKNOWN
from cbir.errors import WeightsError
from cbir.evaluation.retrieval import PhotosDone
from cbir.network.extractor import FeatureExtractor
from cbir.network.garments import LEAST_SHARE, GarmentFinder, Sighting
from cbir.network.preprocess import to_pixels
from cbir.photos.decode import load_image
from cbir.photos.lab import to_lab
from cbir.photos.outlines import enclose
from cbir.photos.region import WHOLE, Region, enclosing_region
from cbir.system.pool import batched, map_ahead, worker_pool

BATCH = 8
"""Photos whose garments go through the network together."""


class Shown(NamedTuple):
    """All garments of one kind that a label map shows."""

    share: float
    """Of the photo's area."""
    box: Region
    """About all of them."""
    colour: tuple[float, float, float]
    """Median of the pixels' L*, a* and b*."""


class Truth(NamedTuple):
    """What a label map says of a photo."""

    shown: dict[str, Shown]
    """By kind; those of at least LEAST_SHARE of the photo."""
    overlap: NDArray[np.int64]
    """(2, labels): pixels in which the finder agrees with the label map, and pixels that either gives the label."""


class Seen(NamedTuple):
    """A street photo, and what the finder sees in it."""

    photo: Photo
    sighting: Sighting
    features: NDArray[np.float32]
    """(1 + garments, 1024), unit length: of the whole photo, then of each garment's box."""
    truth: Truth | None
    """None without a label map."""

    @property
    def run(self) -> str:
        """Photos taken one after the other share it."""
        return self.photo.contributor or self.photo.name

    def wears(self, kind: str) -> bool:
        """Whether a tag says so."""
        return any(word in self.photo.tags for word in GARMENTS[kind])

    def find(self, kind: str) -> int | None:
        """Row in `features` of the most prominent garment of a kind; None if there is none."""
        kinds = [garment.kind for garment in self.sighting.garments]
        return 1 + kinds.index(kind) if kind in kinds else None


def look_at(
    photos: Sequence[Photo],
    extractor: FeatureExtractor,
    finder: GarmentFinder,
    *,
    progress: PhotosDone = lambda *_: None,
) -> list[Seen]:
    """What the finder sees in photos, in their order.

    Raises WeightsError if it tells apart other kinds than LABELS, PhotoError for a photo that cannot be read, and
    DatasetError for a bad label map.
    """
    if finder.weights.kinds != LABELS:
        raise WeightsError(
            f"{finder.weights.path}: tells apart other kinds than label maps are read for; train it anew"
        )
    seen: list[Seen] = []
    for batch in batched(_look(photos, finder), BATCH):
        # One pass of the network for all pictures of the batch keeps every core busy.
        features = extractor.embed(np.concatenate([pixels for _, _, _, pixels in batch]))
        start = 0
        for photo, sighting, truth, pixels in batch:
            seen.append(Seen(photo, sighting, features[start : start + len(pixels)], truth))
            start += len(pixels)
        progress(len(seen), len(photos))
    return seen


def _look(
    photos: Sequence[Photo], finder: GarmentFinder
) -> Iterator[tuple[Photo, Sighting, Truth | None, NDArray[np.uint8]]]:
    """Of each photo what is seen, the truth, and what the network sees of the whole and of each garment."""
    with worker_pool() as pool:
        for photo, image in zip(photos, map_ahead(pool, lambda one: load_image(one.path), photos, ahead=BATCH)):
            probabilities = finder.probabilities(image)
            sighting = finder.read(probabilities, image)
            truth = None
            if photo.label_map is not None:
                labels = read_garments(photo)
                answers = enlarge(probabilities, labels.shape).argmax(0)
                picture = np.asarray(image.resize(labels.shape[::-1]))
                truth = Truth(describe_shown(labels, picture), count_overlap(labels, answers))
            boxes = [WHOLE, *(garment.box for garment in sighting.garments)]
            yield photo, sighting, truth, np.stack([to_pixels(image, box) for box in boxes])


def enlarge(probabilities: NDArray[np.float32], size: tuple[int, ...]) -> NDArray[np.float32]:
    """(labels, rows, columns) to (labels, height, width) float32, bilinearly; size: height and width."""
    coarse = torch.from_numpy(probabilities)[None]
    return functional.interpolate(coarse, size=size, mode="bilinear", align_corners=False)[0].numpy()


def count_overlap(labels: NDArray[np.uint8], answers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pixels with each label in both maps, and in either: (2, labels). UNKNOWN pixels of the first count for neither.

    labels: (height, width), places in LABELS or UNKNOWN. answers: the same shape, places in LABELS.
    """
    known = labels != UNKNOWN
    wanted, given = labels[known], answers[known]
    count = len(LABELS)
    both = np.bincount(wanted[wanted == given], minlength=count)
    either = np.bincount(wanted, minlength=count) + np.bincount(given, minlength=count) - both
    return np.stack([both, either])


def describe_shown(labels: NDArray[np.uint8], picture: NDArray[np.uint8]) -> dict[str, Shown]:
    """The kinds of garments that a label map shows, but for those of less than LEAST_SHARE of it.

    labels: (height, width), places in LABELS or UNKNOWN. picture: (height, width, 3) sRGB.
    """
    height, width = labels.shape
    shown = {}
    for number, kind in enumerate(LABELS[2:], start=2):
        mask = labels == number
        if mask.mean() >= LEAST_SHARE:
            box = enclosing_region(enclose(mask), width, height)
            lightness, red, yellow = np.median(to_lab(picture[mask]), axis=0).tolist()
            shown[kind] = Shown(float(mask.mean()), box, (lightness, red, yellow))
    return shown

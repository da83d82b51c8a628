"""Plain names for colours, as photos are described with them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cbir.datasets.street import GarmentCut, garment_mask
from cbir.photos.decode import load_image
from cbir.photos.lab import to_lab

NAMED = {
    "beige": ((73, 1, 10), (84, 3, 22)),
    "black": ((14, 0, 0), (2, 0, 0)),
    "blue": ((47, 1, -10), (38, 22, -52)),
    "brown": ((37, 8, 15), (34, 18, 28)),
    "green": ((47, -15, 7), (46, -42, 28)),
    "grey": ((48, 0, 1), (66, 0, 0)),
    "navy": ((25, 2, -5), (18, 10, -28)),
    "orange": ((58, 35, 48), (62, 46, 64)),
    "pink": ((65, 17, 6), (60, 58, 0)),
    "purple": ((33, 19, -19), (28, 36, -36)),
    "red": ((37, 36, 7), (42, 62, 40)),
    "white": ((82, 0, 2), (97, 0, 2)),
    "yellow": ((67, 4, 49), (84, 2, 78)),
}
"""L*, a* and b* of colours: as photos show them, and as paint.

The first are medians over 327 plain garments that were given these names, found in photos; of pink the lighter ones
alone, and orange, of which there were two, by hand.
"""
LIGHTNESS = 0.7
"""What a difference of lightness counts beside one of a* or b*: light differs more between photos than dyes do."""
CLEAR = 1.3
"""How many times as far the next colour must be for a name to be given."""


def name_colour(lab: ArrayLike) -> str | None:
    """The name of a colour, (3,) L*, a* and b*; None for one between two names."""
    apart = (np.array(list(NAMED.values())) - np.asarray(lab)) * (LIGHTNESS, 1, 1)
    distances: NDArray[np.float64] = np.linalg.norm(apart, axis=2).min(1)
    first, second = np.argsort(distances)[:2]
    return list(NAMED)[first] if distances[second] >= CLEAR * distances[first] else None


def name_colours(cuts: Sequence[GarmentCut]) -> list[GarmentCut]:
    """Garments with the names of the median colours of their pixels."""
    named = []
    for cut in cuts:
        mask = np.asarray(garment_mask(cut.photo, cut.label_ids)) > 0
        pixels = np.asarray(load_image(cut.photo.path).resize(mask.shape[::-1]))[mask]
        named.append(cut._replace(colour=name_colour(np.median(to_lab(pixels), axis=0))))
    return named

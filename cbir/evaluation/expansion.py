"""Expanded queries, as a search makes them of found garments: the means they move to, and what they are in truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cbir.datasets.photo import Photo
from cbir.datasets.street import GarmentCut, read_label_map
from cbir.datasets.vocabulary import LAID_OUT
from cbir.evaluation.finder import SAME_BOX, box_overlap
from cbir.evaluation.seen import Seen
from cbir.network.expansion import expand_query
from cbir.photos.region import Region

FEWEST = 10
"""Photos of a kind whose mean says something."""


class FoundGarment(NamedTuple):
    """A garment that a finder found, and that a label map shows at the same place."""

    feature: NDArray[np.float32]
    """(1024,), unit length: as it is searched, expanded by the finder's kind."""
    kind: str
    """In truth, by the label map: one of KINDS."""
    run: str


def find_kind_means(photos: Sequence[Photo], features: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """The mean, (D,), of features, (N, D), of photos of each kind of LAID_OUT that has FEWEST, as a file keeps it."""
    kinds = np.array([LAID_OUT.get(str(photo.label), "") for photo in photos])
    return {
        kind: features[kinds == kind].mean(0).astype(np.float16).astype(np.float32)
        for kind in sorted({*LAID_OUT.values()})
        if (kinds == kind).sum() >= FEWEST
    }


def match_found(
    seen: Sequence[Seen], cuts: Sequence[GarmentCut], means: Mapping[str, NDArray[np.float32]]
) -> list[FoundGarment]:
    """Found garments of kinds that have a mean, each with the cut whose box is its own (SAME_BOX), if there is one.

    The finder may be wrong about the kind. cuts: of the label maps of the same photos.
    """
    shown: dict[str, list[tuple[Region, GarmentCut]]] = {}
    for cut in cuts:
        height, width = read_label_map(cut.photo).shape
        left, upper, right, lower = cut.box
        box = Region(left / width, upper / height, right / width, lower / height)
        shown.setdefault(cut.photo.name, []).append((box, cut))
    found = []
    for one in seen:
        for garment, feature in zip(one.sighting.garments, one.features[1:]):
            overlaps = [(box_overlap(garment.box, box), cut.kind) for box, cut in shown.get(one.photo.name, ())]
            most, kind = max(overlaps, default=(0.0, ""))
            if garment.kind in means and most >= SAME_BOX:
                found.append(FoundGarment(expand_query(feature, means[garment.kind]), kind, one.run))
    return found

"""Expanded queries, as a search makes them of found garments: what they move to, and what they are in truth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cbir.datasets.photo import Photo
from cbir.datasets.street import GarmentCut, read_label_map
from cbir.datasets.vocabulary import LAID_OUT
from cbir.evaluation.across import read_middles
from cbir.evaluation.finder import SAME_BOX, box_overlap
from cbir.evaluation.seen import Seen
from cbir.network.expansion import Colour, Expansion, expand_query
from cbir.photos.region import Region, enclosing_region

FEWEST = 10
"""Photos of a kind, or of a colour, whose mean says something."""
NO_COLOUR = "multicolour"
"""Named in place of a colour."""


class FoundGarment(NamedTuple):
    """A garment that a finder found, and that a label map shows at the same place."""

    feature: NDArray[np.float32]
    """(1024,), unit length: as it is searched, expanded by what the finder says of it."""
    kind: str
    """In truth, by the label map: one of KINDS."""
    run: str


def find_expansion(photos: Sequence[Photo], features: NDArray[np.float32]) -> Expansion:
    """What queries move to, from photos of garments that are laid out: (N, D) features; as a file keeps it.

    Kinds are those of LAID_OUT, and colours those that photos are labelled with, of which there are FEWEST.
    """
    kinds = np.array([LAID_OUT.get(str(photo.label), "") for photo in photos])
    means = {
        kind: features[kinds == kind].mean(0)
        for kind in sorted({*LAID_OUT.values()})
        if (kinds == kind).sum() >= FEWEST
    }
    coloured = [
        row for row, photo in enumerate(photos) if photo.colour not in (None, NO_COLOUR) and kinds[row] in means
    ]
    names = np.array([photos[row].colour for row in coloured])
    colours = {}
    if known := [name for name in np.unique(names).tolist() if (names == name).sum() >= FEWEST]:
        labs = read_middles([photos[row] for row in coloured])
        shifts = features[coloured] - np.stack([means[kinds[row]] for row in coloured])
        for name in known:
            lightness, red, yellow = np.median(labs[names == name], axis=0).round(2).tolist()
            colours[name] = Colour((lightness, red, yellow), _as_kept(shifts[names == name].mean(0)))
    return Expansion({kind: _as_kept(mean) for kind, mean in means.items()}, colours)


def _as_kept(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    return vector.astype(np.float16).astype(np.float32)


def match_found(seen: Sequence[Seen], cuts: Sequence[GarmentCut], expansion: Expansion) -> list[FoundGarment]:
    """Found garments of kinds that are known, each with the cut whose box is its own (SAME_BOX), if there is one.

    The finder may be wrong about the kind. cuts: of the label maps of the same photos.
    """
    shown: dict[str, list[tuple[Region, GarmentCut]]] = {}
    for cut in cuts:
        height, width = read_label_map(cut.photo).shape
        shown.setdefault(cut.photo.name, []).append((enclosing_region(cut.box, width, height), cut))
    found = []
    for one in seen:
        for garment, feature in zip(one.sighting.garments, one.features[1:]):
            overlaps = [(box_overlap(garment.box, box), cut.kind) for box, cut in shown.get(one.photo.name, ())]
            most, kind = max(overlaps, default=(0.0, ""))
            added = expansion.of(garment.kind, garment.lab)
            if added is not None and most >= SAME_BOX:
                found.append(FoundGarment(expand_query(feature, added), kind, one.run))
    return found

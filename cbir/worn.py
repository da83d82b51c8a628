"""Garments worn in the street: does a person in a scarf bring back scarves, and is the wearer ignored?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cbir.datasets import Photo
from cbir.errors import DatasetError
from cbir.evidence import split_similarity
from cbir.features import FeatureExtractor, read_batches
from cbir.googlenet import FEATURE_SIZE
from cbir.metrics import Estimate, estimate, precision_at
from cbir.retrieval import TOP, Progress, rank
from cbir.street import BODY, garment_mask

SCARF = "scarf"


class TagFigures(NamedTuple):
    """One thing that is worn."""

    photos: int
    """Those of people who wear it."""
    share: float
    """Of all photos."""
    three: float
    """Share of photos with it in the top three of queries with it."""


class Worn(NamedTuple):
    """Figures of one network on photos that it was not trained on."""

    figures: dict[str, Estimate]
    """By name; intervals over photos taken one after the other."""
    tags: dict[str, TagFigures]
    """The commonest first."""


def measure_worn(photos: Sequence[Photo], extractor: FeatureExtractor, *, progress: Progress = lambda *_: None) -> Worn:
    """Search each photo among the others, all with tags, some with label maps.

    Scarves: their share in the top three of queries that wear one, as a multiple of their share in all photos.
    Focus: of the evidence for the nearest match, the share that lies on garments, as a multiple of the garments' share
    of the area; over photos with a label map, of the square that the network sees. Raises DatasetError if there is
    nothing to measure.
    """
    counts = Counter(tag for photo in photos for tag in photo.tags if tag not in BODY)
    mapped = [number for number, photo in enumerate(photos) if photo.label_map]
    if not counts or not mapped:
        raise DatasetError(f"{len(photos)} street photos are too few to measure with: tags and label maps are needed")
    cells = np.empty((len(photos), 7, 7, FEATURE_SIZE), np.float16)
    features = np.empty((len(photos), FEATURE_SIZE), np.float32)
    done = 0
    for pixels in read_batches([photo.path for photo in photos]):
        some = extractor.embed_cells(pixels)
        cells[done : done + len(some)] = some
        pooled = some.mean((1, 2))
        features[done : done + len(some)] = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        done += len(some)
        progress(done, len(photos))
    order = rank(features, features)
    # Each photo comes first in its own ranking, or behind a copy of it; either way it is struck out.
    order = np.stack([row[row != number] for number, row in enumerate(order)])
    groups = [photo.contributor or photo.name for photo in photos]
    tags: dict[str, TagFigures] = {}
    figures: dict[str, Estimate] = {}
    for tag, count in counts.most_common():
        if count < 2:
            continue
        wears = np.array([tag in photo.tags for photo in photos])
        shares = precision_at(wears[order][wears], TOP)
        base = (count - 1) / (len(photos) - 1)
        tags[tag] = TagFigures(count, count / len(photos), float(shares.mean()))
        if tag == SCARF:
            wearers = [group for group, worn in zip(groups, wears) if worn]
            figures[f"scarves in the top {TOP} of scarf wearers"] = estimate(shares, wearers)
            figures["... as a multiple of chance"] = estimate(shares / base, wearers)
    garments = np.stack([garment_cells(photos[number]) for number in mapped])
    evidence = np.stack([split_similarity(cells[number], features[order[number, 0]]) for number in mapped])
    on_garments = (evidence * garments).sum((1, 2)) / evidence.sum((1, 2))
    groups = [groups[number] for number in mapped]
    figures["evidence on garments"] = estimate(on_garments, groups)
    figures["... as a multiple of their area"] = estimate(on_garments / garments.mean(), groups)
    return Worn(figures, tags)


def garment_cells(photo: Photo) -> NDArray[np.float64]:
    """(7, 7): share of each cell of the square that the network sees that garments cover, by the label map."""
    mask = garment_mask(photo)
    side = min(mask.size)
    left, top = (mask.width - side) / 2, (mask.height - side) / 2
    small = mask.resize((7, 7), Image.Resampling.BOX, box=(left, top, left + side, top + side))
    return np.asarray(small, np.float64) / 255

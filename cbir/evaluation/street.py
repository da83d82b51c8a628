"""Garments worn in the street: does a person in a scarf bring back scarves, and is the wearer ignored?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cbir.datasets.photo import Photo
from cbir.datasets.street import GarmentCut, cut_garments, garment_mask
from cbir.datasets.vocabulary import BODY
from cbir.errors import DatasetError
from cbir.evaluation.metrics import TOP, Estimate, estimate, precision_at, rank
from cbir.evaluation.retrieval import PhotosDone
from cbir.evidence import split_similarity
from cbir.network.extractor import FeatureExtractor
from cbir.network.googlenet import FEATURE_SIZE
from cbir.network.preprocess import read_batches, to_pixels
from cbir.photos.decode import load_image

SCARF = "Scarf"
CLOSE_UP = 1.3
"""Side of a close-up, as a multiple of the garment's longer side."""


class TagMetrics(NamedTuple):
    """One thing that is worn."""

    photos: int
    """Those of people who wear it."""
    share: float
    """Of all photos."""
    p_at_3: float
    """Share of photos with it in the top three of queries with it."""


class StreetMetrics(NamedTuple):
    """Figures of one network on photos that it was not trained on."""

    figures: dict[str, Estimate]
    """By name; intervals over photos taken one after the other."""
    tags: dict[str, TagMetrics]
    """The commonest first."""


def measure_street(
    photos: Sequence[Photo], extractor: FeatureExtractor, *, progress: PhotosDone = lambda *_: None
) -> StreetMetrics:
    """Search each photo among the others, all with tags, some with label maps.

    Scarves: their share in the top three of queries that wear one, as a multiple of their share in all photos; and the
    same of close-ups (`frame_garment`) of garments that label maps show, searched among those of other photos.
    Focus: of the evidence for the nearest match, the share that lies on garments, as a multiple of the garments' share
    of the area; over photos with a label map, of the square that the network sees. Raises DatasetError if there is
    nothing to measure.
    """
    cuts = cut_garments(photos)
    if not any(set(photo.tags) - set(BODY) for photo in photos) or not cuts:
        raise DatasetError(f"{len(photos)} street photos are too few to measure with: tags and label maps are needed")
    total = len(photos) + len(cuts)
    feature_maps = np.empty((len(photos), 7, 7, FEATURE_SIZE), np.float16)
    features = np.empty((len(photos), FEATURE_SIZE), np.float32)
    done = 0
    for pixels in read_batches([photo.path for photo in photos]):
        some = extractor.feature_map(pixels)
        feature_maps[done : done + len(some)] = some
        pooled = some.mean((1, 2))
        features[done : done + len(some)] = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        done += len(some)
        progress(done, total)
    close_ups = extractor.embed_batches(
        read_batches(cuts, read=lambda cut: to_pixels(frame_garment(cut))),
        len(cuts),
        progress=lambda done: progress(len(photos) + done, total),
    )
    order = rank(features, features)
    # Each photo comes first in its own ranking, or behind a copy of it; either way it is struck out.
    order = np.stack([ranked[ranked != row] for row, ranked in enumerate(order)])
    tags, scarves = _find_tags(photos, order)
    figures = scarves | _find_close_ups(cuts, close_ups) | _weigh_evidence(photos, feature_maps, features[order[:, 0]])
    return StreetMetrics(figures, tags)


def frame_garment(cut: GarmentCut) -> Image.Image:
    """A close-up of a garment on its wearer: the square about it, 1.3 times as long, inside the photo if it fits."""
    image = load_image(cut.photo.path)
    left, upper, right, lower = cut.box
    side = min(CLOSE_UP * max(right - left, lower - upper), *image.size)
    x, y = (
        min(max((first + last - side) / 2, 0), room - side)
        for first, last, room in ((left, right, image.width), (upper, lower, image.height))
    )
    size = (round(side), round(side))
    return image.resize(size, Image.Resampling.BICUBIC, box=(x, y, x + side, y + side))


def garment_shares(photo: Photo) -> NDArray[np.float64]:
    """(7, 7): share that garments cover of each position of the square that the network sees, by the label map."""
    mask = garment_mask(photo)
    side = min(mask.size)
    left, top = (mask.width - side) / 2, (mask.height - side) / 2
    small = mask.resize((7, 7), Image.Resampling.BOX, box=(left, top, left + side, top + side))
    return np.asarray(small, np.float64) / 255


def _find_tags(photos: Sequence[Photo], order: NDArray[np.int64]) -> tuple[dict[str, TagMetrics], dict[str, Estimate]]:
    """Of each thing that two wear, how often it comes back; and the figures of scarves. order: (N, N - 1)."""
    tags: dict[str, TagMetrics] = {}
    figures: dict[str, Estimate] = {}
    counts = Counter(tag for photo in photos for tag in photo.tags if tag not in BODY)
    for tag, count in counts.most_common():
        if count < 2:
            continue
        wears = np.array([tag in photo.tags for photo in photos])
        shares = precision_at(wears[order][wears], TOP)
        tags[tag] = TagMetrics(count, count / len(photos), float(shares.mean()))
        if tag == SCARF.lower():
            wearers = [_place(photo) for photo, worn in zip(photos, wears) if worn]
            name, chance = f"scarves in the top {TOP} of scarf wearers", (count - 1) / (len(photos) - 1)
            figures[name] = estimate(shares, wearers)
            figures[f"{name}, times chance"] = estimate(shares / chance, wearers)
    return tags, figures


def _find_close_ups(cuts: Sequence[GarmentCut], features: NDArray[np.float32]) -> dict[str, Estimate]:
    """How often close-ups of scarves bring back scarves, and all their kind; garments of their own photo apart."""
    kinds, names = (np.array(words) for words in zip(*((cut.kind, cut.photo.name) for cut in cuts)))
    rows, shares, chances = [], [], []
    for row, order in enumerate(rank(features, features)):
        hits = kinds[order[names[order] != names[row]]] == kinds[row]
        if hits.any():
            rows.append(row)
            shares.append(hits[:TOP].mean())
            chances.append(hits.mean())
    if not rows:
        return {}
    share, places = np.array(shares), np.array([_place(cuts[row].photo) for row in rows])
    figures = {f"its kind in the top {TOP} of a garment's close-up": estimate(share, places.tolist())}
    scarves, name = kinds[rows] == SCARF, f"scarves in the top {TOP} of scarf close-ups"
    if scarves.any():
        figures[name] = estimate(share[scarves], places[scarves].tolist())
        figures[f"{name}, times chance"] = estimate((share / chances)[scarves], places[scarves].tolist())
    return figures


def _weigh_evidence(
    photos: Sequence[Photo], feature_maps: NDArray[np.float16], nearest: NDArray[np.float32]
) -> dict[str, Estimate]:
    """How much of the evidence for the nearest match is on garments. feature_maps: (N, 7, 7, D). nearest: (N, D)."""
    mapped = [row for row, photo in enumerate(photos) if photo.label_map]
    garments = np.stack([garment_shares(photos[row]) for row in mapped])
    evidence = np.stack([split_similarity(feature_maps[row], nearest[row]) for row in mapped])
    on_garments = (evidence * garments).sum((1, 2)) / evidence.sum((1, 2))
    places = [_place(photos[row]) for row in mapped]
    return {
        "evidence on garments": estimate(on_garments, places),
        "evidence on garments, times their area": estimate(on_garments / garments.mean(), places),
    }


def _place(photo: Photo) -> str:
    """Photos taken one after the other share it."""
    return photo.contributor or photo.name

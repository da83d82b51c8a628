"""How alike the nearest photos are: in kind, colour and pattern, and whether a copy of a photo finds it first."""

from __future__ import annotations

import io
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from cbir.datasets.photo import Photo
from cbir.errors import DatasetError
from cbir.evaluation.metrics import TOP, Estimate, average_precision, estimate, precision_at, rank
from cbir.network.extractor import FeatureExtractor
from cbir.network.preprocess import read_batches, to_pixels
from cbir.photos.decode import DECODE_SIDE, load_image

PhotosDone = Callable[[int, int], object]
"""Called with the number of photos done and their total."""
COMMON = 10
"""Kinds that the headline figures are over: the commonest of the gallery."""


class KindMetrics(NamedTuple):
    """Means over the queries of one kind."""

    queries: int
    p_at_1: float
    """P@1."""
    p_at_3: float
    """P@3."""
    mean_ap: float
    """mAP."""


class Answer(NamedTuple):
    """A query and its three nearest photos."""

    query: Photo
    matches: list[Photo]
    average_precision: float
    """Of the ranking of the whole gallery."""


@dataclass(frozen=True)
class RetrievalMetrics:
    """Figures of one network."""

    figures: dict[str, Estimate]
    """By name; intervals over contributors."""
    kinds: dict[str, KindMetrics]
    """By label, the commonest of the gallery first."""
    answers: list[Answer]
    """The worst first."""


def measure_retrieval(
    queries: Sequence[Photo],
    gallery: Sequence[Photo],
    extractor: FeatureExtractor,
    *,
    progress: PhotosDone = lambda *_: None,
) -> RetrievalMetrics:
    """Search labelled photos for labelled photos, of kinds that the gallery has; raises DatasetError if there is none.

    Kind: P@1 (which is recall@1 as well), P@3 and mAP, over all kinds and over the ten commonest, among which only
    photos of those are searched. Colour and pattern, where photos have them: share of the three nearest that have the
    query's. And a changed copy of each query (`make_copy`) is searched among all photos, queries included.
    """
    kinds = Counter(str(photo.label) for photo in gallery)
    queries = [photo for photo in queries if photo.label in kinds]
    if not queries:
        raise DatasetError("no photo to search for: none has the label of a photo to be found")
    photos = [*gallery, *queries]
    total = len(photos) + len(queries)
    features = extractor.extract([photo.path for photo in photos], progress=lambda done: progress(done, total))
    copies = extractor.embed_batches(
        read_batches(queries, read=read_copy), len(queries), progress=lambda done: progress(len(photos) + done, total)
    )
    known, asked = features[: len(gallery)], features[len(gallery) :]
    order = rank(asked, known)
    sought, there = (np.array([photo.label for photo in some]) for some in (queries, gallery))
    groups = np.array([photo.contributor or photo.name for photo in queries])
    hits = there[order] == sought[:, None]

    figures: dict[str, Estimate] = {}
    if len(kinds) > COMMON:
        common = [label for label, _ in kinds.most_common(COMMON)]
        rows, columns = np.isin(sought, common), np.isin(there, common)
        # The order among photos of common kinds is that among all, the others struck out.
        some = np.stack([hit[columns[ranked]] for hit, ranked in zip(hits[rows], order[rows])])
        for name, each in precisions(some).items():
            figures[f"{name}, {COMMON} commonest kinds"] = estimate(each, groups[rows].tolist())
    values = precisions(hits)
    for name, each in values.items():
        figures[f"{name}, all {len(kinds)} kinds"] = estimate(each, groups.tolist())
    found = rank(copies, features)[:, 0] == np.arange(len(gallery), len(photos))
    figures["a copy finds its photo first"] = estimate(found, groups.tolist())
    for name in ("colour", "pattern"):
        figures |= _agreement(name, queries, gallery, order)
    by_kind = _average_by_kind([label for label, _ in kinds.most_common()], sought, values)
    answers = [
        Answer(photo, [gallery[row] for row in ranked[:TOP]], float(precision))
        for photo, ranked, precision in zip(queries, order, values["mAP"])
    ]
    return RetrievalMetrics(figures, by_kind, sorted(answers, key=lambda answer: answer.average_precision))


def make_copy(image: Image.Image, seed: str) -> Image.Image:
    """What a second photo of the same garment might be: mirrored, cropped to 60 to 85 % of its area, under other light
    (gamma 0.75 to 1.33, brightness by a fifth, each colour by a tenth), and saved as JPEG of quality 40.
    """
    rng = random.Random(seed)
    share = rng.uniform(0.6, 0.85) ** 0.5
    width, height = share * image.width, share * image.height
    left, top = rng.uniform(0, image.width - width), rng.uniform(0, image.height - height)
    cropped = ImageOps.mirror(image.crop((round(left), round(top), round(left + width), round(top + height))))
    light = (np.asarray(cropped) / 255) ** rng.uniform(0.75, 1.33) * rng.uniform(0.8, 1.2)
    tinted = light * [rng.uniform(0.9, 1.1) for _ in range(3)]
    encoded = io.BytesIO()
    Image.fromarray((255 * tinted).clip(0, 255).astype(np.uint8)).save(encoded, "JPEG", quality=40)
    return Image.open(encoded).convert("RGB")


def read_copy(photo: Photo) -> NDArray[np.uint8]:
    """What the network sees of a changed copy: (224, 224, 3) uint8."""
    return to_pixels(make_copy(load_image(photo.path, short_side=DECODE_SIDE), photo.name))


def _average_by_kind(
    labels: Sequence[str], sought: NDArray[np.str_], values: dict[str, NDArray[np.float64]]
) -> dict[str, KindMetrics]:
    """Means of P@1, P@3 and average precision, (Q,) each, over the queries of each label; sought: (Q,) labels."""
    return {
        label: KindMetrics(
            int((sought == label).sum()), *(float(each[sought == label].mean()) for each in values.values())
        )
        for label in labels
        if label in sought
    }


def precisions(hits: NDArray[np.bool_]) -> dict[str, NDArray[np.float64]]:
    """(Q, N) bool, nearest first, to P@1, P@3 and average precision of each query, (Q,), in this order."""
    return {"P@1": precision_at(hits, 1), f"P@{TOP}": precision_at(hits, TOP), "mAP": average_precision(hits)}


def _agreement(
    name: str, queries: Sequence[Photo], gallery: Sequence[Photo], order: NDArray[np.int64]
) -> dict[str, Estimate]:
    """How much of the three nearest has the query's colour or pattern; for patterns also over queries not plain."""
    there = np.array([getattr(photo, name) or "" for photo in gallery])
    figures = {}
    for over in ("", "plain") if name == "pattern" else ("",):
        rows = [row for row, photo in enumerate(queries) if getattr(photo, name) not in (None, over)]
        if rows and there.any():
            sought = np.array([getattr(queries[row], name) for row in rows])
            groups = [queries[row].contributor or queries[row].name for row in rows]
            same = there[order[rows, :TOP]] == sought[:, None]
            what = f"{name} agrees, of the top {TOP}" + (" (patterned queries)" if over else "")
            figures[what] = estimate(same.mean(1), groups)
    return figures

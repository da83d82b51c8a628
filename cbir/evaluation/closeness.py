"""How close is close: measured on held-out photos, on garments that people wear, and on pictures without a garment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cbir.datasets.photo import Photo
from cbir.datasets.street import GarmentCut, cut_garments
from cbir.errors import DatasetError
from cbir.evaluation.calibration import Answers, Fitted, find_answers, find_subspace, fit_curve
from cbir.evaluation.copies import CopyBound, find_copy_bound
from cbir.evaluation.distractors import cut_distractors, draw_distractors
from cbir.evaluation.expansion import find_expansion, match_found
from cbir.evaluation.retrieval import PhotosDone
from cbir.evaluation.seen import Seen
from cbir.network.closeness import ALIKE, NOT_ALIKE, NOTHING, VERY_CLOSE, Calibration, choose_word
from cbir.network.extractor import FeatureExtractor
from cbir.network.preprocess import read_batches, to_pixels
from cbir.photos.decode import load_image
from cbir.photos.region import enclosing_region
from cbir.system.progress import Progress

BINS = 10
"""Rows of a table, each of as many answers."""
WORDS = (VERY_CLOSE, ALIKE, NOT_ALIKE, NOTHING)


class Bin(NamedTuple):
    """Answers of about the same distance, or probability."""

    low: float
    high: float
    answers: int
    same_kind: float
    """Share of them that are of the query's kind."""


class Said(NamedTuple):
    """Queries whose nearest photo got one word."""

    queries: int
    same_kind: float | None
    """Share of them whose nearest photo is of their kind; None without one."""


@dataclass(frozen=True)
class Measured:
    """One sort of query."""

    queries: int
    contributors: int
    distances: list[Bin]
    """By distance, of the three nearest photos of each query."""
    probabilities: list[Bin]
    """The same by what a curve fitted to other contributors says."""
    losses: dict[str, float]
    words: dict[str, Said]
    """What is said of the nearest, by a curve fitted to other contributors; of NOTHING these are false alarms."""


@dataclass(frozen=True)
class ClosenessReport:
    """A calibration, and what it was measured with."""

    calibration: Calibration
    gallery: int
    """Photos that the queries were searched among."""
    whole: Measured
    region: Measured | None
    distractors: dict[str, tuple[int, int]]
    """By sort: pictures without a garment that are not told NOTHING, and all."""
    copies: CopyBound
    found: Measured | None = None
    """Garments that a finder found, with expanded queries."""

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        curves = {name: getattr(self.calibration, name) for name in ("whole", "region", "found")}
        return {
            "weights": self.calibration.weights,
            "gallery": self.gallery,
            "curves": {name: curve and curve._asdict() for name, curve in curves.items()},
            **{
                name: measured and _plain(measured)
                for name, measured in (("whole", self.whole), ("region", self.region), ("found", self.found))
            },
            "no garment": {
                sort: {"missed": missed, "pictures": count} for sort, (missed, count) in self.distractors.items()
            },
            "copies": self.copies._asdict(),
        }

    def __str__(self) -> str:
        lines = _describe("whole photos", self.whole)
        if self.region:
            lines += ["", *_describe("garments in photos of people", self.region)]
        if self.found:
            lines += ["", *_describe("garments found there", self.found)]
        missed, count = (sum(column) for column in zip(*self.distractors.values()))
        lines += ["", f"without a garment: {missed} of {count} pictures are not told {NOTHING!r}"]
        lines += [f"  {sort:<12} {missed:>4} of {count:<4}" for sort, (missed, count) in self.distractors.items()]
        return "\n".join([*lines, "", str(self.copies)])


def measure_closeness(
    queries: Sequence[Photo],
    gallery: Sequence[Photo],
    extractor: FeatureExtractor,
    *,
    also: Sequence[Photo] = (),
    street: Sequence[Photo] = (),
    seen: Sequence[Seen] = (),
    progress: Progress = lambda *_: None,
) -> ClosenessReport:
    """What distances say, by labelled queries in a gallery of other contributors, of kinds that the gallery has.

    also: labelled photos of further garments that are laid out, such as rendered ones, which count for what queries are
    expanded with. street: photos of people with label maps, not trained on; their garments are searched among the
    gallery as well, and what shows none is cut from them. seen: what a garment finder sees in these; what it found is
    searched, too, with expanded queries. Raises DatasetError where photos do not suffice. progress: called with the
    stage, photos done and their total.
    """
    kinds = [str(photo.label) for photo in gallery]
    queries, all_cuts = [photo for photo in queries if photo.label in set(kinds)], cut_garments(street)
    cuts = [cut for cut in all_cuts if cut.kind in set(kinds)]
    if not queries:
        raise DatasetError("no photo to search for: none has the label of a photo to be found")
    sizes = [len(some) for some in (gallery, queries, cuts, also)]
    embed = partial(_embed, extractor, partial(progress, "closeness"), sum(sizes))
    known = embed(read_batches([photo.path for photo in gallery]), sizes[0], 0)
    asked = embed(read_batches([photo.path for photo in queries]), sizes[1], sizes[0])
    mean, axes = find_subspace(known)

    def measure(features: NDArray[np.float32], labels: Sequence[str], groups: Sequence[str]) -> tuple[Fitted, Measured]:
        answers = find_answers(features, labels, known, kinds)
        centred = features - mean
        fitted = fit_curve(answers, np.linalg.norm(centred - centred @ axes @ axes.T, axis=1), groups)
        return fitted, _measure(fitted, answers[0], groups)

    groups = [photo.contributor or photo.name for photo in queries]
    whole, of_whole = measure(asked, [str(photo.label) for photo in queries], groups)
    region, of_region = None, None
    if cuts:
        worn = embed(read_batches(cuts, read=_read_garment), sizes[2], sum(sizes[:2]))
        runs = [cut.photo.contributor or cut.photo.name for cut in cuts]
        region, of_region = measure(worn, [cut.kind for cut in cuts], runs)
    further = embed(read_batches([photo.path for photo in also]), sizes[3], sum(sizes[:3]))
    expansion = find_expansion([*gallery, *also], np.concatenate([known, further]))
    found, of_found = None, None
    if garments := [one for one in match_found(seen, all_cuts, expansion) if one.kind in set(kinds)]:
        features = np.stack([one.feature for one in garments])
        with suppress(DatasetError):  # too few are found where there are just enough to be found
            found, of_found = measure(features, [one.kind for one in garments], [one.run for one in garments])
    copies = find_copy_bound(queries, asked, [*gallery, *queries], np.concatenate([known, asked]), extractor, progress)
    calibration = Calibration(
        weights=extractor.weights.digest,
        mean=mean,
        axes=axes,
        whole=whole.curve,
        region=region and region.curve,
        copy_distance=copies.distance,
        found=found and found.curve,
        expansion=expansion,
    )
    pictures = draw_distractors() | cut_distractors(street)
    distractors = {
        sort: (_count_missed(calibration, extractor, some, known), len(some)) for sort, some in pictures.items() if some
    }
    return ClosenessReport(calibration, len(gallery), of_whole, of_region, distractors, copies, of_found)


def _embed(
    extractor: FeatureExtractor,
    progress: PhotosDone,
    total: int,
    batches: Iterator[NDArray[np.uint8]],
    count: int,
    before: int,
) -> NDArray[np.float32]:
    return extractor.embed_batches(batches, count, progress=lambda done: progress(before + done, total))


def _read_garment(cut: GarmentCut) -> NDArray[np.uint8]:
    """What the network sees of a garment in a photo of a person, as a query for its region would have it."""
    image = load_image(cut.photo.path)
    return to_pixels(image, enclosing_region(cut.box, *image.size))


def _count_missed(
    calibration: Calibration,
    extractor: FeatureExtractor,
    pictures: Sequence[Image.Image],
    gallery: NDArray[np.float32],
) -> int:
    """Pictures of no garment that are told anything else than NOTHING."""
    features = extractor.extract(pictures)
    nearest = np.sqrt(np.maximum(2.0 - 2.0 * (features @ gallery.T).max(1).astype(np.float64), 0.0))
    told = [
        calibration.judge(feature, distance[None], len(gallery)) or [] for feature, distance in zip(features, nearest)
    ]
    return sum(closeness[0].word != NOTHING for closeness in told)


def _measure(fitted: Fitted, answers: Answers, groups: Sequence[str]) -> Measured:
    first = [choose_word(*one) for one in zip(fitted.held_out[:, 0].tolist(), fitted.strange.tolist())]
    right = answers.hits[:, 0]
    words = {}
    for word in WORDS:
        rows = np.array(first) == word
        words[word] = Said(int(rows.sum()), float(right[rows].mean()) if rows.any() else None)
    return Measured(
        queries=len(right),
        contributors=len(set(groups)),
        distances=_bin(answers.distances, answers.hits),
        probabilities=_bin(fitted.held_out, answers.hits),
        losses=fitted.losses,
        words=words,
    )


def _bin(values: NDArray[np.float64], hits: NDArray[np.bool_]) -> list[Bin]:
    """Answers in bins of about as many, by a value of each, the smallest first."""
    order = np.argsort(values, axis=None)
    parts = [part for part in np.array_split(order, BINS) if len(part)]
    flat, right = values.ravel(), hits.ravel()
    return [Bin(float(flat[p[0]]), float(flat[p[-1]]), len(p), float(right[p].mean())) for p in parts]


def _plain(measured: Measured) -> dict[str, Any]:
    return {
        "queries": measured.queries,
        "contributors": measured.contributors,
        "by distance": [one._asdict() for one in measured.distances],
        "by probability": [one._asdict() for one in measured.probabilities],
        "log loss": measured.losses,
        "words": {word: said._asdict() for word, said in measured.words.items()},
    }


def _describe(what: str, measured: Measured) -> list[str]:
    lines = [f"closeness of {what}: {measured.queries:,} queries of {measured.contributors:,} contributors"]
    for word, said in measured.words.items():
        share = "" if said.same_kind is None else f"   nearest of their kind {said.same_kind:.2f}"
        lines.append(f"  {word:<36} {said.queries:>5}{share}")
    losses = ", ".join(f"{name} {loss:.3f}" for name, loss in measured.losses.items())
    lines.append(f"  log loss on left-out contributors: {losses}")
    for title, bins in (("distance", measured.distances), ("probability", measured.probabilities)):
        lines += [f"  {title} {b.low:.3f} to {b.high:.3f} {b.answers:>6}   of the kind {b.same_kind:.2f}" for b in bins]
    return lines

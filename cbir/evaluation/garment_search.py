"""What a search of the garments that a finder found brings back, beside a search of the whole photo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cbir.catalogue.catalogue import Catalogue
from cbir.datasets.photo import Photo
from cbir.datasets.vocabulary import GARMENTS
from cbir.errors import DatasetError
from cbir.evaluation.finder import MAIN, SCARF
from cbir.evaluation.metrics import (
    TOP,
    Estimate,
    divide,
    estimate,
    mean_known,
    rank,
    resample,
)
from cbir.evaluation.retrieval import PhotosDone, precisions
from cbir.evaluation.seen import Seen
from cbir.network.expansion import Expansion, expand_query
from cbir.network.extractor import FeatureExtractor
from cbir.network.garments import GarmentFinder
from cbir.network.preprocess import to_pixels
from cbir.photos.decode import DECODE_SIDE, load_image

NOWHERE = -2.0
"""Similarity of a photo without a garment to compare with: less than any cosine."""
SCARF_LABEL = "Scarf"
"""Of catalogues."""


class WornMetrics(NamedTuple):
    """Means over the photos of people who wear a kind of garment, by their tags."""

    wearers: int
    chance: float
    """Share of other photos that show it."""
    found: float
    """Share of the wearers' photos in which the finder finds it."""
    whole: float
    """Share of photos that show it, of the top three for the whole photo."""
    garment: float
    """The same for the found garment; for the whole photo where none is found."""
    whole_times_chance: float
    garment_times_chance: float


class ColourMetrics(NamedTuple):
    """Mean differences of colour, Euclidean in L*a*b*, between a garment and those of its kind in other photos."""

    garments: int
    chance: float
    """All others."""
    whole: float
    """Those of the top three photos for the whole photo."""
    garment: float
    """Those of the top three photos for the found garment; for the whole photo where none is found."""


class Comparison(NamedTuple):
    """Queries of some kinds, each by the whole photo and by the garment found in it."""

    kind: NDArray[np.str_]
    """(Q,): which kind a query is for."""
    photo: NDArray[np.int64]
    """(Q,): number of the query's photo."""
    found: NDArray[np.bool_]
    """(Q,): whether the garment was found in it."""
    values: NDArray[np.float64]
    """(Q, 3): by chance, by the whole photo, by the garment."""

    def by_kind(self, kind: str) -> tuple[int, float, list[float]]:
        """Queries of a kind, in what share of them it is found, and the means of the three values."""
        rows = self.kind == kind
        return int(rows.sum()), float(self.found[rows].mean()), self.values[rows].mean(0).tolist()

    def estimate(self, values: NDArray[np.float64], runs: Sequence[str]) -> Estimate:
        """Mean over the kinds of MAIN of each kind's mean of values, (Q,). runs: of all photos."""
        columns = (self.kind[:, None] == np.array(MAIN)).astype(np.float64)

        def mean(weights: NDArray[np.float64]) -> float:
            weight = weights[self.photo]
            return mean_known(divide((weight * values) @ columns, weight @ columns))

        return resample(mean, runs)._replace(size=int(columns.sum()))


def measure_worn(seen: Sequence[Seen]) -> tuple[dict[str, WornMetrics], dict[str, Estimate]]:
    """Search each photo among the others for each kind that its person wears: by the whole photo, and by the garment.

    The garment is the most prominent of its kind in the photo. It is searched among all garments, of any kind, found
    in other photos, and each of these photos counts once, by its nearest garment. A hit is a photo whose tags have the
    kind. Kinds that one person wears or all do are left out. {} and {} if that is every kind.
    """
    wears = {kind: np.array([one.wears(kind) for one in seen], bool) for kind in GARMENTS}
    wears = {kind: those for kind, those in wears.items() if 1 < those.sum() < len(seen)}
    whole = nearest_photos(seen, range(len(seen)))
    parts = []
    for kind, those in wears.items():
        rows = np.flatnonzero(those).tolist()
        found, order = _search_kind(seen, kind, rows, whole)
        by_chance = np.full(len(rows), (len(rows) - 1) / (len(seen) - 1))
        values = np.stack([by_chance, those[whole[rows]].mean(1), those[order].mean(1)], axis=1)
        parts.append(Comparison(np.full(len(rows), kind), np.array(rows), found, values))
    by_kind = {}
    for kind, part in zip(wears, parts):
        count, share, (expected, first, second) = part.by_kind(kind)
        by_kind[kind] = WornMetrics(count, expected, share, first, second, first / expected, second / expected)
    if not set(wears) & set(MAIN):
        return by_kind, {}
    every, runs = _join(parts), [one.run for one in seen]
    chance, by_whole, by_garment = every.values.T
    name = f"its kind in the top {TOP}, mean of {len(MAIN)} kinds"
    return by_kind, {
        f"{name}: whole photo": every.estimate(by_whole, runs),
        f"{name}: found garment": every.estimate(by_garment, runs),
        f"{name}: found garment less whole photo": every.estimate(by_garment - by_whole, runs),
        f"{name}, times chance: whole photo": every.estimate(by_whole / chance, runs),
        f"{name}, times chance: found garment": every.estimate(by_garment / chance, runs),
    }


def measure_colours(seen: Sequence[Seen]) -> tuple[dict[str, ColourMetrics], dict[str, Estimate]]:
    """How near in colour the answers are to the garment, among photos whose label maps show garments of its kind.

    A garment's colour is the median over its pixels in the label map. A found garment is searched among the found
    garments of its kind; each photo counts once. {} and {} if no kind is shown by two photos.
    """
    parts: dict[str, Comparison] = {}
    for kind in GARMENTS:
        numbers = [number for number, one in enumerate(seen) if one.truth and kind in one.truth.shown]
        some = [seen[number] for number in numbers]
        if len(some) < 2:
            continue
        colours = np.array([one.truth.shown[kind].colour for one in some if one.truth])
        apart = np.linalg.norm(colours[:, None] - colours, axis=2)
        whole = nearest_photos(some, range(len(some)))
        found, order = _search_kind(some, kind, range(len(some)), whole, only=True)
        ways = (apart.sum(1) / (len(some) - 1), *(np.take_along_axis(apart, way, 1).mean(1) for way in (whole, order)))
        parts[kind] = Comparison(np.full(len(some), kind), np.array(numbers), found, np.stack(ways, axis=1))
    by_kind = {}
    for kind, part in parts.items():
        count, _, means = part.by_kind(kind)
        by_kind[kind] = ColourMetrics(count, *means)
    if not set(parts) & set(MAIN):
        return by_kind, {}
    every, runs = _join(list(parts.values())), [one.run for one in seen]
    chance, by_whole, by_garment = every.values.T
    name = f"difference of colour in the top {TOP}, mean of {len(MAIN)} kinds"
    return by_kind, {
        f"{name}: chance": every.estimate(chance, runs),
        f"{name}: whole photo": every.estimate(by_whole, runs),
        f"{name}: found garment": every.estimate(by_garment, runs),
        f"{name}: found garment less whole photo": every.estimate(by_garment - by_whole, runs),
    }


def measure_laid_out(
    queries: Sequence[Photo],
    gallery: Sequence[Photo],
    features: NDArray[np.float32],
    extractor: FeatureExtractor,
    finder: GarmentFinder,
    *,
    progress: PhotosDone = lambda *_: None,
) -> dict[str, Estimate]:
    """Search labelled photos for labelled photos, as `measure_retrieval`, and again with the finder in between.

    As `Searcher.look` does it: the whole photo is searched if nobody is seen in it, else its most prominent garment.
    features: (N + Q, 1024), those of the gallery and then of the queries. Raises DatasetError if no query has a label
    of the gallery.
    """
    labels = {photo.label for photo in gallery}
    asked_for = [place for place, photo in enumerate(queries) if photo.label in labels]
    if not asked_for:
        raise DatasetError("no photo to search for: none has the label of a photo to be found")
    known, whole = features[: len(gallery)], features[len(gallery) :][asked_for]
    queries = [queries[place] for place in asked_for]
    through, somebody = whole.copy(), np.zeros(len(queries), bool)
    for row, photo in enumerate(queries):
        image = load_image(photo.path, short_side=DECODE_SIDE)
        sighting = finder.look(image)
        somebody[row] = sighting.person > 0
        if somebody[row]:
            through[row] = extractor.embed(to_pixels(image, sighting.garments[0].box)[None])[0]
        progress(row + 1, len(queries))
    contributors = [photo.contributor or photo.name for photo in queries]
    figures = {"somebody seen in a photo of one garment": estimate(somebody, contributors)}
    sought, there = (np.array([photo.label for photo in some]) for some in (queries, gallery))
    for name, asked in (("whole photo", whole), ("through the finder", through)):
        for measure, each in precisions(there[rank(asked, known)] == sought[:, None]).items():
            figures[f"laid out, {measure}: {name}"] = estimate(each, contributors)
    return figures


def measure_scarf_search(
    seen: Sequence[Seen], catalogue: Catalogue, expansion: Expansion = Expansion()
) -> dict[str, Estimate]:
    """Search a catalogue for the scarves found on those who wear one; {} if there are none, there or here.

    A hit is a search whose three nearest hold at least two that are labelled as scarves. expansion: of the
    queries; if it knows scarves, what queries give that are not expanded is told as well.
    """
    rows = [(one, row) for one in seen if one.wears(SCARF) and (row := one.find(SCARF)) is not None]
    if not rows or not any(record.label == SCARF_LABEL for record in catalogue.records):
        return {}
    features, runs = np.stack([one.features[row] for one, row in rows]), [one.run for one, _ in rows]
    added = [expansion.of(SCARF, one.sighting.garments[row - 1].lab) for one, row in rows]
    expanded = [expand_query(feature, one) for feature, one in zip(features, added) if one is not None]
    ways = {"": np.stack(expanded), ", not expanded": features} if expanded else {"": features}
    figures = {}
    for way, asked in ways.items():
        answers = catalogue.index.search_many(asked, TOP)
        hits = [sum(catalogue.records[row].label == SCARF_LABEL for row in found.indices) >= 2 for found in answers]
        figures[f"found scarves with two scarves in the top {TOP}{way}"] = estimate(hits, runs)
    return figures


def nearest_photos(seen: Sequence[Seen], rows: Sequence[int]) -> NDArray[np.int64]:
    """The other photos nearest to the whole photos of some rows: (rows, TOP), or fewer where there are fewer."""
    features = np.stack([one.features[0] for one in seen])
    return _first_others(features[list(rows)] @ features.T, rows)


def nearest_garments(seen: Sequence[Seen], kind: str, rows: Sequence[int], *, only: bool = False) -> NDArray[np.int64]:
    """The same by the garments of a kind that were found in these rows, each photo by its nearest garment.

    only: garments of that kind alone are searched. Photos without a garment come last.
    """
    queries = np.stack([seen[row].features[seen[row].find(kind) or 0] for row in rows])
    similarity = np.full((len(rows), len(seen)), NOWHERE, np.float32)
    for number, one in enumerate(seen):
        there = [row for row, garment in enumerate(one.sighting.garments, 1) if not only or garment.kind == kind]
        if there:
            similarity[:, number] = (queries @ one.features[there].T).max(1)
    return _first_others(similarity, rows)


def _first_others(similarity: NDArray[np.float32], rows: Sequence[int]) -> NDArray[np.int64]:
    """The best of each line, without the photo itself: (rows, photos) to (rows, TOP)."""
    similarity = similarity.copy()
    similarity[np.arange(len(rows)), list(rows)] = -np.inf
    return np.argsort(-similarity, axis=1, kind="stable")[:, : min(TOP, similarity.shape[1] - 1)]


def _search_kind(
    seen: Sequence[Seen], kind: str, rows: Sequence[int], whole: NDArray[np.int64], *, only: bool = False
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """In which rows a kind is found, and their answers: by the garment there, else those for the whole photo."""
    found = np.array([seen[row].find(kind) is not None for row in rows], bool)
    order = whole[list(rows)]
    if found.any():
        order[found] = nearest_garments(seen, kind, [row for row, there in zip(rows, found) if there], only=only)
    return found, order


def _join(parts: Sequence[Comparison]) -> Comparison:
    return Comparison(*(np.concatenate(some) for some in zip(*parts)))

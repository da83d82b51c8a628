"""What a garment finder finds in street photos: where garments are, by pixels and by boxes, and who wears a scarf."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cbir.datasets.vocabulary import BACKGROUND, GARMENTS, LABELS, PERSON
from cbir.errors import DatasetError
from cbir.evaluation.metrics import Estimate, Weights, divide, estimate, mean_known, resample
from cbir.evaluation.seen import Seen
from cbir.photos.region import Region

MAIN = ("top", "outerwear", "dress", "trousers", "shorts", "skirt", "shoes", "bag", "hat", "scarf")
"""Kinds that means are over; of the others there are few in the photos, or they are too small to be searched for."""
SCARF = "scarf"
PLAIN = 0.03
"""Share of a photo from which on a garment's box is looked for, and a found one counts as wrong if it is none."""
SAME_BOX = 0.5
"""Intersection over union of two boxes from which on they are of one garment."""
PRECISION = 0.6
"""At which recalls are compared."""
FALSE_ALARMS = 0.1
"""Share of people without a scarf on whom one may be found."""


class BoxMetrics(NamedTuple):
    """How well boxes are found."""

    garments: int
    """Those that cover over PLAIN of their photo, by the label maps."""
    found: int
    """Those of the finder that cover over PLAIN of their photo."""
    precision: float
    """Share of `found` that is right; NaN if there is none."""
    recall: float
    """Share of `garments` that is found, at whatever size the finder takes them to be; NaN if there is none."""
    least_score: float
    """Score from which on found garments are right at PRECISION, or, if they never are, at the best there is."""
    precision_there: float
    recall_there: float


class FoundBoxes(NamedTuple):
    """Found garments of some kinds in photos, and how many there are to be found."""

    score: NDArray[np.float64]
    """(F,), falling."""
    right: NDArray[np.bool_]
    """(F,): whether it is a garment over PLAIN of the label map that no better one of the photo has taken."""
    plain: NDArray[np.bool_]
    """(F,): whether it covers over PLAIN of its photo."""
    photo: NDArray[np.int64]
    """(F,): number of its photo."""
    garments: NDArray[np.int64]
    """(photos,): garments over PLAIN of each photo's label map."""


def measure_overlap(seen: Sequence[Seen]) -> tuple[dict[str, float], dict[str, Estimate]]:
    """Intersection over union of pixels, by label, and of the means over MAIN, of the body and of the background.

    Pixels of all photos with label maps are counted together, at the label maps' size; intervals over runs of photos.
    """
    mapped = [(one, one.truth.overlap) for one in seen if one.truth]
    if not mapped:
        raise DatasetError(f"none of {len(seen)} street photos has a label map to compare with")
    overlaps = np.stack([overlap for _, overlap in mapped]).astype(np.float64)
    runs = [one.run for one, _ in mapped]
    mean, body, background = ([LABELS.index(name) for name in names] for names in (MAIN, [PERSON], [BACKGROUND]))
    by_label = union_shares(overlaps, np.ones(len(overlaps)))
    figures = {}
    for name, places in ((f"mean of {len(MAIN)} kinds", mean), ("body", body), ("background", background)):
        if not np.isnan(by_label[places]).all():
            figures[f"intersection over union, {name}"] = resample(
                lambda weights, places=places: mean_known(union_shares(overlaps, weights)[places]),  # type: ignore[misc]
                runs,
            )
    return {label: float(value) for label, value in zip(LABELS, by_label) if not np.isnan(value)}, figures


def union_shares(overlaps: NDArray[np.float64], weights: Weights) -> NDArray[np.float64]:
    """Intersection over union of each label: (photos, 2, labels), as of `count_overlap`, to (labels,); NaN for 0 / 0.

    weights: (photos,), how often each counts.
    """
    both, either = np.tensordot(weights, overlaps, 1)
    return divide(both, either)


def measure_boxes(seen: Sequence[Seen]) -> tuple[dict[str, BoxMetrics], dict[str, Estimate]]:
    """Boxes found in photos with label maps, by kind, and precision and recall over all kinds.

    A found garment is right if its box and that about the pixels of its kind have an intersection over union of
    SAME_BOX. Of several the best score takes it; the others are wrong. Recall is as well given at the score from which
    on the precision is PRECISION.
    """
    mapped = [one for one in seen if one.truth]
    kinds = {kind: match_boxes(mapped, [kind]) for kind in GARMENTS}
    by_kind = {kind: _count_boxes(boxes) for kind, boxes in kinds.items() if boxes.garments.any() or len(boxes.score)}
    every, runs = match_boxes(mapped, list(GARMENTS)), [one.run for one in mapped]
    if not every.garments.any() or not every.plain.any():
        return by_kind, {}
    ones = np.ones(len(mapped))
    reached = min(PRECISION, at_precision(every, ones)[1])
    figures = {
        "boxes, precision as found": resample(lambda weights: _as_found(every, weights)[0], runs),
        "boxes, recall as found": resample(lambda weights: _as_found(every, weights)[1], runs),
        f"boxes, recall at precision {reached:.2f}": resample(
            lambda weights: at_precision(every, weights, wanted=reached)[2], runs
        ),
    }
    return by_kind, figures


def match_boxes(seen: Sequence[Seen], kinds: Sequence[str]) -> FoundBoxes:
    """The found garments of some kinds in photos with label maps, compared with these, the best score first."""
    found: list[tuple[float, bool, bool, int]] = []
    garments = np.zeros(len(seen), np.int64)
    for place, one in enumerate(seen):
        assert one.truth is not None
        wanted = {kind: one.truth.shown[kind].box for kind in kinds if kind in one.truth.shown}
        wanted = {kind: box for kind, box in wanted.items() if one.truth.shown[kind].share > PLAIN}
        garments[place] = len(wanted)
        for garment in sorted(one.sighting.garments, key=lambda garment: -garment.score):
            if garment.kind in kinds:
                right = garment.kind in wanted and box_overlap(garment.box, wanted[garment.kind]) >= SAME_BOX
                if right:
                    del wanted[garment.kind]
                found.append((garment.score, right, garment.share > PLAIN, place))
    found.sort(key=lambda one: -one[0])
    return FoundBoxes(
        np.array([score for score, _, _, _ in found], np.float64),
        np.array([right for _, right, _, _ in found], bool),
        np.array([plain for _, _, plain, _ in found], bool),
        np.array([place for _, _, _, place in found], np.int64),
        garments,
    )


def box_overlap(first: Region, second: Region) -> float:
    """Intersection over union of two boxes."""
    width = min(first.right, second.right) - max(first.left, second.left)
    height = min(first.lower, second.lower) - max(first.upper, second.upper)
    both = max(width, 0.0) * max(height, 0.0)
    areas = [(box.right - box.left) * (box.lower - box.upper) for box in (first, second)]
    return both / (sum(areas) - both)


def at_precision(boxes: FoundBoxes, weights: Weights, *, wanted: float = PRECISION) -> tuple[float, float, float]:
    """The lowest score from which on the precision is `wanted`, with precision and recall there.

    Where it is never reached, the score of the best precision. weights: (photos,), how often each counts. NaN for all
    three if nothing is found that counts.
    """
    weight = weights[boxes.photo]
    right, count = (np.cumsum(weight * some) for some in (boxes.right & boxes.plain, boxes.plain))
    precision = divide(right, count)
    # Garments of one score are on one side of any threshold.
    ends = np.append(boxes.score[1:] != boxes.score[:-1], True) if len(boxes.score) else np.zeros(0, bool)
    possible = np.flatnonzero(ends & (count > 0))
    if not len(possible):
        return np.nan, np.nan, np.nan
    least = min(wanted, precision[possible].max())
    place = possible[precision[possible] >= least][-1]
    recall = divide(np.cumsum(weight * boxes.right), weights @ boxes.garments)
    return float(boxes.score[place]), float(precision[place]), float(recall[place])


def _count_boxes(boxes: FoundBoxes) -> BoxMetrics:
    ones = np.ones(len(boxes.garments))
    counts = int(boxes.garments.sum()), int(boxes.plain.sum())
    return BoxMetrics(*counts, *_as_found(boxes, ones), *at_precision(boxes, ones))


def _as_found(boxes: FoundBoxes, weights: Weights) -> tuple[float, float]:
    """Precision and recall of all that is found."""
    weight = weights[boxes.photo]
    precision = divide(weight @ (boxes.right & boxes.plain), weight @ boxes.plain)
    return float(precision), float(divide(weight @ boxes.right, weights @ boxes.garments))


def measure_scarves(seen: Sequence[Seen]) -> dict[str, Estimate]:
    """Whether a scarf is found on those who wear one by the tags, and on those who do not; {} if either are missing.

    A photo's score is the best of its scarves; 0 if none is found.
    """
    wears = np.array([one.wears(SCARF) for one in seen], bool)
    if wears.all() or not wears.any():
        return {}
    scores = np.array([max((g.score for g in one.sighting.garments if g.kind == SCARF), default=0.0) for one in seen])
    runs = np.array([one.run for one in seen])
    found = scores > 0
    return {
        "scarf wearers with a scarf found": estimate(found[wears], runs[wears].tolist()),
        "others with a scarf found": estimate(found[~wears], runs[~wears].tolist()),
        f"scarf wearers found at {FALSE_ALARMS:.0%} false alarms": resample(
            lambda w: found_at(scores, wears, w, false_alarms=FALSE_ALARMS), runs.tolist()
        ),
        "area under the curve of scarf scores": resample(lambda w: area_under_curve(scores, wears, w), runs.tolist()),
    }


def found_at(
    scores: NDArray[np.float64], positive: NDArray[np.bool_], weights: Weights, *, false_alarms: float
) -> float:
    """Share of the positive whose score is over 0 and such that no more than a share of the others has it or more.

    scores, positive, weights (how often each counts): (Q,). NaN without positive ones or without others.
    """
    order = np.argsort(-scores, kind="stable")
    score, right = scores[order], positive[order]
    caught, alarms = (np.cumsum(weights[order] * some) for some in (right, ~right))
    if not (caught[-1] and alarms[-1]):
        return np.nan
    ends = np.append(score[1:] != score[:-1], True)
    allowed = ends & (score > 0) & (alarms <= false_alarms * alarms[-1])
    return float(caught[allowed].max(initial=0.0) / caught[-1])


def area_under_curve(scores: NDArray[np.float64], positive: NDArray[np.bool_], weights: Weights) -> float:
    """How likely one of the positive has a higher score than one of the others; equal scores count half.

    scores, positive, weights (how often each counts): (Q,). NaN without positive ones or without others.
    """
    values, place = np.unique(scores, return_inverse=True)
    there, others = (np.bincount(place, weights * some, minlength=len(values)) for some in (positive, ~positive))
    return float(divide(there @ (np.cumsum(others) - others / 2), there.sum() * others.sum()))

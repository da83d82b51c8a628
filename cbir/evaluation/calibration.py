"""Distances made probabilities: a logistic curve, fitted to held-out answers and tried out by contributor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cbir.errors import DatasetError
from cbir.evaluation.metrics import TOP
from cbir.network.closeness import Curve

AXES = 32
"""Principal axes of the gallery's features that a photo's strangeness is measured from."""
STRANGE = 0.05
"""Share of held-out photos that are stranger than a garment may be."""
THINNER = 3
"""The gallery is thinned to a third, again and again, so that small catalogues are measured as well."""
SMALLEST = 100
"""Photos of the smallest gallery."""
FOLDS = 10
"""Parts of the contributors, each of which is left out once."""
RIDGE = 1e-6
"""Penalty of the fit, so that it ends where the answers can be told apart without an error."""
SUREST = 10
"""One answer in this many, the surest ones, tells how high a probability can be: labels are never all right."""
FEWEST = 50
"""Right answers, and wrong ones, that a curve needs."""

Matrix = NDArray[np.float64]


class Answers(NamedTuple):
    """Nearest photos of queries in one gallery."""

    distances: Matrix
    """(Q, k) Euclidean, nearest first."""
    hits: NDArray[np.bool_]
    """(Q, k): whether they are of the query's kind."""
    size: int
    """Photos of the gallery."""

    def of(self, queries: NDArray[np.bool_]) -> Answers:
        """Those of some of the queries, (Q,)."""
        return self._replace(distances=self.distances[queries], hits=self.hits[queries])


class Fitted(NamedTuple):
    """A curve, and how it does on contributors that it was not fitted to."""

    curve: Curve
    held_out: Matrix
    """(Q, k) probabilities of the answers in the whole gallery, each by a curve fitted to other contributors."""
    strange: NDArray[np.bool_]
    """(Q,): stranger than STRANGE of the photos of other contributors."""
    losses: dict[str, float]
    """Log loss on left-out contributors: of one probability for all, of the distance alone, and of the curve."""


def find_subspace(features: NDArray[np.float32]) -> tuple[Matrix, Matrix]:
    """Mean, (D,), and leading principal axes, (D, AXES), of features, (N, D), as a calibration's file keeps them."""
    exact = features.astype(np.float64)
    mean = exact.mean(0)
    axes = np.linalg.eigh((exact - mean).T @ (exact - mean))[1][:, ::-1][:, :AXES]
    return tuple(part.astype(np.float16).astype(np.float64) for part in (mean, axes))  # type: ignore[return-value]


def find_answers(
    queries: NDArray[np.float32],
    kinds: Sequence[str],
    gallery: NDArray[np.float32],
    gallery_kinds: Sequence[str],
    *,
    seed: int = 0,
) -> list[Answers]:
    """The TOP nearest of each query, (Q, D), in the gallery, (N, D), and in ever thinner ones, the whole one first."""
    distances = np.sqrt(np.maximum(2.0 - 2.0 * (queries.astype(np.float64) @ gallery.astype(np.float64).T), 0.0))
    same = np.array(kinds)[:, None] == np.array(gallery_kinds)
    order = np.random.default_rng(seed).permutation(len(gallery))
    answers: list[Answers] = []
    while not answers or len(order) >= SMALLEST:
        near = np.argsort(distances[:, order], axis=1, kind="stable")[:, :TOP]
        rows = order[near]
        answers.append(Answers(np.take_along_axis(distances, rows, 1), np.take_along_axis(same, rows, 1), len(order)))
        order = order[::THINNER]
    return answers


def fit_curve(answers: Sequence[Answers], strangeness: Matrix, contributors: Sequence[str], *, seed: int = 0) -> Fitted:
    """The curve of answers in galleries of several sizes, the largest first; strangeness: (Q,) of the queries.

    All photos of a contributor are left out together. Raises DatasetError if there are too few answers, right or
    wrong, or contributors.
    """
    names = sorted(set(contributors))
    hits = np.concatenate([one.hits.ravel() for one in answers])
    if min(hits.sum(), (~hits).sum()) < FEWEST or len(names) < FOLDS:
        raise DatasetError(
            f"{len(hits):,} held-out answers of {len(names):,} contributors are too few to tell what a distance says: "
            f"{FOLDS} contributors, {FEWEST} right answers and {FEWEST} wrong ones are needed"
        )
    drawn = dict(zip(np.random.default_rng(seed).permutation(names).tolist(), np.arange(len(names)) % FOLDS))
    fold = np.array([drawn[name] for name in contributors])
    whole = answers[0]
    said = {name: np.empty(whole.distances.shape) for name in ("one probability", "distance", "curve")}
    strange = np.empty(len(fold), np.bool_)
    for number in range(FOLDS):
        known, left_out = fold != number, fold == number
        curve = _fit([one.of(known) for one in answers], strangeness[known])
        strange[left_out] = strangeness[left_out] > curve.strangest
        said["curve"][left_out] = curve.probability(whole.distances[left_out], strangeness[left_out, None], whole.size)
        weights = fit_logistic(whole.distances[known].reshape(-1, 1), whole.hits[known].ravel())
        said["distance"][left_out] = _logistic(whole.distances[left_out][..., None], weights)
        said["one probability"][left_out] = whole.hits[known].mean()
    losses = {name: log_loss(each, whole.hits) for name, each in said.items()}
    return Fitted(_fit(answers, strangeness), said["curve"], strange, losses)


def _fit(answers: Sequence[Answers], strangeness: Matrix) -> Curve:
    """The curve of answers in galleries of several sizes, the largest first; strangeness: (Q,) of the queries."""
    whole, strangest = answers[0], float(np.quantile(strangeness, 1 - STRANGE))
    known = np.minimum(strangeness, strangest).repeat(whole.hits.shape[1])
    inputs = [np.column_stack([one.distances.ravel(), known, np.full(len(known), np.log(one.size))]) for one in answers]
    weights = fit_logistic(np.concatenate(inputs), np.concatenate([one.hits.ravel() for one in answers]))
    distance, slope, log_size, constant = weights.tolist()
    curve = Curve(distance, slope, log_size, constant, (answers[-1].size, whole.size), strangest, highest=1.0)
    surest = np.argsort(curve.probability(whole.distances, strangeness[:, None], whole.size), axis=None)
    surest = surest[-max(1, len(surest) // SUREST) :]
    return curve._replace(highest=float(whole.hits.ravel()[surest].mean()))


def fit_logistic(inputs: Matrix, hits: NDArray[np.bool_]) -> Matrix:
    """Weights of a logistic regression, (m,), and last its constant, by Newton's method. inputs: (n, m). hits: (n,)."""
    columns = np.column_stack([inputs, np.ones(len(inputs))])
    weights = np.zeros(columns.shape[1])
    for _ in range(30):
        said = _logistic(inputs, weights)
        slope = columns.T @ (hits - said) / len(hits) - RIDGE * weights
        curvature = (columns * (said * (1 - said))[:, None]).T @ columns / len(hits) + RIDGE * np.eye(len(weights))
        weights = weights + np.linalg.solve(curvature, slope)
    return weights


def log_loss(said: Matrix, hits: NDArray[np.bool_]) -> float:
    """Mean negative logarithm of the probabilities of what came true; less is better."""
    return float(-np.log(np.where(hits, said, 1 - said).clip(1e-6)).mean())


def _logistic(inputs: Matrix, weights: Matrix) -> Matrix:
    return np.asarray(1 / (1 + np.exp(-(inputs @ weights[:-1] + weights[-1]))))

"""Figures of ranked answers, and how far they would move with other contributors."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray


class Estimate(NamedTuple):
    """A mean and its interval."""

    value: float
    low: float
    high: float
    size: int
    """Queries that it is the mean of."""

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


def precision_at(hits: ArrayLike, k: int) -> NDArray[np.float64]:
    """(Q, N) bool, nearest first, to (Q,): share of hits among the first k."""
    return np.asarray(hits, bool)[:, :k].mean(1)


def average_precision(hits: ArrayLike) -> NDArray[np.float64]:
    """(Q, N) bool, nearest first, to (Q,): mean over the hits of the precision down to each; 0 without a hit.

    Their mean over queries is mAP (Manning, Raghavan and Schuetze 2008, section 8.4).
    """
    found = np.asarray(hits, bool)
    precision = found.cumsum(1) / np.arange(1, found.shape[1] + 1)
    return (precision * found).sum(1) / np.maximum(found.sum(1), 1)


def estimate(
    values: ArrayLike, groups: Sequence[Hashable], *, level: float = 0.95, draws: int = 2000, seed: int = 0
) -> Estimate:
    """The mean of values, (Q,), and its interval if the groups that they come in were drawn again.

    groups: of each value, such as the contributor of a query; photos of one are alike, so that single photos drawn
    again would give too narrow an interval. Percentile bootstrap over groups (Efron and Tibshirani 1993, section
    13.3). Raises ValueError if there is no value.
    """
    each = np.asarray(values, np.float64)
    if not len(each) or len(each) != len(groups):
        raise ValueError(f"expected as many groups as values and at least one, got {len(groups)} and {len(each)}")
    member = _number(groups)
    sums, sizes = np.bincount(member, each), np.bincount(member)
    drawn = np.random.default_rng(seed).integers(len(sums), size=(draws, len(sums)))
    means = sums[drawn].sum(1) / sizes[drawn].sum(1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Estimate(float(each.mean()), float(low), float(high), len(each))


Weights = NDArray[np.float64]


def resample(
    statistic: Callable[[Weights], float],
    groups: Sequence[Hashable],
    *,
    level: float = 0.95,
    draws: int = 1000,
    seed: int = 0,
) -> Estimate:
    """A statistic that is no mean of values, and its interval if the groups were drawn again, as `estimate` does it.

    statistic: takes a weight for each photo, (Q,), how often it was drawn, and gives the figure; NaN if there is none,
        and such draws are left out. groups: of each photo. Raises ValueError if there is no photo, and if all photos,
        each once, give no figure.
    """
    value = statistic(np.ones(len(groups))) if groups else np.nan
    if np.isnan(value):
        raise ValueError(f"expected a figure of {len(groups)} photos, got none")
    member = _number(groups)
    count = member.max() + 1
    drawn = np.random.default_rng(seed).integers(count, size=(draws, count))
    found = [statistic(np.bincount(row, minlength=count)[member].astype(np.float64)) for row in drawn]
    low, high = np.nanquantile(found, [(1 - level) / 2, (1 + level) / 2])
    return Estimate(float(value), float(low), float(high), len(groups))


def mean_known(values: NDArray[np.float64]) -> float:
    """Mean of the values that are no NaN; NaN if none is."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else np.nan


def divide(above: ArrayLike, below: ArrayLike) -> NDArray[np.float64]:
    """Quotients, element by element; NaN for what is divided by 0."""
    over, under = np.broadcast_arrays(np.asarray(above, np.float64), np.asarray(below, np.float64))
    return np.divide(over, under, out=np.full(over.shape, np.nan), where=under != 0)


def _number(groups: Sequence[Hashable]) -> NDArray[np.int64]:
    """Numbers of groups, from 0, in the order in which they come first."""
    names = {name: number for number, name in enumerate(dict.fromkeys(groups))}
    return np.array([names[name] for name in groups])


Array = NDArray[np.float32]
TOP = 3


def rank(queries: Array, gallery: Array) -> NDArray[np.int64]:
    """Numbers of all of a gallery's features, (N, D), for each query's, (Q, D), nearest first: (Q, N).

    Features have unit length. Equal distances come in the gallery's order.
    """
    return np.argsort(-(queries @ gallery.T), axis=1, kind="stable")

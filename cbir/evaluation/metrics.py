"""Figures of ranked answers, and how far they would move with other contributors."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
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
    names = {name: number for number, name in enumerate(dict.fromkeys(groups))}
    member = np.array([names[name] for name in groups])
    sums, sizes = np.bincount(member, each), np.bincount(member)
    drawn = np.random.default_rng(seed).integers(len(names), size=(draws, len(names)))
    means = sums[drawn].sum(1) / sizes[drawn].sum(1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Estimate(float(each.mean()), float(low), float(high), len(each))


Array = NDArray[np.float32]
TOP = 3


def rank(queries: Array, gallery: Array) -> NDArray[np.int64]:
    """Numbers of all of a gallery's features, (N, D), for each query's, (Q, D), nearest first: (Q, N).

    Features have unit length. Equal distances come in the gallery's order.
    """
    return np.argsort(-(queries @ gallery.T), axis=1, kind="stable")

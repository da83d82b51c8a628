"""What every index over vectors takes and gives."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray


class Neighbours(NamedTuple):
    """The k nearest vectors of a query, nearest first; equal distances in the order of their rows."""

    indices: NDArray[np.int64]
    """(k,) rows of the vectors, from 0."""
    distances: NDArray[np.float64]
    """(k,) Euclidean distances, not squared."""
    exact: bool
    """No vector left out, of the rows searched, is closer: proven for this answer."""
    graph_exact: bool
    """The nearest k of the graph's candidates, as far as they are among the rows searched, are as near as these."""
    num_exact_distances: int
    """Vectors that the bounds did not rule out, so that their exact distances were computed."""


class Within(NamedTuple):
    """All vectors within a radius of a query, nearest first; equal distances in the order of their rows."""

    indices: NDArray[np.int64]
    """(n,) rows of the vectors, from 0."""
    distances: NDArray[np.float64]
    """(n,) Euclidean distances, not squared."""


class Rows(Protocol):
    """(N, D) float32 numbers, in memory or elsewhere, of which rows can be taken."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __len__(self) -> int: ...

    def __getitem__(self, rows: Any, /) -> NDArray[np.float32]: ...

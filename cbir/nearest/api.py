"""What every index over vectors takes and gives."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray


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

    @classmethod
    def none(cls) -> Neighbours:
        """Those among no vectors."""
        nothing = np.empty(0, np.int64)
        return cls(nothing, np.empty(0), exact=True, graph_exact=True, num_exact_distances=0)


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


Subset = Any
"""Some of an index's rows. Listed: (n,) whole numbers, ascending, each once. An index that does not have its vectors at
hand may take another form too, which tells them by what they have in common.
"""


class Index(Protocol):
    """What searches need of an index over N vectors of D numbers."""

    @property
    def vectors(self) -> Rows: ...

    def __len__(self) -> int: ...

    def search(self, query: ArrayLike, k: int = 3, *, rows: Subset | None = None) -> Neighbours:
        """The k nearest vectors of a query: (D,) numbers up to LARGEST. Fewer than k vectors: all of them.

        rows: only the vectors of these rows count; None: all.

        Raises ValueError for another shape, larger numbers, k below 1, or rows that are none.
        """

    def within(self, queries: ArrayLike, radius: float, *, start: int = 0) -> list[Within]:
        """All vectors within a radius, Euclidean, of each query, (Q, D): none is missed.

        start: the first row that counts. Raises ValueError for another shape or larger numbers.
        """

    def leave_out(self, row: int, rows: Subset | None) -> Subset:
        """Some rows, or all, without one."""

    def keep(self, found: NDArray[np.int64], rows: Subset) -> NDArray[np.int64]:
        """Those of some row numbers, (n,), that are among `rows`, in their order."""


class ListedRows:
    """What an index does whose subsets are always listed."""

    def __len__(self) -> int:
        raise NotImplementedError

    def leave_out(self, row: int, rows: Subset | None) -> NDArray[np.int64]:
        """Some rows, or all, without one."""
        listed = np.arange(len(self)) if rows is None else np.asarray(rows)
        return listed[listed != row]

    def keep(self, found: NDArray[np.int64], rows: Subset) -> NDArray[np.int64]:
        """Those of some row numbers, (n,), that are among `rows`, in their order."""
        return found[np.isin(found, rows)]

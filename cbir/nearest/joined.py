"""Two indexes searched as one: each answers for its own vectors, and the nearer of both answers are the answer."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cbir.nearest.api import Index, Neighbours, Rows, Subset, Within
from cbir.nearest.checks import check_k, check_queries, check_query, check_rows


class JoinedSubset(NamedTuple):
    """Some rows of a joined index: those of each part, as its own index takes them."""

    first: Subset | None
    """None: all of the part; an empty array: none, and the part is not asked."""
    second: Subset | None


class JoinedRows:
    """(M + N, D) float32: the rows of two arrays, those of the second after those of the first. Nothing is copied."""

    def __init__(self, first: Rows, second: Rows) -> None:
        self._first, self._second = first, second
        self.shape = (len(first) + len(second), first.shape[1])

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> NDArray[np.float32]:
        """Rows, chosen as NumPy has it: by a number, negative ones from the end, a slice, a mask, or a list or an array
        of numbers. IndexError for what NumPy refuses, and for an index of a single column.
        """
        numbers = _choose_numbers(rows, len(self))
        late = numbers >= len(self._first)
        chosen = np.empty((*numbers.shape, self.shape[1]), np.float32)
        chosen[~late] = self._first[numbers[~late]]
        chosen[late] = self._second[numbers[late] - len(self._first)]
        return chosen


class JoinedIndex:
    """An index over M + N vectors, of two that have M and N: rows of the second follow those of the first.

    Its answers are those of one index over all the vectors, and as proven as those of the two: what is among the k
    nearest of all is among the k nearest of its own part.
    """

    def __init__(self, first: Index, second: Index) -> None:
        """Raises ValueError if the vectors of one have more numbers than those of the other."""
        shapes = first.vectors.shape, second.vectors.shape
        if shapes[0][1] != shapes[1][1]:
            raise ValueError(
                f"expected vectors of as many numbers in both indexes, got shapes {shapes[0]}, {shapes[1]}"
            )
        self.vectors = JoinedRows(first.vectors, second.vectors)
        self._first, self._second = first, second

    def __len__(self) -> int:
        return len(self.vectors)

    def search(self, query: ArrayLike, k: int = 3, *, rows: Subset | None = None) -> Neighbours:
        """The k nearest vectors of a query, as `Index.search` has it. A part without any of the rows is not asked.

        rows: a JoinedSubset, or (n,) whole numbers, ascending, each once: only the vectors of these rows count; None:
        all. graph_exact is that of both; num_exact_distances is the sum.
        """
        query = check_query(query, self.vectors.shape[1])
        check_k(k)
        early, late = self._split(rows)
        first = Neighbours.none() if _is_none(early) else self._first.search(query, k, rows=early)
        second = Neighbours.none() if _is_none(late) else self._second.search(query, k, rows=late)
        nearest = self._merge(Within(*first[:2]), Within(*second[:2]))
        return Neighbours(
            indices=nearest.indices[:k],
            distances=nearest.distances[:k],
            exact=first.exact and second.exact,
            graph_exact=first.graph_exact and second.graph_exact,
            num_exact_distances=first.num_exact_distances + second.num_exact_distances,
        )

    def within(self, queries: ArrayLike, radius: float, *, start: int = 0) -> list[Within]:
        """All vectors within a radius of each query, as `Index.within` has it."""
        queries, count = check_queries(queries, self.vectors.shape[1]), len(self._first)
        first = self._first.within(queries, radius, start=min(start, count))
        second = self._second.within(queries, radius, start=max(start - count, 0))
        return [self._merge(*pair) for pair in zip(first, second)]

    def leave_out(self, row: int, rows: Subset | None) -> JoinedSubset:
        """Some rows, or all, without one."""
        count, (early, late) = len(self._first), self._split(rows)
        if row < count:
            return JoinedSubset(early if _is_none(early) else self._first.leave_out(row, early), late)
        return JoinedSubset(early, late if _is_none(late) else self._second.leave_out(row - count, late))

    def keep(self, found: NDArray[np.int64], rows: Subset) -> NDArray[np.int64]:
        """Those of some row numbers, (n,), that are among `rows`, in their order."""
        count, (early, late) = len(self._first), self._split(rows)
        first, second = found[found < count], found[found >= count] - count
        first = first if early is None else self._first.keep(first, early)
        second = second if late is None else self._second.keep(second, late)
        return found[np.isin(found, np.concatenate([first, second + count]))]

    def _split(self, rows: Subset | None) -> JoinedSubset:
        """Rows as each part takes its own. Raises ValueError for listed ones that are none."""
        if rows is None:
            return JoinedSubset(None, None)
        if isinstance(rows, JoinedSubset):
            return rows
        count, listed = len(self._first), check_rows(rows, len(self))
        place = int(np.searchsorted(listed, count))
        return JoinedSubset(listed[:place], listed[place:] - count)

    def _merge(self, first: Within, second: Within) -> Within:
        """What both parts found, nearest first."""
        indices = np.concatenate([first.indices, second.indices + len(self._first)])
        distances = np.concatenate([first.distances, second.distances])
        # Those of the first part stand in front, so a stable sort gives ties to the earlier row.
        order = np.argsort(distances, kind="stable")
        return Within(indices[order], distances[order])


def _is_none(rows: Subset | None) -> bool:
    """Whether a subset is listed and empty."""
    return isinstance(rows, np.ndarray) and not len(rows)


def _choose_numbers(chosen: Any, count: int) -> NDArray[np.int64]:
    """The numbers from 0 to `count` that are chosen as NumPy has it, without an array of all of them."""
    if isinstance(chosen, slice):
        return np.arange(*chosen.indices(count))
    numbers = np.asarray(chosen)
    if numbers.dtype == np.bool_ and numbers.shape == (count,):
        return np.flatnonzero(numbers)
    if isinstance(chosen, tuple) or (numbers.size and numbers.dtype.kind not in "iu"):
        raise IndexError(f"expected numbers of rows, a slice or a mask of {count:,}, got {chosen!r}")
    numbers = numbers.astype(np.int64)
    if not ((-count <= numbers) & (numbers < count)).all():
        raise IndexError(f"expected numbers of rows below {count:,}, got {chosen!r}")
    return np.where(numbers < 0, numbers + count, numbers)

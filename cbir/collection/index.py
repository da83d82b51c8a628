"""Nearest neighbours from Milvus: proven exact where it compares all vectors.

FLAT compares a query with every vector, in float32. So what it gives is right but for rounding: asked for more than k,
their vectors are measured again in float64, and if the k-th is nearer than all can be that it left out, by the bound of
that rounding (nearest/bounds.py), nobody was missed. Otherwise it is asked for more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cbir.collection.engine import MOST
from cbir.collection.indexes import FLAT, INDEXES
from cbir.collection.rows import CollectionVectors, StoredRows
from cbir.collection.schema import ROW
from cbir.errors import CatalogueError
from cbir.nearest.api import Neighbours, Subset, Within
from cbir.nearest.bounds import is_nearer_than_rest
from cbir.nearest.checks import check_k, check_queries, check_query
from cbir.nearest.measure import measure_squared

MARGIN = 16
"""Candidates that are asked for at first beside the k nearest."""


@dataclass(frozen=True)
class Condition:
    """Rows of a collection, as an expression of Milvus; all if it is empty."""

    expression: str

    def and_also(self, expression: str) -> Condition:
        """Those that satisfy another expression as well."""
        return Condition(f"({self.expression}) and {expression}" if self.expression else expression)


class _Candidates:
    """The nearest rows that Milvus found, measured again."""

    def __init__(self, rows: NDArray[np.int64], distances: NDArray[np.float64], last: float) -> None:
        order = np.lexsort((rows, distances))
        self.rows, self.distances, self.last = rows[order], distances[order], last


class CollectionIndex:
    """The vectors of a collection, searched by Milvus."""

    def __init__(self, rows: StoredRows, kind: str) -> None:
        """kind: of the index over them, a key of INDEXES or another that Milvus knows."""
        self.vectors, self.kind = CollectionVectors(rows), kind
        self._rows, self._engine, self._collection = rows, rows.engine, rows.collection
        self._params = dict(INDEXES[kind].search) if kind in INDEXES else {}

    def __len__(self) -> int:
        return len(self.vectors)

    def search(self, query: ArrayLike, k: int = 3, *, rows: Subset | None = None) -> Neighbours:
        """The k nearest vectors of a query: (D,) numbers up to LARGEST. Fewer than k vectors: all of them.

        rows: a Condition, or (n,) whole numbers: only the vectors of these rows count; None: all.

        Without FLAT nothing is proven. Raises ValueError for another shape, larger numbers or k below 1, and
        CatalogueError if Milvus does not answer.
        """
        query = check_query(query, self.vectors.shape[1])
        check_k(k)
        condition = self._express(rows)
        if condition is None:
            return Neighbours.none()
        norm = float(np.linalg.norm(query.astype(np.float64)))
        for found in self._ask_for_more(query, k + MARGIN, condition):
            nearest = float(found.distances[k - 1]) if len(found.rows) >= k else np.inf
            complete = found.last == np.inf or is_nearer_than_rest(nearest, found.last, norm, len(query))
            if complete or self.kind != FLAT:
                break
        return Neighbours(
            indices=found.rows[:k],
            distances=found.distances[:k],
            exact=self.kind == FLAT and complete,
            graph_exact=self.kind == FLAT and complete,
            num_exact_distances=len(found.rows),
        )

    def within(self, queries: ArrayLike, radius: float, *, start: int = 0) -> list[Within]:
        """All vectors within a radius, Euclidean, of each query, (Q, D): as far as the index finds them.

        start: the first row that counts. Raises CatalogueError if there are more than Milvus gives at once.
        """
        condition = Condition(f"{ROW} >= {start}" if start else "")
        return [self._reach(query, radius, condition) for query in check_queries(queries, self.vectors.shape[1])]

    def leave_out(self, row: int, rows: Subset | None) -> Condition:
        """Some rows, or all, without one."""
        return (self._express(rows) or Condition(f"{ROW} < 0")).and_also(f"{ROW} != {row}")

    def keep(self, found: NDArray[np.int64], rows: Subset) -> NDArray[np.int64]:
        """Those of some row numbers, (n,), that are among `rows`, in their order."""
        condition = self._express(rows)
        if condition is None or not len(found):
            return found[:0]
        there = self._engine.list_rows(self._collection, condition.and_also(_list(found)).expression, len(found))
        return found[np.isin(found, there)]

    def _reach(self, query: NDArray[np.float32], radius: float, condition: Condition) -> Within:
        norm = float(np.linalg.norm(query.astype(np.float64)))
        for found in self._ask_for_more(query, 4 * MARGIN, condition):
            if found.last == np.inf or is_nearer_than_rest(radius, found.last, norm, len(query)):
                count = int(np.searchsorted(found.distances, radius, side="right"))
                return Within(found.rows[:count], found.distances[:count])
        raise CatalogueError(f"{self._engine.address}: over {MOST:,} photos are copies of one; search without --fold")

    def _ask_for_more(self, query: NDArray[np.float32], limit: int, condition: Condition) -> Iterator[_Candidates]:
        """The nearest rows, four times as many each time, up to MOST, or all there are."""
        while True:
            limit = min(limit, MOST)
            found = self._engine.search(
                self._collection, query, limit, condition.expression, self._search_params(limit)
            )
            vectors = np.array([one.vector for one in self._rows.get(found.rows.tolist())], np.float32)
            apart = np.sqrt(measure_squared(vectors.reshape(-1, len(query)), query))
            last = float(found.squared[-1]) if len(found.rows) == limit else np.inf
            if last == np.inf and self.kind == FLAT and len(found.rows) < self._count(condition):
                raise CatalogueError(f"{self._engine.address}: Milvus left rows out; wait until it has loaded all")
            yield _Candidates(found.rows, apart, last)
            if last == np.inf or limit == MOST:
                return
            limit *= 4

    def _count(self, condition: Condition) -> int:
        return self._engine.count(self._collection, condition.expression) if condition.expression else len(self)

    def _search_params(self, limit: int) -> dict[str, Any]:
        """Settings of a search; lists that it keeps have to be as long as its answer."""
        return {name: max(value, limit) for name, value in self._params.items()}

    def _express(self, rows: Subset | None) -> Condition | None:
        """A subset as a condition; None if it is empty."""
        if rows is None or isinstance(rows, Condition):
            return rows or Condition("")
        return Condition(_list(rows)) if len(rows) else None


def _list(rows: NDArray[np.int64]) -> str:
    return f"{ROW} in [{', '.join(map(str, np.asarray(rows).tolist()))}]"

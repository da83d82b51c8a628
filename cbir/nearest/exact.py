"""Vectors in, exact nearest neighbours out: an hnswlib graph proposes candidates, lower bounds prove.

A graph search is approximate: it can miss a neighbour, and re-ranking its candidates cannot bring that one back. So
every answer is proven. The k-th candidate's exact distance is an upper bound of the true k-th distance, and only
vectors whose lower bound (bounds.py) does not exceed it can be as close. Coarse codes of all vectors are scored
first, then fine codes of those that the coarse ones do not rule out; what is left is measured in float64, and ties go
to the earlier row.

A search among some of the rows is proven in the same way, with these in place of all: no bound depends on the others.
The graph knows nothing of subsets, so its candidates count as far as they are in it. Where they are fewer than k, those
of the best coarse scores take their place.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cbir.nearest.api import ListedRows, Neighbours, Rows, Within
from cbir.nearest.arrays import save_array
from cbir.nearest.blocks import blocks
from cbir.nearest.bounds import min_score, rounding_slack
from cbir.nearest.checks import check_k, check_queries, check_query, check_rows, refuse_too_large
from cbir.nearest.hnsw import LINKED, Graph, GraphSettings
from cbir.nearest.int8 import QUERY_BATCH, Matrix
from cbir.nearest.measure import measure_squared
from cbir.nearest.project import PCA, Vectors, fit_pca, project
from cbir.nearest.quantise import WIDTHS, QuantisedVectors, QueryCodes, choose_width, quantise_vectors

FINE = 512
"""Numbers of a fine code."""
SCAN_BELOW = 1024
"""Up to this size, scan exhaustively."""
SCAN_ROWS_BELOW = 128
"""Among so few rows of more vectors, scan these: codes would take as long."""
MAX_SCORES = 2**23
"""Scores that are computed at once, at most, but for one query: 32 MB."""
RERANK = 16
"""Candidates re-ranked exactly for the upper bound (at least k)."""
RERANK_BLOCK = 128
"""Vectors measured exactly at a time."""
FILES = ("vectors.npy", "graph.hnsw", "fine.npz", "coarse.npz", "rotation.npy")


class _Queries(NamedTuple):
    """Q queries in all their forms."""

    vectors: Vectors
    projected: Matrix
    coarse: QueryCodes
    fine: QueryCodes


class ExactIndex(ListedRows):
    """Vectors, (N, D) float32, a graph over them, and what the proof needs."""

    def __init__(
        self,
        vectors: Rows,
        graph: Graph,
        fine: QuantisedVectors,
        coarse: QuantisedVectors,
        pca: PCA,
    ) -> None:
        self.vectors = vectors
        self._graph, self._fine, self._coarse, self._pca = graph, fine, coarse, pca
        self._max_norm, self._rows = fine.max_norm, np.arange(len(vectors))

    def __len__(self) -> int:
        return len(self.vectors)

    @property
    def settings(self) -> GraphSettings:
        """Those of the graph."""
        return self._graph.settings

    @property
    def dimension(self) -> int:
        """Numbers per vector, D."""
        return self.vectors.shape[1]

    @classmethod
    def build(
        cls,
        vectors: ArrayLike,
        *,
        settings: GraphSettings = GraphSettings(),
        progress: Callable[[int], object] = lambda _: None,
    ) -> ExactIndex:
        """An index of vectors: (N, D), numbers up to LARGEST, taken as float32. N may be 0.

        The same vectors and settings give the same index, to the byte. progress: called now and then with the number
        of vectors linked. Raises ValueError for another shape or larger numbers.
        """
        vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        if vectors.ndim != 2 or vectors.shape[1] == 0:
            raise ValueError(f"expected vectors of shape (N, D), got {vectors.shape}")
        for rows in blocks(len(vectors)):
            refuse_too_large(vectors[rows])
        large = len(vectors) > SCAN_BELOW
        # So few vectors are scanned; only the graph needs some axes.
        pca = fit_pca(vectors, min((FINE if large else LINKED) - 1, vectors.shape[1]))
        width = choose_width(vectors, pca) if large else WIDTHS[0]
        coarse, fine = quantise_vectors(vectors, pca, (width, FINE if large else LINKED))
        graph = Graph.empty(len(vectors), settings)
        for rows in blocks(len(vectors)):
            graph.add(project(vectors[rows], pca), rows)
            progress(rows.stop)
        return cls(vectors, graph, fine, coarse, pca)

    def change(self, vectors: Rows, sources: ArrayLike) -> ExactIndex | None:
        """The index of other vectors, (N, D), most of which are in this one, which is not to be used any more.

        Its answers are those of an index that was built of them, its graph and codes are not. sources: (N,) the row
        here of each vector, each once, -1 for a new one. None if searches would be slow, as the new ones do not fit
        the scale of the codes, or there are many more or fewer: `build` another.
        """
        sources = np.asarray(sources, np.int64)
        if (len(self) <= SCAN_BELOW) != (len(sources) <= SCAN_BELOW):
            return None
        new = vectors[np.flatnonzero(sources < 0)]
        refuse_too_large(new)
        projected = project(new, self._pca)
        fine, coarse = (codes.change(sources, projected) for codes in (self._fine, self._coarse))
        if not (fine.fits and coarse.fits):
            return None
        return ExactIndex(vectors, self._graph.change(sources, projected), fine, coarse, self._pca)

    def save(self, folder: Path, *, vectors: bool = True) -> None:
        """Write the FILES to a folder, and LABELS if the index was changed.

        vectors: False if vectors.npy is there already.
        """
        if vectors:
            save_array(folder / "vectors.npy", self.vectors[:])
        self._fine.save(folder / "fine.npz")
        self._coarse.save(folder / "coarse.npz")
        save_array(folder / "rotation.npy", np.column_stack(self._pca))
        self._graph.save(folder)

    @classmethod
    def open(
        cls, folder: Path, *, vectors: Rows | None = None, settings: GraphSettings = GraphSettings()
    ) -> ExactIndex:
        """The index that `save` wrote. Files must be trusted or checked before: hnswlib takes what it finds.

        vectors: those of vectors.npy, if they are to be read in another way than straight from the disk when they are
        needed. Raises ValueError if the files do not fit each other.
        """
        if vectors is None:
            vectors = np.load(folder / "vectors.npy", mmap_mode="r", allow_pickle=False)
        count, dimension = vectors.shape
        fine, coarse = (QuantisedVectors.open(folder / name, count) for name in ("fine.npz", "coarse.npz"))
        columns = np.load(folder / "rotation.npy", allow_pickle=False)
        if columns.shape[0] != dimension:
            raise ValueError(f"{folder}: vectors {vectors.shape} and pca {columns.shape} do not fit")
        pca = PCA(np.ascontiguousarray(columns[:, :-1]), np.ascontiguousarray(columns[:, -1]))
        graph = Graph.open(folder, count, settings)
        return cls(vectors, graph, fine, coarse, pca)

    def search(self, query: ArrayLike, k: int = 3, *, rows: ArrayLike | None = None) -> Neighbours:
        """The k nearest vectors of a query: (D,) numbers up to LARGEST. Fewer than k vectors: all of them.

        rows: (n,) whole numbers, ascending, each once: only the vectors of these rows count; None: all.

        Raises ValueError for another shape, larger numbers, k below 1, or rows that are none.
        """
        return self.search_many(check_query(query, self.dimension)[None], k, rows=rows)[0]

    def search_many(self, queries: ArrayLike, k: int = 3, *, rows: ArrayLike | None = None) -> list[Neighbours]:
        """The k nearest vectors of each query: (Q, D). One after the other would give the same and take longer."""
        queries = check_queries(queries, self.dimension)
        check_k(k)
        among = self._rows if rows is None else check_rows(rows, len(self))
        k = min(k, len(among))
        if k == 0:
            return [Neighbours.none() for _ in queries]
        found = []
        for batch in self._batches(queries):
            scores = self._coarse.score(batch.coarse.codes, among)
            found += [self._prove(batch, row, among, each, k) for row, each in enumerate(scores)]
        return found

    def within(self, queries: ArrayLike, radius: float, *, start: int = 0) -> list[Within]:
        """All vectors within a radius, Euclidean, of each query, (Q, D): proven, none is missed.

        start: the first row that counts; those before are not looked at.
        """
        found = []
        for batch in self._batches(check_queries(queries, self.dimension)):
            scores = self._coarse.score(batch.coarse.codes, slice(start, None))
            found += [self._reach(batch, row, each, start, radius) for row, each in enumerate(scores)]
        return found

    def principal_coordinates(self, rows: ArrayLike, dims: int) -> Matrix:
        """(n, dims) float64: coordinates of the vectors of some rows on the leading principal axes of all."""
        return project(self.vectors[rows], PCA(self._pca.axes[:, :dims].copy(), self._pca.origin))[:, :dims]

    def check(self) -> None:
        """Raise ValueError unless all that the proof rests on holds: the graph names each row once, the axes are
        orthonormal, and the codes, norms and errors are those of the vectors.
        """
        if not self._graph.has_each_row():
            raise ValueError("graph.hnsw does not name each row once")
        if not self._pca.is_orthonormal():
            raise ValueError("rotation.npy does not hold orthonormal axes")
        for name, quantised in (("coarse.npz", self._coarse), ("fine.npz", self._fine)):
            for rows in blocks(len(self)):
                if not quantised.matches(self.vectors[rows], self._pca, rows):
                    raise ValueError(f"{name} does not follow from vectors.npy")

    def _batches(self, queries: Vectors) -> Iterator[_Queries]:
        """Queries, (Q, D), in all their forms, as many at a time as are scored at once."""
        for rows in blocks(len(queries), max(1, min(QUERY_BATCH, MAX_SCORES // max(1, len(self))))):
            projected = project(queries[rows], self._pca)
            coarse, fine = self._coarse.quantiser.encode(projected), self._fine.quantiser.encode(projected)
            yield _Queries(queries[rows], projected, coarse, fine)

    def _reach(self, queries: _Queries, row: int, scores: NDArray[np.int32], start: int, radius: float) -> Within:
        """The vectors within the radius of the query of one row, given its scores of coarse codes from `start` on."""
        reach = radius + rounding_slack(queries.projected[row], self.dimension, self._max_norm)
        near = start + np.flatnonzero(scores >= min_score(self._coarse, queries.coarse, row, reach))
        fine_scores = self._fine.score(queries.fine.codes[row : row + 1], near)[0]
        near = near[fine_scores >= min_score(self._fine, queries.fine, row, reach)]
        distances = np.sqrt(self._measure(queries.vectors[row], near))
        order = np.argsort(distances, kind="stable")[: int((distances <= radius).sum())]
        return Within(near[order], distances[order])

    def _prove(
        self, queries: _Queries, row: int, among: NDArray[np.int64], scores: NDArray[np.int32], k: int
    ) -> Neighbours:
        """The answer to the query of one row among some vectors, (n,), given the scores of their coarse codes, (n,)."""
        query, projected = queries.vectors[row], queries.projected[row]
        candidates = self._graph.propose(projected, k)
        candidates = candidates[_are_in(candidates, among)]
        upper = np.inf
        if len(self) <= SCAN_BELOW or len(among) <= SCAN_ROWS_BELOW:
            survivors = among
        else:
            few = min(max(k, RERANK), len(among))
            first = candidates[:few] if len(candidates) >= k else among[_largest(scores, few)]
            upper = float(np.partition(self._measure(query, first), k - 1)[k - 1])
            slack = rounding_slack(projected, self.dimension, self._max_norm)
            least = min_score(self._coarse, queries.coarse, row, math.sqrt(upper) + slack)
            survivors = among[np.flatnonzero(scores >= least)]
            scores = self._fine.score(queries.fine.codes[row, None], survivors)[0]
            # The graph may have missed some; the nearest by their bounds are good candidates, too.
            promising = survivors[_largest(scores, k)]
            upper = min(upper, float(self._measure(query, promising).max()))
            survivors = survivors[scores >= min_score(self._fine, queries.fine, row, math.sqrt(upper) + slack)]
        squared = self._measure(query, survivors)
        # Survivors are in the order of their rows, so a stable sort gives ties to the earlier one.
        order = np.argsort(squared, kind="stable")[:k]
        nearest = squared[order]
        # Candidates that are not among the survivors are farther than the nearest.
        proposed = np.sort(squared[np.isin(survivors, candidates)])[:k]
        return Neighbours(
            indices=survivors[order],
            distances=np.sqrt(nearest),
            # All that was not measured is farther than `upper`, so it is farther than these if they are not.
            exact=len(nearest) == k and bool(nearest[-1] <= upper),
            graph_exact=np.array_equal(proposed, nearest),
            num_exact_distances=len(survivors),
        )

    def _measure(self, query: Vectors, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """(n,) float64 squared distances of the query to the vectors of these rows."""
        squared = np.empty(len(rows))
        for some in blocks(len(rows), RERANK_BLOCK):
            squared[some] = measure_squared(self.vectors[rows[some]], query)
        return squared


def _are_in(rows: NDArray[np.int64], among: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(n,) which of the rows are among others, ascending and at least one."""
    places = np.searchsorted(among, rows)
    return among[np.minimum(places, len(among) - 1)] == rows


def _largest(scores: NDArray[np.int32], count: int) -> NDArray[np.int64]:
    """(count,) places of the largest scores, in any order."""
    return np.argpartition(scores, -count)[-count:]

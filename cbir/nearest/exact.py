"""Vectors in, exact nearest neighbours out: an hnswlib graph proposes, lower bounds prove.

A graph search is approximate: it can miss a neighbour, and measuring its candidates again cannot bring that one back.
So every answer is proven. The k-th candidate's exact distance is an upper bound of the true k-th distance, and only
vectors whose lower bound (sketches.py) does not exceed it can be as close. Coarse sketches, of few numbers, are looked
at first, all of them; fine ones of what these do not rule out; and what is then left is measured in float64. The graph
links the leading numbers of rotated vectors, an eighth of their size.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cbir.nearest.api import Neighbours, Rows
from cbir.nearest.blocks import blocks
from cbir.nearest.hnsw import LINKED, Graph, GraphSettings
from cbir.nearest.int8 import Numbers
from cbir.nearest.quantise import (
    WIDTHS,
    Codes,
    Rotation,
    Sketches,
    Vectors32,
    choose_width,
    make_sketches,
    principal_axes,
    project,
)

FINE = 512
"""Numbers of a fine sketch."""


SCAN_BELOW = 1024
"""Up to this many vectors are simply measured one and all."""


LARGEST = 1e15
"""Numbers in vectors must not be larger, so that their products fit float32, which the graph computes in."""


TOGETHER = 32
"""Queries of a batch that are compared with coarse sketches at once, at most."""


SCORES = 2**23
"""Scores of a batch that are computed at once, at most, but for one query: 32 MB."""


LIKELY = 16
"""Of the graph's candidates, its nearest, measured for an upper bound, or k if that is more."""


MEASURED = 128
"""Vectors measured at a time."""


FILES = ("vectors.npy", "graph.hnsw", "fine.npz", "coarse.npz", "rotation.npy")


class _Queries(NamedTuple):
    """Q queries in all their forms."""

    vectors: Vectors32
    projected: Numbers
    coarse: Codes
    fine: Codes


class ExactIndex:
    """Vectors, (N, D) float32, a graph over them, and what the proof needs."""

    def __init__(
        self,
        vectors: Rows,
        graph: Graph,
        fine: Sketches,
        coarse: Sketches,
        rotation: Rotation,
    ) -> None:
        self.vectors = vectors
        self._graph, self._fine, self._coarse, self._rotation = graph, fine, coarse, rotation
        self._largest = fine.largest

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
        for some in blocks(len(vectors)):
            _refuse_too_large(vectors[some])
        large = len(vectors) > SCAN_BELOW
        # So few vectors are not searched by their sketches; only the graph needs some axes.
        rotation = principal_axes(vectors, min((FINE if large else LINKED) - 1, vectors.shape[1]))
        width = choose_width(vectors, rotation) if large else WIDTHS[0]
        coarse, fine = make_sketches(vectors, rotation, (width, FINE if large else LINKED))
        graph = Graph.empty(len(vectors), settings)
        for some in blocks(len(vectors)):
            graph.add(project(vectors[some], rotation), some)
            progress(some.stop)
        return cls(vectors, graph, fine, coarse, rotation)

    def save(self, folder: Path, *, vectors: bool = True) -> None:
        """Write the FILES to a folder.

        vectors: False if vectors.npy is there already.
        """
        if vectors:
            np.save(folder / "vectors.npy", self.vectors[:])
        self._fine.save(folder / "fine.npz")
        self._coarse.save(folder / "coarse.npz")
        np.save(folder / "rotation.npy", np.column_stack(self._rotation))
        self._graph.save(folder / "graph.hnsw")

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
        fine, coarse = (Sketches.open(folder / name, count) for name in ("fine.npz", "coarse.npz"))
        columns = np.load(folder / "rotation.npy", allow_pickle=False)
        if columns.shape[0] != dimension:
            raise ValueError(f"{folder}: vectors {vectors.shape} and rotation {columns.shape} do not fit")
        rotation = Rotation(np.ascontiguousarray(columns[:, :-1]), np.ascontiguousarray(columns[:, -1]))
        graph = Graph.open(folder / "graph.hnsw", count, settings)
        return cls(vectors, graph, fine, coarse, rotation)

    def search(self, query: ArrayLike, k: int = 3) -> Neighbours:
        """The k nearest vectors of a query: (D,) numbers up to LARGEST. Fewer than k vectors: all of them.

        Raises ValueError for another shape, larger numbers, or k below 1.
        """
        query = np.asarray(query, dtype=np.float32)
        if query.shape != (self.dimension,):
            raise ValueError(f"expected a query of shape ({self.dimension},), got {query.shape}")
        return self.search_many(query[None], k)[0]

    def search_many(self, queries: ArrayLike, k: int = 3) -> list[Neighbours]:
        """The k nearest vectors of each query: (Q, D). One after the other would give the same and take longer."""
        queries = np.asarray(queries, dtype=np.float32)
        if queries.ndim != 2 or queries.shape[1] != self.dimension:
            raise ValueError(f"expected queries of shape (Q, {self.dimension}), got {queries.shape}")
        _refuse_too_large(queries)
        if k < 1:
            raise ValueError(f"expected k of 1 or more, got {k}")
        k = min(k, len(self))
        if k == 0:
            nothing = Neighbours(np.empty(0, np.int64), np.empty(0), exact=True, graph_agreed=True, measured=0)
            return [nothing for _ in queries]
        found = []
        for some in blocks(len(queries), max(1, min(TOGETHER, SCORES // len(self)))):
            projected = project(queries[some], self._rotation)
            coarse, fine = self._coarse.scale.encode(projected), self._fine.scale.encode(projected)
            asked = _Queries(queries[some], projected, coarse, fine)
            scores = self._coarse.score(coarse.codes)
            found += [self._prove(asked, number, ones, k) for number, ones in enumerate(scores)]
        return found

    def check(self) -> None:
        """Raise ValueError unless the axes are orthonormal and the sketches are those of the vectors."""
        axes = self._rotation.axes
        if not np.allclose(axes.T @ axes, np.eye(axes.shape[1]), atol=1e-9):
            raise ValueError("rotation.npy does not hold orthonormal axes")
        for name, sketches in (("coarse.npz", self._coarse), ("fine.npz", self._fine)):
            for some in blocks(len(self)):
                if not sketches.follow(self.vectors[some], self._rotation, some):
                    raise ValueError(f"{name} does not follow from vectors.npy")

    def _prove(self, asked: _Queries, number: int, scores: NDArray[np.int32], k: int) -> Neighbours:
        """The answer to one of the queries, given the scores of all coarse sketches, (N,)."""
        query = asked.vectors[number]
        candidates = self._graph.propose(asked.projected[number], k)
        upper = np.inf
        if len(self) <= SCAN_BELOW:
            survivors = np.arange(len(self))
        else:
            if len(candidates):
                likely = self._measure(query, candidates[: max(k, LIKELY)])
                upper = float(np.partition(likely, k - 1)[k - 1])
            slack = self._slack(asked.projected[number])
            least = self._coarse.threshold(asked.coarse, number, math.sqrt(upper) + slack)
            survivors = np.flatnonzero(scores >= least)
            scores = self._fine.score(asked.fine.codes[number, None], survivors)[0]
            # The graph may have missed some; the nearest by their bounds are good candidates, too.
            promising = survivors[np.argpartition(scores, -k)[-k:]]
            upper = min(upper, float(self._measure(query, promising).max()))
            survivors = survivors[scores >= self._fine.threshold(asked.fine, number, math.sqrt(upper) + slack)]
        squared = self._measure(query, survivors)
        # Survivors are in the order of their numbers, so a stable sort gives ties to the earlier one.
        order = np.argsort(squared, kind="stable")[:k]
        nearest = squared[order]
        # Candidates that are not among the survivors are farther than the nearest.
        proposed = np.sort(squared[np.isin(survivors, candidates)])[:k]
        return Neighbours(
            indices=survivors[order],
            distances=np.sqrt(nearest),
            # All that was not measured is farther than `upper`, so it is farther than these if they are not.
            exact=len(nearest) == k and bool(nearest[-1] <= upper),
            graph_agreed=np.array_equal(proposed, nearest),
            measured=len(survivors),
        )

    def _slack(self, projected: Numbers) -> float:
        """What rounding of float64 can take from a Euclidean distance of sketches, at most.

        Sums of n squares are off by n eps of their size (Higham, Accuracy and Stability, section 3.1), and norms of
        what the axes leave out, differences of such sums, by the root of that; doubled to be safe.
        """
        terms = self.dimension + len(projected)
        return 2.0 * math.sqrt(terms * float(np.finfo(float).eps)) * (float(np.linalg.norm(projected)) + self._largest)

    def _measure(self, query: Vectors32, indices: NDArray[np.int64]) -> NDArray[np.float64]:
        """(n,) float64 squared distances of the query to the vectors of these numbers."""
        squared = np.empty(len(indices))
        exact = query.astype(np.float64)
        for some in blocks(len(indices), MEASURED):
            difference = self.vectors[indices[some]].astype(np.float64)
            difference -= exact
            np.einsum("ij,ij->i", difference, difference, out=squared[some])
        return squared


def _refuse_too_large(numbers: Vectors32) -> None:
    if not (np.abs(numbers) <= LARGEST).all():  # which NaN is not either
        raise ValueError(f"expected numbers of at most {LARGEST:.0e}, got larger ones or NaN")

"""Vectors in, exact nearest neighbours out: an hnswlib graph proposes, lower bounds prove.

A graph search is approximate: it can miss a neighbour, and measuring its candidates again cannot bring that one back.
So every answer is proven. The k-th candidate's exact distance is an upper bound of the true k-th distance. An
orthogonal rotation keeps Euclidean distances, so for vectors split, after a PCA rotation, into a prefix p and a tail of
norm t

    |q - x|^2  >=  |p_q - p_x|^2 + (t_q - t_x)^2,

and only vectors whose lower bound does not exceed the upper bound can be as close. Prefix and tail norm are a sketch of
a vector (sketches.py), and the bound is the squared distance of two. Coarse sketches, of few numbers, are looked at
first, all of them; fine ones of what these do not rule out; and what is then left is measured in float64. The graph
links sketches as well, an eighth of the vectors' size.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import hnswlib
import numpy as np
from numpy.typing import ArrayLike, NDArray

from cbir.rows import BLOCK, Rows, blocks
from cbir.sketches import COARSE, Vectors32, choose_width, coarsen, principal_axes, project

FINE = 384
"""Numbers of a fine sketch, or one more than a vector has if those are fewer."""
LINKED = 128
"""Numbers of the sketches that the graph links."""
SCAN_BELOW = 1024
"""Up to this many vectors are simply measured one and all."""
LARGEST = 1e15
"""Numbers in vectors must not be larger, so that their products fit float32."""
SCORES = 2**24
"""Lower bounds computed at a time, for batches of queries."""
FILES = ("vectors.npy", "graph.hnsw", "fine.npy", "coarse.npy", "rotation.npy")


class GraphSettings(NamedTuple):
    """Settings of the hnswlib graph (Malkov and Yashunin 2018, section 4)."""

    M: int = 16
    """Links per vector; twice as many on the ground layer."""
    ef_construction: int = 200
    """Candidates looked at per vector while building."""
    ef: int = 64
    """Candidates proposed per query, or k if that is more; all are measured."""
    seed: int = 0


class Neighbours(NamedTuple):
    """The k nearest vectors of a query, nearest first; equal distances in the order of their numbers."""

    indices: NDArray[np.int64]
    """(k,) numbers of the vectors, from 0."""
    distances: NDArray[np.float64]
    """(k,) Euclidean distances, not squared."""
    exact: bool
    """No vector left out is closer: proven for this answer."""
    graph_agreed: bool
    """The nearest k of the graph's candidates are as near as these."""
    measured: int
    """Vectors whose exact distance was computed."""


class ExactIndex:
    """Vectors, a graph over them, and what the proof needs.

    vectors: (N, D) float32. fine: (N, m) float32, sketches: the first m - 1 coordinates of each centred, rotated
    vector, and the norm of the rest. coarse: (N, c + 1) float32, sketches of the fine ones, made the same way, and last
    minus half the squared length of each. rotation: (D, m) float64, the m - 1 leading principal axes as columns, and
    last the mean.
    """

    def __init__(
        self,
        vectors: Rows,
        graph: Any,
        fine: Vectors32,
        coarse: Vectors32,
        rotation: NDArray[np.float64],
        settings: GraphSettings,
    ) -> None:
        self.vectors, self.settings = vectors, settings
        self._graph, self._fine, self._coarse, self._rotation = graph, fine, coarse, rotation
        self._largest = -2.0 * float(coarse[:, -1].min(initial=0.0))
        graph.set_ef(settings.ef)

    def __len__(self) -> int:
        return len(self.vectors)

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
        # So few vectors are not searched by their sketches; only the graph needs some.
        width = FINE if len(vectors) > SCAN_BELOW else LINKED
        rotation = principal_axes(vectors, min(width, vectors.shape[1] + 1) - 1)
        fine = np.empty((len(vectors), rotation.shape[1]), np.float32)
        for some in blocks(len(vectors)):
            fine[some] = project(vectors[some], rotation)
        width = choose_width(vectors, fine) if len(vectors) > SCAN_BELOW else min(COARSE[0], fine.shape[1])
        coarse = np.empty((len(vectors), width + 1), np.float32)
        linked = min(LINKED, fine.shape[1])
        graph = hnswlib.Index(space="l2", dim=linked)
        graph.init_index(
            max(len(vectors), 1), M=settings.M, ef_construction=settings.ef_construction, random_seed=settings.seed
        )
        for some in blocks(len(vectors)):
            coarse[some] = coarsen(fine[some], width)
            # More threads would link the vectors in an order that differs from run to run.
            numbers = np.arange(some.start, some.stop)
            graph.add_items(coarsen(fine[some], linked)[:, :linked], numbers, num_threads=1)
            progress(some.stop)
        return cls(vectors, graph, fine, coarse, rotation, settings)

    def save(self, folder: Path, *, vectors: bool = True) -> None:
        """Write vectors.npy, graph.hnsw, fine.npy, coarse.npy and rotation.npy to a folder.

        vectors: False if vectors.npy is there already.
        """
        if vectors:
            np.save(folder / "vectors.npy", self.vectors[:])
        np.save(folder / "fine.npy", self._fine)
        np.save(folder / "coarse.npy", self._coarse)
        np.save(folder / "rotation.npy", self._rotation)
        self._graph.save_index(str(folder / "graph.hnsw"))

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
        fine = np.load(folder / "fine.npy", mmap_mode="r", allow_pickle=False)
        coarse = np.load(folder / "coarse.npy", allow_pickle=False)
        rotation = np.load(folder / "rotation.npy", allow_pickle=False)
        count, dimension = vectors.shape
        if rotation.shape[0] != dimension or fine.shape != (count, rotation.shape[1]) or len(coarse) != count:
            shapes = f"vectors {vectors.shape}, fine {fine.shape}, coarse {coarse.shape}, rotation {rotation.shape}"
            raise ValueError(f"{folder}: {shapes} do not fit")
        linked = min(LINKED, fine.shape[1])
        _check_graph(folder / "graph.hnsw", count, linked, settings)
        graph = hnswlib.Index(space="l2", dim=linked)
        graph.load_index(str(folder / "graph.hnsw"), max_elements=max(count, 1))
        return cls(vectors, graph, fine, coarse, rotation, settings)

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
        fine = project(queries, self._rotation)
        coarse = coarsen(fine, self._coarse.shape[1] - 1)
        norms = -2.0 * coarse[:, -1].astype(np.float64)
        coarse[:, -1] = 1.0
        found = []
        for some in blocks(len(queries), max(1, SCORES // len(self))):
            # s . q - |s|^2 / 2, which is half of |q|^2 less the lower bound.
            scores = coarse[some] @ self._coarse.T
            found += [self._prove(*each, k) for each in zip(queries[some], fine[some], norms[some], scores)]
        return found

    def check(self) -> None:
        """Raise ValueError unless the axes are orthonormal and the sketches are those of the vectors (to 1e-5)."""
        axes = self._rotation[:, :-1]
        if not np.allclose(axes.T @ axes, np.eye(axes.shape[1]), atol=1e-9):
            raise ValueError("rotation.npy does not hold orthonormal axes")
        for some in blocks(len(self)):
            if not np.allclose(self._fine[some], project(self.vectors[some], self._rotation), atol=1e-5):
                raise ValueError("fine.npy does not follow from vectors.npy")
            if not np.allclose(self._coarse[some], coarsen(self._fine[some], self._coarse.shape[1] - 1), atol=1e-5):
                raise ValueError("coarse.npy does not follow from fine.npy")

    def _prove(self, query: Vectors32, fine: Vectors32, norm: float, scores: Vectors32, k: int) -> Neighbours:
        """The answer to a query, (D,), with its fine sketch, the squared length of its coarse one, and scores, (N,)."""
        candidates = np.sort(self._measure(query, self._propose(fine, k)))[:k]
        upper = float(candidates[-1]) if len(candidates) == k else np.inf
        survivors = np.arange(len(self))
        if len(self) > SCAN_BELOW:
            slack = self._slack(norm)
            survivors = np.flatnonzero(scores >= np.float32(0.5 * (norm - upper - slack)))
            lower = self._bound(fine, survivors)
            # The graph may have missed some; the nearest by their bounds are good candidates, too.
            promising = survivors[np.argpartition(lower, k - 1)[:k]]
            upper = min(upper, float(self._measure(query, promising).max()))
            survivors = survivors[lower <= upper + slack]
        squared = self._measure(query, survivors)
        # Survivors are in the order of their numbers, so a stable sort gives ties to the earlier one.
        order = np.argsort(squared, kind="stable")[:k]
        nearest = squared[order]
        return Neighbours(
            indices=survivors[order],
            distances=np.sqrt(nearest),
            # All that was not measured is farther than `upper`, so it is farther than these if they are not.
            exact=len(nearest) == k and bool(nearest[-1] <= upper),
            graph_agreed=np.array_equal(candidates, nearest),
            measured=len(survivors),
        )

    def _propose(self, fine: Vectors32, k: int) -> NDArray[np.int64]:
        """Numbers of the graph's candidates; none if it cannot reach as many."""
        count = min(max(k, self.settings.ef), len(self))
        try:
            labels, _ = self._graph.knn_query(coarsen(fine[None], self._graph.dim)[:, :-1], k=count, num_threads=1)
        except RuntimeError:  # hnswlib's answer to a graph with fewer reachable vectors
            return np.empty(0, np.int64)
        return labels[0].astype(np.int64)

    def _slack(self, norm: float) -> float:
        """What rounding can add to a lower bound, with a query whose coarse sketch has this squared length.

        Rounding of a float32 dot product of n terms, of the sketches and of their norms: at most (n + 4) eps |q| |x|
        each way (Higham, Accuracy and Stability, section 3.1), doubled to be safe, and what underflow can take from
        each product.
        """
        float32 = np.finfo(np.float32)
        return (self._fine.shape[1] + 2) * (8.0 * float(float32.eps) * max(norm, self._largest) + float(float32.tiny))

    def _bound(self, fine: Vectors32, indices: NDArray[np.int64]) -> Vectors32:
        """(n,) lower bounds of the squared distances of a query, by its fine sketch, to vectors of these numbers."""
        lower = np.empty(len(indices), np.float32)
        for some in blocks(len(indices), 16 * BLOCK):
            difference = self._fine[indices[some]] - fine
            np.einsum("ij,ij->i", difference, difference, out=lower[some])
        return lower

    def _measure(self, query: Vectors32, indices: NDArray[np.int64]) -> NDArray[np.float64]:
        """(n,) float64 squared distances of the query to the vectors of these numbers."""
        squared = np.empty(len(indices))
        for some in blocks(len(indices)):
            difference = self.vectors[indices[some]].astype(np.float64) - query
            np.einsum("ij,ij->i", difference, difference, out=squared[some])
        return squared


def _refuse_too_large(numbers: Vectors32) -> None:
    if not (np.abs(numbers) <= LARGEST).all():  # which NaN is not either
        raise ValueError(f"expected numbers of at most {LARGEST:.0e}, got larger ones or NaN")


def _check_graph(path: Path, count: int, dimension: int, settings: GraphSettings) -> None:
    """Raise ValueError unless the header of a graph file promises what is expected of it.

    hnswlib trusts this header when it lays out memory (HierarchicalNSW::saveIndex writes it).
    """
    header = struct.Struct("<6QiI3QdQ")
    with path.open("rb") as file:
        start = file.read(header.size)
    links = 4 + 4 * 2 * settings.M
    size = links + 4 * dimension + 8
    expected = (0, max(count, 1), count, size, links + 4 * dimension, links)
    found = header.unpack(start) if len(start) == header.size else ()
    if found[:6] != expected or found[8:11] != (settings.M, 2 * settings.M, settings.M):
        raise ValueError(f"{path}: not a graph of {count} vectors of {dimension} numbers with M = {settings.M}")

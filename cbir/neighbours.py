"""Vectors in, exact nearest neighbours out: an hnswlib graph proposes, a lower bound proves.

A graph search is approximate: it can miss a neighbour, and measuring its candidates again cannot bring that one back.
So every answer is proven. The k-th candidate's exact distance is an upper bound of the true k-th distance. An
orthogonal rotation keeps Euclidean distances, so for vectors split, after a PCA rotation, into a short prefix p and a
tail of norm t

    |q - x|^2  >=  |p_q - p_x|^2 + (t_q - t_x)^2,

and only vectors whose lower bound does not exceed the upper bound can be as close. Those are measured in float64.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import hnswlib
import numpy as np
from numpy.typing import ArrayLike, NDArray

PREFIX = 128
"""Rotated coordinates kept per vector for the lower bound."""
SCAN_BELOW = 1024
"""Up to this many vectors are simply measured one and all."""
LARGEST = 1e15
"""Numbers in vectors must not be larger, so that their products fit float32."""
BLOCK = 1024
"""Vectors worked on at a time, so that float64 copies stay small."""
FILES = ("vectors.npy", "graph.hnsw", "prefixes.npy", "rotation.npy")


class GraphSettings(NamedTuple):
    """Settings of the hnswlib graph (Malkov and Yashunin 2018, section 4)."""

    M: int = 16
    """Links per vector; twice as many on the ground layer."""
    ef_construction: int = 200
    """Candidates looked at per vector while building."""
    ef: int = 64
    """Candidates looked at per query, or k if that is more."""
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
    """The graph's own first k are as near as these."""
    measured: int
    """Vectors whose exact distance was computed."""


class ExactIndex:
    """Vectors, a graph over them, and what the proof needs.

    vectors: (N, D) float32. prefixes: (N, m + 1) float32, the first m coordinates of each centred, rotated vector and
    the norm of the rest. rotation: (D, m + 1) float64, the m leading principal axes as columns, and last the mean.
    """

    def __init__(
        self,
        vectors: NDArray[np.float32],
        graph: Any,
        prefixes: NDArray[np.float32],
        rotation: NDArray[np.float64],
        settings: GraphSettings,
    ) -> None:
        self.vectors, self.settings = vectors, settings
        self._graph, self._prefixes, self._rotation = graph, prefixes, rotation
        self._norms = np.einsum("ij,ij->i", prefixes, prefixes, dtype=np.float64)
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
        of vectors linked. Raises ValueError for another shape or
        larger numbers.
        """
        vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        if vectors.ndim != 2 or vectors.shape[1] == 0:
            raise ValueError(f"expected vectors of shape (N, D), got {vectors.shape}")
        _refuse_too_large(vectors)
        rotation = _principal_axes(vectors, min(PREFIX, vectors.shape[1]))
        prefixes = np.empty((len(vectors), rotation.shape[1]), np.float32)
        for start in range(0, len(vectors), BLOCK):
            prefixes[start : start + BLOCK] = _project(vectors[start : start + BLOCK], rotation)
        graph = hnswlib.Index(space="l2", dim=vectors.shape[1])
        graph.init_index(
            max(len(vectors), 1), M=settings.M, ef_construction=settings.ef_construction, random_seed=settings.seed
        )
        for start in range(0, len(vectors), BLOCK):
            some = vectors[start : start + BLOCK]
            # More threads would link the vectors in an order that differs from run to run.
            graph.add_items(some, np.arange(start, start + len(some)), num_threads=1)
            progress(start + len(some))
        return cls(vectors, graph, prefixes, rotation, settings)

    def save(self, folder: Path) -> None:
        """Write vectors.npy, graph.hnsw, prefixes.npy and rotation.npy to a folder."""
        np.save(folder / "vectors.npy", self.vectors)
        np.save(folder / "prefixes.npy", self._prefixes)
        np.save(folder / "rotation.npy", self._rotation)
        self._graph.save_index(str(folder / "graph.hnsw"))

    @classmethod
    def open(cls, folder: Path, *, settings: GraphSettings = GraphSettings()) -> ExactIndex:
        """The index that `save` wrote. Files must be trusted or checked before: hnswlib takes what it finds.

        Raises ValueError if the files do not fit each other.
        """
        vectors = np.load(folder / "vectors.npy", mmap_mode="r", allow_pickle=False)
        prefixes = np.load(folder / "prefixes.npy", allow_pickle=False)
        rotation = np.load(folder / "rotation.npy", allow_pickle=False)
        count, dimension = vectors.shape
        if rotation.shape[0] != dimension or prefixes.shape != (count, rotation.shape[1]):
            raise ValueError(
                f"{folder}: vectors {vectors.shape}, prefixes {prefixes.shape} and rotation {rotation.shape} do not fit"
            )
        _check_graph(folder / "graph.hnsw", count, dimension, settings)
        graph = hnswlib.Index(space="l2", dim=dimension)
        graph.load_index(str(folder / "graph.hnsw"), max_elements=max(count, 1))
        return cls(vectors, graph, prefixes, rotation, settings)

    def search(self, query: ArrayLike, k: int = 3) -> Neighbours:
        """The k nearest vectors of a query: (D,) numbers up to LARGEST. Fewer than k vectors: all of them.

        Raises ValueError for another shape, larger numbers, or k below 1.
        """
        query = np.asarray(query, dtype=np.float32)
        if query.shape != (self.dimension,):
            raise ValueError(f"expected a query of shape ({self.dimension},), got {query.shape}")
        _refuse_too_large(query)
        if k < 1:
            raise ValueError(f"expected k of 1 or more, got {k}")
        k = min(k, len(self))
        if k == 0:
            return Neighbours(np.empty(0, np.int64), np.empty(0), exact=True, graph_agreed=True, measured=0)
        proposed = self._propose(query, k)
        bounds = np.sort(self._measure(query, proposed))
        upper = np.inf
        survivors = np.arange(len(self))
        if len(self) > SCAN_BELOW and len(proposed) == k:
            upper = float(bounds[-1])
            survivors = self._survivors(query, upper)
        squared = self._measure(query, survivors)
        # Survivors are in the order of their numbers, so a stable sort gives ties to the earlier one.
        order = np.argsort(squared, kind="stable")[:k]
        nearest = squared[order]
        return Neighbours(
            indices=survivors[order],
            distances=np.sqrt(nearest),
            # All that was not measured is farther than `upper`, so it is farther than these if they are not.
            exact=len(nearest) == k and bool(nearest[-1] <= upper),
            graph_agreed=np.array_equal(bounds, nearest),
            measured=len(survivors),
        )

    def check(self) -> None:
        """Raise ValueError unless the axes are orthonormal and the prefixes are those of the vectors (to 1e-5)."""
        axes = self._rotation[:, :-1]
        if not np.allclose(axes.T @ axes, np.eye(axes.shape[1]), atol=1e-9):
            raise ValueError("rotation.npy does not hold orthonormal axes")
        for start in range(0, len(self), BLOCK):
            expected = _project(self.vectors[start : start + BLOCK], self._rotation)
            if not np.allclose(self._prefixes[start : start + BLOCK], expected, atol=1e-5):
                raise ValueError("prefixes.npy does not follow from vectors.npy")

    def _propose(self, query: NDArray[np.float32], k: int) -> NDArray[np.int64]:
        """(k,) numbers of the graph's k nearest; fewer than k, none, if the graph cannot reach as many."""
        try:
            labels, _ = self._graph.knn_query(query, k=k, num_threads=1)
        except RuntimeError:  # hnswlib's answer to a graph with fewer than k reachable vectors
            return np.empty(0, np.int64)
        return labels[0].astype(np.int64)

    def _survivors(self, query: NDArray[np.float32], upper: float) -> NDArray[np.int64]:
        """Numbers, ascending, of all vectors whose lower bound does not exceed the squared distance `upper`."""
        prefix = _project(query[None], self._rotation)[0]
        norm = float(prefix @ prefix.astype(np.float64))
        lower = self._norms + norm - 2.0 * (self._prefixes @ prefix)
        # Rounding of a float32 dot product of m + 1 terms, of the stored prefixes and of their norms: at most
        # (m + 4) eps |p_q| |p_x| each way (Higham, Accuracy and Stability, section 3.1), doubled to be safe, and what
        # underflow can take from each product.
        scale = max(norm, float(self._norms.max()))
        float32 = np.finfo(np.float32)
        slack = len(prefix) * (8.0 * float(float32.eps) * scale + float(float32.tiny))
        return np.flatnonzero(lower <= upper + slack)

    def _measure(self, query: NDArray[np.float32], indices: NDArray[np.int64]) -> NDArray[np.float64]:
        """(n,) float64 squared distances of the query to the vectors of these numbers."""
        squared = np.empty(len(indices))
        for start in range(0, len(indices), BLOCK):
            some = self.vectors[indices[start : start + BLOCK]].astype(np.float64)
            squared[start : start + BLOCK] = np.square(some - query.astype(np.float64)).sum(axis=1)
        return squared


def _refuse_too_large(numbers: NDArray[np.float32]) -> None:
    if not (np.abs(numbers) <= LARGEST).all():  # which NaN is not either
        raise ValueError(f"expected numbers of at most {LARGEST:.0e}, got larger ones or NaN")


def _principal_axes(vectors: NDArray[np.float32], m: int) -> NDArray[np.float64]:
    """(D, m + 1) float64: the m leading principal axes as columns, and last the mean."""
    dimension = vectors.shape[1]
    mean = vectors.mean(axis=0, dtype=np.float64) if len(vectors) else np.zeros(dimension)
    scatter = np.zeros((dimension, dimension))
    for start in range(0, len(vectors), BLOCK):
        centred = vectors[start : start + BLOCK] - mean
        scatter += centred.T @ centred
    axes = np.linalg.eigh(scatter)[1][:, ::-1][:, :m]
    return np.column_stack([axes, mean])


def _project(vectors: NDArray[np.float32], rotation: NDArray[np.float64]) -> NDArray[np.float32]:
    """(n, m + 1) float32: coordinates on the axes, and the norm of what they leave out."""
    centred = vectors - rotation[:, -1]
    prefix = centred @ rotation[:, :-1]
    rest = np.square(centred).sum(axis=1) - np.square(prefix).sum(axis=1)
    return np.column_stack([prefix, np.sqrt(np.maximum(rest, 0.0))]).astype(np.float32)


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

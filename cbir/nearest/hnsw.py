"""The hnswlib graph that proposes candidates: it links the leading coordinates of projected vectors."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, NamedTuple

import hnswlib
import numpy as np
from numpy.typing import NDArray

from cbir.nearest.int8 import Matrix
from cbir.nearest.project import truncate_with_residual

LINKED = 128
"""Coordinates of a projected vector that the graph links, the last one being the norm of the others."""


class GraphSettings(NamedTuple):
    """Settings of the hnswlib graph (Malkov and Yashunin 2018, section 4)."""

    M: int = 16
    """Links per vector; twice as many on the ground layer."""
    ef_construction: int = 200
    """Candidates looked at per vector while building."""
    ef: int = 64
    """Candidates proposed per query, or k if that is more."""
    seed: int = 0


class Graph:
    """A graph over projected vectors; it knows them by their rows, from 0."""

    def __init__(self, graph: Any, count: int, settings: GraphSettings) -> None:
        self.settings = settings
        self._graph, self._count = graph, count
        graph.set_ef(settings.ef)

    @classmethod
    def empty(cls, count: int, settings: GraphSettings) -> Graph:
        """A graph to add `count` vectors to."""
        graph = hnswlib.Index(space="l2", dim=LINKED)
        graph.init_index(
            max(count, 1), M=settings.M, ef_construction=settings.ef_construction, random_seed=settings.seed
        )
        return cls(graph, count, settings)

    @classmethod
    def open(cls, path: Path, count: int, settings: GraphSettings) -> Graph:
        """What `save` wrote; raises ValueError if it is not a graph of so many vectors with these settings."""
        _check_graph(path, count, settings)
        graph = hnswlib.Index(space="l2", dim=LINKED)
        graph.load_index(str(path), max_elements=max(count, 1))
        return cls(graph, count, settings)

    def save(self, path: Path) -> None:
        """Write an hnswlib file."""
        self._graph.save_index(str(path))

    def add(self, projected: Matrix, rows: slice) -> None:
        """Link projected vectors, (n, d); `rows` are theirs."""
        linked = truncate_with_residual(projected, LINKED).astype(np.float32)
        # More threads would link the vectors in an order that differs from run to run.
        self._graph.add_items(linked, np.arange(rows.start, rows.stop), num_threads=1)

    def has_each_row(self) -> bool:
        """Whether its vectors are those of all rows, each once."""
        return sorted(self._graph.get_ids_list()) == list(range(self._count))

    def propose(self, projected: Matrix, k: int) -> NDArray[np.int64]:
        """Rows of candidates for a query, (d,), k or more, nearest first; none if it cannot reach as many."""
        count = min(max(k, self.settings.ef), self._count)
        try:
            labels, _ = self._graph.knn_query(truncate_with_residual(projected[None], LINKED), k=count, num_threads=1)
        except RuntimeError:  # hnswlib's answer to a graph with fewer reachable vectors
            return np.empty(0, np.int64)
        return labels[0].astype(np.int64)


def _check_graph(path: Path, count: int, settings: GraphSettings) -> None:
    """Raise ValueError unless the header of a graph file promises what is expected of it.

    hnswlib trusts this header when it lays out memory (HierarchicalNSW::saveIndex writes it).
    """
    header = struct.Struct("<6QiI3QdQ")
    with path.open("rb") as file:
        start = file.read(header.size)
    links = 4 + 4 * 2 * settings.M
    size = links + 4 * LINKED + 8
    expected = (0, max(count, 1), count, size, links + 4 * LINKED, links)
    found = header.unpack(start) if len(start) == header.size else ()
    if found[:6] != expected or found[8:11] != (settings.M, 2 * settings.M, settings.M):
        raise ValueError(f"{path}: not a graph of {count} vectors of {LINKED} numbers with M = {settings.M}")

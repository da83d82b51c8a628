"""The hnswlib graph that proposes candidates: it links the leading coordinates of projected vectors."""

from __future__ import annotations

import errno
import os
import struct
from pathlib import Path
from typing import Any, NamedTuple

import hnswlib
import numpy as np
from numpy.typing import NDArray

from cbir.nearest.arrays import save_array
from cbir.nearest.int8 import Matrix
from cbir.nearest.project import truncate_with_residual

LINKED = 128
"""Coordinates of a projected vector that the graph links, the last one being the norm of the others."""


GRAPH, LABELS = "graph.hnsw", "labels.npy"
LARGEST_LABEL = 2**31
"""Labels are counted on from change to change; memory grows with the largest."""


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
    """A graph over projected vectors.

    hnswlib knows a vector by its label: its row, from 0, until vectors are added and taken out. Those that were taken
    out stay in the graph, marked as deleted, until others take their places.
    """

    def __init__(self, graph: Any, labels: NDArray[np.int64], settings: GraphSettings) -> None:
        """labels: (N,) of the vectors, by their rows."""
        self.settings, self.labels = settings, labels
        self._graph = graph
        self._rows = np.full(labels.max(initial=-1) + 1, -1)
        self._rows[labels] = np.arange(len(labels))
        graph.set_ef(settings.ef)

    @classmethod
    def empty(cls, count: int, settings: GraphSettings) -> Graph:
        """A graph to add `count` vectors to."""
        graph = hnswlib.Index(space="l2", dim=LINKED)
        graph.init_index(
            max(count, 1),
            M=settings.M,
            ef_construction=settings.ef_construction,
            random_seed=settings.seed,
            allow_replace_deleted=True,
        )
        return cls(graph, np.arange(count), settings)

    @classmethod
    def open(cls, folder: Path, count: int, settings: GraphSettings) -> Graph:
        """What `save` wrote; raises ValueError if it is not a graph of so many vectors with these settings."""
        changed = (folder / LABELS).exists()
        labels = _read_labels(folder / LABELS, count) if changed else np.arange(count)
        places = _check_graph(folder / GRAPH, count, settings, changed=changed)
        graph = hnswlib.Index(space="l2", dim=LINKED)
        graph.load_index(str(folder / GRAPH), max_elements=max(places, 1), allow_replace_deleted=True)
        return cls(graph, labels, settings)

    def save(self, folder: Path) -> None:
        """Write GRAPH, a file of hnswlib's, and LABELS if it was changed. Raises OSError if the disk is full."""
        path = folder / GRAPH
        self._graph.save_index(str(path))
        # hnswlib writes what there is room for, and tells nobody.
        if path.stat().st_size != self._graph.index_file_size():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        if not np.array_equal(self.labels, np.arange(self._graph.get_current_count())):
            save_array(folder / LABELS, self.labels.astype("<i8"))

    def add(self, projected: Matrix, rows: slice) -> None:
        """Link projected vectors, (n, d); `rows` are theirs."""
        linked = truncate_with_residual(projected, LINKED).astype(np.float32)
        # More threads would link the vectors in an order that differs from run to run.
        self._graph.add_items(linked, np.arange(rows.start, rows.stop), num_threads=1)

    def change(self, sources: NDArray[np.int64], projected: Matrix) -> Graph:
        """The graph of other vectors, most of which are in this one, which is not to be used any more.

        sources: (N,) the row here of each of the others, each once, -1 for a new one. projected: (n, d), the new ones.
        """
        labels = np.full(len(sources), -1)
        labels[sources >= 0] = self.labels[sources[sources >= 0]]
        for label in np.setdiff1d(self.labels, labels):
            self._graph.mark_deleted(int(label))
        known = self._graph.get_ids_list()
        fresh = max(known, default=-1) + 1 + np.arange(len(projected))
        labels[sources < 0] = fresh
        self._graph.resize_index(max(len(known), len(labels), 1))
        if len(fresh):
            linked = truncate_with_residual(projected, LINKED).astype(np.float32)
            self._graph.add_items(linked, fresh, num_threads=1, replace_deleted=True)
        return Graph(self._graph, labels, self.settings)

    def has_each_row(self) -> bool:
        """Whether its vectors are those of all rows, each once, but for some that were taken out."""
        known = self._graph.get_ids_list()
        names_all = len(np.unique(self.labels)) == len(self.labels) and set(known).issuperset(self.labels.tolist())
        return names_all and len(known) == self._graph.get_current_count()

    def propose(self, projected: Matrix, k: int) -> NDArray[np.int64]:
        """Rows of candidates for a query, (d,), k or more, nearest first; none if it cannot reach as many."""
        count = min(max(k, self.settings.ef), len(self.labels))
        try:
            labels, _ = self._graph.knn_query(truncate_with_residual(projected[None], LINKED), k=count, num_threads=1)
        except RuntimeError:  # hnswlib's answer to a graph with fewer reachable vectors
            return np.empty(0, np.int64)
        return self._rows[labels[0].astype(np.int64)]


def _read_labels(path: Path, count: int) -> NDArray[np.int64]:
    labels = np.load(path, allow_pickle=False)
    if labels.dtype != np.dtype("<i8") or labels.shape != (count,):
        raise ValueError(f"{path}: {labels.shape} labels do not fit {count:,} vectors")
    if labels.min(initial=0) < 0 or labels.max(initial=0) > LARGEST_LABEL:
        raise ValueError(f"{path}: labels that are not from 0 to {LARGEST_LABEL:,}")
    return labels.astype(np.int64)


def _check_graph(path: Path, count: int, settings: GraphSettings, *, changed: bool) -> int:
    """How many vectors a graph file has; more than `count` if some were taken out, which can be if it was changed.

    Raises ValueError unless its header promises what is expected of it. hnswlib trusts this header when it lays out
    memory (HierarchicalNSW::saveIndex writes it).
    """
    header = struct.Struct("<6QiI3QdQ")
    with path.open("rb") as file:
        start = file.read(header.size)
    links = 4 + 4 * 2 * settings.M
    size = links + 4 * LINKED + 8
    found = header.unpack(start) if len(start) == header.size else (0,) * 11
    places = max(count, int(found[2])) if changed and found[2] * size < path.stat().st_size else count
    expected = (0, max(places, 1), places, size, links + 4 * LINKED, links)
    if found[:6] != expected or found[8:11] != (settings.M, 2 * settings.M, settings.M):
        raise ValueError(f"{path}: not a graph of {count} vectors of {LINKED} numbers with M = {settings.M}")
    return places

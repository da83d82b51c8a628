"""Proven-exact neighbours against an optimised scan of everything, and against the graph alone."""

from __future__ import annotations

from typing import NamedTuple

import faiss
import hnswlib
import numpy as np
from numpy.typing import NDArray

from cbir.nearest.exact import ExactIndex
from cbir.nearest.hnsw import GraphSettings
from tests.benchmarks.timing import Row, take_turns, time_queries

Vectors = NDArray[np.float32]
LARGE = GraphSettings(M=8, ef_construction=64)
"""Up to a million vectors, so that the graph is built in minutes; the answers are proven with any graph."""


class Agreement(NamedTuple):
    """How the answers of an index compare with those of a scan."""

    queries: int
    identical: int
    """Same vectors in the same order."""
    tied: int
    """Others whose distances differ by less than float32, in which faiss computes, can tell."""
    proven: int
    measured: float
    """Mean number of vectors measured exactly."""
    graph_right: int
    """Queries that the graph alone would have answered right."""


def compare_search(name: str, vectors: Vectors, queries: Vectors, *, aim: float) -> tuple[list[Row], Agreement]:
    """Ours, faiss IndexFlatL2, and an hnswlib graph over whole vectors, one query at a time; then all at once."""
    index, flat = ExactIndex.build(vectors), scan_with_faiss(vectors)
    settings = index.settings
    graph = hnswlib.Index("l2", vectors.shape[1])
    graph.init_index(len(vectors), M=settings.M, ef_construction=settings.ef_construction, random_seed=0)
    graph.add_items(vectors)
    graph.set_ef(settings.ef)
    times = time_queries(
        queries,
        ours=index.search,
        flat=lambda query: flat.search(query[None], 3),
        graph=lambda query: graph.knn_query(query, k=3, num_threads=1),
    )
    batch = take_turns(
        {"ours": lambda: index.search_many(queries), "flat": lambda: flat.search(queries, 3)}, 3, warm_up=1
    )
    each = {which: time / len(queries) for which, time in batch.items()}
    what = f"search, {len(vectors):,} {name}"
    rows = [
        Row(what, times["ours"], "faiss IndexFlatL2", times["flat"], aim),
        Row(what, times["ours"], "hnswlib alone, not exact", times["graph"]),
        Row(f"{what}, {len(queries):,} at a time", each["ours"], "faiss IndexFlatL2", each["flat"]),
    ]
    return rows, check_answers(index, flat, queries)


def measure_growth(vectors: Vectors, queries: Vectors, size: int) -> tuple[Row, Agreement]:
    """The cost of a query among the first vectors, `size` of them, beside that of faiss IndexFlatL2."""
    index, flat = ExactIndex.build(vectors[:size], settings=LARGE), scan_with_faiss(vectors[:size])
    times = time_queries(queries, ours=index.search, flat=lambda query: flat.search(query[None], 3))
    aim = 30 if size == 1_000_000 else None
    row = Row(f"search, {size:,} made up", times["ours"], "faiss IndexFlatL2", times["flat"], aim)
    return row, check_answers(index, flat, queries)


def check_answers(index: ExactIndex, flat: faiss.IndexFlatL2, queries: Vectors) -> Agreement:
    """Compare answers; raises AssertionError for a vector that is farther than the scan's by more than rounding."""
    answers = index.search_many(queries)
    scanned = np.concatenate([flat.search(query[None], 3)[1] for query in queries])
    identical = tied = 0
    for query, answer, theirs in zip(queries, answers, scanned):
        if answer.indices.tolist() == theirs.tolist():
            identical += 1
            continue
        distances = np.linalg.norm(index.vectors[theirs].astype(np.float64) - query, axis=1)
        if not (answer.distances <= np.sort(distances)).all() or np.abs(answer.distances - distances).max() > 1e-4:
            raise AssertionError(f"ours {answer}, the scan's {theirs} at {distances}")
        tied += 1
    return Agreement(
        len(queries),
        identical,
        tied,
        sum(answer.exact for answer in answers),
        float(np.mean([answer.num_exact_distances for answer in answers])),
        sum(answer.graph_exact for answer in answers),
    )


def scan_with_faiss(vectors: Vectors) -> faiss.IndexFlatL2:
    flat = faiss.IndexFlatL2(vectors.shape[1])
    flat.add(vectors)
    return flat

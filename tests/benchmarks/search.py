"""Proven-exact neighbours against an optimised scan of everything, and against the graph alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import cycle, islice
from typing import NamedTuple

import faiss
import hnswlib
import numpy as np
from numpy.typing import NDArray

from cbir.neighbours import ExactIndex, GraphSettings
from tests.benchmarks.timing import Row, take_turns

Vectors = NDArray[np.float32]
TURN = 20
"""Queries one after the other in each turn."""
ROUNDS = 12
LARGE = GraphSettings(M=8, ef_construction=64)
"""For a million vectors, so that the graph is built in minutes; the answers are proven with any graph."""


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
    """One query at a time: ours, faiss IndexFlatL2, and an hnswlib graph over the whole vectors."""
    settings = GraphSettings() if len(vectors) <= 100_000 else LARGE
    index = ExactIndex.build(vectors, settings=settings)
    flat = faiss.IndexFlatL2(vectors.shape[1])
    flat.add(vectors)
    turns = {
        "ours": _one_by_one(queries, index.search),
        "flat": _one_by_one(queries, lambda q: flat.search(q[None], 3)),
    }
    against = {"flat": "faiss IndexFlatL2"}
    if len(vectors) <= 100_000:
        graph = hnswlib.Index("l2", vectors.shape[1])
        graph.init_index(len(vectors), M=settings.M, ef_construction=settings.ef_construction, random_seed=0)
        graph.add_items(vectors)
        graph.set_ef(settings.ef)
        turns["graph"] = _one_by_one(queries, lambda query: graph.knn_query(query, k=3, num_threads=1))
        against["graph"] = "hnswlib alone, not exact"
    times = take_turns({which: turn.__next__ for which, turn in turns.items()}, ROUNDS)
    times = {which: time / TURN for which, time in times.items()}
    what = f"search, {len(vectors):,} {name}"
    rows = [
        Row(what, times["ours"], other, times[which], aim if which == "flat" else None)
        for which, other in against.items()
    ]
    batch = take_turns(
        {"ours": lambda: index.search_many(queries), "flat": lambda: flat.search(queries, 3)}, 3, warm_up=1
    )
    each = {which: time / len(queries) for which, time in batch.items()}
    rows.append(Row(f"{what}, {len(queries):,} at a time", each["ours"], "faiss IndexFlatL2", each["flat"]))
    return rows, check_answers(index, flat, queries)


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
        float(np.mean([answer.measured for answer in answers])),
        sum(answer.graph_agreed for answer in answers),
    )


def measure_growth(vectors: Vectors, queries: Vectors, sizes: list[int]) -> list[Row]:
    """The cost of a query among the first n vectors, for each n."""
    rows = []
    for size in sizes:
        rows += compare_search("made up", vectors[:size], queries, aim=30 if size >= 80_000 else 0)[0][:1]
    return rows


def _one_by_one(queries: Vectors, search: Callable[[Vectors], object]) -> Iterator[object]:
    """Searches for TURN queries each time it is asked, and goes on with the next then."""
    asked = cycle(queries)
    while True:
        yield [search(query) for query in islice(asked, TURN)]

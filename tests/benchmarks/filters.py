"""A search among some of the vectors beside one among all: python -m tests.benchmarks.filters."""

from __future__ import annotations

from functools import partial

import numpy as np

from cbir.nearest.exact import ExactIndex
from cbir.nearest.hnsw import GraphSettings
from tests.benchmarks.timing import Row, time_queries
from tests.benchmarks.vectors import make_vectors

SHARES = (0.01, 0.1, 0.5)
"""Of the vectors, that are searched; which they are is left to chance."""
FEW_LINKS = GraphSettings(M=8, ef_construction=64)
"""So that the graph is built in a minute; the answers are proven with any graph."""


def compare_filters(count: int, *, queries: int = 500) -> list[Row]:
    """A query among each share of `count` made-up vectors, and among all; AssertionError if one is not proven."""
    made = make_vectors(count + queries)
    index, asked = ExactIndex.build(made[:count], settings=FEW_LINKS), made[count:]
    rows = []
    for share in SHARES:
        some = np.flatnonzero(np.random.default_rng(0).random(count) < share)
        times = time_queries(asked, some=partial(index.search, rows=some), every=index.search)
        if not all(answer.exact for answer in index.search_many(asked, rows=some)):
            raise AssertionError(f"an answer among {len(some):,} vectors is not proven")
        rows.append(Row(f"search {share:.0%} of {count:,} made up", times["some"], "all of them", times["every"]))
    return rows


if __name__ == "__main__":
    for row in compare_filters(80_000):
        print(f"{row.what}: {1000 * row.ours:.2f} ms, {row.against}: {1000 * row.theirs:.2f} ms, ratio {row.ratio:.2f}")

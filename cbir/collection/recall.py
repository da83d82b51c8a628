"""How many of the nearest an index finds that does not compare all vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from cbir.collection.engine import Engine
from cbir.collection.indexes import Index
from cbir.collection.rows import StoredRows
from cbir.network.googlenet import FEATURE_SIZE

QUERIES, K = 1_000, 10
"""Photos of the collection that are searched for, and how many of the nearest count."""


def choose_rows(count: int) -> list[int]:
    """Rows to search for, spread over all."""
    return np.unique(np.linspace(0, count - 1, min(QUERIES, count)).round().astype(int)).tolist()


def find_nearest(engine: Engine, name: str, rows: list[int], index: Index) -> list[set[int]]:
    """The rows nearest to each of some rows, without that one."""
    stored = StoredRows(engine, name, 1 + max(rows), FEATURE_SIZE).get(rows)
    params = {key: max(value, K + 1) for key, value in index.search.items()}
    found = []
    for row, one in zip(rows, stored):
        near = engine.search(name, one.vector, K + 1, "", params).rows.tolist()
        found.append({other for other in near if other != row})
    return found


def measure_recall(nearest: list[set[int]], found: list[set[int]]) -> dict[str, Any]:
    """Share of the nearest that were found, K of each query at most."""
    hits = sum(len(one & other) for one, other in zip(nearest, found))
    return {"recall": hits / max(1, sum(map(len, nearest))), "k": K, "queries": len(nearest)}

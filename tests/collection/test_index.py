"""The proof over an engine that computes in float32, against every distance in float64."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cbir.catalogue.records import Record
from cbir.collection.engine import Found
from cbir.collection.index import CollectionIndex, Condition
from cbir.collection.rows import StoredRows
from cbir.collection.schema import ROW, Stored, pack_row
from cbir.errors import CatalogueError
from cbir.nearest.bounds import is_nearer_than_rest
from tests.support.neighbours import scan

DIMENSION = 64
Measure = Callable[[NDArray[np.float32], NDArray[np.float32]], NDArray[np.float32]]


def subtract(vectors: NDArray[np.float32], query: NDArray[np.float32]) -> NDArray[np.float32]:
    """Squared distances in float32, from differences."""
    return np.square(vectors - query).sum(axis=1, dtype=np.float32)


def expand(vectors: NDArray[np.float32], query: NDArray[np.float32]) -> NDArray[np.float32]:
    """Squared distances in float32, from norms and products: far less exact where vectors are long."""
    norms = np.square(vectors).sum(axis=1, dtype=np.float32)
    return norms + np.square(query).sum(dtype=np.float32) - np.float32(2) * (vectors @ query)


class Float32Engine:
    """Compares all vectors in float32, one way or the other, and knows conditions of one form."""

    address = "an engine"

    def __init__(self, vectors: NDArray[np.float32], measure: Measure) -> None:
        self.vectors, self._measure = vectors, measure
        self.asked: list[int] = []
        self.hidden: set[int] = set()

    def search(
        self, collection: str, query: NDArray[np.float32], limit: int, expression: str, params: dict[str, Any]
    ) -> Found:
        self.asked.append(limit)
        squared = self._measure(self.vectors, query).astype(np.float64)
        rows = [row for row in np.argsort(squared, kind="stable").tolist() if row not in self.hidden][:limit]
        return Found(np.array(rows, np.int64), squared[rows])

    def fetch(self, collection: str, rows: Sequence[int], fields: Sequence[str]) -> list[dict[str, Any]]:
        return [
            pack_row(row, Stored(Record(f"{row}", None, "0" * 64), "0" * 64, self.vectors[row]), []) for row in rows
        ]


def open_index(engine: Float32Engine, kind: str = "FLAT") -> CollectionIndex:
    return CollectionIndex(StoredRows(engine, "c", len(engine.vectors), DIMENSION), kind)  # type: ignore[arg-type]


def make_vectors(offset: float) -> NDArray[np.float32]:
    """1,500 vectors around a point, many at nearly the same distance from it."""
    rng = np.random.default_rng(int(offset))
    directions = rng.standard_normal((1_500, DIMENSION))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return (offset + directions * (1 + 1e-6 * rng.standard_normal((1_500, 1)))).astype(np.float32)


@pytest.mark.parametrize("measure", [subtract, expand])
@pytest.mark.parametrize("offset", [0.0, 1.0, 30.0, 1000.0])
def test_what_is_called_exact_is(offset: float, measure: Measure) -> None:
    engine = Float32Engine(make_vectors(offset), measure)
    index = open_index(engine)
    for query in (np.full(DIMENSION, offset, np.float32), engine.vectors[7], np.zeros(DIMENSION, np.float32)):
        for k in (1, 3, 20):
            found = index.search(query, k)
            order, distances = scan(engine.vectors, query, k)
            assert found.exact and found.indices.tolist() == order.tolist()
            np.testing.assert_allclose(found.distances, distances, rtol=1e-12)


def test_without_the_bound_neighbours_are_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """So the test above can fail."""
    monkeypatch.setattr("cbir.collection.index.is_nearer_than_rest", lambda *_: True)
    engine = Float32Engine(make_vectors(1000.0), expand)
    query = np.full(DIMENSION, 1000.0, np.float32)
    assert open_index(engine).search(query, 3).indices.tolist() != scan(engine.vectors, query, 3)[0].tolist()


def test_no_more_is_asked_for_than_the_bound_needs() -> None:
    engine = Float32Engine(make_vectors(0.0)[:400] * np.linspace(0.1, 2, 400, dtype=np.float32)[:, None], subtract)
    open_index(engine).search(np.zeros(DIMENSION, np.float32), 3)
    assert engine.asked == [19]


@pytest.mark.parametrize("measure", [subtract, expand])
def test_the_bound_holds_for_each_pair(measure: Measure) -> None:
    """A distance in float64 is never told to be nearer than what float32 makes of itself."""
    rng = np.random.default_rng(0)
    for size in (1e-20, 1e-3, 1.0, 1e4, 1e9):
        vectors = (size * rng.standard_normal((300, DIMENSION))).astype(np.float32)
        vectors[::2] = vectors[0] + (1e-4 * size * rng.standard_normal((150, DIMENSION))).astype(np.float32)
        for query in vectors[:6]:
            norm = float(np.linalg.norm(query.astype(np.float64)))
            distances = np.linalg.norm(vectors.astype(np.float64) - query, axis=1)
            for distance, squared in zip(distances.tolist(), measure(vectors, query).tolist()):
                assert not is_nearer_than_rest(distance, squared, norm, DIMENSION)
                assert is_nearer_than_rest(distance, (distance + 2 * norm) ** 2 + distance + 1e-30, norm, DIMENSION)


def test_rows_that_the_engine_leaves_out_are_no_answer() -> None:
    engine = Float32Engine(make_vectors(0.0)[:30], subtract)
    engine.hidden = {3}
    with pytest.raises(CatalogueError, match="left rows out"):
        open_index(engine).search(engine.vectors[3], 20)


def test_other_indexes_prove_nothing_and_find_what_they_find() -> None:
    engine = Float32Engine(make_vectors(0.0), subtract)
    engine.hidden = {3}
    found = open_index(engine, "HNSW").search(engine.vectors[3], 3)
    assert 3 not in found.indices and not found.exact


def test_conditions() -> None:
    index = open_index(Float32Engine(make_vectors(0.0)[:30], subtract))
    assert index.leave_out(4, None) == Condition(f"{ROW} != 4")
    assert index.leave_out(4, Condition("a or b")) == Condition(f"(a or b) and {ROW} != 4")
    assert index.leave_out(4, np.array([3, 4])) == Condition(f"({ROW} in [3, 4]) and {ROW} != 4")
    assert index.search(np.zeros(DIMENSION), rows=np.empty(0, np.int64)).indices.tolist() == []
    with pytest.raises(ValueError, match="shape"):
        index.search(np.zeros(3))
    with pytest.raises(ValueError, match="k of 1"):
        index.search(np.zeros(DIMENSION), 0)

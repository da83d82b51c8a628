"""An index that is changed: vectors in, vectors out, and answers as if it had been built of what is left."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cbir.nearest.exact import ExactIndex
from cbir.nearest.hnsw import GRAPH, LABELS, GraphSettings
from tests.support.neighbours import clustered, scan

Vectors = NDArray[np.float32]
FEW = GraphSettings(M=8, ef_construction=32, ef=32)
COUNT = 1_500
"""More than are scanned."""


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    return clustered(COUNT, 48, seed=31)


def mix(vectors: Vectors, new: Vectors, gone: NDArray[np.int64], seed: int) -> tuple[Vectors, NDArray[np.int64]]:
    """Vectors without some of their rows and with new ones among them, and where each comes from."""
    sources = np.setdiff1d(np.arange(len(vectors)), gone)
    places = np.sort(np.random.default_rng(seed).integers(len(sources) + 1, size=len(new)))
    mixed = np.insert(sources, places, -1)
    return np.insert(vectors[sources], places, new, axis=0), mixed


def assert_answers(index: ExactIndex, vectors: Vectors, seed: int) -> None:
    for query in clustered(25, 48, seed=seed):
        rows, distances = scan(vectors, query, 3)
        found = index.search(query)
        assert found.exact and found.indices.tolist() == rows.tolist()
        np.testing.assert_allclose(found.distances, distances)


@pytest.mark.parametrize(("added", "gone"), [(40, 0), (0, 40), (40, 40), (10, 60), (60, 10), (0, 0), (0, 400)])
def test_answers_are_those_of_what_is_left(vectors: Vectors, tmp_path: Path, added: int, gone: int) -> None:
    rng = np.random.default_rng(32)
    changed, sources = mix(vectors, clustered(added, 48, seed=33), rng.choice(COUNT, gone, replace=False), 34)
    index = ExactIndex.build(vectors, settings=FEW).change(changed, sources)
    assert index is not None and len(index) == COUNT + added - gone
    assert_answers(index, changed, 35)
    index.check()
    index.save(tmp_path)
    opened = ExactIndex.open(tmp_path, settings=FEW)
    opened.check()
    assert_answers(opened, changed, 36)


def test_a_hundred_changes_one_after_the_other(vectors: Vectors, tmp_path: Path) -> None:
    rng = np.random.default_rng(37)
    index = ExactIndex.build(vectors, settings=FEW)
    for number in range(100):
        gone, new = (rng.choice(len(vectors), rng.integers(9), replace=False) for _ in range(2))
        vectors, sources = mix(vectors, vectors[new] + np.float32(1e-3), gone, number)
        index.save(tmp_path)
        changed = ExactIndex.open(tmp_path, settings=FEW).change(vectors, sources)
        assert changed is not None
        index = changed
    index.check()
    assert_answers(index, vectors, 38)
    index.save(tmp_path)
    built = ExactIndex.build(vectors, settings=FEW)
    (tmp_path / "built").mkdir()
    built.save(tmp_path / "built")
    sizes = [(folder / GRAPH).stat().st_size for folder in (tmp_path, tmp_path / "built")]
    assert sizes[0] < 1.1 * sizes[1], "places of vectors that were taken out are taken again"
    queries = clustered(200, 48, seed=39)
    right = [sum(each.search(query).graph_exact for query in queries) for each in (index, built)]
    assert right[0] >= right[1] - 20, "the graph alone is about as good"


def test_the_last_are_taken_out(vectors: Vectors, tmp_path: Path) -> None:
    """Labels of the others are their rows, and yet the graph has more."""
    index = ExactIndex.build(vectors, settings=FEW).change(vectors[:-5], np.arange(COUNT - 5))
    assert index is not None
    index.save(tmp_path)
    opened = ExactIndex.open(tmp_path, settings=FEW)
    opened.check()
    assert_answers(opened, vectors[:-5], 42)


def test_of_equal_vectors_the_earlier_row_comes_first(vectors: Vectors) -> None:
    """Whichever of them is new."""
    changed, sources = np.insert(vectors, 0, vectors[700], axis=0), np.insert(np.arange(COUNT), 0, -1)
    index = ExactIndex.build(vectors, settings=FEW).change(changed, sources)
    assert index is not None
    assert index.search(vectors[700], 2).indices.tolist() == [0, 701]


def test_what_searches_would_be_slow_for_is_to_be_built(vectors: Vectors) -> None:
    long = np.append(vectors, 30 * vectors[:1], axis=0)
    assert ExactIndex.build(vectors, settings=FEW).change(long, np.append(np.arange(COUNT), -1)) is None
    few = np.arange(900)
    assert ExactIndex.build(vectors, settings=FEW).change(vectors[few], few) is None
    many = np.append(few, np.full(600, -1))
    assert ExactIndex.build(vectors[few], settings=FEW).change(vectors, many) is None
    with pytest.raises(ValueError, match="expected numbers of at most"):
        ExactIndex.build(vectors, settings=FEW).change(long * 1e20, np.append(np.arange(COUNT), -1))


def test_labels_that_do_not_fit_are_refused(vectors: Vectors, tmp_path: Path) -> None:
    changed, sources = mix(vectors, clustered(5, 48, seed=40), np.arange(9), 41)
    index = ExactIndex.build(vectors, settings=FEW).change(changed, sources)
    assert index is not None
    index.save(tmp_path)
    labels = np.load(tmp_path / LABELS)
    for wrong in (labels[1:], labels.astype("<i4"), labels - 100, np.append(labels[1:], 2**40)):
        np.save(tmp_path / LABELS, wrong)
        with pytest.raises(ValueError, match=r"labels\.npy: .*labels"):
            ExactIndex.open(tmp_path, settings=FEW)
    for wrong in (np.append(labels[1:], labels[-1]), np.append(labels[1:], labels.max() + 7)):
        np.save(tmp_path / LABELS, wrong)
        with pytest.raises(ValueError, match=r"graph\.hnsw does not name each row once"):
            ExactIndex.open(tmp_path, settings=FEW).check()
    (tmp_path / LABELS).unlink()
    with pytest.raises(ValueError, match=r"graph\.hnsw: not a graph of 1496 vectors"):
        ExactIndex.open(tmp_path, settings=FEW)

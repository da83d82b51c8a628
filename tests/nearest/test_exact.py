"""Exact neighbours against an exhaustive scan in float64."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import hnswlib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cbir.nearest import exact as exact_module
from cbir.nearest.exact import RERANK_BLOCK, ExactIndex
from cbir.nearest.hnsw import Graph, GraphSettings
from cbir.nearest.project import PCA, project
from cbir.nearest.quantise import quantise_vectors
from tests.support.neighbours import clustered, scan
from tests.support.settings import QUICK

FEW = GraphSettings(M=4, ef_construction=10, ef=10)


def assert_exact(
    index: ExactIndex,
    vectors: NDArray[np.float32],
    query: NDArray[np.float32],
    k: int = 3,
    rows: NDArray[np.int64] | None = None,
) -> int:
    found = index.search(query, k, rows=rows)
    among = np.arange(len(vectors)) if rows is None else rows
    order, distances = scan(vectors[among], query, k)
    assert found.exact is True
    assert found.indices.tolist() == among[order].tolist()
    np.testing.assert_allclose(found.distances, distances, rtol=1e-12, atol=1e-12)
    return found.num_exact_distances


class WithCopies(NamedTuple):
    """20,000 vectors, 6,000 of them copies, up to 600 of one vector."""

    vectors: NDArray[np.float32]
    copies: NDArray[np.int64]
    """(6000,) rows: the first 600 are of one vector, the next 400 of another."""
    searched: ExactIndex


@pytest.fixture(scope="module")
def with_copies() -> WithCopies:
    vectors = clustered(20_000, 144, seed=0)
    numbers = np.random.default_rng(1)
    copies = numbers.permutation(20_000)[:6_000]
    vectors[copies[:600]] = vectors[copies[0]]
    vectors[copies[600:1000]] = vectors[copies[600]]
    vectors[copies[1000:]] = vectors[numbers.integers(20_000, size=5_000)]
    return WithCopies(vectors, copies, ExactIndex.build(vectors))


def test_a_thousand_queries_equal_the_exhaustive_scan(with_copies: WithCopies) -> None:
    vectors, copies, index = with_copies
    numbers = np.random.default_rng(2)
    far = clustered(400, 144, seed=2)
    nudged = vectors[numbers.integers(20_000, size=300)] + np.float32(1e-4)
    present = vectors[np.r_[copies[:50], copies[600:650], numbers.integers(20_000, size=200)]]
    queries = np.concatenate([far, nudged, present])
    assert len(queries) == 1000
    counts = [assert_exact(index, vectors, query) for query in queries]
    assert np.mean(counts) < 10_000, "a bound that rules out less than half is of no use"
    for found, query in zip(index.search_many(queries), queries):
        alone = index.search(query)
        assert found.exact and found.indices.tolist() == alone.indices.tolist()


@pytest.mark.parametrize("size", [1, 2, 3, 128, 129, 1_000, 9_999, 10_000, 10_001, 19_999, 20_000])
def test_some_of_the_rows_equal_the_exhaustive_scan(with_copies: WithCopies, size: int) -> None:
    """Among rows that the queries are of, and others; far queries; k of which there may be too few."""
    vectors, copies, index = with_copies
    numbers = np.random.default_rng(size)
    rows = np.sort(numbers.choice(20_000, size, replace=False))
    mine, others = numbers.choice(rows, 3), numbers.integers(20_000, size=3)
    queries = np.concatenate([clustered(6, 144, seed=size), vectors[np.r_[mine, others, copies[[0, 600]]]]])
    counts = [assert_exact(index, vectors, query, k, rows) for query in queries for k in (1, 3, 200)]
    assert size <= 1_000 or np.mean(counts) < size / 2, "a bound that rules out less than half is of no use"
    for found, query in zip(index.search_many(queries, rows=rows), queries):
        alone = index.search(query, rows=rows)
        assert found.exact and found.indices.tolist() == alone.indices.tolist()


def test_copies_among_some_of_the_rows(with_copies: WithCopies) -> None:
    """Those that are in it come in their order, whatever the graph and the codes make of those that are not."""
    vectors, copies, index = with_copies
    for rows in (np.sort(copies[:600]), np.sort(copies[100:800]), np.setdiff1d(np.arange(20_000), copies[:590])):
        for query in (vectors[copies[0]], vectors[copies[600]], clustered(1, 144, seed=5)[0]):
            for k in (1, 10, 599):
                assert_exact(index, vectors, query, k, rows)


def test_no_rows_and_all_rows(with_copies: WithCopies) -> None:
    vectors, _, index = with_copies
    nothing = index.search(vectors[0], rows=[])
    assert nothing.exact and len(nothing.indices) == len(nothing.distances) == nothing.num_exact_distances == 0
    everything, found = index.search(vectors[3]), index.search(vectors[3], rows=range(20_000))
    assert [part.tolist() for part in found[:2]] == [part.tolist() for part in everything[:2]]
    assert found[2:] == everything[2:]


@pytest.mark.parametrize(
    "rows",
    [[0, 10], [-1, 3], [3, 3], [3, 2], [[0, 1]], [0.0, 1.0], [True] * 10, ["0"], 3, np.array([2**64 - 1], np.uint64)],
    ids=str,
)
def test_rows_that_are_none_are_refused(rows: object) -> None:
    index = ExactIndex.build(clustered(10, 8, seed=10))
    with pytest.raises(ValueError, match="expected rows from 0 to 9 in ascending order, each once"):
        index.search(np.zeros(8), rows=rows)  # type: ignore[arg-type]


@QUICK
@given(
    dimension=st.sampled_from([1, 2, 3, 5, 70, 150]),
    count=st.one_of(st.integers(0, 3), st.integers(15, 60)),
    spread=st.sampled_from([0, 1, 4, 1000]),
    offset=st.sampled_from([0, 1000, 2**20]),
    exponent=st.sampled_from([-149, -100, -50, 0, 25]),
    k=st.integers(1, 70),
    share=st.sampled_from([0.1, 0.4, 0.8, None]),
    seed=st.integers(0, 1000),
)
def test_any_vectors(
    monkeypatch: pytest.MonkeyPatch,
    dimension: int,
    count: int,
    spread: int,
    offset: int,
    exponent: int,
    k: int,
    share: float | None,
    seed: int,
) -> None:
    """Whole numbers times a power of two, whose distances are exact in int64: many ties, all scales, far queries.

    share: that of the rows that are searched, None for all.
    """
    monkeypatch.setattr(exact_module, "SCAN_BELOW", 30)
    monkeypatch.setattr(exact_module, "SCAN_ROWS_BELOW", 8)
    rng = np.random.default_rng(seed)
    whole = rng.integers(-spread, spread + 1, (count, dimension)) + offset
    asked = rng.integers(-spread, spread + 1, (4, dimension)) + offset
    asked[1] = whole[-1] if count else 0
    asked[2:] += rng.choice([-1, 1, 2**20], (2, 1))
    vectors, queries = (np.ldexp(numbers.astype(np.float32), exponent) for numbers in (whole, asked))
    index = ExactIndex.build(vectors, settings=FEW)
    index.check()
    rows = None if share is None else np.flatnonzero(rng.random(count) < share)
    among = np.arange(count) if rows is None else rows
    for query, found in zip(asked, index.search_many(queries, k, rows=rows)):
        squared = np.square(whole[among] - query).sum(axis=1)
        order = np.argsort(squared, kind="stable")[:k]
        assert found.exact
        assert found.indices.tolist() == among[order].tolist()
        np.testing.assert_allclose(found.distances, np.ldexp(np.sqrt(squared[order]), exponent), rtol=1e-15)


@pytest.mark.parametrize("count", [1024, 1025, 1400])
def test_few_vectors_and_many(count: int) -> None:
    """Up to 1,024 are scanned."""
    vectors = clustered(count, 3, seed=22)
    index = ExactIndex.build(vectors, settings=FEW)
    counts = [assert_exact(index, vectors, query, k=7) for query in clustered(30, 3, seed=23)]
    assert (max(counts) < count) == (count > 1024)


def test_copies_of_long_vectors_are_at_one_distance() -> None:
    """However many are measured at a time: sums of 10,000 squares are all rounded alike."""
    vectors = np.random.default_rng(24).standard_normal((1, 10_000)).astype(np.float32).repeat(RERANK_BLOCK + 1, axis=0)
    pca = PCA(np.eye(10_000, 3), np.zeros(10_000))
    (codes,) = quantise_vectors(vectors, pca, (64,))
    graph = Graph.empty(len(vectors), FEW)
    graph.add(project(vectors, pca), slice(0, len(vectors)))
    found = ExactIndex(vectors, graph, codes, codes, pca).search(np.zeros(10_000), k=len(vectors))
    assert len(set(found.distances.tolist())) == 1
    assert found.indices.tolist() == list(range(len(vectors)))


def test_an_answer_that_is_not_proven_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the bounds wrong, so that they left out the nearest vector, a farther one would not count as proven."""
    vectors = clustered(2_000, 48, seed=25)
    index = ExactIndex.build(vectors, settings=FEW)
    assert index.search(vectors[7], k=1).exact

    def too_high(codes: object, queries: object, row: int, radius: float) -> int:
        return 2**31 - 1 if codes is index._fine else -(2**31)

    monkeypatch.setattr(exact_module, "min_score", too_high)
    assert not index.search(vectors[7], k=1).exact


def test_copies_that_cut_others_off_from_the_graph(tmp_path: Path) -> None:
    """A few links a vector and hundreds of copies: the graph alone goes wrong, and says so; the answer does not."""
    vectors = clustered(3_000, 64, seed=3)
    vectors[:2_000] = vectors[0] + np.float32(1e-7) * np.random.default_rng(4).standard_normal((2_000, 64))
    index = ExactIndex.build(vectors, settings=GraphSettings(M=4, ef_construction=20, ef=10))
    index.save(tmp_path)
    graph = hnswlib.Index("l2", 128)
    graph.load_index(str(tmp_path / "graph.hnsw"))
    graph.set_ef(10)
    rotation = np.load(tmp_path / "rotation.npy")
    agreed = 0
    for query in clustered(100, 64, seed=5):
        assert_exact(index, vectors, query)
        found = index.search(query)
        # 64 axes leave nothing out: the graph links rotated vectors, and zeros.
        turned = np.pad((query - rotation[:, -1]) @ rotation[:, :-1], (0, 64))
        candidates = graph.knn_query(turned, k=10)[0][0].astype(int)
        alone = scan(vectors[candidates], query, 3)[1]
        assert found.graph_exact == bool(np.allclose(alone, found.distances, rtol=1e-12))
        agreed += found.graph_exact
    assert 0 < agreed < 100


@pytest.mark.parametrize("scale", [1e-30, 1e-12, 1e-6, 1.0, 1e6, 1e14])
def test_any_scale_and_offset(scale: float) -> None:
    numbers = np.random.default_rng(6)
    vectors = (scale * (numbers.standard_normal((2_000, 200)) + 5)).astype(np.float32)
    index = ExactIndex.build(vectors)
    for query in vectors[:20] * np.float32(1.001):
        assert_exact(index, vectors, query)
    assert_exact(index, vectors, np.zeros(200, np.float32))


def test_distances_closer_than_float32_can_tell() -> None:
    """Neighbours that differ in the last bit of one number keep their order."""
    vectors = np.ones((1_500, 32), np.float32)
    steps = np.random.default_rng(7).permutation(1_500)
    vectors[:, 0] += steps.astype(np.float32) * np.float32(2**-23)
    index = ExactIndex.build(vectors)
    for query in (np.ones(32, np.float32), vectors[700]):
        assert_exact(index, vectors, query, k=5)


def test_ordinary_small_cases() -> None:
    vectors = clustered(5, 8, seed=8)
    empty = ExactIndex.build(vectors[:0]).search(vectors[0])
    assert empty.exact and len(empty.indices) == len(empty.distances) == empty.num_exact_distances == 0
    one = ExactIndex.build(vectors[:1]).search(vectors[0], k=3)
    assert one.indices.tolist() == [0] and one.distances.tolist() == [0.0]
    more = ExactIndex.build(vectors).search(vectors[0], k=99)
    assert more.indices.tolist() == scan(vectors, vectors[0], 99)[0].tolist()


def test_a_graph_that_cannot_reach_k_vectors() -> None:
    """hnswlib then gives no answer at all; this index does."""
    vectors = clustered(3_000, 64, seed=3)
    vectors[:2_900] = vectors[0]
    index = ExactIndex.build(vectors, settings=GraphSettings(M=4, ef_construction=20, ef=10))
    assert assert_exact(index, vectors, vectors[5], k=100) < 3_000
    assert not index.search(vectors[5], k=100).graph_exact


def test_identical_vectors_come_in_their_order() -> None:
    for count in (10, 3_000):
        vectors = np.repeat(clustered(1, 16, seed=9), count, axis=0)
        found = ExactIndex.build(vectors).search(vectors[0], k=4)
        assert found.indices.tolist() == [0, 1, 2, 3]
        assert found.distances.tolist() == [0.0] * 4 and found.graph_exact


def test_wrong_input_is_refused() -> None:
    index = ExactIndex.build(clustered(10, 8, seed=10))
    with pytest.raises(ValueError, match=r"shape \(8,\)"):
        index.search(np.zeros(9))
    for wrong in (np.nan, np.inf, -np.inf, 1e16):
        with pytest.raises(ValueError, match="at most 1e\\+15"):
            index.search(np.full(8, wrong))
        with pytest.raises(ValueError, match="at most 1e\\+15"):
            ExactIndex.build(np.full((2, 8), wrong))
    with pytest.raises(ValueError, match="k of 1 or more"):
        index.search(np.zeros(8), k=0)
    with pytest.raises(ValueError, match=r"shape \(N, D\)"):
        ExactIndex.build(np.zeros(8))


def test_coarse_codes_are_short_where_that_suffices(tmp_path: Path) -> None:
    """Vectors in few dimensions need few numbers each, those in more need more."""
    numbers = np.random.default_rng(17)
    for dimensions, expected in ((10, 64), (150, 128)):
        vectors = numbers.standard_normal((4_000, dimensions)) @ numbers.standard_normal((dimensions, 200))
        index = ExactIndex.build(vectors)
        index.save(tmp_path)
        assert np.load(tmp_path / "coarse.npz")["codes"].shape[1] == expected
        for query in vectors[:10].astype(np.float32) + np.float32(0.01):
            assert_exact(index, vectors.astype(np.float32), query)


def test_vectors_longer_than_their_codes(tmp_path: Path) -> None:
    vectors = clustered(2_500, 700, seed=20)
    index = ExactIndex.build(vectors)
    index.save(tmp_path)
    assert np.load(tmp_path / "fine.npz")["codes"].shape[1] < 700
    counts = [assert_exact(index, vectors, query) for query in (*vectors[:20], *clustered(30, 700, seed=21))]
    assert np.mean(counts) < 1_000


def test_batches_are_cut_to_what_memory_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = clustered(2_000, 48, seed=18)
    index, queries = ExactIndex.build(vectors), clustered(7, 48, seed=19)
    monkeypatch.setattr(exact_module, "MAX_SCORES", 3 * len(vectors))
    found = index.search_many(queries, k=4)
    assert [one.indices.tolist() for one in found] == [scan(vectors, query, 4)[0].tolist() for query in queries]
    with pytest.raises(ValueError, match=r"shape \(Q, 48\)"):
        index.search_many(queries[0])

"""Two indexes searched as one, against one index over all the vectors, which has tests of its own."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from cbir.nearest.api import Index, ListedRows, Neighbours
from cbir.nearest.copies import group_copies, search_folded
from cbir.nearest.exact import SCAN_BELOW, ExactIndex
from cbir.nearest.joined import JoinedIndex, JoinedRows, JoinedSubset
from tests.support.neighbours import clustered, scan

SIZES = ((1, 1), (7, 300), (300, 7), (SCAN_BELOW + 200, 60), (60, SCAN_BELOW + 200), (0, 40), (40, 0), (0, 0))
RADIUS = 0.5


class Case(NamedTuple):
    joined: JoinedIndex
    whole: ExactIndex
    first: int
    """How many vectors the first part has."""


@pytest.fixture(scope="module", params=SIZES, ids=str)
def case(request: pytest.FixtureRequest) -> Case:
    """Vectors of which some are in both parts, some twice in one, and some have copies near them."""
    first, second = request.param
    rng, count = np.random.default_rng(first), first + second
    vectors = clustered(count, 48, seed=first + 1)
    copies = rng.permutation(count)[: count // 3]
    vectors[copies] = vectors[rng.permutation(count)[: len(copies)]]
    vectors[copies[::2]] += rng.normal(0, 0.01, (len(copies[::2]), 48)).astype(np.float32)
    parts = ExactIndex.build(vectors[:first]), ExactIndex.build(vectors[first:])
    return Case(JoinedIndex(*parts), ExactIndex.build(vectors), first)


def queries_of(case: Case) -> NDArray[np.float32]:
    """Some of the vectors, those at the seam among them, and others."""
    rows = np.unique(np.clip([0, 3, case.first - 1, case.first, case.first + 5, len(case.whole) - 1], 0, None))
    return np.concatenate([case.whole.vectors[rows[rows < len(case.whole)]], clustered(4, 48, seed=9)])


def assert_same(found: Neighbours, expected: Neighbours) -> None:
    assert found.indices.dtype == np.int64 and found.distances.dtype == np.float64
    assert found.indices.tolist() == expected.indices.tolist()
    assert found.distances.tolist() == expected.distances.tolist()
    assert found.exact and expected.exact


@pytest.mark.parametrize("k", [1, 3, 20, 5_000])
def test_answers_are_those_of_one_index(case: Case, k: int) -> None:
    for query in queries_of(case):
        found = case.joined.search(query, k)
        assert_same(found, case.whole.search(query, k))
        order, distances = scan(case.whole.vectors[:], query, k)
        assert found.indices.tolist() == order.tolist()
        np.testing.assert_allclose(found.distances, distances, rtol=1e-12, atol=1e-12)
    assert len(case.joined) == len(case.whole)


@pytest.mark.parametrize("k", [1, 3, 5_000])
def test_answers_among_some_of_the_rows_are_those_of_one_index(case: Case, k: int) -> None:
    count, rng = len(case.whole), np.random.default_rng(k)
    shares: list[ArrayLike] = [np.flatnonzero(rng.random(count) < share) for share in (0.05, 0.5, 0.95)]
    shares += [range(count), range(case.first), range(case.first, count), []]
    for rows in shares:
        for query in queries_of(case):
            assert_same(case.joined.search(query, k, rows=rows), case.whole.search(query, k, rows=rows))


def subsets_of(case: Case) -> list[tuple[JoinedSubset, list[int]]]:
    """Pairs of subsets of the parts, with the rows that they have together."""
    count, rng = len(case.whole), np.random.default_rng(0)
    nothing = np.empty(0, np.int64)
    sides = []
    for start, stop in ((0, case.first), (case.first, count)):
        some = np.flatnonzero(rng.random(stop - start) < 0.4)
        listed = (None, nothing, some)
        sides.append([(one, [*range(start, stop)] if one is None else (start + one).tolist()) for one in listed])
    return [(JoinedSubset(early[0], late[0]), early[1] + late[1]) for early in sides[0] for late in sides[1]]


@pytest.mark.parametrize("k", [1, 3, 5_000])
def test_a_subset_of_each_part_is_the_same_as_the_rows_of_both(case: Case, k: int) -> None:
    for subset, rows in subsets_of(case):
        for query in queries_of(case)[::3]:
            assert_same(case.joined.search(query, k, rows=subset), case.whole.search(query, k, rows=rows))


def test_subsets_without_a_row_and_row_numbers_that_are_among_them(case: Case) -> None:
    count = len(case.whole)
    found = np.random.default_rng(0).permutation(count)
    for subset, rows in [*subsets_of(case), (range(0, count, 2), [*range(0, count, 2)])]:
        kept = case.joined.keep(found, subset)
        assert kept.dtype == np.int64 and kept.tolist() == [row for row in found.tolist() if row in set(rows)]
        assert case.joined.keep(found[:0], subset).tolist() == []
        for row in {0, case.first - 1, case.first, count - 1} & {*range(count)}:
            left = case.joined.leave_out(row, subset)
            assert sorted(case.joined.keep(found, left).tolist()) == [other for other in rows if other != row]
    for row in {0, count - 1} & {*range(count)}:
        left = case.joined.leave_out(row, None)
        assert sorted(case.joined.keep(found, left).tolist()) == [other for other in range(count) if other != row]


def test_all_within_a_radius_are_those_of_one_index(case: Case) -> None:
    queries, count = queries_of(case), len(case.whole)
    for radius in (0.0, RADIUS, 2.0):
        for start in (0, case.first // 2, case.first, (case.first + count) // 2, count):
            expected = case.whole.within(queries, radius, start=start)
            found = case.joined.within(queries, radius, start=start)
            assert [one.indices.tolist() for one in found] == [one.indices.tolist() for one in expected]
            assert [one.distances.tolist() for one in found] == [one.distances.tolist() for one in expected]


@pytest.mark.parametrize("share", [None, 0.4], ids=["all", "some rows"])
def test_copies_are_folded_across_both(case: Case, share: float | None) -> None:
    rows = None if share is None else np.flatnonzero(np.random.default_rng(0).random(len(case.whole)) < share)
    for query in queries_of(case):
        expected = search_folded(case.whole, query, 6, RADIUS, rows=rows)
        found = search_folded(case.joined, query, 6, RADIUS, rows=rows)
        assert_same(found.neighbours, expected.neighbours)
        assert [one.indices.tolist() for one in found.copies] == [one.indices.tolist() for one in expected.copies]
        assert [one.distances.tolist() for one in found.copies] == [one.distances.tolist() for one in expected.copies]


def test_groups_of_copies_are_those_of_one_index(case: Case) -> None:
    expected, found = group_copies(case.whole, RADIUS), group_copies(case.joined, RADIUS)
    assert {row: one.indices.tolist() for row, one in found.items()} == {
        row: one.indices.tolist() for row, one in expected.items()
    }


def test_equal_vectors_come_in_the_order_of_their_rows() -> None:
    vectors = clustered(6, 48, seed=2)
    first, second = vectors[[0, 1, 0, 2]], vectors[[1, 0, 3, 0]]
    joined = JoinedIndex(ExactIndex.build(first), ExactIndex.build(second))
    assert joined.search(vectors[0], 4).indices.tolist() == [0, 2, 5, 7]
    assert joined.search(vectors[0], 3).indices.tolist() == [0, 2, 5]
    assert joined.search(vectors[1], 2, rows=[1, 3, 4, 5]).indices.tolist() == [1, 4]
    assert joined.within(vectors[[0]], 0.0, start=2)[0].indices.tolist() == [2, 5, 7]


class Part(ListedRows):
    """An index that answers as it is told to, and keeps what it is asked."""

    def __init__(self, answer: Neighbours, count: int = 4) -> None:
        self.vectors, self.answer = np.zeros((count, 2), np.float32), answer
        self.asked: list[object] = []

    def __len__(self) -> int:
        return len(self.vectors)

    def search(self, query: ArrayLike, k: int = 3, *, rows: ArrayLike | None = None) -> Neighbours:
        self.asked.append(None if rows is None else np.asarray(rows).tolist())
        return self.answer

    def within(self, queries: ArrayLike, radius: float, *, start: int = 0) -> list[Any]:
        raise NotImplementedError


def answer(*, exact: bool = True, graph_exact: bool = True, measured: int = 1) -> Neighbours:
    return Neighbours(np.array([0]), np.array([1.0]), exact, graph_exact, measured)


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("graph_exact", [True, False])
def test_an_answer_is_as_proven_as_those_of_both(exact: bool, graph_exact: bool) -> None:
    sure, told = answer(measured=5), answer(exact=exact, graph_exact=graph_exact, measured=7)
    for parts in ((sure, told), (told, sure)):
        found = JoinedIndex(*map(Part, parts)).search(np.zeros(2))
        assert (found.exact, found.graph_exact, found.num_exact_distances) == (exact, graph_exact, 12)


def test_each_part_is_asked_for_its_own_rows_and_for_none_not_at_all() -> None:
    first, second = Part(answer()), Part(answer())
    joined = JoinedIndex(first, second)
    for rows in ([0, 3, 4, 7], [1, 2], [5], [], None):
        joined.search(np.zeros(2), rows=rows)
    assert first.asked == [[0, 3], [1, 2], None] and second.asked == [[0, 3], [1], None]


def test_parts_get_their_subsets_in_a_form_that_they_alone_know() -> None:
    """Also where a row of the other part, or of one that has none to search, is left out."""
    first, second = Part(answer()), Part(answer())
    joined, nothing = JoinedIndex(first, second), np.empty(0, np.int64)
    for rows in (JoinedSubset("blue", nothing), JoinedSubset(None, "red"), JoinedSubset(nothing, nothing)):
        joined.search(np.zeros(2), rows=rows)
    joined.search(np.zeros(2), rows=joined.leave_out(6, JoinedSubset("blue", nothing)))
    joined.search(np.zeros(2), rows=joined.leave_out(1, JoinedSubset(nothing, None)))
    joined.search(np.zeros(2), rows=joined.leave_out(6, JoinedSubset("blue", None)))
    assert first.asked == ["blue", None, "blue", "blue"] and second.asked == ["red", None, [0, 1, 3]]


@pytest.mark.parametrize(
    "chosen",
    [
        *(0, 4, 5, -1, -6, np.int64(5), slice(None), slice(3, 7), slice(6, None), slice(None, None, -2), slice(0, 0)),
        *([1, 6, 5, 1], [[0, 5], [6, 1]], np.array([9, 0]), np.empty(0, np.int64), np.arange(11) % 3 == 0),
        *(np.zeros(11, np.bool_), np.ones(11, np.bool_), np.array(5), np.array([-1, -11])),
    ],
    ids=repr,
)
def test_rows_are_chosen_as_numpy_has_it(chosen: Any) -> None:
    vectors = np.random.default_rng(0).random((11, 3), np.float32)
    expected, found = vectors[chosen], JoinedRows(vectors[:5], vectors[5:])[chosen]
    assert found.shape == expected.shape and found.dtype == np.float32 and np.array_equal(found, expected)


def test_small_whole_numbers_choose_among_many_rows() -> None:
    vectors = np.random.default_rng(0).random((300, 3), np.float32)
    for chosen in (np.array([200, 3], np.uint8), np.array([-1, -100, 5], np.int8)):
        assert np.array_equal(JoinedRows(vectors[:250], vectors[250:])[chosen], vectors[chosen])


@pytest.mark.parametrize("chosen", [11, -12, [0, 11], np.ones(10, np.bool_), (0, 0), 0.5, "0"], ids=repr)
def test_rows_that_are_not_there_are_refused(chosen: Any) -> None:
    vectors = np.zeros((11, 3), np.float32)
    with pytest.raises(IndexError):
        JoinedRows(vectors[:5], vectors[5:])[chosen]


def test_what_one_index_refuses_is_refused() -> None:
    vectors = clustered(20, 48, seed=1)
    indexes: tuple[Index, ...] = (
        JoinedIndex(ExactIndex.build(vectors[:12]), ExactIndex.build(vectors[12:])),
        ExactIndex.build(vectors),
    )
    wrong: list[tuple[ArrayLike, int, ArrayLike | None]] = [
        *((vectors[0], k, None) for k in (0, -1)),
        *((query, 3, None) for query in (vectors[:1], vectors[0, :5], np.full(48, 2e15), np.full(48, np.nan))),
        *((vectors[0], 3, rows) for rows in ([20], [-1], [3, 3], [13, 2], [0.5], [[1]], [True])),
        *((vectors[0], 0, []), (vectors[0, :5], 3, []), (np.full(48, 2e15), 3, [])),
    ]
    for query, k, rows in wrong:
        told = []
        for index in indexes:
            with pytest.raises(ValueError, match="expected") as error:
                index.search(query, k, rows=rows)
            told.append(str(error.value))
        assert told[0] == told[1]
    for index in indexes:
        with pytest.raises(ValueError, match="of shape"):
            index.within(vectors[0], 1.0)
    with pytest.raises(ValueError, match=r"\(12, 48\), \(3, 5\)"):
        JoinedIndex(ExactIndex.build(vectors[:12]), ExactIndex.build(vectors[:3, :5]))

"""Range searches and copies, against an exhaustive scan and the definition."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cbir.nearest.copies import group_copies, search_folded
from cbir.nearest.exact import ExactIndex
from tests.support.neighbours import clustered, scan

RADIUS = 0.2


@pytest.fixture(scope="module")
def vectors() -> NDArray[np.float32]:
    """1,200 vectors, 400 of which are near others, some in chains, some the same, one between two."""
    rng = np.random.default_rng(0)
    vectors = clustered(1_200, 96, seed=0)
    for row in rng.permutation(1_200)[:300]:
        vectors[row] = vectors[rng.integers(1_200)] + rng.normal(0, rng.choice([0.0, 0.005, 0.012]), 96)
    step = rng.standard_normal(96)
    step *= 0.6 * RADIUS / np.linalg.norm(step)
    vectors[301:303] = vectors[300] + np.array([[2], [1]]) * step
    vectors[100:200] = vectors[100] + np.arange(100)[:, None] * step
    return vectors


@pytest.fixture(scope="module")
def index(vectors: NDArray[np.float32]) -> ExactIndex:
    return ExactIndex.build(vectors)


@pytest.fixture(scope="module")
def apart(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """All distances of two."""
    return np.stack([np.linalg.norm(vectors.astype(np.float64) - one, axis=1) for one in vectors])


def test_all_within_a_radius_are_found(index: ExactIndex, vectors: NDArray[np.float32]) -> None:
    queries = np.concatenate([vectors[::60], clustered(20, 96, seed=3)])
    for radius in (0.0, 0.1, RADIUS, 0.9):
        for start in (0, 700, 1_199):
            found = index.within(queries, radius, start=start)
            for query, one in zip(queries, found):
                order, distances = scan(vectors[start:], query, len(vectors))
                near = distances <= radius
                assert one.indices.tolist() == (start + order[near]).tolist()
                np.testing.assert_allclose(one.distances, distances[near], rtol=1e-12, atol=1e-12)


def test_few_vectors_and_none(vectors: NDArray[np.float32]) -> None:
    few = ExactIndex.build(vectors[:3])
    assert few.within(vectors[:1], 2.0)[0].indices.tolist() == [0, *scan(vectors[1:3], vectors[0], 2)[0] + 1]
    nothing = ExactIndex.build(vectors[:0])
    assert nothing.within(vectors[:1], 2.0)[0].indices.tolist() == [] and group_copies(nothing, 1.0) == {}
    with pytest.raises(ValueError, match="of shape"):
        few.within(vectors[0], 1.0)


def test_groups_are_those_of_the_definition(
    index: ExactIndex, vectors: NDArray[np.float32], apart: NDArray[np.float64]
) -> None:
    expected: dict[int, list[int]] = {}
    free = set(range(len(vectors)))
    for row in range(len(vectors)):
        if row in free:
            members = [other for other in range(row + 1, len(vectors)) if other in free and apart[row, other] <= RADIUS]
            free -= {row, *members}
            if members:
                expected[row] = sorted(members, key=lambda other: (apart[row, other], other))
    steps: list[int] = []
    groups = group_copies(index, RADIUS, progress=steps.append)
    assert {row: found.indices.tolist() for row, found in groups.items()} == expected
    assert list(groups) == sorted(groups) and steps[-1] == len(vectors)
    for row, found in groups.items():
        np.testing.assert_allclose(found.distances, apart[row, found.indices], atol=1e-12)


def test_a_chain_is_no_group(index: ExactIndex) -> None:
    """Rows 100 to 199 are 0.6 radii apart, in a line: each group of them reaches one step, and no farther."""
    groups = group_copies(index, RADIUS)
    assert all(found.distances.max() <= RADIUS for found in groups.values())
    assert max(len([row for row in found.indices if 100 <= row < 200]) for found in groups.values()) <= 2


@pytest.mark.parametrize("rows", [None, np.arange(0, 1_200, 3), np.array([100, 101, 700])], ids=["all", "a third", "3"])
@pytest.mark.parametrize("k", [1, 3, 12])
def test_folded_neighbours_are_those_of_the_definition(
    index: ExactIndex, vectors: NDArray[np.float32], apart: NDArray[np.float64], k: int, rows: NDArray[np.int64] | None
) -> None:
    among = np.arange(len(vectors)) if rows is None else rows
    for query in np.concatenate([vectors[:300:30], clustered(10, 96, seed=4)]):
        order, distances = scan(vectors[among], query, len(among))
        order = among[order]
        taken: set[int] = set()
        expected: list[tuple[int, set[int]]] = []
        for row in order.tolist():
            if row not in taken and len(expected) < k:
                copies = {other for other in among.tolist() if apart[row, other] <= RADIUS} - taken - {row}
                taken |= {row, *copies}
                expected.append((row, copies))
        found = search_folded(index, query, k, RADIUS, rows=rows)
        firsts = found.neighbours.indices.tolist()
        assert [(row, set(one.indices.tolist())) for row, one in zip(firsts, found.copies)] == expected
        assert found.neighbours.exact
        # Nothing closer than the last is left out.
        closer = {int(row) for row, distance in zip(order, distances) if distance < found.neighbours.distances[-1]}
        assert closer <= taken
        for one in found.copies:
            assert (np.diff(one.distances) >= 0).all()
            np.testing.assert_allclose(one.distances, np.linalg.norm(vectors[one.indices] - query, axis=1), atol=1e-6)


def test_fewer_groups_than_asked_for(vectors: NDArray[np.float32]) -> None:
    same = np.repeat(vectors[:2], 6, axis=0)
    found = search_folded(ExactIndex.build(same), vectors[0], 5, RADIUS)
    assert found.neighbours.indices.tolist() == [0, 6]
    assert [one.indices.tolist() for one in found.copies] == [[1, 2, 3, 4, 5], [7, 8, 9, 10, 11]]

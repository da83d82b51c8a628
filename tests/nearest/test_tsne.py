"""t-SNE, beside the paper's formulas written out, and the grid beside SciPy's best assignment."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import brentq, linear_sum_assignment

from cbir.nearest import grid
from cbir.nearest.grid import snap_to_grid
from cbir.nearest.tsne import STEPS, gradient, lay_out, measure_affinities

Matrix = NDArray[np.float64]


def some_vectors(count: int, *, groups: int = 1, seed: int = 0) -> NDArray[np.float32]:
    """Vectors of unit length, in groups that are far apart, one group after the other."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(groups, 20))
    vectors = np.repeat(centres, count // groups, axis=0) + 0.1 * rng.normal(size=(count // groups * groups, 20))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def principal(vectors: NDArray[np.float32]) -> Matrix:
    centred = vectors.astype(np.float64) - vectors.mean(axis=0)
    return np.asarray(centred @ np.linalg.svd(centred, full_matrices=False)[2][:2].T)


def conditional_by_the_paper(squared: Matrix, perplexity: float) -> Matrix:
    """p_j|i of all j for one i: equation 1, its precision found by SciPy. squared: distances to the others."""

    def given(log_precision: float) -> Matrix:
        weights = np.exp(-(squared - squared.min()) * math.exp(log_precision))
        return np.asarray(weights / weights.sum())

    def excess(log_precision: float) -> float:
        p = given(log_precision)
        return float(-(p[p > 0] * np.log2(p[p > 0])).sum()) - math.log2(perplexity)

    return given(brentq(excess, -20, 20, xtol=1e-12))


def test_affinities_are_those_of_the_paper() -> None:
    vectors, perplexity = some_vectors(31), 10.0
    squared = np.square(vectors[:, None].astype(np.float64) - vectors).sum(axis=2)
    conditional = np.zeros((31, 31))
    for row in range(31):
        others = np.arange(31) != row
        conditional[row, others] = conditional_by_the_paper(squared[row, others], perplexity)
    found = measure_affinities(vectors, perplexity)
    np.testing.assert_allclose(found, (conditional + conditional.T) / 62, rtol=1e-6, atol=1e-12)
    assert found.sum() == pytest.approx(1)


def divergence(points: Matrix, affinities: Matrix) -> float:
    """Kullback-Leibler, equations 2 and 4."""
    weights = 1 / (1 + np.square(points[:, None] - points).sum(axis=2))
    np.fill_diagonal(weights, 0)
    shared = affinities > 0
    return float((affinities[shared] * np.log(affinities[shared] / (weights / weights.sum())[shared])).sum())


def test_the_gradient_is_that_of_the_divergence() -> None:
    affinities = measure_affinities(some_vectors(150), 20.0)
    points = np.random.default_rng(1).normal(size=(150, 2)) * 3
    found = gradient(points, affinities.astype(np.float32))
    for row, axis in ((0, 0), (0, 1), (63, 0), (64, 1), (149, 1)):
        step = np.zeros_like(points)
        step[row, axis] = 1e-5
        expected = (divergence(points + step, affinities) - divergence(points - step, affinities)) / 2e-5
        assert found[row, axis] == pytest.approx(expected, rel=1e-3, abs=1e-7)


def test_likes_end_up_together_and_the_same_way_each_time() -> None:
    vectors, steps = some_vectors(150, groups=5), list[int]()
    points = lay_out(vectors, principal(vectors), progress=steps.append)
    assert steps == list(range(25, STEPS + 1, 25))
    distances = np.linalg.norm(points[:, None] - points, axis=2)
    np.fill_diagonal(distances, np.inf)
    assert (distances.argmin(axis=1) // 30 == np.arange(150) // 30).all()
    assert np.array_equal(points, lay_out(vectors, principal(vectors)))
    affinities = measure_affinities(vectors, 30.0)
    assert divergence(points, affinities) < 0.5 * divergence(principal(vectors), affinities)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 24])
@pytest.mark.parametrize("identical", [False, True])
def test_few_vectors_and_identical_ones_have_places_as_well(count: int, identical: bool) -> None:
    vectors = some_vectors(count)
    vectors = np.repeat(vectors[:1], count, axis=0) if identical else vectors
    start = np.zeros((count, 2)) if identical or count == 1 else principal(vectors)
    points = lay_out(vectors, start)
    assert points.shape == (count, 2) and np.isfinite(points).all()
    cells = snap_to_grid(points)
    assert len(np.unique(cells, axis=0)) == count and cells.min() == 0 and cells.max() <= math.ceil(3 * count**0.5)


def make_costs(points: Matrix) -> tuple[Matrix, int]:
    """Squared distances of each point to each cell, line by line, and the number of columns."""
    columns = math.ceil(math.sqrt(grid.ROOM * len(points) * grid.ASPECT))
    lines = math.ceil(grid.ROOM * len(points) / columns)
    centred = points - points.mean(axis=0)
    turned = centred @ np.linalg.svd(centred.T @ centred)[0]
    places = (turned - turned.min(axis=0)) / np.ptp(turned, axis=0) * (columns - 1, lines - 1)
    cells = np.stack(np.meshgrid(np.arange(columns), np.arange(lines)), axis=-1).reshape(-1, 2)
    return np.square(places[:, None] - cells).sum(axis=2), columns


def test_points_have_cells_of_their_own_nearly_as_near_as_can_be() -> None:
    rng = np.random.default_rng(0)
    points = np.concatenate([rng.normal(place, 1, (100, 2)) for place in ((0, 0), (9, 1), (3, 8), (14, 9))])
    cells = snap_to_grid(points)
    assert len(np.unique(cells, axis=0)) == 400 and (cells.min(axis=0) == 0).all()
    costs, columns = make_costs(points)
    best = costs[linear_sum_assignment(costs)].sum()
    assert cells[:, 0].max() == columns - 1  # nothing is cut off at the edges
    found = costs[np.arange(400), cells[:, 1] * columns + cells[:, 0]].sum()
    assert best <= found < 1.15 * best

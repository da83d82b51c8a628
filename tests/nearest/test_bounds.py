"""Rounding errors stay below their bounds, by exact arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cbir.nearest.bounds import min_score, rounding_slack
from cbir.nearest.project import PCA, fit_pca, project, relative_rounding
from cbir.nearest.quantise import QuantisedVectors, quantise_vectors
from tests.support.exact_arithmetic import relative_error
from tests.support.settings import QUICK

pytestmark = pytest.mark.usefixtures("one_thread")


def cancelling(count: int, dimension: int, *, rank: int, scale: float, offset: float, seed: int) -> NDArray[np.float32]:
    """Vectors in a few directions around an offset, with as little outside of them as float32 allows."""
    rng = np.random.default_rng(seed)
    spread = rng.standard_normal((count, rank)) @ rng.standard_normal((rank, dimension))
    return (scale * (spread + offset)).astype(np.float32)


@QUICK
@given(
    dimension=st.sampled_from([1, 2, 3, 4, 7, 16, 33]),
    axes=st.integers(1, 33),
    rank=st.sampled_from([0, 1, 2, 33]),
    scale=st.sampled_from([1e-38, 1e-15, 1e-3, 1.0, 1e6, 1e13]),
    offset=st.sampled_from([0.0, 1.0, 50.0]),
    seed=st.integers(0, 1000),
)
def test_projections_are_off_by_no_more_than_is_allowed(
    dimension: int, axes: int, rank: int, scale: float, offset: float, seed: int
) -> None:
    """Of vectors and far queries, one by one and many at a time, on axes of those and of other vectors."""
    vectors = cancelling(40, dimension, rank=rank, scale=scale, offset=offset, seed=seed)
    others = cancelling(40, dimension, rank=33, scale=scale, offset=-offset, seed=seed + 1)
    for pca in (fit_pca(vectors, min(axes, dimension)), fit_pca(others, min(axes, dimension))):
        assert pca.is_orthonormal()
        asked = np.concatenate([vectors[:2], others[:2], np.full((1, dimension), 1e15, np.float32)])
        together, alone = project(asked, pca), np.concatenate([project(one[None], pca) for one in asked])
        allowed = relative_rounding(dimension, together.shape[1])
        for vector, *projected in zip(asked, together, alone):
            assert all(relative_error(vector, one, pca) <= allowed for one in projected)


@pytest.mark.parametrize(("dimension", "axes"), [(1024, 20), (150, 150)])
def test_projections_of_long_vectors(dimension: int, axes: int) -> None:
    vectors = cancelling(400, dimension, rank=30, scale=1.0, offset=0.5, seed=0)
    pca = fit_pca(vectors, axes)
    allowed = relative_rounding(dimension, axes + 1)
    for vector, projected in zip(vectors[:3], project(vectors[:3], pca)):
        # Few directions: all but a rounding error is on the axes, where differences of squares are at their worst.
        assert 0 < relative_error(vector, projected, pca) <= allowed


def quantised(vectors: NDArray[np.float32], axes: int, width: int) -> tuple[QuantisedVectors, PCA]:
    pca = fit_pca(vectors, axes)
    return quantise_vectors(vectors, pca, (width,))[0], pca


@pytest.mark.parametrize("scale", [1e-15, 1.0, 1e12])
@pytest.mark.parametrize("width", [64, 128, 512])
def test_no_vector_within_the_radius_scores_below_the_minimum(width: int, scale: float) -> None:
    """By every distance in float64: of 300 vectors, for a radius to just each of them."""
    rng = np.random.default_rng(0)
    spread = np.linspace(1.0, 0.01, 200)
    vectors = (scale * (rng.standard_normal((300, 200)) * spread + 3.0)).astype(np.float32)
    made, pca = quantised(vectors, 150, width)
    near, far = vectors[:20] + 0.01 * scale * rng.standard_normal((20, 200)), 5 * scale * rng.standard_normal((5, 200))
    asked = np.concatenate([near, far, np.zeros((1, 200))]).astype(np.float32)
    projected = project(asked, pca)
    queries = made.quantiser.encode(projected)
    scores = made.score(queries.codes)
    ruled_out = 0
    for row, query in enumerate(asked.astype(np.float64)):
        distances = np.linalg.norm(vectors - query, axis=1)
        slack = rounding_slack(projected[row], 200, made.max_norm)
        for distance in distances:
            survivors = scores[row] >= min_score(made, queries, row, distance + slack)
            assert survivors[distances <= distance].all()
            ruled_out += int(np.count_nonzero(~survivors))
    assert ruled_out > 0.1 * 20 * 300 * 300 / 2, (
        "a bound that rules out less than a tenth of the farther ones is of no use"
    )


@QUICK
@given(
    dimension=st.sampled_from([1, 2, 5, 40]),
    rank=st.sampled_from([0, 1, 40]),
    scale=st.sampled_from([1e-38, 1e-15, 1.0, 1e13]),
    width=st.sampled_from([64, 256]),
    seed=st.integers(0, 1000),
)
def test_errors_and_norms_are_those_of_the_worst_vector(
    dimension: int, rank: int, scale: float, width: int, seed: int
) -> None:
    vectors = cancelling(60, dimension, rank=rank, scale=scale, offset=1.0, seed=seed)
    vectors[seed % 60] *= 3
    made, pca = quantised(vectors, min(3, dimension), width)
    encoded = made.quantiser.encode(project(vectors, pca))
    np.testing.assert_array_equal(made.codes, encoded.codes)
    np.testing.assert_array_equal(made.half_squared_norms, np.square(made.codes, dtype=np.int64).sum(axis=1) // 2)
    assert (encoded.errors <= made.error * (1 + 1e-6)).all()
    norms = np.linalg.norm(vectors.astype(np.longdouble) - pca.origin, axis=1)
    assert (norms <= made.max_norm * (1 + 1e-6)).all()


def test_the_error_is_the_largest_of_all_blocks() -> None:
    """The vectors with most of it come first, the others of 3,000 are on the grid of codes."""
    vectors = np.repeat(np.array([[0.4], [-0.4], [-127.0], [127.0]], np.float32), [1, 1, 1499, 1499], axis=0)
    made, pca = quantised(vectors, 1, 64)
    assert made.error == pytest.approx(0.4, rel=1e-6)
    assert made.matches(vectors[:1024], pca, slice(0, 1024))
    assert not made._replace(error=0.39).matches(vectors[:1024], pca, slice(0, 1024))

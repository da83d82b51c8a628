"""Codes bound distances from below."""

from __future__ import annotations

import doctest
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray

from cbir.nearest import project as project_module
from cbir.nearest import quantise as quantise_module
from cbir.nearest.bounds import min_score
from cbir.nearest.project import fit_pca, project
from cbir.nearest.quantise import hadamard_matrix, quantise_vectors


def numbers(count: int, dimension: int, *, seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal((count, dimension), np.float32)


@pytest.mark.parametrize("width", [64, 128, 512])
def test_no_vector_within_the_radius_scores_below_the_minimum(width: int) -> None:
    """By every distance in float64: of 300 vectors, for a reach to just each of them."""
    vectors = numbers(300, 200, seed=0) * np.linspace(1.0, 0.01, 200, dtype=np.float32) + np.float32(3.0)
    pca = fit_pca(vectors, 150)
    (made,) = quantise_vectors(vectors, pca, (width,))
    near, far = vectors[:20] + np.float32(0.01) * numbers(20, 200, seed=1), 5 * numbers(5, 200, seed=2)
    asked = np.concatenate([near, far, np.zeros((1, 200), np.float32)])
    queries = made.quantiser.encode(project(asked, pca))
    scores = made.score(queries.codes)
    ruled_out = np.int64(0)
    for number, query in enumerate(asked.astype(np.float64)):
        distances = np.linalg.norm(vectors - query, axis=1)
        for distance in distances:
            within = distances <= distance
            survivors = scores[number] >= min_score(made, queries, number, distance + 1e-6)
            assert survivors[within].all()
            ruled_out += np.count_nonzero(~survivors)
    assert ruled_out > 0.1 * 20 * 300 * 300 / 2, (
        "a bound that rules out less than a tenth of the farther ones is of no use"
    )


@pytest.mark.parametrize("width", [1, 2, 64, 512])
def test_hadamard_matrices_keep_distances(width: int) -> None:
    matrix = hadamard_matrix(width)
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(width), atol=1e-12)
    np.testing.assert_allclose(np.abs(matrix), width**-0.5)


@pytest.mark.parametrize("module", [project_module, quantise_module])
def test_examples_of_docstrings_are_so(module: ModuleType) -> None:
    found = doctest.testmod(module)
    assert found.attempted and not found.failed

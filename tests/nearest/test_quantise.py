"""The transform that codes begin with keeps distances."""

from __future__ import annotations

import doctest
from types import ModuleType

import numpy as np
import pytest

from cbir.nearest import project, quantise
from cbir.nearest.quantise import hadamard_matrix


@pytest.mark.parametrize("width", [1, 2, 64, 512])
def test_hadamard_matrices_keep_distances(width: int) -> None:
    matrix = hadamard_matrix(width)
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(width), atol=1e-12)
    np.testing.assert_allclose(np.abs(matrix), width**-0.5)


@pytest.mark.parametrize("module", [project, quantise])
def test_examples_of_docstrings_are_so(module: ModuleType) -> None:
    found = doctest.testmod(module)
    assert found.attempted and not found.failed

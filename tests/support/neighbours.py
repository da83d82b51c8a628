"""Vectors to search, the answer by definition, and vectors for which the bounds of the proof are as tight as can be."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cbir.nearest.project import PCA
from cbir.nearest.quantise import hadamard_matrix

WIDTH = 64
STEPS = 41
"""Numbers of a code in which a query and its neighbour differ: odd, so that norms are odd and even."""


class TightCase(NamedTuple):
    """Vectors and queries whose nearest neighbour is exactly as far as its lower bound."""

    vectors: NDArray[np.float32]
    """(N, 64)"""
    queries: NDArray[np.float32]
    """(Q, 64)"""
    pca: PCA
    """The axes of the coordinates, and the origin 0. The last coordinate, which codes take the size of, is positive."""


def clustered(count: int, dimension: int, *, seed: int) -> NDArray[np.float32]:
    """Vectors of unit length around a few centres, none of their numbers negative, as features are."""
    rng = np.random.default_rng(seed)
    centres = rng.exponential(size=(40, dimension))
    vectors = np.abs(centres[rng.integers(40, size=count)] + 0.7 * rng.standard_normal((count, dimension)))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def scan(
    vectors: NDArray[np.float32], query: NDArray[np.float32], k: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The answer by definition: every distance in float64, ties to the earlier vector."""
    difference = vectors - query.astype(np.float64)
    distances = np.sqrt(np.square(difference, out=difference).sum(axis=1))
    order = np.argsort(distances, kind="stable")[:k]
    return order, distances[order]


def tight_case(*, seed: int = 0) -> TightCase:
    """460 vectors with exact arithmetic: codes have the scale 1 and the offset 8.

    A vector is g + 3/4 w, its query g + 1/4 w, before the Hadamard transform is undone, where g is of whole numbers
    and w of STEPS numbers -1 or 1, else 0. Their codes are g + w and g, the quantisation errors a quarter of |w| each,
    and the distance half of it: all on one line, so that the triangle inequality is an equality. 20 vectors come twice.
    Behind them are vectors without error; the first of these makes the scale 1. The axes are longer than 1 by as much
    as `PCA.is_orthonormal` allows, so that distances grow, and the slack for rounding is needed.
    """
    rng = np.random.default_rng(seed)
    centres = rng.integers(-2, 3, (100, WIDTH))
    steps = rng.permuted(np.repeat([[1.0, 0.0]], 100, axis=0).repeat([STEPS, WIDTH - STEPS], axis=1), axis=1)
    steps *= rng.choice([-1, 1], steps.shape)
    grid = rng.integers(-3, 4, (120, WIDTH)).astype(np.float64)
    grid[0] = 127 * np.sign(hadamard_matrix(WIDTH)[1])
    tight = centres + 0.75 * steps
    queries = np.concatenate([centres + 0.25 * steps, 3 * grid[:1], -3 * grid[:1]])
    codes = np.concatenate([tight, -tight, tight[:10], -tight[:10], grid, -grid])
    return TightCase(_undo(codes), _undo(queries), PCA((1 + 1e-13) * np.eye(WIDTH), np.zeros(WIDTH)))


def _undo(codes: NDArray[np.float64]) -> NDArray[np.float32]:
    """Vectors that have these codes; all numbers are multiples of 1/32, so float32 holds them as they are."""
    vectors = codes @ hadamard_matrix(WIDTH)
    vectors[:, -1] += 8
    assert (vectors[:, -1] >= 0).all()
    return vectors.astype(np.float32)

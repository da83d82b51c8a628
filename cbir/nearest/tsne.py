"""t-SNE: vectors to points of a plane, so that those near each other stay so.

L. van der Maaten and G. Hinton, "Visualizing Data using t-SNE", JMLR 9 (2008). Each vector sees its 3 * perplexity
nearest alone, as in van der Maaten, "Accelerating t-SNE using Tree-Based Algorithms", JMLR 15 (2014), section 4.1;
repulsion is summed over all pairs. The start and the learning rate are those of D. Kobak and P. Berens, "The art of
using t-SNE for single-cell transcriptomics", Nature Communications 10 (2019). Nothing is drawn at random.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cbir.nearest.blocks import blocks
from cbir.nearest.int8 import Matrix, matmul
from cbir.nearest.project import Vectors

PERPLEXITY = 30.0
"""How many neighbours each vector has, in effect; fewer of few vectors."""
STEPS, EARLY = 250, 100
"""Steps of gradient descent, and how many of these attract more."""
EXAGGERATION = 12.0
"""How many times as much they attract."""
SPREAD = 1e-4
"""Standard deviation of the points along the first axis at the start."""
TOLD_EVERY = 25
"""Steps between two reports of progress."""
ROWS = 64
"""Rows of pairs that are worked on at once, which stay in the processor's cache."""


def lay_out(vectors: Vectors, start: Matrix, *, progress: Callable[[int], object] = lambda _: None) -> Matrix:
    """(N, 2) float64: a point for each vector, (N, D), about the origin, in no particular unit.

    start: (N, 2) leading principal coordinates of the vectors. Fewer than four vectors stay there. progress: called now
    and then with the number of steps done, of STEPS. Takes memory for N * N numbers. The same vectors and start give
    the same points on one machine.
    """
    count = len(vectors)
    if count < 4:
        return start - start.mean(axis=0)
    affinities = measure_affinities(vectors, min(PERPLEXITY, (count - 1) / 3)).astype(np.float32)
    points = start * (SPREAD / max(float(start[:, 0].std()), 1e-12))
    velocity = np.zeros_like(points)
    for step in range(STEPS):
        exaggeration, momentum = (EXAGGERATION, 0.5) if step < EARLY else (1.0, 0.8)
        forces = _sum_forces(points.astype(np.float32), affinities)
        gradient = 4 * (exaggeration * forces.attraction - forces.repulsion)
        velocity = momentum * velocity - count / EXAGGERATION * gradient
        points = points + velocity
        points -= points.mean(axis=0)
        if (step + 1) % TOLD_EVERY == 0:
            progress(step + 1)
    return points


def measure_affinities(vectors: Vectors, perplexity: float) -> Matrix:
    """(N, N) float64: p_ij of the paper's section 2, symmetric, all of them 1 in sum, zero beyond the nearest.

    perplexity: 2 to the power of the entropy in bits of each p_j|i, at most (N - 1) / 3. Where all neighbours are at
    one distance, each has the same part.
    """
    count = len(vectors)
    kept = min(count - 1, math.ceil(3 * perplexity))
    exact = vectors.astype(np.float64)
    norms = np.square(exact).sum(axis=1)
    squared = norms[:, None] + norms - 2 * matmul(exact, exact.T)
    np.fill_diagonal(squared, np.inf)
    nearest = np.argpartition(squared, kept - 1, axis=1)[:, :kept]
    near = np.take_along_axis(squared, nearest, axis=1)
    near -= near.min(axis=1, keepdims=True)
    # The entropy falls as the precision of the Gaussian grows, so it is found by bisection.
    low, high, precision = np.zeros(count), np.full(count, np.inf), np.ones(count)
    for _ in range(50):
        weights = np.exp(-near * precision[:, None])
        total = weights.sum(axis=1)
        entropy = np.log(total) + precision * (weights * near).sum(axis=1) / total
        flat = entropy > math.log(perplexity)
        low, high = np.where(flat, precision, low), np.where(flat, high, precision)
        precision = np.where(np.isinf(high), 2 * precision, (low + high) / 2)
    conditional = np.zeros((count, count))
    np.put_along_axis(conditional, nearest, weights / total[:, None], axis=1)
    return np.asarray((conditional + conditional.T) / (2 * count))


class _Forces(NamedTuple):
    """The two parts of the gradient, each (N, 2): sums of p_ij w_ij (y_i - y_j), and of w_ij^2 (y_i - y_j) over all w.

    w_ij is 1 / (1 + |y_i - y_j|^2).
    """

    attraction: Matrix
    repulsion: Matrix


def _sum_forces(points: Vectors, affinities: NDArray[np.float32]) -> _Forces:
    ones = np.ones((len(points), 1), np.float32)
    norms = np.square(points).sum(axis=1, keepdims=True)
    # One product gives 1 + |y_i - y_j|^2, and one the sums of both a_ij y_j and a_ij.
    left, right = np.hstack([points, ones, norms + 1]), np.ascontiguousarray(np.hstack([-2 * points, norms, ones]).T)
    summed = np.hstack([points, ones])
    pulled, pushed, all_weights = np.empty_like(summed), np.empty_like(summed), -float(len(points))
    for rows in blocks(len(points), ROWS):
        weights = np.reciprocal(left[rows] @ right)
        all_weights += float(weights.sum(dtype=np.float64))
        pulled[rows] = (weights * affinities[rows]) @ summed
        pushed[rows] = np.square(weights) @ summed
    attraction, repulsion = (points * sums[:, 2:] - sums[:, :2] for sums in (pulled, pushed))
    return _Forces(attraction.astype(np.float64), repulsion.astype(np.float64) / all_weights)

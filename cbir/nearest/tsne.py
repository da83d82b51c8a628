"""t-SNE: vectors to points of a plane, so that those near each other stay so.

L. van der Maaten and G. Hinton, "Visualizing Data using t-SNE", JMLR 9 (2008). Each vector sees its 3 * perplexity
nearest alone, as in van der Maaten, "Accelerating t-SNE using Tree-Based Algorithms", JMLR 15 (2014), section 4.1;
repulsion is summed over all pairs. The start and the learning rate are those of D. Kobak and P. Berens, "The art of
using t-SNE for single-cell transcriptomics", Nature Communications 10 (2019). Nothing is drawn at random.
"""

from __future__ import annotations

import math
from collections.abc import Callable

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
TINY = 1e-12
"""In place of no deviation at all."""
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
    centred = start - start.mean(axis=0)
    if count < 4:
        return centred
    affinities = measure_affinities(vectors, min(PERPLEXITY, (count - 1) / 3)).astype(np.float32)
    points = centred * (SPREAD / max(float(start[:, 0].std()), TINY))
    velocity = np.zeros_like(points)
    for step in range(STEPS):
        exaggeration, momentum = (EXAGGERATION, 0.5) if step < EARLY else (1.0, 0.8)
        velocity *= momentum
        velocity -= count / EXAGGERATION * gradient(points, affinities, exaggeration)
        points += velocity - velocity.mean(axis=0)
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


def gradient(points: Matrix, affinities: NDArray[np.float32], exaggeration: float = 1.0) -> Matrix:
    """(N, 2) float64: of the Kullback-Leibler divergence by the points, (N, 2): equation 5 of the paper, in float32.

    affinities: (N, N), as `measure_affinities` gives them. exaggeration: what they are multiplied by.
    """
    near = points.astype(np.float32)
    ones = np.ones((len(near), 1), np.float32)
    norms = np.square(near).sum(axis=1, keepdims=True)
    # One product gives 1 + |y_i - y_j|^2, and one the sums of both a_ij y_j and a_ij.
    left, right = np.hstack([near, ones, norms + 1]), np.ascontiguousarray(np.hstack([-2 * near, norms, ones]).T)
    summed = np.hstack([near, ones])
    pulled, pushed, total = np.empty_like(summed), np.empty_like(summed), -float(len(near))
    for rows in blocks(len(near), ROWS):
        weights = np.reciprocal(left[rows] @ right)
        total += float(weights.sum(dtype=np.float64))
        pulled[rows] = (weights * affinities[rows]) @ summed
        pushed[rows] = np.square(weights) @ summed
    attraction, repulsion = (near * sums[:, 2:] - sums[:, :2] for sums in (pulled, pushed))
    return np.asarray(4 * (exaggeration * attraction.astype(np.float64) - repulsion.astype(np.float64) / total))

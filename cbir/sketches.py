"""Sketches: a few numbers that stand for a vector, such that the distance of two sketches is a lower bound.

An orthogonal rotation keeps Euclidean distances. After one to principal axes, the first coordinates tell most of the
vectors apart; with the length of the rest they are a sketch. A sketch of a sketch, with fewer numbers, is one, too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cbir.rows import blocks

COARSE = (16, 32, 64, 96, 128)
"""Numbers that a coarse sketch may have; the data decide."""
GATHER = 12.0
"""Cost of a number read from a row here and there, as a multiple of one read in passing (estimated)."""
SAMPLE = 65_536
"""Vectors that principal axes are computed from, at most."""

Vectors32 = NDArray[np.float32]


def principal_axes(vectors: Vectors32, count: int) -> NDArray[np.float64]:
    """(D, count + 1) float64: leading principal axes of some of the vectors as columns, and last their mean.

    The bounds hold for any orthonormal axes and any mean; these make them tight.
    """
    some = vectors[:: max(1, -(-len(vectors) // SAMPLE))]
    dimension = vectors.shape[1]
    mean = some.mean(axis=0, dtype=np.float64) if len(some) else np.zeros(dimension)
    scatter = np.zeros((dimension, dimension))
    for block in blocks(len(some)):
        centred = some[block] - mean
        scatter += centred.T @ centred
    axes = np.linalg.eigh(scatter)[1][:, ::-1][:, :count]
    return np.column_stack([axes, mean])


def project(vectors: Vectors32, rotation: NDArray[np.float64]) -> Vectors32:
    """(n, m) float32 fine sketches: coordinates on the axes, and the norm of what they leave out."""
    centred = vectors - rotation[:, -1]
    prefix = centred @ rotation[:, :-1]
    rest = np.square(centred).sum(axis=1) - np.square(prefix).sum(axis=1)
    return np.column_stack([prefix, np.sqrt(np.maximum(rest, 0.0))]).astype(np.float32)


def coarsen(fine: Vectors32, width: int) -> Vectors32:
    """(n, width + 1) float32: sketches of fine sketches, (n, m), and last minus half the squared length of each."""
    coarse = np.empty((len(fine), width + 1), np.float32)
    coarse[:, : width - 1] = fine[:, : width - 1]
    coarse[:, width - 1] = np.sqrt(np.square(fine[:, width - 1 :], dtype=np.float64).sum(axis=1))
    coarse[:, width] = -0.5 * np.square(coarse[:, :width], dtype=np.float64).sum(axis=1)
    return coarse


def choose_width(vectors: Vectors32, fine: Vectors32) -> int:
    """Numbers of a coarse sketch with which a search costs least, by the distances of a few of the vectors.

    They stand for queries that lie farther off than they do themselves, so not their third neighbour is looked at but
    their 64th. At least 65 vectors are needed.
    """
    count, full = fine.shape
    numbers = np.arange(0, count, -(-count // SAMPLE))
    queries, others = np.linspace(0, count - 1, 32).astype(np.int64), fine[numbers]
    widths = sorted({min(width, full) for width in COARSE})
    sketches = [coarsen(others, width)[:, :width] for width in widths]
    costs = np.zeros(len(widths))
    for query in queries:
        bounds = [
            np.square(some - coarsen(fine[query, None], width)[:, :width]).sum(1)
            for some, width in zip(sketches, widths)
        ]
        near = numbers[np.argpartition(bounds[-1], 64)[:65]]
        upper = np.square(vectors[near].astype(np.float64) - vectors[query]).sum(1).max()
        survivors = np.array([(bound <= upper).mean() for bound in bounds])
        costs += np.array(widths) + GATHER * full * survivors
    return widths[int(costs.argmin())]

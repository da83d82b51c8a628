"""Principal components: an orthogonal projection that keeps Euclidean distances and puts what tells vectors apart
first.

Of vectors split into their leading coordinates p and the rest, of norm t,

    |q - x|^2  >=  |p_q - p_x|^2 + (t_q - t_x)^2,

so that a few coordinates and one norm bound a distance from below.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cbir.nearest.blocks import blocks
from cbir.nearest.int8 import Matrix, matmul

SAMPLE = 65_536
"""Vectors that axes and widths are chosen by, at most."""
FEW = 4
"""Fewer vectors than their numbers divided by this span few axes."""

EPS = float(np.finfo(np.float64).eps)

Vectors = NDArray[np.float32]


class PCA(NamedTuple):
    """Valid for any orthonormal axes and origin; PCA axes and the mean make the bounds tight."""

    axes: Matrix
    """(D, d) float64, as columns."""
    origin: Matrix
    """(D,) float64."""

    def is_orthonormal(self) -> bool:
        """Whether the axes are as orthonormal as `relative_rounding` takes for granted."""
        dimension, count = self.axes.shape
        off = np.linalg.norm(self.axes.T @ self.axes - np.eye(count))
        return bool(off <= 2 * dimension * (count + 1) * EPS)


def fit_pca(vectors: Vectors, dims: int) -> PCA:
    """The leading principal axes, at most `dims`, and the mean of at most SAMPLE of the vectors, (N, D)."""
    sample = vectors[:: sample_stride(len(vectors))]
    dimension = vectors.shape[1]
    mean = sample.mean(axis=0, dtype=np.float64) if len(sample) else np.zeros(dimension)
    if 0 < len(sample) <= dimension // FEW:
        # Of few vectors, all others than these axes are alike: they say nothing. It takes milliseconds, not seconds.
        return PCA(np.linalg.svd(sample - mean, full_matrices=False)[2][:dims].T.copy(), mean)
    scatter = np.zeros((dimension, dimension))
    for block in blocks(len(sample)):
        centred = sample[block] - mean
        scatter += centred.T @ centred
    axes = np.linalg.eigh(scatter)[1][:, ::-1][:, :dims]
    # A copy in any case: torch takes no negative strides, and one axis of one number counts as contiguous with them.
    return PCA(axes.copy(), mean)


def project(vectors: Vectors, pca: PCA) -> Matrix:
    """(n, d + 1) float64: coordinates of (n, D) on the axes, and last the norm of what they leave out."""
    centred = vectors - pca.origin
    leading = matmul(centred, pca.axes)
    rest = np.square(centred).sum(axis=1) - np.square(leading).sum(axis=1)
    return np.column_stack([leading, np.sqrt(np.maximum(rest, 0.0))])


def relative_rounding(dimension: int, width: int) -> float:
    """Upper bound of how far float64 puts a projected vector off, Euclidean, over the vector's distance to the origin.

    Sums of D products are off by D eps / 2 of their size at most, whatever their order (Higham, Accuracy and Stability,
    section 3.1), so with n = D (d + 1) the coordinates are off by n eps / 2. Axes that pass `is_orthonormal`, the
    rounding of its own product included, are within 2.5 n eps of orthonormal ones. The squared norm of the rest, a
    difference of such sums, is then off by 9 n eps, and the norm itself by the root of that: by 3 sqrt(n eps). Terms
    without a root, those of the transform to codes among them, are far smaller; 4 in place of 3 has room for them.

    dimension: D, before the projection. width: d + 1, after it.
    """
    return 4.0 * math.sqrt(dimension * width * EPS)


def truncate_with_residual(projected: Matrix, width: int) -> Matrix:
    """(n, width): the leading columns of (n, d), and last the norm of the others; zeros if there are none.

    >>> truncate_with_residual(np.array([[5.0, 3.0, 4.0]]), 2)
    array([[5., 5.]])
    """
    short = np.zeros((len(projected), width))
    kept = min(width - 1, projected.shape[1])
    short[:, :kept] = projected[:, :kept]
    short[:, -1] = np.sqrt(np.square(projected[:, kept:]).sum(axis=1))
    return short


def sample_stride(count: int) -> int:
    """Stride that samples at most SAMPLE of `count` vectors."""
    return max(1, -(-count // SAMPLE))

"""Codes: a few small integers that stand for a vector.

The leading coordinates of a projected vector and the norm of the rest (project.py), spread evenly over as many numbers
by a Hadamard transform, which keeps distances as well, are rounded to multiples c of a scale s. The codes c are int8:
an eighth of the bytes of float64, multiplied four at a time, and sums of their products are exact. bounds.py tells
what follows for distances.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cbir.nearest.blocks import blocks
from cbir.nearest.int8 import Matrix, gather_rows, int8_matmul
from cbir.nearest.project import PCA, Vectors, project, relative_rounding, sample_stride, truncate_with_residual

WIDTHS = (64, 128, 256)
"""Numbers that a coarse code may have, powers of two; `choose_width` takes the cheapest."""
RANDOM_READ_COST = 5.0
"""Cost of a number in a row read by itself, as a multiple of one in a row read in sequence (estimated)."""
ALL = slice(None)
OFFSET_SAMPLE = 4096
"""Vectors that offsets are chosen by, about."""
GATHERED = 0.5
"""Share of the codes up to which it is quicker to gather them than to score all (measured)."""


class QueryCodes(NamedTuple):
    """Codes of n queries."""

    codes: NDArray[np.int8]
    """(n, m)"""
    squared_norms: NDArray[np.int64]
    """(n,) |c|^2."""
    errors: Matrix
    """(n,) float64: quantisation error of each query, |y - scale * c|, Euclidean."""


class Quantiser(NamedTuple):
    """How projected vectors become codes."""

    width: int
    """Numbers of a code, m, a power of two."""
    offset: float
    """Subtracted from the norm of the rest, so that it is centred at 0 as the coordinates are."""
    scale: float
    """Size of one unit of a code."""

    def encode(self, projected: Matrix) -> QueryCodes:
        """Codes of projected vectors, (n, d) float64, as `project` gives them."""
        exact = hadamard_transform(projected, self.width, self.offset)
        rounded = np.clip(np.rint(exact / self.scale), -127, 127)
        errors = np.sqrt(np.square(exact - self.scale * rounded).sum(axis=1))
        return QueryCodes(rounded.astype(np.int8), np.square(rounded).sum(axis=1).astype(np.int64), errors)


class QuantisedVectors(NamedTuple):
    """Codes of N vectors."""

    quantiser: Quantiser
    codes: NDArray[np.int8]
    """(N, m)"""
    half_squared_norms: NDArray[np.int32]
    """(N,) |c|^2 / 2, rounded down."""
    error: float
    """Largest quantisation error of a vector, |z - scale * c|, Euclidean."""

    @property
    def max_norm(self) -> float:
        """Upper bound of |x - origin|."""
        longest = math.sqrt(2.0 * float(self.half_squared_norms.max(initial=0)) + 1.0)
        return self.quantiser.scale * longest + self.error + abs(self.quantiser.offset)

    @property
    def fits(self) -> bool:
        """Whether no error is larger than rounding alone can make it; numbers beyond those of a code do."""
        return self.error <= self.quantiser.scale * math.sqrt(self.quantiser.width) / 2

    def score(self, codes: NDArray[np.int8], rows: NDArray[np.int64] | slice = ALL) -> NDArray[np.int32]:
        """(Q, n): c_q . c_x - |c_x|^2 / 2, rounded up, of queries, (Q, m), and vectors: more is nearer.

        rows: of the vectors: (n,), ascending, each once, or a slice.
        """
        if not isinstance(rows, slice) and len(rows) > GATHERED * len(self.codes):
            scores = self.score(codes)
            return scores if len(rows) == len(self.codes) else scores.take(rows, axis=1)
        scores = int8_matmul(codes, self.codes[rows] if isinstance(rows, slice) else gather_rows(self.codes, rows))
        scores -= self.half_squared_norms[rows]
        return scores

    def change(self, sources: NDArray[np.int64], projected: Matrix) -> QuantisedVectors:
        """Codes of other vectors, most of which have theirs here, on the same scale.

        sources: (N,) the row here of each, -1 for a new one. projected: (n, d) float64, the new ones.
        """
        kept, new = np.flatnonzero(sources >= 0), np.flatnonzero(sources < 0)
        codes, halves = np.empty((len(sources), self.quantiser.width), np.int8), np.empty(len(sources), np.int32)
        codes[kept], halves[kept] = self.codes[sources[kept]], self.half_squared_norms[sources[kept]]
        codes[new], squared_norms, errors = self.quantiser.encode(projected)
        halves[new] = squared_norms // 2
        return QuantisedVectors(self.quantiser, codes, halves, max(self.error, float(errors.max(initial=0.0))))

    def save(self, path: Path) -> None:
        """Write an .npz file."""
        scale = np.array([self.quantiser.offset, self.quantiser.scale, self.error])
        np.savez(path, codes=self.codes, halves=self.half_squared_norms, scale=scale)

    @classmethod
    def open(cls, path: Path, count: int) -> QuantisedVectors:
        """What `save` wrote; raises ValueError if these are not codes of so many vectors."""
        with np.load(path, allow_pickle=False) as file:
            codes, halves, (offset, scale, error) = file["codes"], file["halves"], file["scale"].tolist()
        shapes = (codes.dtype, len(codes), halves.dtype, halves.shape)
        if shapes != (np.dtype(np.int8), count, np.dtype(np.int32), (count,)):
            raise ValueError(f"{path}: {len(codes):,} codes do not fit {count:,} vectors")
        if not (math.isfinite(offset) and 0 < scale < math.inf and error >= 0):
            raise ValueError(f"{path}: offset {offset}, scale {scale} and error {error} are not those of codes")
        return cls(Quantiser(codes.shape[1], offset, scale), codes, halves, error)

    def matches(self, vectors: Vectors, pca: PCA, rows: slice) -> bool:
        """Whether these rows are codes of the vectors, (n, D), and no error is larger than the one stored, but for
        what `rounding_slack` allows for.
        """
        projected = project(vectors, pca)
        exact = hadamard_transform(projected, self.quantiser.width, self.quantiser.offset)
        errors = np.sqrt(np.square(exact - self.quantiser.scale * self.codes[rows]).sum(axis=1))
        squared_norms = np.square(self.codes[rows], dtype=np.int64).sum(axis=1)
        allowed = self.error + relative_rounding(vectors.shape[1], projected.shape[1]) * self.max_norm
        return bool((errors <= allowed).all() and (self.half_squared_norms[rows] == squared_norms // 2).all())


def quantise_vectors(vectors: Vectors, pca: PCA, widths: Iterable[int]) -> list[QuantisedVectors]:
    """Codes of vectors, (N, D), of each width."""
    sample = project(vectors[:: 1 + len(vectors) // OFFSET_SAMPLE], pca)
    offsets = {
        width: float(truncate_with_residual(sample, width)[:, -1].mean()) if len(sample) else 0.0 for width in widths
    }
    peaks = dict.fromkeys(offsets, 0.0)
    for rows in blocks(len(vectors)):
        projected = project(vectors[rows], pca)
        for width, offset in offsets.items():
            peaks[width] = max(peaks[width], float(np.abs(hadamard_transform(projected, width, offset)).max()))
    count = len(vectors)
    made = [
        QuantisedVectors(
            Quantiser(width, offset, peaks[width] / 127 or 1.0),
            np.empty((count, width), np.int8),
            np.empty(count, np.int32),
            0.0,
        )
        for width, offset in offsets.items()
    ]
    for rows in blocks(count):
        projected = project(vectors[rows], pca)
        for place, quantised in enumerate(made):
            codes, squared_norms, errors = quantised.quantiser.encode(projected)
            quantised.codes[rows], quantised.half_squared_norms[rows] = codes, squared_norms // 2
            made[place] = quantised._replace(error=max(quantised.error, float(errors.max())))
    return made


def hadamard_transform(projected: Matrix, width: int, offset: float) -> Matrix:
    """(n, width): truncated with residual, less `offset`, and turned so that all numbers are about as large."""
    short = truncate_with_residual(projected, width)
    short[:, -1] -= offset
    # The matrix is the Kronecker product of two smaller ones, with which there is less to compute.
    part = 1 << (width.bit_length() // 2)
    mixed = hadamard_matrix(width // part) @ short.reshape(-1, width // part, part) @ hadamard_matrix(part)
    return mixed.reshape(short.shape)


@cache
def hadamard_matrix(width: int) -> Matrix:
    """(width, width) float64, orthonormal and symmetric, all entries of one size (Sylvester 1867).

    width: a power of two.

    >>> hadamard_matrix(4) * 2
    array([[ 1.,  1.,  1.,  1.],
           [ 1., -1.,  1., -1.],
           [ 1.,  1., -1., -1.],
           [ 1., -1., -1.,  1.]])
    """
    matrix = np.ones((1, 1))
    while len(matrix) < width:
        matrix = np.block([[matrix, matrix], [matrix, -matrix]])
    return matrix / math.sqrt(width)


def choose_width(vectors: Vectors, pca: PCA) -> int:
    """Width of a coarse code with which a search costs least, by the distances of a few of the vectors.

    The vectors stand for queries, which lie farther off than they do themselves, so their 16th neighbour takes the
    place of the third. At least 17 vectors are needed.
    """
    sample = vectors[:: sample_stride(len(vectors))]
    projected = np.concatenate([project(sample[rows], pca).astype(np.float32) for rows in blocks(len(sample))])
    truncated = [truncate_with_residual(projected, width).astype(np.float32) for width in WIDTHS]
    costs = np.zeros(len(WIDTHS))
    for query in np.linspace(0, len(sample) - 1, 32).astype(np.int64):
        bounds = [np.square(short - short[query]).sum(axis=1) for short in truncated]
        near = np.argpartition(bounds[-1], 16)[:17]
        upper = np.square(sample[near].astype(np.float64) - sample[query]).sum(axis=1).max()
        survivors = np.array([(bound <= upper).mean() for bound in bounds])
        costs += np.array(WIDTHS) + RANDOM_READ_COST * projected.shape[1] * survivors
    return WIDTHS[int(costs.argmin())]

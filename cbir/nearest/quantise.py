"""Sketches: a few small integers that stand for a vector, and bound its distances from below.

An orthogonal rotation keeps Euclidean distances. After one to principal axes, the first coordinates tell most of the
vectors apart. Of vectors split into these, p, and the rest, of norm t,

    |q - x|^2  >=  |p_q - p_x|^2 + (t_q - t_x)^2.

p and t together, spread evenly over as many numbers by a Hadamard transform, which keeps distances as well, are rounded
to multiples c of a step. That moves them by an error e of at most half a step each, so that

    |q - x|  >=  step |c_q - c_x| - e_q - e_x.

The c are int8: an eighth of the bytes of float64, multiplied four at a time, and sums of their products are exact.
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
from cbir.nearest.int8 import Numbers, multiply, rotate, take

WIDTHS = (64, 128, 256)
"""Numbers that a coarse sketch may have, powers of two; the data decide."""


GATHER = 5.0
"""Cost of a number read from a row here and there, as a multiple of one read in passing (estimated)."""


SAMPLE = 65_536
"""Vectors that axes and widths are chosen by, at most."""


FEW = 4096
"""Vectors that offsets are chosen by, about."""


Vectors32 = NDArray[np.float32]


class Rotation(NamedTuple):
    """Orthonormal axes, and where they start from. The bounds hold for any; principal axes and the mean are tight."""

    axes: Numbers
    """(D, d), as columns."""
    origin: Numbers
    """(D,)"""


class Codes(NamedTuple):
    """Sketches of n queries."""

    codes: NDArray[np.int8]
    """(n, m)"""
    lengths: NDArray[np.int64]
    """(n,) squared lengths of the codes."""
    errors: Numbers
    """(n,) Euclidean distances of what was rounded to the codes times the step."""


class Scale(NamedTuple):
    """How projected vectors become codes."""

    width: int
    """Numbers of a code, m, a power of two."""
    offset: float
    """Taken off the norm of the rest, so that it lies around 0 as the coordinates do."""
    step: float

    def encode(self, projected: Numbers) -> Codes:
        """Codes of projected vectors, (n, d), as `project` gives them."""
        exact = spread(projected, self.width, self.offset)
        rounded = np.clip(np.rint(exact / self.step), -127, 127)
        errors = np.sqrt(np.square(exact - self.step * rounded).sum(axis=1))
        return Codes(rounded.astype(np.int8), np.square(rounded).sum(axis=1).astype(np.int64), errors)


class Sketches(NamedTuple):
    """Sketches of N vectors."""

    scale: Scale
    codes: NDArray[np.int8]
    """(N, m)"""
    halves: NDArray[np.int32]
    """(N,) half the squared lengths of the codes, rounded down."""
    error: float
    """No vector moved farther than this, Euclidean, when it was rounded."""

    @property
    def largest(self) -> float:
        """No vector is longer than this, from the mean of all."""
        longest = math.sqrt(2.0 * float(self.halves.max(initial=0)) + 1.0)
        return self.scale.step * longest + self.error + abs(self.scale.offset)

    def score(self, codes: NDArray[np.int8], rows: NDArray[np.int64] | None = None) -> NDArray[np.int32]:
        """(Q, n): c_q . c_x - |c_x|^2 / 2, rounded up, of queries, (Q, m), and vectors: more is nearer.

        rows: (n,) numbers of the vectors, if not all.
        """
        scores = multiply(codes, self.codes if rows is None else take(self.codes, rows))
        scores -= self.halves if rows is None else self.halves[rows]
        return scores

    def threshold(self, queries: Codes, number: int, reach: float) -> int:
        """Least score of a vector that can lie within `reach`, Euclidean, of one of the queries."""
        apart = (reach + float(queries.errors[number]) + self.error) / self.scale.step
        return math.floor(max(0.5 * (int(queries.lengths[number]) - apart * apart), -(2.0**31)))

    def save(self, path: Path) -> None:
        """Write an .npz file."""
        scale = np.array([self.scale.offset, self.scale.step, self.error])
        np.savez(path, codes=self.codes, halves=self.halves, scale=scale)

    @classmethod
    def open(cls, path: Path, count: int) -> Sketches:
        """What `save` wrote; raises ValueError if these are not sketches of so many vectors."""
        with np.load(path, allow_pickle=False) as file:
            codes, halves, (offset, step, error) = file["codes"], file["halves"], file["scale"].tolist()
        shapes = (codes.dtype, len(codes), halves.dtype, halves.shape)
        if shapes != (np.dtype(np.int8), count, np.dtype(np.int32), (count,)):
            raise ValueError(f"{path}: {len(codes):,} sketches do not fit {count:,} vectors")
        return cls(Scale(codes.shape[1], offset, step), codes, halves, error)

    def follow(self, vectors: Vectors32, rotation: Rotation, some: slice) -> bool:
        """Whether these are sketches of some of the vectors, (n, D), but for rounding of float64."""
        exact = spread(project(vectors, rotation), self.scale.width, self.scale.offset)
        moved = np.sqrt(np.square(exact - self.scale.step * self.codes[some]).sum(axis=1))
        lengths = np.square(self.codes[some], dtype=np.int64).sum(axis=1)
        allowed = self.error + 1e-9 * self.largest
        return bool((moved <= allowed).all() and (self.halves[some] == lengths // 2).all())


def make_sketches(vectors: Vectors32, rotation: Rotation, widths: Iterable[int]) -> list[Sketches]:
    """Sketches of vectors, (N, D), of each width."""
    sample = project(vectors[:: 1 + len(vectors) // FEW], rotation)
    offsets = {width: float(shorten(sample, width)[:, -1].mean()) if len(sample) else 0.0 for width in widths}
    peaks = dict.fromkeys(offsets, 0.0)
    for some in blocks(len(vectors)):
        projected = project(vectors[some], rotation)
        for width, offset in offsets.items():
            peaks[width] = max(peaks[width], float(np.abs(spread(projected, width, offset)).max()))
    count = len(vectors)
    made = [
        Sketches(
            Scale(width, offset, peaks[width] / 127 or 1.0),
            np.empty((count, width), np.int8),
            np.empty(count, np.int32),
            0.0,
        )
        for width, offset in offsets.items()
    ]
    for some in blocks(count):
        projected = project(vectors[some], rotation)
        for number, sketches in enumerate(made):
            codes, lengths, errors = sketches.scale.encode(projected)
            sketches.codes[some], sketches.halves[some] = codes, lengths // 2
            made[number] = sketches._replace(error=max(sketches.error, float(errors.max())))
    return made


def principal_axes(vectors: Vectors32, count: int) -> Rotation:
    """The leading principal axes of some of the vectors, (N, D), and their mean."""
    some = vectors[:: sample_step(len(vectors))]
    dimension = vectors.shape[1]
    mean = some.mean(axis=0, dtype=np.float64) if len(some) else np.zeros(dimension)
    scatter = np.zeros((dimension, dimension))
    for block in blocks(len(some)):
        centred = some[block] - mean
        scatter += centred.T @ centred
    axes = np.linalg.eigh(scatter)[1][:, ::-1][:, :count]
    return Rotation(np.ascontiguousarray(axes), mean)


def project(vectors: Vectors32, rotation: Rotation) -> Numbers:
    """(n, d + 1) float64: coordinates on the axes, and last the norm of what they leave out."""
    centred = vectors - rotation.origin
    prefix = rotate(centred, rotation.axes)
    rest = np.square(centred).sum(axis=1) - np.square(prefix).sum(axis=1)
    return np.column_stack([prefix, np.sqrt(np.maximum(rest, 0.0))])


def shorten(projected: Numbers, width: int) -> Numbers:
    """(n, width): the first numbers of (n, d), and last the norm of the others; zeros if there are none."""
    short = np.zeros((len(projected), width))
    kept = min(width - 1, projected.shape[1])
    short[:, :kept] = projected[:, :kept]
    short[:, -1] = np.sqrt(np.square(projected[:, kept:]).sum(axis=1))
    return short


def spread(projected: Numbers, width: int, offset: float) -> Numbers:
    """(n, width): shortened ones, turned by a Hadamard matrix, after which all numbers are about as large."""
    short = shorten(projected, width)
    short[:, -1] -= offset
    # The matrix is the Kronecker product of two smaller ones, with which there is less to compute.
    part = 1 << (width.bit_length() // 2)
    mixed = hadamard(width // part) @ short.reshape(-1, width // part, part) @ hadamard(part)
    return mixed.reshape(short.shape)


@cache
def hadamard(width: int) -> Numbers:
    """(width, width), orthonormal and symmetric, all its numbers as large (Sylvester 1867). width: a power of two."""
    matrix = np.ones((1, 1))
    while len(matrix) < width:
        matrix = np.block([[matrix, matrix], [matrix, -matrix]])
    return matrix / math.sqrt(width)


def choose_width(vectors: Vectors32, rotation: Rotation) -> int:
    """Numbers of a coarse sketch with which a search costs least, by the distances of a few of the vectors.

    They stand for queries that lie farther off than they do themselves, so not their third neighbour is looked at but
    their 16th. At least 17 vectors are needed.
    """
    some = vectors[:: sample_step(len(vectors))]
    projected = np.concatenate([project(some[block], rotation).astype(np.float32) for block in blocks(len(some))])
    sketches = [shorten(projected, width).astype(np.float32) for width in WIDTHS]
    costs = np.zeros(len(WIDTHS))
    for query in np.linspace(0, len(some) - 1, 32).astype(np.int64):
        bounds = [np.square(sketch - sketch[query]).sum(axis=1) for sketch in sketches]
        near = np.argpartition(bounds[-1], 16)[:17]
        upper = np.square(some[near].astype(np.float64) - some[query]).sum(axis=1).max()
        survivors = np.array([(bound <= upper).mean() for bound in bounds])
        costs += np.array(WIDTHS) + GATHER * projected.shape[1] * survivors
    return WIDTHS[int(costs.argmin())]


def sample_step(count: int) -> int:
    """Of so many vectors, each how manyeth to take for a sample."""
    return max(1, -(-count // SAMPLE))

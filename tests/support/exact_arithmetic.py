"""Projections in exact arithmetic, of whole numbers of any size: the oracle of rounding errors."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cbir.nearest.project import PCA

UNIT = 1 << 1074
"""Every float64 is a multiple of 1 / UNIT."""


def whole(numbers: NDArray[Any]) -> NDArray[np.object_]:
    """Numbers, float32 or float64, in units of 1 / UNIT."""
    exact = [int(Fraction(float(number)) * UNIT) for number in numbers.ravel()]
    return np.array(exact, dtype=object).reshape(numbers.shape)


def relative_error(vector: NDArray[np.float32], projected: NDArray[np.float64], pca: PCA) -> Fraction:
    """How far a projected vector, (d + 1,), is from what exact arithmetic makes of the vector, (D,), Euclidean.

    As a share of the vector's distance to the origin; 0 for the origin itself. Axes that are longer than 1 may leave
    out less than nothing, which counts as nothing.
    """
    centred = whole(vector) - whole(pca.origin)
    leading = centred @ whole(pca.axes)  # in units of 1 / UNIT^2, as all that follows
    centred = centred * UNIT
    squared = centred @ centred
    rest = isqrt(max(squared - leading @ leading, 0))
    off = whole(projected) * UNIT - np.append(leading, rest)
    return Fraction(isqrt(off @ off), isqrt(squared)) if squared else Fraction(0)

"""Distances as every answer gives them: measured in float64, and the same whichever index measures them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cbir.nearest.project import Vectors


def measure_squared(vectors: Vectors, query: Vectors) -> NDArray[np.float64]:
    """(n,) float64 squared distances of some vectors, (n, D) float32, from a query, (D,) float32.

    Equal vectors are at equal distances, to the last bit, wherever they stand.
    """
    difference = vectors.astype(np.float64)
    difference -= query
    # einsum cuts long sums elsewhere in each row.
    return np.vecdot(difference, difference)

"""The proof alone: lower bounds of distances, from codes.

A query y and a vector z, projected and transformed (quantise.py), have the codes c_q and c_x. Rounding moved them by
the quantisation errors e_q = |y - s c_q| and e_x = |z - s c_x|, so that by the triangle inequality

    |q - x|  >=  |y - z|  >=  s |c_q - c_x| - e_q - e_x.

A vector within `radius` of the query therefore has |c_q - c_x| <= (radius + e_q + e_x) / s =: a, which is

    c_q . c_x - |c_x|^2 / 2  >=  (|c_q|^2 - a^2) / 2.

The left side is the score, of whole numbers and rounded up; the right side, rounded down, is `min_score`. The first
inequality holds for exact numbers; `rounding_slack` is what float64 can take from it.
"""

from __future__ import annotations

import math

import numpy as np

from cbir.nearest.int8 import Matrix
from cbir.nearest.quantise import QuantisedVectors, QueryCodes

SMALLEST_SCORE = -(2.0**31)


def min_score(vectors: QuantisedVectors, queries: QueryCodes, row: int, radius: float) -> int:
    """Least score of a vector that can lie within `radius`, Euclidean, of the query of this row.

    radius: with the slack added; infinity gives a score that none is below.
    """
    apart = (radius + float(queries.errors[row]) + vectors.error) / vectors.quantiser.scale
    return math.floor(max(0.5 * (int(queries.squared_norms[row]) - apart * apart), SMALLEST_SCORE))


def rounding_slack(projected: Matrix, dimension: int, max_norm: float) -> float:
    """Upper bound of the float64 rounding error of a distance of projected vectors, Euclidean.

    Sums of n squares are off by n eps of their size (Higham, Accuracy and Stability, section 3.1), and norms of what
    the axes leave out, differences of such sums, by the root of that; doubled to be safe.

    projected: (d,) of the query. dimension: D, before the projection. max_norm: upper bound of the norm of any vector.
    """
    terms = dimension + len(projected)
    return 2.0 * math.sqrt(terms * float(np.finfo(float).eps)) * (float(np.linalg.norm(projected)) + max_norm)

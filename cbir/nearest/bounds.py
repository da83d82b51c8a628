"""The proof alone: lower bounds of distances, from codes.

A query y and a vector z, projected and transformed (quantise.py), have the codes c_q and c_x. Rounding moved them by
the quantisation errors e_q = |y - s c_q| and e_x = |z - s c_x|, so that by the triangle inequality

    |q - x|  >=  |y - z|  >=  s |c_q - c_x| - e_q - e_x.

A vector within `radius` of the query therefore has |c_q - c_x| <= (radius + e_q + e_x) / s =: a, which is

    c_q . c_x - |c_x|^2 / 2  >=  (|c_q|^2 - a^2) / 2.

Both sides are rounded up to whole numbers, which keeps the inequality: the left one is the score, the right one
`min_score`. The first inequality holds for exact numbers; `rounding_slack` is what float64 can take from it.
"""

from __future__ import annotations

import math

import numpy as np

from cbir.nearest.int8 import Matrix
from cbir.nearest.project import relative_rounding
from cbir.nearest.quantise import QuantisedVectors, QueryCodes

SMALLEST_SCORE = -(2.0**31)


def min_score(vectors: QuantisedVectors, queries: QueryCodes, row: int, radius: float) -> int:
    """Least score of a vector that can lie within `radius`, Euclidean, of the query of this row.

    radius: with the slack added; infinity gives a score that none is below.
    """
    apart = (radius + float(queries.errors[row]) + vectors.error) / vectors.quantiser.scale
    return math.ceil(max(0.5 * (int(queries.squared_norms[row]) - apart * apart), SMALLEST_SCORE))


def rounding_slack(projected: Matrix, dimension: int, max_norm: float) -> float:
    """Upper bound of what rounding adds to the lower bound of a distance, Euclidean.

    Twice the rounding of the query and of any vector: once for their projection, and once for stored errors, which
    `QuantisedVectors.matches` allows to be as much too small, since another machine rounds in another way.

    projected: (d + 1,) of the query. dimension: D, before the projection. max_norm: upper bound of |x - origin|.
    """
    norms = float(np.linalg.norm(projected)) + max_norm
    return 2.0 * relative_rounding(dimension, len(projected)) * norms


def is_nearer_than_rest(distance: float, last: float, query_norm: float, dimension: int) -> bool:
    """Whether a distance, Euclidean, is less than that of all vectors whose squared ones another program found to be
    `last` or more, in float32.

    Whatever the order of its sums, and also if it takes |q|^2 + |x|^2 - 2 q.x, what it finds is off by at most
    g (|q| + |x|)^2, where g = n u / (1 - n u), n = D + 4 and u = 2^-24 (Higham, Accuracy and Stability, section 3.1).
    As |x| <= |q| + d, a vector at the distance d has last <= d^2 + g (2 |q| + d)^2, which grows with d. Products that
    are too small for float32 are lost: D times 2^-126 at most, thrice.
    """
    n = (dimension + 4) * 2.0**-24
    most = distance**2 + n / (1 - n) * (2 * query_norm + distance) ** 2 + 3 * dimension * 2.0**-126
    return most * (1 + 2.0**-40) < last

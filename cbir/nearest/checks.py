"""What an index refuses: vectors, queries and rows that it could not give a right answer for."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cbir.nearest.project import Vectors

LARGEST = 1e15
"""Largest number allowed in a vector: products of such still fit float32, which the graph computes in."""


def check_query(query: ArrayLike, dimension: int) -> Vectors:
    """(dimension,) float32; raises ValueError for another shape, or numbers beyond LARGEST."""
    checked = np.asarray(query, dtype=np.float32)
    if checked.shape != (dimension,):
        raise ValueError(f"expected a query of shape ({dimension},), got {checked.shape}")
    refuse_too_large(checked)
    return checked


def check_queries(queries: ArrayLike, dimension: int) -> Vectors:
    """(Q, dimension) float32; raises ValueError for another shape, or numbers beyond LARGEST."""
    checked = np.asarray(queries, dtype=np.float32)
    if checked.ndim != 2 or checked.shape[1] != dimension:
        raise ValueError(f"expected queries of shape (Q, {dimension}), got {checked.shape}")
    refuse_too_large(checked)
    return checked


def check_k(k: int) -> None:
    """Raise ValueError for a k below 1."""
    if k < 1:
        raise ValueError(f"expected k of 1 or more, got {k}")


def check_rows(rows: ArrayLike, count: int) -> NDArray[np.int64]:
    """(n,) whole numbers below `count`; raises ValueError unless they ascend, each once."""
    given = np.asarray(rows)
    whole = given.astype(np.int64) if given.size == 0 or given.dtype.kind in "iu" else np.empty(0, np.int64)
    ordered = given.ndim == 1 and whole.size == given.size and (whole[1:] > whole[:-1]).all()
    if not ordered or (whole.size and not 0 <= whole[0] <= whole[-1] < count):
        raise ValueError(f"expected rows from 0 to {count - 1:,} in ascending order, each once")
    return whole


def refuse_too_large(vectors: Vectors) -> None:
    """Raise ValueError for numbers beyond LARGEST, or NaN."""
    if not (np.abs(vectors) <= LARGEST).all():  # which NaN is not either
        raise ValueError(f"expected numbers of at most {LARGEST:.0e}, got larger ones or NaN")

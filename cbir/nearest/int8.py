"""The large matrix products of a search, by torch.

torch's and NumPy's thread pools spin against each other for milliseconds, so both use torch's. It is imported when
there is something to multiply and not before: a page is there sooner without it.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from cbir.nearest.blocks import blocks

QUERY_BATCH = 32
"""Queries that are multiplied at once, at most."""
TRIED = (1, 2, 67, 1031)
"""Numbers of codes that a product is tried out with."""

Matrix = NDArray[np.float64]


def matmul(left: Matrix, right: Matrix) -> Matrix:
    """(n, m) float64: the product of (n, d) and (d, m)."""
    import torch

    product: Matrix = (torch.from_numpy(left) @ torch.from_numpy(right)).numpy()
    return product


def int8_matmul(queries: NDArray[np.int8], codes: NDArray[np.int8]) -> NDArray[np.int32]:
    """(Q, n) products of each query, (Q, m), with each code, (n, m), m at most 1,040."""
    if has_exact_int8_matmul(codes.shape[1]):
        return _multiply(queries, codes)
    product = np.empty((len(queries), len(codes)), np.int32)
    for some in blocks(len(codes)):
        # Whole numbers of float32, all sums below 2^24, so that nothing is rounded here either.
        product[:, some] = queries.astype(np.float32) @ codes[some].T.astype(np.float32)
    return product


def gather_rows(codes: NDArray[np.int8], rows: NDArray[np.int64]) -> NDArray[np.int8]:
    """(n, m): rows of (N, m), in a third of NumPy's time."""
    import torch

    taken: NDArray[np.int8] = torch.from_numpy(codes).index_select(0, torch.from_numpy(rows)).numpy()
    return taken


@cache
def has_exact_int8_matmul(width: int) -> bool:
    """Whether torch multiplies int8 fast, and right, on this processor, in codes of this width.

    Without instructions for it (VNNI), its library is slow, and sums can overflow. Its kernels differ by shape, so it
    is tried out with every number of queries that a search takes at once, on few codes, an odd number, and many.
    """
    import torch

    processor = torch.cpu.get_capabilities()
    if not processor.get("avx512_vnni") and not processor.get("avx_vnni"):
        return False
    rng = np.random.default_rng(0)
    queries, codes = (rng.integers(-128, 128, (count, width), np.int8) for count in (QUERY_BATCH, TRIED[-1]))
    queries[:2] = codes[:2] = [[127], [-127]]
    expected = matmul(queries.astype(np.float64), codes.astype(np.float64).T)
    return all(
        np.array_equal(_multiply(queries[:rows], codes[:columns]), expected[:rows, :columns])
        for columns in TRIED
        for rows in range(1, QUERY_BATCH + 1)
        if columns < TRIED[-1] or rows in (1, QUERY_BATCH)
    )


def _multiply(queries: NDArray[np.int8], codes: NDArray[np.int8]) -> NDArray[np.int32]:
    """As int8_matmul, by torch."""
    import torch

    product: NDArray[np.int32] = torch._int_mm(torch.from_numpy(queries), torch.from_numpy(codes).T).numpy()
    return product

"""Products of small integers are exact, whatever multiplies them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cbir.nearest import int8 as int8
from cbir.nearest.int8 import has_exact_int8_matmul, int8_matmul


def test_products_are_the_same_by_either_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """The largest sums that occur, and ordinary ones, against whole numbers in NumPy."""
    some = np.random.default_rng(3).integers(-127, 128, (2_500, 512)).astype(np.int8)
    extreme = np.full((3, 512), 127, np.int8)
    queries, codes = np.concatenate([some[:5], extreme, -extreme]), np.concatenate([some, extreme, -extreme])
    expected = queries.astype(np.int32) @ codes.astype(np.int32).T
    np.testing.assert_array_equal(int8_matmul(queries, codes), expected)
    monkeypatch.setattr(int8, "has_exact_int8_matmul", lambda: False)
    np.testing.assert_array_equal(int8_matmul(queries, codes), expected)


def test_a_product_that_overflows_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some processors add pairs of int8 in 16 bits."""
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_vnni": True})
    monkeypatch.setattr(torch, "_int_mm", lambda left, right: torch.full((32, 32), 128 * 32_767))
    has_exact_int8_matmul.cache_clear()
    assert not has_exact_int8_matmul()
    has_exact_int8_matmul.cache_clear()

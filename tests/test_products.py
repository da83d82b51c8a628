"""Products of small integers are exact, whatever multiplies them."""

from __future__ import annotations

import numpy as np
import pytest

from cbir import products
from cbir.products import multiply


def test_products_are_the_same_by_either_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """The largest sums that occur, and ordinary ones, against whole numbers in NumPy."""
    some = np.random.default_rng(3).integers(-127, 128, (2_500, 512)).astype(np.int8)
    extreme = np.full((3, 512), 127, np.int8)
    queries, codes = np.concatenate([some[:5], extreme, -extreme]), np.concatenate([some, extreme, -extreme])
    expected = queries.astype(np.int32) @ codes.astype(np.int32).T
    np.testing.assert_array_equal(multiply(queries, codes), expected)
    monkeypatch.setattr(products, "can_multiply", lambda: False)
    np.testing.assert_array_equal(multiply(queries, codes), expected)

"""Products of small integers are exact, whatever multiplies them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from torch import Tensor

from cbir.nearest import int8
from cbir.nearest.int8 import QUERY_BATCH, has_exact_int8_matmul, int8_matmul

MULTIPLY = torch._int_mm


@pytest.fixture
def forgetful() -> Iterator[None]:
    """What was found out about this processor is found out anew."""
    has_exact_int8_matmul.cache_clear()
    yield
    has_exact_int8_matmul.cache_clear()


@pytest.mark.parametrize("width", [64, 128, 256, 512])
def test_products_are_the_same_by_either_way(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The largest sums that occur, and ordinary ones, against whole numbers in NumPy, in all shapes of a search."""
    rng = np.random.default_rng(3)
    extreme = np.repeat(np.array([[127], [-127]], np.int8), width, axis=1)
    queries, codes = (np.concatenate([extreme, rng.integers(-127, 128, (n, width), np.int8)]) for n in (30, 2_500))
    expected = queries.astype(np.int64) @ codes.astype(np.int64).T
    for _ in range(2):
        for rows in (*range(1, QUERY_BATCH + 1), 2, 1):
            for columns in (0, 1, 3, 40):
                product = int8_matmul(queries[:rows], codes[:columns])
                np.testing.assert_array_equal(product, expected[:rows, :columns])
        np.testing.assert_array_equal(int8_matmul(queries, codes), expected)
        monkeypatch.setattr(int8, "has_exact_int8_matmul", lambda _: False)


def saturate(queries: Tensor, codes: Tensor) -> Tensor:
    """As processors without VNNI: the queries plus 128, pairs of products added in 16 bits, and 128 taken off again."""
    left, right = queries.int() + 128, codes.int()
    pairs = [left[:, some : some + 2] @ right[some : some + 2] for some in range(0, queries.shape[1], 2)]
    return torch.stack(pairs).clamp(-(2**15), 2**15 - 1).sum(0) - 128 * right.sum(0)


WRONG: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "pairs saturate": saturate,
    "one query": lambda queries, codes: MULTIPLY(queries, codes) + (len(queries) == 1),
    "an odd batch": lambda queries, codes: MULTIPLY(queries, codes) + (len(queries) == 29),
    "one code": lambda queries, codes: MULTIPLY(queries, codes) + (codes.shape[1] == 1),
    "many codes": lambda queries, codes: MULTIPLY(queries, codes) + (codes.shape[1] > 1000),
    "the last code": lambda queries, codes: MULTIPLY(queries, codes) + torch.arange(codes.shape[1]) // 66,
}


@pytest.mark.usefixtures("forgetful")
@pytest.mark.parametrize("wrong", WRONG)
def test_a_product_that_is_wrong_in_some_shape_is_not_used(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_vnni": True})
    assert has_exact_int8_matmul(64)
    has_exact_int8_matmul.cache_clear()
    monkeypatch.setattr(torch, "_int_mm", WRONG[wrong])
    assert not has_exact_int8_matmul(64)

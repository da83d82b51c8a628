"""The fast network against the plain one, which test_googlenet.py compares with a literal one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from cbir.network.fast_googlenet import FastGoogLeNet
from cbir.network.googlenet import VARIANTS, GoogLeNet
from tests.network.test_googlenet import random_tensors

pytestmark = pytest.mark.usefixtures("one_thread")
MKLDNN: Any = torch.ops.mkldnn


class Operations:
    """torch's packed convolutions, whose answers may be tampered with."""

    def __init__(self, tamper: Callable[[Tensor, Tensor], Tensor] = lambda x, answer: answer) -> None:
        self.tamper = tamper
        self.asked: list[torch.Size] = []
        """Shapes of their inputs."""

    def _reorder_convolution_weight(self, *arguments: Any) -> Tensor:
        return MKLDNN._reorder_convolution_weight(*arguments)

    def _convolution_pointwise(self, x: Tensor, *arguments: Any) -> Tensor:
        self.asked.append(x.shape)
        return self.tamper(x, MKLDNN._convolution_pointwise(x, *arguments))


def build(variant: str) -> GoogLeNet:
    network = GoogLeNet(variant)
    network.load_state_dict(random_tensors(network), strict=True)
    return network.eval()


def scaled(features: Tensor) -> Tensor:
    return torch.nn.functional.normalize(features.flatten(1))


def photos(count: int, side: int) -> Tensor:
    return torch.randint(0, 256, (count, 3, side, side), dtype=torch.uint8, generator=torch.manual_seed(side))


def assert_the_same(fast: FastGoogLeNet, plain: GoogLeNet, pixels: Tensor) -> None:
    with torch.inference_mode():
        torch.testing.assert_close(scaled(fast(pixels)), scaled(plain(pixels)), rtol=0, atol=1e-6)
        torch.testing.assert_close(
            scaled(fast.feature_map(pixels)), scaled(plain.feature_map(pixels)), rtol=0, atol=1e-6
        )


@pytest.mark.parametrize("packs", [True, False])
@pytest.mark.parametrize("variant", VARIANTS)
def test_the_same_features_and_positions(variant: str, packs: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With torch's packed convolutions, and where it has none."""
    if not packs:
        monkeypatch.setattr(torch.ops, "mkldnn", object())
    plain = build(variant)
    fast = FastGoogLeNet(plain)
    for count, side in ((1, 224), (4, 160), (1, 205), (2, 75), (3, 75)):
        assert_the_same(fast, plain, photos(count, side))


def test_the_plain_network_is_left_alone() -> None:
    plain = build("torchvision")
    before = {name: tensor.clone() for name, tensor in plain.state_dict().items()}
    state = torch.get_rng_state()
    FastGoogLeNet(plain)(torch.zeros(1, 3, 75, 75, dtype=torch.uint8))
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(tensor, before[name]) for name, tensor in plain.state_dict().items())


def shift(x: Tensor, answer: Tensor) -> Tensor:
    return answer.roll(1, 1)


def fail(*_: object) -> Tensor:
    raise RuntimeError("no such kernel")


TAMPERED: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "all": shift,
    "three photos": lambda x, answer: shift(x, answer) if len(x) == 3 else answer,
    "small inputs": lambda x, answer: answer + 0.01 * answer.max() if x.shape[-1] < 7 else answer,
    "one channel": lambda x, answer: answer.index_fill(1, torch.tensor([0]), 0.0) if x.shape[1] == 192 else answer,
    "parts of a tensor": lambda x, answer: answer if x.is_contiguous(memory_format=torch.channels_last) else answer + 1,
    "another shape": lambda x, answer: answer[:, :-1],
    "not a number": lambda x, answer: answer * torch.nan,
    "none": fail,
}
"""Answers that are off for some inputs."""


@pytest.mark.parametrize("wrong", TAMPERED)
def test_packed_convolutions_are_tried_out_where_they_are_used(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another torch, or processor, may compute something else with them, perhaps for some shapes alone."""
    plain = build("bvlc")
    monkeypatch.setattr(torch.ops, "mkldnn", Operations(TAMPERED[wrong]))
    fast = FastGoogLeNet(plain)
    for count in (1, 3):
        assert_the_same(fast, plain, photos(count, 75))


def test_packed_convolutions_are_used_where_they_are_right(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        MKLDNN._convolution_pointwise, MKLDNN._reorder_convolution_weight  # noqa: B018
    except AttributeError:
        pytest.skip("this torch has no packed convolutions")
    monkeypatch.setattr(torch.ops, "mkldnn", operations := Operations())
    fast, pixels = FastGoogLeNet(build("bvlc")), photos(2, 75)
    with torch.inference_mode():
        first = fast(pixels)
        tried = len(operations.asked)
        assert torch.equal(fast(pixels), first)
    convolutions = 3 + 9 * 4  # those of an inception block that read the same input are one
    assert (tried, len(operations.asked)) == (2 * convolutions, 3 * convolutions)

"""The fast network against the plain one, which test_googlenet.py compares with a literal one."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from cbir.network import fast_googlenet as inference
from cbir.network.fast_googlenet import FastGoogLeNet, can_pack
from cbir.network.googlenet import VARIANTS, GoogLeNet
from tests.network.test_googlenet import random_tensors


def build(variant: str) -> GoogLeNet:
    network = GoogLeNet(variant)
    network.load_state_dict(random_tensors(network), strict=True)
    return network.eval()


def scaled(features: Tensor) -> Tensor:
    return torch.nn.functional.normalize(features.flatten(1))


@pytest.mark.parametrize("packs", [True, False])
@pytest.mark.parametrize("variant", VARIANTS)
def test_the_same_features_and_cells(variant: str, packs: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if packs and not can_pack():
        pytest.skip("this torch has no packed convolutions")
    monkeypatch.setattr(inference, "can_pack", lambda: packs)
    plain = build(variant)
    fast = FastGoogLeNet(plain)
    for count, side in ((1, 224), (3, 224), (2, 160), (1, 205), (1, 75)):
        pixels = torch.randint(0, 256, (count, 3, side, side), dtype=torch.uint8, generator=torch.manual_seed(side))
        with torch.inference_mode():
            torch.testing.assert_close(scaled(fast(pixels)), scaled(plain(pixels)), rtol=0, atol=1e-6)
            torch.testing.assert_close(
                scaled(fast.feature_map(pixels)), scaled(plain.feature_map(pixels)), rtol=0, atol=1e-6
            )


def test_the_plain_network_is_left_alone() -> None:
    plain = build("torchvision")
    before = {name: tensor.clone() for name, tensor in plain.state_dict().items()}
    state = torch.get_rng_state()
    FastGoogLeNet(plain)
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(tensor, before[name]) for name, tensor in plain.state_dict().items())


def test_packing_is_tried_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another torch may lack these operations, or compute something else with them."""

    class Operations:
        def _reorder_convolution_weight(self, weight: Tensor, *_: object) -> Tensor:
            return weight

        def _convolution_pointwise(self, *_: object) -> Tensor:
            return torch.zeros(1, 4, 4, 4)

    for operations in (object(), Operations()):
        can_pack.cache_clear()
        monkeypatch.setattr(torch.ops, "mkldnn", operations, raising=False)
        assert not can_pack()
    can_pack.cache_clear()

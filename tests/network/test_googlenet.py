"""The network against a literal one: every layer of the two published graphs, written out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F
from torchvision.models.googlenet import GoogLeNet as TorchvisionGoogLeNet

from cbir.network.googlenet import VARIANTS, GoogLeNet, LocalResponseNorm, rename_caffe

BVLC = Path(__file__).parents[3] / "shared/data/weights/bvlc_googlenet.pth"


def random_tensors(network: torch.nn.Module) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(1)
    tensors = {}
    for name, tensor in network.state_dict().items():
        if name.endswith("running_var"):
            tensors[name] = 0.5 + torch.rand(tensor.shape, generator=generator)
        elif tensor.ndim > 1:
            tensors[name] = torch.randn(tensor.shape, generator=generator) * (2 / tensor[0].numel()) ** 0.5
        elif tensor.is_floating_point():
            tensors[name] = torch.randn(tensor.shape, generator=generator) * 0.1
        else:
            tensors[name] = tensor
    return tensors


def caffe_names(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The state dict of variant "bvlc" under Caffe's names, each written as its paper and prototxt call it."""
    stem = {"conv1.conv": "conv1/7x7_s2", "conv2.conv": "conv2/3x3_reduce", "conv3.conv": "conv2/3x3"}
    stem["fc"] = "loss3/classifier"
    branch = {"branch1.conv": "1x1", "branch2.0.conv": "3x3_reduce", "branch2.1.conv": "3x3"}
    branch |= {"branch3.0.conv": "5x5_reduce", "branch3.1.conv": "5x5", "branch4.1.conv": "pool_proj"}
    names = {}
    for name, tensor in tensors.items():
        layer, kind = name.rsplit(".", 1)
        if layer not in stem:
            block, inner = layer.split(".", 1)
            layer = f"inception_{block.removeprefix('inception')}/{branch[inner]}"
        else:
            layer = stem[layer]
        names[f"{layer}.{kind}"] = tensor
    return names


def literal_bvlc(t: dict[str, Tensor], pixels: Tensor) -> Tensor:
    """bvlc_googlenet/deploy.prototxt, layer by layer, up to pool5/7x7_s1."""

    def conv(x: Tensor, name: str, **options: int) -> Tensor:
        return F.relu(F.conv2d(x, t[f"{name}.weight"], t[f"{name}.bias"], **options))

    def pool(x: Tensor) -> Tensor:
        return F.max_pool2d(x, 3, stride=2, ceil_mode=True)

    def inception(x: Tensor, name: str) -> Tensor:
        return torch.cat(
            [
                conv(x, f"{name}/1x1"),
                conv(conv(x, f"{name}/3x3_reduce"), f"{name}/3x3", padding=1),
                conv(conv(x, f"{name}/5x5_reduce"), f"{name}/5x5", padding=2),
                conv(F.max_pool2d(x, 3, stride=1, padding=1), f"{name}/pool_proj"),
            ],
            dim=1,
        )

    blue_green_red = pixels.float()[:, [2, 1, 0]]
    x = blue_green_red - torch.tensor([104.0, 117.0, 123.0]).reshape(1, 3, 1, 1)
    x = pool(conv(x, "conv1/7x7_s2", stride=2, padding=3))
    x = F.local_response_norm(x, 5, alpha=1e-4, beta=0.75, k=1.0)
    x = conv(conv(x, "conv2/3x3_reduce"), "conv2/3x3", padding=1)
    x = pool(F.local_response_norm(x, 5, alpha=1e-4, beta=0.75, k=1.0))
    x = pool(inception(inception(x, "inception_3a"), "inception_3b"))
    for block in "abcde":
        x = inception(x, f"inception_4{block}")
    x = inception(inception(pool(x), "inception_5a"), "inception_5b")
    return F.avg_pool2d(x, 7).flatten(1)


def pixels(count: int = 2) -> Tensor:
    return torch.randint(0, 256, (count, 3, 224, 224), dtype=torch.uint8, generator=torch.Generator().manual_seed(2))


def assert_close(found: Tensor, expected: Tensor) -> None:
    assert found.shape == expected.shape
    assert (found - expected).abs().max() <= 1e-4 * expected.abs().max()


@torch.inference_mode()
def test_bvlc_equals_the_literal_network() -> None:
    network = GoogLeNet("bvlc", classes=7).eval()
    tensors = random_tensors(network)
    renamed = rename_caffe(caffe_names(tensors))
    assert renamed.keys() == tensors.keys()
    network.load_state_dict(renamed)
    body = GoogLeNet("bvlc").eval()
    body.load_state_dict({name: tensor for name, tensor in renamed.items() if not name.startswith("fc.")})
    features = literal_bvlc(caffe_names(tensors), pixels())
    assert_close(body(pixels()), features)
    assert_close(network(pixels()), features @ tensors["fc.weight"].T + tensors["fc.bias"])


@pytest.mark.skipif(not BVLC.exists(), reason="the BVLC weights file is not on this machine")
@torch.inference_mode()
def test_the_real_bvlc_file_equals_the_literal_network() -> None:
    content = torch.load(BVLC, weights_only=True)
    network = GoogLeNet("bvlc", classes=1000).eval()
    network.load_state_dict(rename_caffe(content))
    features = literal_bvlc(content, pixels())
    logits = features @ content["loss3/classifier.weight"].T + content["loss3/classifier.bias"]
    assert_close(network(pixels()), logits)


@torch.inference_mode()
def test_torchvision_variant_equals_torchvisions_own_pipeline() -> None:
    """The class, its transform_input and the ImageNet mean and deviation that its weights are documented with."""
    own = TorchvisionGoogLeNet(7, aux_logits=False, transform_input=True, init_weights=False).eval()
    tensors = random_tensors(own)
    own.load_state_dict(tensors)
    network = GoogLeNet("torchvision", classes=7).eval()
    network.load_state_dict(tensors)
    mean = torch.tensor([0.485, 0.456, 0.406]).reshape(1, 3, 1, 1)
    deviation = torch.tensor([0.229, 0.224, 0.225]).reshape(1, 3, 1, 1)
    assert_close(network(pixels()), own((pixels() / 255 - mean) / deviation))


@torch.inference_mode()
def test_response_norm_equals_torchs() -> None:
    x = torch.randn(2, 64, 9, 9, generator=torch.Generator().manual_seed(3)) * 100
    assert_close(LocalResponseNorm(64)(x), torch.nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=1.0)(x))


@pytest.mark.parametrize("variant", VARIANTS)
@torch.inference_mode()
def test_features_are_the_last_pool(variant: str) -> None:
    features = GoogLeNet(variant).eval()(pixels(3))
    assert features.shape == (3, 1024) and features.dtype == torch.float32
    assert (features >= 0).all()


def test_what_is_not_raw_pixels_is_refused() -> None:
    network = GoogLeNet("bvlc")
    for wrong in (pixels().float() / 255, pixels()[0], pixels().permute(0, 2, 3, 1)):
        with pytest.raises(ValueError, match=r"expected \(N, 3, height, width\) uint8 RGB"):
            network(wrong)
    with pytest.raises(ValueError, match="variant"):
        GoogLeNet("resnet")

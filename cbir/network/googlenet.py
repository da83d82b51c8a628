"""GoogLeNet in two variants. The network takes raw pixels: normalisation lives inside.

"bvlc" is the network of the 2014 paper (Szegedy et al., "Going Deeper with Convolutions") as Caffe's BVLC trained it;
"torchvision" is torchvision's batch-norm port. Their last pool has 1,024 numbers either way: the feature.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

FEATURE_SIZE = 1024
INPUT_SIZE = 224
VARIANTS = ("bvlc", "torchvision")
INCEPTIONS = {
    "inception3a": (192, 64, 96, 128, 16, 32, 32),
    "inception3b": (256, 128, 128, 192, 32, 96, 64),
    "maxpool3": (),
    "inception4a": (480, 192, 96, 208, 16, 48, 64),
    "inception4b": (512, 160, 112, 224, 24, 64, 64),
    "inception4c": (512, 128, 128, 256, 24, 64, 64),
    "inception4d": (512, 112, 144, 288, 32, 64, 64),
    "inception4e": (528, 256, 160, 320, 32, 128, 128),
    "maxpool4": (),
    "inception5a": (832, 256, 160, 320, 32, 128, 128),
    "inception5b": (832, 384, 192, 384, 48, 128, 128),
}
"""Channels of the inception blocks (table 1 of the paper), and the pools between them."""


class GoogLeNet(nn.Module):
    """GoogLeNet over uint8 RGB pixels.

    With `classes` > 0 the output is (N, classes) logits; with 0 the last fully connected layer is off and the output
    is the last pool, (N, 1024) float32. Layers are torchvision's, by name, order and shape, but its class is not used:
    importing that takes as long as torch itself, and the page would wait for it.
    """

    fc: nn.Linear | nn.Identity

    def __init__(self, variant: str, *, classes: int = 0) -> None:
        super().__init__()
        if variant not in VARIANTS:
            raise ValueError(f"variant must be one of {VARIANTS}, not {variant!r}")
        self.variant = variant
        bvlc = variant == "bvlc"
        block = ConvReLU if bvlc else ConvNormReLU
        self.conv1 = block(3, 64, kernel_size=7, stride=2, padding=3)
        self.maxpool1 = nn.Sequential(halve(), LocalResponseNorm(64)) if bvlc else halve()
        self.conv2 = block(64, 64, kernel_size=1)
        self.conv3 = block(64, 192, kernel_size=3, padding=1)
        self.maxpool2 = nn.Sequential(LocalResponseNorm(192), halve()) if bvlc else halve()
        for name, channels in INCEPTIONS.items():
            # torchvision's has a 3x3 where the paper has a 5x5, and a last pool of 2x2.
            layer = Inception(*channels, block=block, largest=5 if bvlc else 3) if channels else halve()
            self.add_module(name, layer)
        if not bvlc:
            self.maxpool4 = nn.MaxPool2d(2, stride=2, ceil_mode=True)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(0.2) if classes else nn.Identity()
        self.fc = nn.Linear(FEATURE_SIZE, classes) if classes else nn.Identity()

    def forward(self, pixels: Tensor) -> Tensor:
        """Logits or features of pixels: (N, 3, height, width) uint8, RGB. Raises ValueError for anything else."""
        return self.head(self.feature_map(pixels))

    def feature_map(self, pixels: Tensor) -> Tensor:
        """What the last pool averages: (N, 1024, rows, columns) float32, 7 x 7 positions for 224 x 224 pixels.

        Each position stands for a place of the picture, though it sees far around it. Pixels are as for `forward`.
        """
        if pixels.dtype != torch.uint8 or pixels.ndim != 4 or pixels.shape[1] != 3:
            raise ValueError(f"expected (N, 3, height, width) uint8 RGB, got {tuple(pixels.shape)} {pixels.dtype}")
        x = self.normalise(pixels.float())
        for name, layer in self.named_children():
            if name == "avgpool":
                break
            x = layer(x)
        return x

    def head(self, feature_map: Tensor) -> Tensor:
        """Logits or features of a feature map."""
        return self.fc(self.dropout(torch.flatten(self.avgpool(feature_map), 1)))

    def normalise(self, pixels: Tensor) -> Tensor:
        """What the variant's training saw: BGR minus Caffe's mean, or -1..1 (TF-Slim, torchvision's source)."""
        if self.variant == "bvlc":
            return pixels.flip(1) - pixels.new_tensor([104.0, 117.0, 123.0]).view(1, 3, 1, 1)
        return pixels / 127.5 - 1.0


class ConvReLU(nn.Module):
    """Convolution with bias, then ReLU: the block of the 2014 network, which had no batch norm."""

    def __init__(self, in_channels: int, out_channels: int, **options: Any) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, bias=True, **options)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.conv(x), inplace=True)


class ConvNormReLU(nn.Module):
    """Convolution, batch norm, then ReLU: the block of torchvision's network."""

    def __init__(self, in_channels: int, out_channels: int, **options: Any) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, bias=False, **options)
        self.bn = nn.BatchNorm2d(out_channels, eps=0.001)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.bn(self.conv(x)), inplace=True)


class Inception(nn.Module):
    """Inception block (section 4 of the paper): four branches, their channels side by side."""

    def __init__(
        self,
        in_channels: int,
        out1: int,
        reduced2: int,
        out2: int,
        reduced3: int,
        out3: int,
        out4: int,
        *,
        block: type[ConvReLU | ConvNormReLU],
        largest: int,
    ) -> None:
        """largest: side of the largest kernel, the third branch's."""
        super().__init__()
        self.branch1 = block(in_channels, out1, kernel_size=1)
        self.branch2 = nn.Sequential(
            block(in_channels, reduced2, kernel_size=1), block(reduced2, out2, kernel_size=3, padding=1)
        )
        self.branch3 = nn.Sequential(
            block(in_channels, reduced3, kernel_size=1),
            block(reduced3, out3, kernel_size=largest, padding=largest // 2),
        )
        self.branch4 = nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), block(in_channels, out4, kernel_size=1))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], 1)


def halve() -> nn.MaxPool2d:
    """A pool after which there are half as many rows and columns, or one more."""
    return nn.MaxPool2d(3, stride=2, ceil_mode=True)


class LocalResponseNorm(nn.Module):
    """x / (1 + 1e-4 / 5 * sum of squares over 5 neighbouring channels) ** 0.75 (Krizhevsky et al. 2012, section 3.3).

    The sum is a 1x1 convolution with a banded matrix: equal to `torch.nn.LocalResponseNorm` and several times faster
    on a CPU.
    """

    band: Tensor

    def __init__(self, channels: int, *, size: int = 5, alpha: float = 1e-4) -> None:
        super().__init__()
        near = (torch.arange(channels)[:, None] - torch.arange(channels)).abs() <= size // 2
        self.register_buffer("band", near.float()[:, :, None, None] * (alpha / size), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        root = functional.conv2d(x * x, self.band).add_(1.0).rsqrt()
        return x * root * root.sqrt()


def rename_caffe(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The state dict of variant "bvlc" from tensors under Caffe's layer names ("inception_3a/5x5_reduce.weight")."""
    branches = {
        "1x1": "branch1",
        "3x3_reduce": "branch2.0",
        "3x3": "branch2.1",
        "5x5_reduce": "branch3.0",
        "5x5": "branch3.1",
        "pool_proj": "branch4.1",
    }
    names = {"conv1/7x7_s2": "conv1.conv", "conv2/3x3_reduce": "conv2.conv", "conv2/3x3": "conv3.conv"}
    names["loss3/classifier"] = "fc"
    renamed = {}
    for name, tensor in tensors.items():
        layer, _, kind = name.rpartition(".")
        if layer.startswith("inception_"):
            block, branch = layer.split("/")
            layer = f"{block.replace('_', '')}.{branches[branch]}.conv"
        else:
            layer = names[layer]
        renamed[f"{layer}.{kind}"] = tensor
    return renamed

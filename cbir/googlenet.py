"""GoogLeNet in two flavours, on torchvision's own class. The network takes raw pixels: normalisation lives inside.

"bvlc" is the network of the 2014 paper (Szegedy et al., "Going Deeper with Convolutions") as Caffe's BVLC trained it;
"torchvision" is torchvision's batch-norm port. Their last pool has 1,024 numbers either way: the feature.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models.googlenet import BasicConv2d, Inception, InceptionAux
from torchvision.models.googlenet import GoogLeNet as TorchvisionGoogLeNet

FEATURE_SIZE = 1024
INPUT_SIZE = 224
FLAVOURS = ("bvlc", "torchvision")


class GoogLeNet(TorchvisionGoogLeNet):
    """GoogLeNet over uint8 RGB pixels.

    With `classes` > 0 the output is (N, classes) logits; with 0 the last fully connected layer is off and the output
    is the last pool, (N, 1024) float32.
    """

    fc: nn.Linear | nn.Identity
    flavour: str

    def __init__(self, flavour: str, *, classes: int = 0) -> None:
        if flavour not in FLAVOURS:
            raise ValueError(f"flavour must be one of {FLAVOURS}, not {flavour!r}")
        bvlc = flavour == "bvlc"
        blocks = [ConvReLU, CaffeInception, InceptionAux] if bvlc else [BasicConv2d, Inception, InceptionAux]
        super().__init__(max(classes, 1), aux_logits=False, init_weights=False, blocks=blocks)
        self.flavour = flavour
        if bvlc:
            self.maxpool1 = nn.Sequential(nn.MaxPool2d(3, stride=2, ceil_mode=True), LocalResponseNorm(64))
            self.maxpool2 = nn.Sequential(LocalResponseNorm(192), nn.MaxPool2d(3, stride=2, ceil_mode=True))
            self.maxpool4 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        if classes == 0:
            self.fc = nn.Identity()
            self.dropout = nn.Identity()

    def forward(self, pixels: Tensor) -> Tensor:
        """Logits or features of pixels: (N, 3, height, width) uint8, RGB. Raises ValueError for anything else."""
        return self.head(self.cells(pixels))

    def cells(self, pixels: Tensor) -> Tensor:
        """What the last pool averages: (N, 1024, rows, columns) float32, 7 x 7 cells for 224 x 224 pixels.

        Each cell stands for a place of the picture, though it sees far around it. Pixels are as for `forward`.
        """
        if pixels.dtype != torch.uint8 or pixels.ndim != 4 or pixels.shape[1] != 3:
            raise ValueError(f"expected (N, 3, height, width) uint8 RGB, got {tuple(pixels.shape)} {pixels.dtype}")
        x = self.normalise(pixels.float())
        for name, layer in self.named_children():
            if name == "avgpool":
                break
            x = layer(x)
        return x

    def head(self, cells: Tensor) -> Tensor:
        """Logits or features of cells."""
        return self.fc(self.dropout(torch.flatten(self.avgpool(cells), 1)))

    def normalise(self, pixels: Tensor) -> Tensor:
        """What the flavour's training saw: BGR minus Caffe's mean, or -1..1 (TF-Slim, torchvision's source)."""
        if self.flavour == "bvlc":
            return pixels.flip(1) - pixels.new_tensor([104.0, 117.0, 123.0]).view(1, 3, 1, 1)
        return pixels / 127.5 - 1.0


class ConvReLU(nn.Module):
    """Convolution with bias, then ReLU: the block of the 2014 network, which had no batch norm."""

    def __init__(self, in_channels: int, out_channels: int, **options: Any) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, bias=True, **options)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.conv(x), inplace=True)


class CaffeInception(Inception):
    """Inception block with the paper's true 5x5 branch, where torchvision has a 3x3."""

    def __init__(self, in_channels: int, *widths: int, conv_block: Any = ConvReLU) -> None:
        super().__init__(in_channels, *widths, conv_block=conv_block)
        reduced, out = widths[3], widths[4]
        self.branch3[1] = conv_block(reduced, out, kernel_size=5, padding=2)


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
    """The state dict of flavour "bvlc" from tensors under Caffe's layer names ("inception_3a/5x5_reduce.weight")."""
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

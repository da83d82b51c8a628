"""GoogLeNet rewritten to answer fast on a CPU: the same numbers as the plain network but for rounding.

Batch norms are folded into their convolutions; the 1x1 convolutions of an inception block that read the same input are
one; each convolution, its bias and its ReLU are one call of oneDNN with weights laid out for it beforehand, as a
compiler would have it; and channels come last in memory, so that response norm is a matrix product.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from cbir.network.googlenet import ConvNormReLU, ConvReLU, GoogLeNet, Inception, LocalResponseNorm

Stage = Callable[[Tensor], Tensor]
STRIP = 16
"""Channels whose responses are normalised together."""


class FastGoogLeNet:
    """The features, or feature map, of a GoogLeNet in evaluation mode."""

    def __init__(self, network: GoogLeNet) -> None:
        """network: is not changed, and not needed afterwards."""
        self._normalise = network.normalise
        self._stages: list[Stage] = []
        for name, layer in network.eval().named_children():
            if name == "avgpool":
                break
            self._stages += _rewrite(layer)

    def feature_map(self, pixels: Tensor) -> Tensor:
        """As GoogLeNet.feature_map: (N, 3, height, width) uint8 to (N, 1024, rows, columns) float32."""
        x = self._normalise(pixels.float()).contiguous(memory_format=torch.channels_last)
        for stage in self._stages:
            x = stage(x)
        return x

    def __call__(self, pixels: Tensor) -> Tensor:
        """As GoogLeNet without a last layer: (N, 3, height, width) uint8 to (N, 1024) float32."""
        return self.feature_map(pixels).mean((2, 3))


class _Convolution(NamedTuple):
    """A convolution with a bias, and a ReLU behind it."""

    weight: Tensor
    bias: Tensor
    stride: list[int]
    padding: list[int]


def _rewrite(layer: nn.Module) -> list[Stage]:
    """What stands for a layer; the layer itself if nothing is better."""
    if isinstance(layer, nn.Sequential):
        return [stage for part in layer for stage in _rewrite(part)]
    if isinstance(layer, ConvReLU | ConvNormReLU):
        return [_convolve(_fold(layer))]
    if isinstance(layer, Inception):
        return [_rewrite_inception(layer)]
    if isinstance(layer, LocalResponseNorm):
        return [partial(_normalise_response, _cut_band(layer.band[:, :, 0, 0]))]
    return [layer]


def _rewrite_inception(block: Inception) -> Stage:
    heads = [_fold(block.branch1), _fold(block.branch2[0]), _fold(block.branch3[0])]
    widths = [len(head.bias) for head in heads]
    weight, bias = (torch.cat(parts) for parts in zip(*((head.weight, head.bias) for head in heads)))
    first = _convolve(_Convolution(weight, bias, [1, 1], [0, 0]))
    second, third, fourth = (_convolve(_fold(one)) for one in (block.branch2[1], block.branch3[1], block.branch4[1]))
    pool = block.branch4[0]

    def run(x: Tensor) -> Tensor:
        one, two, three = torch.split(first(x), widths, 1)
        return torch.cat([one, second(two), third(three), fourth(pool(x))], 1)

    return run


def _fold(block: nn.Module) -> _Convolution:
    """The convolution of a block; its batch norm, if it has one, becomes part of it."""
    assert isinstance(block, ConvReLU | ConvNormReLU)
    conv = block.conv if isinstance(block, ConvReLU) else fuse_conv_bn_eval(block.conv, block.bn)
    assert conv.bias is not None
    return _Convolution(conv.weight.detach(), conv.bias.detach(), [*conv.stride], [*conv.padding])


def _convolve(layer: _Convolution) -> Stage:
    weight, bias, stride, padding = layer
    weight = weight.contiguous(memory_format=torch.channels_last)
    if not can_pack():
        return lambda x: functional.relu_(functional.conv2d(x, weight, bias, stride, padding))
    operations: Any = torch.ops.mkldnn

    @cache
    def pack(shape: torch.Size) -> Tensor:
        return operations._reorder_convolution_weight(weight, padding, stride, [1, 1], 1, [1, *shape])

    def run(x: Tensor) -> Tensor:
        packed = pack(x.shape[1:])
        return operations._convolution_pointwise(x, packed, bias, padding, stride, [1, 1], 1, "relu", [], "")

    return run


@cache
def can_pack() -> bool:
    """Whether torch has what its own compiler calls for a convolution on this processor.

    These operations are not documented, so they are tried out; without them answers are as right and take longer.
    """
    x, weight, bias = torch.ones(1, 3, 8, 8), torch.ones(4, 3, 3, 3), -torch.arange(4.0) * 20
    try:
        packed = torch.ops.mkldnn._reorder_convolution_weight(weight, [1, 1], [2, 2], [1, 1], 1, None)
        found = torch.ops.mkldnn._convolution_pointwise(x, packed, bias, [1, 1], [2, 2], [1, 1], 1, "relu", [], "")
    except (AttributeError, RuntimeError, TypeError):
        return False
    return torch.allclose(found, functional.conv2d(x, weight, bias, 2, 1).relu())


class _Strip(NamedTuple):
    """Some columns of a banded matrix, without rows that are zero."""

    rows: slice
    columns: slice
    band: Tensor


def _cut_band(band: Tensor) -> list[_Strip]:
    """Strips of a matrix that has zeros except near its diagonal."""
    strips = []
    for columns in (slice(start, start + STRIP) for start in range(0, len(band), STRIP)):
        used = band[:, columns].any(1).nonzero()
        rows = slice(int(used.min()), int(used.max()) + 1)
        strips.append(_Strip(rows, columns, band[rows, columns].contiguous()))
    return strips


def _normalise_response(strips: list[_Strip], x: Tensor) -> Tensor:
    """LocalResponseNorm of (N, C, rows, columns) whose channels come last in memory. strips: of its band, (C, C)."""
    last = x.permute(0, 2, 3, 1)
    flat = last.reshape(-1, last.shape[-1])
    squares, root, one = flat * flat, torch.empty_like(flat), flat.new_ones(1)
    for strip in strips:
        torch.addmm(one, squares[:, strip.rows], strip.band, out=root[:, strip.columns])
    scaled = (flat * root.rsqrt_()).mul_(root.sqrt_())
    return scaled.view(last.shape).permute(0, 3, 1, 2)

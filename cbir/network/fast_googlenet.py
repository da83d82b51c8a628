"""GoogLeNet rewritten to answer fast on a CPU: the same numbers as the plain network but for rounding.

Batch norms are folded into their convolutions; the 1x1 convolutions of an inception block that read the same input are
one; each convolution, its bias and its ReLU are one call of oneDNN with weights laid out for it beforehand, as a
compiler would have it; and channels come last in memory, so that response norm is a matrix product.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache, partial
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from cbir.network.googlenet import ConvNormReLU, ConvReLU, GoogLeNet, Inception, LocalResponseNorm

Stage = Callable[[Tensor], Tensor]
STRIP = 16
"""Channels whose responses are normalised together."""


SOME = 10_007
"""Random numbers that are repeated for a trial, a prime, so that they fall on other channels and places each time."""


class FastGoogLeNet:
    """The features, or feature map, of a GoogLeNet in evaluation mode."""

    def __init__(self, network: GoogLeNet) -> None:
        """network: is not changed, and not needed afterwards."""
        self._normalise = network.normalise
        self._layers: dict[str, list[Stage]] = {}
        for name, layer in network.eval().named_children():
            if name == "avgpool":
                break
            self._layers[name] = rewrite(layer)

    def feature_map(self, pixels: Tensor) -> Tensor:
        """As GoogLeNet.feature_map: (N, 3, height, width) uint8 to (N, 1024, rows, columns) float32."""
        *_, last = self._layers
        return self.feature_maps(pixels, (last,))[last]

    def feature_maps(self, pixels: Tensor, layers: Collection[str]) -> dict[str, Tensor]:
        """Outputs of layers by their name: (N, C, rows, columns) float32 each. Layers behind the last are not run."""
        x = self._normalise(pixels.float()).contiguous(memory_format=torch.channels_last)
        outputs: dict[str, Tensor] = {}
        for name, stages in self._layers.items():
            for stage in stages:
                x = stage(x)
            if name in layers:
                outputs[name] = x
                if len(outputs) == len(layers):
                    break
        return outputs

    def __call__(self, pixels: Tensor) -> Tensor:
        """As GoogLeNet without a last layer: (N, 3, height, width) uint8 to (N, 1024) float32."""
        return self.feature_map(pixels).mean((2, 3))


class _Convolution(NamedTuple):
    """A convolution with a bias, and a ReLU behind it."""

    weight: Tensor
    bias: Tensor
    stride: list[int]
    padding: list[int]


def rewrite(layer: nn.Module) -> list[Stage]:
    """What stands for a layer; the layer itself if nothing is better."""
    if isinstance(layer, nn.Sequential):
        return [stage for part in layer for stage in rewrite(part)]
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
    weight = layer.weight.contiguous(memory_format=torch.channels_last)
    layer = layer._replace(weight=weight)
    plain = partial(_convolve_plainly, layer)

    @cache
    def pack(shape: torch.Size) -> Tensor:
        operation = torch.ops.mkldnn._reorder_convolution_weight
        return operation(weight, layer.padding, layer.stride, [1, 1], 1, [1, *shape])

    def convolve(x: Tensor) -> Tensor:
        operation, packed = torch.ops.mkldnn._convolution_pointwise, pack(x.shape[1:])
        return operation(x, packed, layer.bias, layer.padding, layer.stride, [1, 1], 1, "relu", [], "")

    @cache
    def choose(shape: torch.Size, strides: tuple[int, ...]) -> Stage:
        return convolve if _agree(convolve, plain, shape, strides) else plain

    return lambda x: choose(x.shape, x.stride())(x)


def _convolve_plainly(layer: _Convolution, x: Tensor) -> Tensor:
    return functional.relu_(functional.conv2d(x, layer.weight, layer.bias, layer.stride, layer.padding))


def _agree(packed: Stage, plain: Stage, shape: torch.Size, strides: tuple[int, ...]) -> bool:
    """Whether a packed convolution is there, and does what the plain one does, for inputs that lie so in memory.

    It is what torch's own compiler calls, but not documented, and its kernels differ by shape: so each is tried out,
    with made-up numbers. Without it answers are as right and take longer.
    """
    size = 1 + sum((length - 1) * stride for length, stride in zip(shape, strides))
    some = torch.randn(SOME, generator=torch.Generator().manual_seed(0))
    x = some.repeat(-(-size // SOME))[:size].as_strided(shape, strides)
    expected = plain(x)
    try:
        found = packed(x)
    except (AttributeError, RuntimeError, TypeError):
        return False
    return found.shape == expected.shape and bool((found - expected).abs().max() <= 1e-4 * expected.max())


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

"""The network behind the garment finder: GoogLeNet with small changes of its own, and a pyramid that labels places.

GoogLeNet's stem is shared with the features and stays as it is. To the weights of the inception blocks the finder adds
products of two thin matrices, all that is trained of them (low-rank adaptation, Hu et al., ICLR 2022). Their outputs at
three strides meet in a pyramid (Lin et al., CVPR 2017) with the photo's mean as context (Liu et al., "ParseNet", 2015).
"""

from __future__ import annotations

import copy
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import parametrize

from cbir.errors import WeightsError
from cbir.network.fast_googlenet import FastGoogLeNet, Stage, rewrite
from cbir.network.googlenet import FEATURE_SIZE, INCEPTIONS, ConvNormReLU, GoogLeNet
from cbir.system.files import file_digest, replacing

FORMAT = 1
STEM = "maxpool2"
"""Last layer that is shared with the features."""
WIDTH = 128
"""Channels of the pyramid."""
RANK = 32
"""Columns of the thin matrices."""
DROPPED = 0.15
"""Share of the pyramid's channels that the last layer does without in each step of a training."""
UNCHANGED = ".original"
"""How names of tensors end that are GoogLeNet's own."""


class Segmenter(nn.Module):
    """Logits of what each place of a photo shows, from the output of GoogLeNet's layer STEM."""

    def __init__(self, network: GoogLeNet, kinds: int) -> None:
        """network: whose blocks it begins with; it is not changed. kinds: number of labels."""
        super().__init__()
        self.blocks = nn.ModuleDict({name: copy.deepcopy(getattr(network, name)) for name in INCEPTIONS})
        for module in self.blocks.modules():
            if isinstance(module, nn.Conv2d):
                module.weight.requires_grad_(False)
                parametrize.register_parametrization(module, "weight", LowRank(module.weight, RANK))
        self.coarse = ConvNormReLU(FEATURE_SIZE, WIDTH, kernel_size=1)
        self.middle = ConvNormReLU(832, WIDTH, kernel_size=1)
        self.fine = ConvNormReLU(480, WIDTH, kernel_size=1)
        self.context = nn.Linear(FEATURE_SIZE, WIDTH)
        self.merge_middle = ConvNormReLU(WIDTH, WIDTH, kernel_size=3, padding=1)
        self.merge_fine = ConvNormReLU(WIDTH, WIDTH, kernel_size=3, padding=1)
        self.labels = nn.Conv2d(WIDTH, kinds, kernel_size=1)
        self.presence = nn.Linear(FEATURE_SIZE, kinds)
        self.drop = nn.Dropout2d(DROPPED)

    def forward(self, stem: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of each place, (N, kinds, rows, columns) at stride 8, and of what is there at all, (N, kinds).

        stem: (N, 192, rows, columns), the output of the layer STEM, at stride 8.
        """
        layers = {**dict(self.blocks.items()), **dict(self.named_children())}
        labels, pooled = label_places(layers, stem)
        return labels, self.presence(pooled)

    def own_tensors(self) -> dict[str, Tensor]:
        """The state dict without what is GoogLeNet's."""
        return {name: tensor for name, tensor in self.state_dict().items() if not name.endswith(UNCHANGED)}

    def load_own(self, tensors: Mapping[str, Tensor]) -> None:
        """Take tensors of `own_tensors`. Raises ValueError if some are missing, or too many, or of another shape."""
        try:
            missing, strange = self.load_state_dict(tensors, strict=False)
        except RuntimeError as error:
            raise ValueError(str(error)) from error
        if wrong := [name for name in missing if not name.endswith(UNCHANGED)] + list(strange):
            raise ValueError(f"{wrong[0]} is missing or strange")


class LowRank(nn.Module):
    """A convolution's weights plus a product of two thin matrices, zero at first."""

    def __init__(self, weight: Tensor, rank: int) -> None:
        super().__init__()
        outputs, inputs = len(weight), weight[0].numel()
        rank = min(rank, outputs, inputs)
        self.left = nn.Parameter(torch.zeros(outputs, rank))
        self.right = nn.Parameter(torch.randn(rank, inputs) / math.sqrt(inputs))

    def forward(self, weight: Tensor) -> Tensor:
        return weight + (self.left @ self.right).view_as(weight)


def label_places(layers: Mapping[str, Stage], stem: Tensor) -> tuple[Tensor, Tensor]:
    """Logits of each place, and the mean of the last block, (N, 1024), from a Segmenter's layers."""
    x, outputs = stem, {}
    for name in INCEPTIONS:
        x = outputs[name] = layers[name](x)
    pooled = x.mean((2, 3))
    x = layers["coarse"](x) + layers["context"](pooled)[:, :, None, None]
    for name, other in (("middle", outputs["inception4e"]), ("fine", outputs["inception3b"])):
        larger = functional.interpolate(x, size=other.shape[2:], mode="bilinear", align_corners=False)
        x = layers[f"merge_{name}"](larger + layers[name](other))
    return layers["labels"](layers["drop"](x)), pooled


class FastSegmenter:
    """A segmenter that answers fast on a CPU, from pixels."""

    def __init__(self, segmenter: Segmenter) -> None:
        """segmenter: is used up."""
        for module in segmenter.blocks.modules():
            if isinstance(module, nn.Conv2d):
                parametrize.remove_parametrizations(module, "weight")
        layers = {**dict(segmenter.blocks.items()), **dict(segmenter.named_children())}
        del layers["blocks"], layers["presence"]
        self._layers: dict[str, Stage] = {name: _chain(rewrite(layer)) for name, layer in layers.items()}

    def __call__(self, network: FastGoogLeNet, pixels: Tensor) -> Tensor:
        """Probabilities of the label of each place: (N, 3, height, width) uint8 to (N, kinds, rows, columns).

        network: the one over whose weights the segmenter was trained.
        """
        labels, _ = label_places(self._layers, network.feature_maps(pixels, (STEM,))[STEM])
        return labels.softmax(1)


def _chain(stages: list[Stage]) -> Stage:
    """One stage after the other."""

    def run(x: Tensor) -> Tensor:
        for stage in stages:
            x = stage(x)
        return x

    return run


@dataclass(frozen=True)
class FinderWeights:
    """A trained segmenter, and the network whose layers it reads."""

    kinds: tuple[str, ...]
    """Labels in the order of the last layer; the first two are BACKGROUND and BODY."""
    reads: str
    """SHA-256 of the file of network weights that it was trained over; it fits no other."""
    tensors: Mapping[str, Tensor] = field(repr=False)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """What is known of the training."""
    path: Path | None = None
    digest: str = ""
    """SHA-256 of the file."""

    def segmenter(self, network: GoogLeNet) -> Segmenter:
        """The network, ready to answer; `network` is GoogLeNet with the weights that it reads.

        Raises WeightsError if tensors are missing.
        """
        segmenter = Segmenter(network, len(self.kinds))
        try:
            segmenter.load_own(self.tensors)
        except ValueError as error:
            raise WeightsError(f"{self.path}: not a complete garment finder ({error})") from error
        return segmenter.to(memory_format=torch.channels_last).eval()


def load_finder(path: str | os.PathLike[str]) -> FinderWeights:
    """The finder of a file. Raises WeightsError if the file is absent or damaged, or holds something else."""
    if not Path(path).is_file():
        raise WeightsError(f"{path}: no such file; train a garment finder, or name its file")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # zip, pickle and tensor errors have no common base
        raise WeightsError(f"{path}: not a garment finder, or a damaged one; fetch it again") from error
    if not isinstance(content, dict) or "cbir_finder" not in content:
        raise WeightsError(f"{path}: not a garment finder; name a file that was trained to be one")
    if content["cbir_finder"] != FORMAT:
        raise WeightsError(f"{path}: format {content['cbir_finder']}, but this version reads {FORMAT}")
    try:
        tensors = {name: tensor.float() for name, tensor in content["tensors"].items()}
        kinds, metadata = tuple(content["kinds"]), content["metadata"]
        known = kinds, content["reads"], tensors, metadata
        return FinderWeights(*known, path=Path(path), digest=file_digest(Path(path)))
    except (KeyError, AttributeError, TypeError, ValueError) as error:
        raise WeightsError(f"{path}: not the whole of a garment finder ({error!r}); fetch it again") from error


def save_finder(finder: FinderWeights, path: str | os.PathLike[str]) -> None:
    """Write a finder in half precision, whole or not at all."""
    content = {
        "cbir_finder": FORMAT,
        "kinds": list(finder.kinds),
        "reads": finder.reads,
        "metadata": dict(finder.metadata),
        "tensors": {
            name: tensor.half() if tensor.is_floating_point() else tensor for name, tensor in finder.tensors.items()
        },
    }
    with replacing(Path(path)) as part:
        torch.save(content, part)

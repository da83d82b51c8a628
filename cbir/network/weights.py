"""Files of network weights: the project's own, BVLC's ImageNet file, and torchvision's."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from cbir.errors import WeightsError
from cbir.network.googlenet import FEATURE_SIZE, GoogLeNet, rename_caffe
from cbir.photos.decode import PREPROCESSING
from cbir.system.files import file_digest, replacing

FORMAT = 1
IMAGENET = "imagenet"
"""In place of a path: torchvision's ImageNet weights, downloaded once by torchvision."""


@dataclass(frozen=True)
class Weights:
    """A trained GoogLeNet: its variant and tensors, and where they come from."""

    variant: str
    tensors: Mapping[str, Tensor] = field(repr=False)
    """The network's state dict, float32."""
    classes: tuple[str, ...] = ()
    """Names of the classes in the order of the last layer; empty where the file does not tell."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """What is known of the training: data, split, seed, figures."""
    preprocessing: int = 1
    """Version of how photos became pixels when the network was trained (`photos.decode.PREPROCESSING`)."""
    path: Path | None = None
    digest: str = ""
    """SHA-256 of the file."""

    def feature_network(self) -> GoogLeNet:
        """The network without its last fully connected layer, ready to compute features."""
        body = {name: tensor for name, tensor in self.tensors.items() if not name.startswith("fc.")}
        return self._load(GoogLeNet(self.variant), body).eval()

    def classifier(self, classes: int | None = None) -> GoogLeNet:
        """The whole network. With `classes`, its last layer is a new one of that many, all else as trained."""
        network = GoogLeNet(self.variant, classes=len(self.tensors["fc.bias"]))
        self._load(network, self.tensors)
        if classes is not None:
            head = nn.Linear(FEATURE_SIZE, classes)
            nn.init.normal_(head.weight, std=0.01)
            nn.init.zeros_(head.bias)
            network.fc = head
        return network.eval()

    def classify(self, features: NDArray[np.float32]) -> list[str | None]:
        """The class of each feature, (N, 1024) of unit length; None where the file does not name its classes.

        The lengths of features are gone, so the last layer's bias, which is small beside what it is added to, is left
        out.
        """
        if not self.classes:
            return [None] * len(features)
        return [self.classes[number] for number in (features @ self.tensors["fc.weight"].numpy().T).argmax(1)]

    def _load(self, network: GoogLeNet, tensors: Mapping[str, Tensor]) -> GoogLeNet:
        try:
            network.load_state_dict(tensors)
        except RuntimeError as error:
            raise WeightsError(f"{self.path}: not a complete GoogLeNet of variant {self.variant} ({error})") from error
        return network.to(memory_format=torch.channels_last)


def load_weights(source: str | os.PathLike[str]) -> Weights:
    """Weights of a file, or torchvision's for the word "imagenet".

    Knows the project's own files, `bvlc_googlenet.pth` (Caffe's layer names) and torchvision's GoogLeNet.
    Raises WeightsError if the file is absent or damaged, or holds something else.
    """
    path = _download_imagenet() if source == IMAGENET else Path(source)
    if not path.is_file():
        raise WeightsError(f"{path}: no such file; name a weights file, or '{IMAGENET}' to download torchvision's")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # zip, pickle and tensor errors have no common base
        raise WeightsError(f"{path}: not a file of weights, or a damaged one; fetch it again") from error
    if not isinstance(content, dict):
        raise WeightsError(f"{path}: holds a {type(content).__name__}, not network weights")
    try:
        return replace(_interpret(content, path), path=path, digest=file_digest(path))
    except (KeyError, AttributeError, TypeError, ValueError) as error:
        raise WeightsError(f"{path}: not the whole of a GoogLeNet ({error!r}); fetch it again") from error


def _interpret(content: dict[str, Any], path: Path) -> Weights:
    """The weights in the content of a file, whichever of the three kinds it is."""
    if "cbir_format" in content:
        if content["cbir_format"] != FORMAT:
            raise WeightsError(f"{path}: format {content['cbir_format']}, but this version reads {FORMAT}")
        tensors = {name: tensor.float() for name, tensor in content["tensors"].items()}
        version = int(content.get("preprocessing", 1))
        if version > PREPROCESSING:
            raise WeightsError(f"{path}: trained with a newer version of this project; update it")
        return Weights(content["flavour"], tensors, tuple(content["classes"]), content["metadata"], version)
    imagenet = {"data": "ImageNet"}
    if "conv1/7x7_s2.weight" in content:
        return Weights("bvlc", rename_caffe(content), (), imagenet)
    if "conv1.bn.weight" in content:
        tensors = {name: tensor for name, tensor in content.items() if not name.startswith("aux")}
        return Weights("torchvision", tensors, (), imagenet)
    raise WeightsError(f"{path}: weights of another network; GoogLeNet of BVLC or torchvision is needed")


def save_weights(weights: Weights, path: str | os.PathLike[str]) -> None:
    """Write a weights file in half precision, whole or not at all."""
    content = {
        "cbir_format": FORMAT,
        "flavour": weights.variant,
        "classes": list(weights.classes),
        "metadata": dict(weights.metadata),
        "preprocessing": weights.preprocessing,
        "tensors": {
            name: tensor.half() if tensor.is_floating_point() else tensor for name, tensor in weights.tensors.items()
        },
    }
    with replacing(Path(path)) as part:
        torch.save(content, part)


def _download_imagenet() -> Path:
    from torchvision.models import GoogLeNet_Weights  # takes as long as torch itself to import

    weights = GoogLeNet_Weights.IMAGENET1K_V1
    try:
        weights.get_state_dict(progress=True, check_hash=True)
    except Exception as error:  # network errors of many kinds, and a wrong digest
        raise WeightsError(f"{weights.url}: cannot be downloaded ({error}); check the connection") from error
    return Path(torch.hub.get_dir()) / "checkpoints" / Path(weights.url).name

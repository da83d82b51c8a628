"""Features from a GPU, where a machine has one."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from cbir.network.extractor import FeatureExtractor
from cbir.network.preprocess import to_tensor
from cbir.network.weights import Weights


class DeviceExtractor(FeatureExtractor):
    """A FeatureExtractor that makes features on another device; all else it does on the CPU."""

    def __init__(self, weights: Weights, device: str) -> None:
        """device: as torch names it."""
        super().__init__(weights)
        self._device = torch.device(device)
        self._plain = weights.feature_network().to(self._device)

    def embed(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """As of a FeatureExtractor, and in full float32: with TF32, vectors would differ by more than 1e-5."""
        with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
            return functional.normalize(self._plain(to_tensor(pixels).to(self._device))).cpu().numpy()


def open_on_best_device(weights: Weights) -> FeatureExtractor:
    """An extractor that uses the GPU that this process may use, if there is one."""
    return DeviceExtractor(weights, "cuda") if torch.cuda.is_available() else FeatureExtractor(weights)

"""A network that counts its work."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cbir.network.extractor import FeatureExtractor


class CountingExtractor(FeatureExtractor):
    """Counts the pictures that go through the network, and can break off after some."""

    def __init__(self, extractor: FeatureExtractor, *, stop_after: int = 10**9) -> None:
        super().__init__(extractor.weights)
        self.count, self.stop_after = 0, stop_after

    def embed(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        if self.count >= self.stop_after:
            raise KeyboardInterrupt
        self.count += len(pixels)
        return super().embed(pixels)

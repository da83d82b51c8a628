"""The article's own recipe, as one would write it: Pillow, torchvision's transforms, an eager network, scikit-learn."""

from __future__ import annotations

import io

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from sklearn.neighbors import NearestNeighbors
from torchvision import transforms

from cbir.network.googlenet import INPUT_SIZE
from cbir.network.weights import Weights


class Recipe:
    """Photo in, three nearest vectors out."""

    def __init__(self, weights: Weights, vectors: NDArray[np.float32]) -> None:
        self.network = weights.feature_network()
        self.transform = transforms.Compose(
            [transforms.Resize(256), transforms.CenterCrop(INPUT_SIZE), transforms.PILToTensor()]
        )
        self.neighbours = NearestNeighbors(n_neighbors=3).fit(vectors)

    def search(self, photo: bytes) -> NDArray[np.int64]:
        """(3,) numbers of the nearest vectors."""
        image = Image.open(io.BytesIO(photo)).convert("RGB")
        with torch.no_grad():
            feature = torch.nn.functional.normalize(self.network(self.transform(image)[None])).numpy()
        return self.neighbours.kneighbors(feature, return_distance=False)[0]

"""Query expansion: the feature of a garment on a person, moved towards the mean feature of its kind.

A garment on a person looks other than one that is laid out, and what is nearest to it is often of another kind. The
garment finder tells the kind. So a share of the mean feature of photos of that kind is added to the query's (Rocchio
1971, with these photos as the relevant documents; for images, average query expansion, Chum et al., ICCV 2007). The
features of a catalogue stay what they are, and the proof is about the expanded query.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SHARE = 0.5
"""How much of the mean is added to a feature of unit length. More brings back more of the kind, and less of the rest:
see MODEL_CARD.md."""


def expand_query(features: NDArray[np.float32], mean: NDArray[np.float32]) -> NDArray[np.float32]:
    """Features, (..., D), unit length, moved towards the mean feature of a kind, (D,), and scaled to unit length."""
    moved = features + np.float32(SHARE) * mean
    return np.asarray(moved / np.linalg.norm(moved, axis=-1, keepdims=True), np.float32)

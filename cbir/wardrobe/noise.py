"""Smooth random fields that can be sampled anywhere: folds, grain, stains and petals all come from them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates

Random = np.random.Generator
Field = NDArray[Any]
"""(h, w) floats: one number for every pixel."""

TILE = 512
GRAIN = 6
"""Pixels of the tile that make one unit: the size of a bump."""


class Noise:
    """A smooth random field of mean 0 and deviation 1, whose bumps are about one unit wide."""

    def __init__(self, random: np.random.Generator) -> None:
        tile = gaussian_filter(random.standard_normal((TILE, TILE)), GRAIN / 2.5, mode="wrap")
        self._tile = (tile / tile.std()).astype(np.float32)

    def at(self, x: Field, y: Field, *, shift: float = 0.0) -> Field:
        """The field at points; `shift` gives another field that has nothing to do with the first."""
        where = np.stack([(y + 17.3 * shift) * GRAIN, (x + 31.7 * shift) * GRAIN])
        return map_coordinates(self._tile, where, order=1, mode="grid-wrap")

    def cloudy(self, x: Field, y: Field, *, octaves: int = 4, shift: float = 0.0) -> Field:
        """Bumps upon bumps, each octave half as wide and half as high."""
        total = np.zeros_like(x)
        for octave in range(octaves):
            total += self.at(x * 2**octave, y * 2**octave, shift=shift + 3.1 * octave) / 2**octave
        return total / 1.15

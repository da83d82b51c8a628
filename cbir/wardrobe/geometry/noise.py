"""Smooth random fields that can be sampled at any point. Folds, threads, grounds and colours vary by them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates

Random = np.random.Generator
Field = NDArray[Any]
"""(h, w) float32 or float64: one value for each pixel."""

TILE = 512
"""Width and height, in its own pixels, of the tile of noise that repeats without a seam."""
GRAIN = 6
"""Pixels of the tile for one unit of the coordinates; a bump is about that wide."""


class Noise:
    """A smooth random field with mean 0 and standard deviation 1. Its bumps are about one unit wide."""

    def __init__(self, rng: Random) -> None:
        tile = gaussian_filter(rng.standard_normal((TILE, TILE)), GRAIN / 2.5, mode="wrap")
        self._tile = (tile / tile.std()).astype(np.float32)

    def at(self, x: Field, y: Field, *, shift: float = 0.0) -> Field:
        """The field at points x, y, each (h, w), in units; gives (h, w) float32.

        Every `shift` gives a field of its own.
        """
        where = np.stack([(y + 17.3 * shift) * GRAIN, (x + 31.7 * shift) * GRAIN])
        return map_coordinates(self._tile, where, order=1, mode="grid-wrap")

    def cloudy(self, x: Field, y: Field, *, octaves: int = 4, shift: float = 0.0) -> Field:
        """A sum of fields, (h, w) like x: each octave has bumps half as wide and half as high as the one before."""
        total = np.zeros_like(x)
        for octave in range(octaves):
            total += self.at(x * 2**octave, y * 2**octave, shift=shift + 3.1 * octave) / 2**octave
        return total / 1.15

"""Colours as people tell them apart: L*, a* and b*."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cbir.photos.colour import decode_srgb

WHITE = np.array([0.9505, 1.0, 1.089])
"""XYZ of sRGB's white."""
SRGB_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
"""IEC 61966-2-1."""


def to_lab(colours: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(n, 3) sRGB to (n, 3) L*, a* and b* (CIE 15) under its white; distances of about 2 are just seen."""
    light = decode_srgb(np.float32(1 / 255) * colours).astype(np.float64) @ SRGB_TO_XYZ.T / WHITE
    x, y, z = np.where(light > (6 / 29) ** 3, np.cbrt(light), light / (3 * (6 / 29) ** 2) + 4 / 29).T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)

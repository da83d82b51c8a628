"""The light on a table, from a window at one side and from the room all around, and the camera.

The slopes of the height field give normals. Valleys get less light from the room. Higher parts cast shadows in the
light of the window, and the outline of the garment casts two soft shadows on the ground.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter, shift

from cbir.wardrobe.geometry.noise import Field, Random
from cbir.wardrobe.scene.table import Table

Direction = NDArray[Any]
"""(3,) float32, a unit vector towards the window; x to the right, y down, z up to the camera."""


def photograph(table: Table, rng: Random, *, oversampling: int) -> Image.Image:
    """The RGB picture of the lit table, `oversampling` times smaller than the arrays of the table."""
    compass, up = np.radians(rng.uniform(-150, -30)), np.radians(rng.uniform(33, 54))
    sun = np.array([np.cos(compass) * np.cos(up), np.sin(compass) * np.cos(up), np.sin(up)], np.float32)
    return _expose(_shade(table, sun, np.float32(rng.uniform(0.5, 0.68))), sun, rng, oversampling)


def _shade(table: Table, sun: Direction, share: np.float32) -> NDArray[Any]:
    """The light from each point, (h, w, 3) linear; share: the part of the light that comes from the window."""
    height = table.height + table.floor * (1 - table.covered)
    smooth = gaussian_filter(height, 0.8)
    slope_y, slope_x = np.gradient(smooth, table.pixel)
    steep = np.hypot(slope_x, slope_y)
    tame = np.where(steep > 0, np.tanh(steep / 1.3) * 1.3 / np.maximum(steep, 1e-6), 1).astype(np.float32)
    slope_x, slope_y = slope_x * tame, slope_y * tame
    length = np.sqrt(slope_x**2 + slope_y**2 + 1)
    facing = np.clip((-slope_x * sun[0] - slope_y * sun[1] + sun[2]) / length, 0, None)
    valley = gaussian_filter(height, 1.1 * table.scale) - smooth
    open_sky = np.clip(1 - 0.28 * np.clip(valley, -0.25, 1.6), 0.45, 1.08)
    lit = (1 - share) * open_sky + share * facing / sun[2] * (1 - 0.75 * _cast_shadow(smooth, sun, table.scale))
    lit *= table.light * _ground_shadow(table.covered, sun)
    half = sun + np.array([0, 0, 1], np.float32)
    half /= np.linalg.norm(half)
    shine = np.clip((-slope_x * half[0] - slope_y * half[1] + half[2]) / length, 0, 1)
    sheen = table.gloss * (0.55 * shine**28 + 0.16 * shine**6 - 0.1)
    # Cloth of any colour mirrors a little light, so that folds of black cloth can be seen.
    sheen += 0.02 * table.covered * lit**2
    return np.asarray(table.colour * lit[..., None] + np.float32(0.55) * (sheen * table.light)[..., None])


def _cast_shadow(height: Field, sun: Direction, scale: float) -> Field:
    """How far higher parts nearer to the window take its light away, (h, w), from 0 to 1."""
    level = float(np.hypot(sun[0], sun[1]))
    blocked = np.zeros_like(height)
    for distance in (0.3, 0.55, 0.9, 1.4, 2.1, 3.0):
        move = distance * scale * sun[:2] / level
        between = shift(height, (-move[1], -move[0]), order=0, mode="nearest")
        blocked = np.maximum(blocked, between - height - np.float32(distance * sun[2] / level))
    return np.asarray(gaussian_filter(np.clip(blocked / 0.3, 0, 1), 0.12 * scale + 0.6))


def _ground_shadow(covered: Field, sun: Direction) -> Field:
    """Soft shadows of the outline on the ground, one narrow and one wide, (h, w); 1 where there is no shadow."""
    unit = len(covered) / 95
    result = np.ones_like(covered)
    for reach, blur, depth in ((0.7, 0.35, 0.42), (2.2, 1.9, 0.3)):
        move = -sun[:2] * reach * unit
        shadow = shift(gaussian_filter(covered, blur * unit), (move[1], move[0]), order=0, mode="nearest")
        result *= 1 - np.float32(depth) * shadow * (1 - covered)
    return result


def _expose(light: NDArray[Any], sun: Direction, rng: Random, oversampling: int) -> Image.Image:
    """The camera: fall-off, white balance, exposure, tone curve, noise. light: (h, w, 3), linear."""
    side = len(light)
    rows, columns = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j].astype(np.float32)
    across = 0.7 * (columns * -sun[0] + rows * -sun[1])
    falloff = 1 - rng.uniform(0, 0.16) * across - rng.uniform(0, 0.09) * (rows**2 + columns**2)
    warm, green = rng.normal(0, 0.025), rng.normal(0, 0.012)
    tint = np.array([1 + warm - 0.5 * green, 1 + green, 1 - warm - 0.5 * green], np.float32)
    light = np.clip(light * falloff[..., None] * tint * rng.uniform(0.9, 1.08), 0, None)
    light = light * (1 + 0.12 * light) / (1 + 0.12 * light**2)
    encoded = np.clip(light, 0, 1) ** np.float32(1 / 2.2)
    small = side // oversampling
    pixels = encoded.reshape(small, oversampling, small, oversampling, 3).mean((1, 3))
    pixels += rng.normal(0, rng.uniform(0.0015, 0.004), pixels.shape)
    return Image.fromarray((255 * np.clip(pixels, 0, 1) + 0.5).astype(np.uint8))

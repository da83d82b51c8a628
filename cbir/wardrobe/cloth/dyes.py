"""The colour of a cloth: its pattern, and what a front has besides."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import map_coordinates

from cbir.wardrobe.cloth.colours import Colour, linear, mix
from cbir.wardrobe.cloth.garment import Cloth
from cbir.wardrobe.cloth.patterns import paint
from cbir.wardrobe.cloth.prints import draw_print
from cbir.wardrobe.geometry.noise import Field, Noise


def dye(
    cloth: Cloth, family: int, u: Field, v: Field, x: Field, y: Field, noise: Noise, *, front: bool, pixel: float
) -> Colour:
    """The colour of a cloth, (h, w, 3) linear light, with the print or the colour blocks if it is a front.

    family: of the garment; the print and the height of the blocks follow from it.
    u, v: the points in the coordinates of the cloth; x, y: the same points in those of the garment; each (h, w), in
    centimetres. pixel: centimetres per pixel.
    """
    colours = np.stack([linear(name) for name in cloth.colours])
    colour = paint(cloth.pattern, colours, u, v, noise, size=cloth.size, shift=float(family % 50), pixel=pixel)
    if cloth.pattern == "colour block" and front:
        border = 24 + 3 * (family % 7)
        edge = np.clip((y - border) / pixel + 0.5, 0, 1)
        colour = mix(colour, colours[1], edge)
        band = np.clip((y - border + 4) / pixel + 0.5, 0, 1) - edge
        colour = mix(colour, colours[2], band * (family % 2))
    if cloth.pattern == "printed" and front:
        stamp = draw_print(family)
        place_x, place_y = (x / 26 + 0.5) * stamp.shape[1], ((y - 30) / 26 + 0.5) * stamp.shape[0]
        ink = map_coordinates(stamp, np.stack([place_y, place_x]), order=1, mode="constant")
        crack = np.clip(0.93 + 0.1 * noise.at(x / 0.8, y / 0.8, shift=11), 0, 1)
        colour = mix(colour, colours[1], np.clip(ink, 0, 1) * crack)
        colour = mix(colour, colours[2], np.clip(ink - 1, 0, 1) * crack)
    return colour

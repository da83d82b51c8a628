"""The patterns of cloth: stripes, checks, dots, flowers and others, in the cloth's own coordinates."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cbir.wardrobe.cloth.colours import Colour, mix
from cbir.wardrobe.geometry.noise import Field, Noise


def paint(
    pattern: str, colours: Colour, u: Field, v: Field, noise: Noise, *, size: float, shift: float, pixel: float
) -> Colour:
    """The colour of a pattern at points u, v of the cloth, each (h, w), in centimetres; gives (h, w, 3) linear light.

    colours: (n, 3) linear light, at least three, the ground first. size: of one repeat, in centimetres.
    shift: selects the random fields. pixel: centimetres per pixel; edges are one pixel soft.
    A pattern that has no function here is one plain colour.
    """
    if pattern not in PATTERNS:
        return np.broadcast_to(colours[0], (*u.shape, 3)).astype(np.float32)
    return PATTERNS[pattern](colours, u, v, noise, size, shift, pixel)


def band(position: Field, start: float, end: float, pixel: float) -> Field:
    """1 where start < position < end, else 0, (h, w), with edges one pixel soft."""
    rise = np.clip((position - start) / pixel + 0.5, 0, 1)
    return rise * np.clip((end - position) / pixel + 0.5, 0, 1)


def stripes(colours: Colour, u: Field, v: Field, noise: Noise, size: float, shift: float, pixel: float) -> Colour:
    """Bands across the grain."""
    return mix(colours[0], colours[1], band(v % size, 0.25 * size, 0.75 * size, pixel))


def breton(colours: Colour, u: Field, v: Field, noise: Noise, size: float, shift: float, pixel: float) -> Colour:
    """Thin bands across the grain, far apart."""
    return mix(colours[0], colours[1], band(v % size, 0.35 * size, 0.68 * size, pixel))


def triple(colours: Colour, u: Field, v: Field, noise: Noise, size: float, shift: float, pixel: float) -> Colour:
    """Broad bands of two colours on a ground."""
    place = v % (2 * size)
    ground = mix(colours[0], colours[1], band(place, 0.2 * size, 0.9 * size, pixel))
    return mix(ground, colours[2], band(place, 1.1 * size, 1.4 * size, pixel))


def pinstripes(colours: Colour, u: Field, v: Field, noise: Noise, size: float, shift: float, pixel: float) -> Colour:
    """Thin lines along the grain."""
    return mix(colours[0], colours[1], 0.8 * band(u % size, 0.4 * size, 0.6 * size, pixel))


def check(colours: Colour, u: Field, v: Field, noise: Noise, size: float, shift: float, pixel: float) -> Colour:
    """Gingham: bands in both directions, with the full colour where they cross."""
    across = band(u % size, 0.25 * size, 0.75 * size, pixel)
    along = band(v % size, 0.25 * size, 0.75 * size, pixel)
    return mix(colours[0], colours[1], 0.47 * (across + along) + 0.06 * across * along)


def plaid(colours: Colour, u: Field, v: Field, noise: Noise, size: float, shift: float, pixel: float) -> Colour:
    """Tartan: the same sequence of bands in both directions."""
    sett = 3 * size

    def bands(position: Field) -> Colour:
        place = position % sett
        ground = mix(colours[0], colours[1], band(place, 0.3 * sett, 0.7 * sett, pixel))
        ground = mix(ground, colours[2], band(place, 0.47 * sett, 0.53 * sett, pixel))
        ground = mix(ground, colours[0], band(place, 0.36 * sett, 0.40 * sett, pixel))
        return mix(ground, colours[2], 0.7 * band(place, 0.96 * sett, 0.99 * sett, pixel))

    return 0.5 * bands(u) + 0.5 * bands(v)


def dots(colours: Colour, u: Field, v: Field, noise: Noise, size: float, shift: float, pixel: float) -> Colour:
    """Discs in rows; every second row is moved by half a repeat."""
    row = np.floor(v / size)
    x, y = (u / size + 0.5 * (row % 2)) % 1 - 0.5, v / size % 1 - 0.5
    far = np.hypot(x, y) * size
    return mix(colours[0], colours[1], np.clip((0.26 * size - far) / pixel + 0.5, 0, 1))


def floral(colours: Colour, u: Field, v: Field, noise: Noise, size: float, shift: float, pixel: float) -> Colour:
    """Scattered flowers of two colours, with leaves."""
    cloth = np.broadcast_to(colours[0], (*u.shape, 3)).astype(np.float32)
    leaf = np.array([0.09, 0.2, 0.07], np.float32) * (0.6 + colours[0].mean())
    for layer, (scale, petal) in enumerate(((0.75, None), (0.62, 2), (1.0, 1))):
        cell = size * (1.5 if petal == 1 else 1.0)
        x, y = u / cell + 0.37 * layer, v / cell + 0.61 * layer
        column, row = np.floor(x), np.floor(y)
        push_x, push_y, turn = (hashed(column, row, shift + 5 * layer + part) for part in range(3))
        x, y = (x - column - 0.5 - 0.3 * (push_x - 0.5)) * cell, (y - row - 0.5 - 0.3 * (push_y - 0.5)) * cell
        far, angle = np.hypot(x, y), np.arctan2(y, x) + 6.28 * turn
        here = hashed(column, row, shift + 9 * layer + 4) < 0.8
        if petal is None:
            reach = 0.42 * cell * np.abs(np.cos(angle)) ** 2
            cloth = mix(cloth, leaf, here * np.clip((reach - far) / pixel + 0.5, 0, 1))
            continue
        reach = scale * 0.33 * cell * (0.72 + 0.28 * np.cos(5 * angle))
        bloom = here * np.clip((reach - far) / pixel + 0.5, 0, 1)
        cloth = mix(cloth, colours[petal], bloom)
        cloth = mix(cloth, colours[petal] * 0.55, bloom * np.clip(0.5 - far / (0.33 * cell), 0, 1))
        heart = np.clip((0.08 * cell - far) / pixel + 0.5, 0, 1)
        cloth = mix(cloth, np.array([0.75, 0.5, 0.08], np.float32), here * heart)
    return cloth


def herringbone(colours: Colour, u: Field, v: Field, noise: Noise, size: float, shift: float, pixel: float) -> Colour:
    """Slanting threads that change direction at every column."""
    slant = np.abs((u / size) % 2 - 1) * size + v
    thread = max(0.35 * size, 3 * pixel)
    return mix(colours[0], colours[1], 0.5 + 0.5 * np.sin(2 * np.pi * slant / thread))


def camouflage(colours: Colour, u: Field, v: Field, noise: Noise, size: float, shift: float, pixel: float) -> Colour:
    """Blots of three colours."""
    cloth = mix(colours[0], colours[1], noise.cloudy(u / (2 * size), v / (1.4 * size), shift=shift) > 0.3)
    return mix(cloth, colours[2], noise.cloudy(u / (2 * size), v / (1.4 * size), shift=shift + 7) > 0.75)


def hashed(column: Field, row: Field, salt: float) -> Field:
    """A pseudo-random number from 0 to 1 for each cell of a grid, (h, w) float32."""
    mixed = np.sin(column.astype(np.float64) * 127.1 + row * 311.7 + salt * 74.7) * 43758.5453
    return (mixed - np.floor(mixed)).astype(np.float32)


PATTERNS: dict[str, Callable[..., Colour]] = {
    "striped": stripes,
    "breton striped": breton,
    "multi-striped": triple,
    "pinstriped": pinstripes,
    "checked": check,
    "plaid": plaid,
    "dotted": dots,
    "floral": floral,
    "herringbone": herringbone,
    "camouflage": camouflage,
}
"""Each function takes the colours, u, v, noise, size, shift and pixel of `paint`, and gives (h, w, 3) linear light."""

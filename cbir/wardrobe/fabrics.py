"""Cloth: the weave that light falls on, and the pattern that it carries, both in the cloth's own coordinates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cbir.wardrobe.noise import Field, Noise

Colour = NDArray[Any]
"""(3,) or (h, w, 3): linear light, 0 to 1."""


@dataclass(frozen=True)
class Fabric:
    """How a material looks and falls."""

    name: str
    stiffness: float
    """0 falls in many soft folds, 1 in few sharp ones."""
    thickness: float
    """Of a layer, in centimetres."""
    gloss: float = 0.0
    fuzz: float = 0.0
    """How far its fibres stand off and blur the edge."""


FABRICS = {
    fabric.name: fabric
    for fabric in (
        Fabric("jersey", 0.25, 0.5),
        Fabric("knit", 0.15, 1.0, fuzz=0.6),
        Fabric("rib knit", 0.15, 0.8, fuzz=0.4),
        Fabric("cotton", 0.55, 0.4),
        Fabric("linen", 0.75, 0.4),
        Fabric("denim", 0.85, 0.6),
        Fabric("twill", 0.7, 0.5),
        Fabric("corduroy", 0.6, 0.7),
        Fabric("wool", 0.4, 0.9, fuzz=0.5),
        Fabric("fleece", 0.3, 1.1, fuzz=0.5),
        Fabric("leather", 0.8, 0.8, gloss=0.35),
        Fabric("satin", 0.05, 0.3, gloss=0.5),
        Fabric("nylon", 0.5, 0.6, gloss=0.2),
        Fabric("felt", 0.9, 0.8, fuzz=0.4),
        Fabric("canvas", 0.9, 0.6),
        Fabric("suede", 0.8, 0.7, fuzz=0.3),
        Fabric("straw", 1.0, 0.6),
        Fabric("rubber", 1.0, 0.6, gloss=0.12),
    )
}


class Surface(NamedTuple):
    """A fabric seen close, over a grid of (h, w) points."""

    tone: Field
    """Multiplies the colour: threads, fading, melange."""
    bump: Field
    """Height in centimetres."""


def weave(fabric: str, u: Field, v: Field, noise: Noise, *, pixel: float, shift: float) -> Surface:
    """The surface of a fabric at points u (across) and v (along the grain), in centimetres.

    pixel: centimetres per pixel; threads too fine to be drawn are drawn as fine as they can be.
    """
    thread = max(0.35, 2.6 * pixel)
    grain = noise.at(u / thread, v / thread, shift=shift)
    if fabric in ("knit", "rib knit"):
        wide = max(0.9, 4.5 * pixel)
        lean = np.abs((u / wide) % 1 - 0.5)  # each wale is a column of Vs
        loop = np.cos(2 * np.pi * (v / (0.8 * wide) + 1.1 * lean))
        column = np.cos(2 * np.pi * u / wide)
        rib = 0.5 * np.cos(2 * np.pi * u / (3 * wide)) if fabric == "rib knit" else 0.0
        return Surface(1 + 0.05 * loop - 0.05 * column + 0.05 * grain, 0.05 * loop - 0.06 * column + 0.12 * rib)
    if fabric == "denim":
        twill = np.sin(2 * np.pi * (u + v) / max(0.45, 3.2 * pixel))
        slub = noise.at(u / thread, v / (6 * thread), shift=shift + 1)
        fade = noise.cloudy(u / 9, v / 14, octaves=3, shift=shift + 2)
        return Surface(1 + 0.05 * twill + 0.09 * slub + 0.05 * grain + 0.08 * fade, 0.012 * twill)
    if fabric in ("twill", "canvas"):
        twill = np.sin(2 * np.pi * (u + v) / max(0.5, 3.2 * pixel))
        return Surface(1 + 0.025 * twill + 0.025 * grain, 0.01 * twill)
    if fabric == "corduroy":
        wale = np.cos(2 * np.pi * u / max(0.8, 4 * pixel))
        return Surface(1 + 0.1 * wale + 0.04 * grain, 0.06 * wale)
    if fabric == "linen":
        across = noise.at(u / (9 * thread), v / thread, shift=shift + 1)
        along = noise.at(u / thread, v / (9 * thread), shift=shift + 2)
        return Surface(1 + 0.06 * across + 0.06 * along, 0.012 * (across + along))
    if fabric == "leather":
        pebble = noise.at(u / (2 * thread), v / (2 * thread), shift=shift + 1)
        patina = noise.cloudy(u / 12, v / 12, octaves=3, shift=shift + 2)
        return Surface(1 + 0.03 * pebble + 0.06 * patina, 0.012 * np.abs(pebble))
    if fabric in ("wool", "fleece", "felt", "suede"):
        cloud = noise.cloudy(u / 2.5, v / 2.5, octaves=3, shift=shift + 1)
        return Surface(1 + 0.07 * grain + 0.03 * cloud, 0.02 * grain)
    if fabric == "straw":
        plait = np.sin(2 * np.pi * (u + v) / 1.3) * np.sin(2 * np.pi * (u - v) / 1.3)
        return Surface(1 + 0.12 * plait + 0.06 * grain, 0.07 * plait)
    faint = {"satin": 0.0, "nylon": 0.01, "rubber": 0.02}.get(fabric, 0.02)
    return Surface(1 + faint * grain, faint * 0.1 * grain)


def paint(
    pattern: str, colours: Colour, u: Field, v: Field, noise: Noise, *, size: float, shift: float, pixel: float
) -> Colour:
    """The colour, (h, w, 3), of a pattern at points of the cloth in centimetres.

    colours: (n, 3), the ground first, at least three. size: of one repeat, in centimetres.
    """
    if pattern not in PATTERNS:
        return np.broadcast_to(colours[0], (*u.shape, 3)).astype(np.float32)
    return PATTERNS[pattern](colours, u, v, noise, size, shift, pixel)


def mix(ground: Colour, over: Colour, share: Field | float) -> Colour:
    """One colour laid over another, covering a share of it."""
    share = np.asarray(share, np.float32)[..., None]
    return ground * (1 - share) + over * share


def band(position: Field, start: float, end: float, pixel: float) -> Field:
    """1 where start < position < end, with edges a pixel soft."""
    rise = np.clip((position - start) / pixel + 0.5, 0, 1)
    return rise * np.clip((end - position) / pixel + 0.5, 0, 1)


def stripes(colours: Colour, u: Field, v: Field, noise: Noise, size: float, shift: float, pixel: float) -> Colour:
    """Bands across."""
    return mix(colours[0], colours[1], band(v % size, 0.25 * size, 0.75 * size, pixel))


def breton(colours: Colour, u: Field, v: Field, noise: Noise, size: float, shift: float, pixel: float) -> Colour:
    """Thin bands across, far apart."""
    return mix(colours[0], colours[1], band(v % size, 0.35 * size, 0.68 * size, pixel))


def triple(colours: Colour, u: Field, v: Field, noise: Noise, size: float, shift: float, pixel: float) -> Colour:
    """Broad bands of two colours on a ground."""
    place = v % (2 * size)
    ground = mix(colours[0], colours[1], band(place, 0.2 * size, 0.9 * size, pixel))
    return mix(ground, colours[2], band(place, 1.1 * size, 1.4 * size, pixel))


def pinstripes(colours: Colour, u: Field, v: Field, noise: Noise, size: float, shift: float, pixel: float) -> Colour:
    """Thin lines along."""
    return mix(colours[0], colours[1], 0.8 * band(u % size, 0.4 * size, 0.6 * size, pixel))


def check(colours: Colour, u: Field, v: Field, noise: Noise, size: float, shift: float, pixel: float) -> Colour:
    """Gingham: bands both ways, full colour where they cross."""
    across = band(u % size, 0.25 * size, 0.75 * size, pixel)
    along = band(v % size, 0.25 * size, 0.75 * size, pixel)
    return mix(colours[0], colours[1], 0.47 * (across + along) + 0.06 * across * along)


def plaid(colours: Colour, u: Field, v: Field, noise: Noise, size: float, shift: float, pixel: float) -> Colour:
    """Tartan: one sequence of bands both ways, woven in twill."""
    sett = 3 * size

    def bands(position: Field) -> Colour:
        place = position % sett
        ground = mix(colours[0], colours[1], band(place, 0.3 * sett, 0.7 * sett, pixel))
        ground = mix(ground, colours[2], band(place, 0.47 * sett, 0.53 * sett, pixel))
        ground = mix(ground, colours[0], band(place, 0.36 * sett, 0.40 * sett, pixel))
        return mix(ground, colours[2], 0.7 * band(place, 0.96 * sett, 0.99 * sett, pixel))

    return 0.5 * bands(u) + 0.5 * bands(v)


def dots(colours: Colour, u: Field, v: Field, noise: Noise, size: float, shift: float, pixel: float) -> Colour:
    """Discs in rows, each row moved by half."""
    row = np.floor(v / size)
    x, y = (u / size + 0.5 * (row % 2)) % 1 - 0.5, v / size % 1 - 0.5
    far = np.hypot(x, y) * size
    return mix(colours[0], colours[1], np.clip((0.26 * size - far) / pixel + 0.5, 0, 1))


def floral(colours: Colour, u: Field, v: Field, noise: Noise, size: float, shift: float, pixel: float) -> Colour:
    """Flowers of two colours with leaves, strewn."""
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
    """Slanting threads that turn at every column."""
    slant = np.abs((u / size) % 2 - 1) * size + v
    thread = max(0.35 * size, 3 * pixel)
    return mix(colours[0], colours[1], 0.5 + 0.5 * np.sin(2 * np.pi * slant / thread))


def camouflage(colours: Colour, u: Field, v: Field, noise: Noise, size: float, shift: float, pixel: float) -> Colour:
    """Blots of three colours."""
    cloth = mix(colours[0], colours[1], noise.cloudy(u / (2 * size), v / (1.4 * size), shift=shift) > 0.3)
    return mix(cloth, colours[2], noise.cloudy(u / (2 * size), v / (1.4 * size), shift=shift + 7) > 0.75)


def hashed(column: Field, row: Field, salt: float) -> Field:
    """A number from 0 to 1 for each cell of a grid, the same on every machine."""
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

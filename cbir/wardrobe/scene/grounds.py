"""The grounds that garments are photographed on.

Each ground is a function of the points of the scene, x and y, each (h, w), in centimetres.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from cbir.wardrobe.cloth.colours import Colour, linear, mix
from cbir.wardrobe.geometry.noise import Field, Noise, Random


class Ground(NamedTuple):
    """A surface below the garment."""

    colour: Colour
    """(h, w, 3), linear light."""
    height: Field
    """(h, w), in centimetres."""


def sweep(x: Field, y: Field, noise: Noise, rng: Random) -> Ground:
    """White or nearly white paper, a little darker towards one side."""
    paper = linear(str(rng.choice(["#f7f6f4", "#efece6", "#e6e7e9", "#dcd8d2", "#f3efe9"])))
    slope = rng.normal(0, 1, 2)
    slope /= np.hypot(*slope)
    shade = 1 - 0.08 * (slope[0] * x + slope[1] * y) / np.abs(y).max() + 0.01 * noise.at(x / 25, y / 25)
    return Ground((paper * shade[..., None]).astype(np.float32), np.zeros_like(x))


def wall(x: Field, y: Field, noise: Noise, rng: Random) -> Ground:
    """A painted wall, slightly rough."""
    paint = linear(str(rng.choice(["#d9d4c9", "#c9ced0", "#e3ddd2", "#b9c0b6", "#d7c4bb"])))
    shade = 1 + 0.05 * noise.cloudy(x / 40, y / 40, octaves=3) + 0.02 * noise.at(x / 0.5, y / 0.5)
    return Ground((paint * shade[..., None]).astype(np.float32), (0.01 * noise.at(x / 0.8, y / 0.8)).astype(np.float32))


def wood(x: Field, y: Field, noise: Noise, rng: Random) -> Ground:
    """Boards with grain, gaps and knots."""
    if rng.random() < 0.5:
        x, y = y, x
    board = float(rng.uniform(13, 24))
    place = x / board + float(rng.uniform(0, 1))
    number = np.floor(place)
    tone = noise.at(number * 3.7, np.zeros_like(x), shift=5)
    wavy = x + 0.9 * noise.at(x / 9, y / 45, shift=1) + 13.1 * number
    rings = noise.cloudy(wavy / 1.3, y / 60 + 7 * number, octaves=4, shift=2)
    wood_colours = [
        ("#8a5a34", "#5a371d"),
        ("#c49a6a", "#976c40"),
        ("#d8bf97", "#b39468"),
        ("#6f665c", "#4c443c"),
        ("#a9754a", "#7a4e2c"),
    ]
    light, dark = (linear(code) for code in wood_colours[rng.integers(len(wood_colours))])
    colour = mix(light, dark, np.clip(0.42 + 0.22 * rings + 0.16 * tone, 0, 1))
    gap = np.exp(-(((place - number - 0.5) / (0.5 - 0.12 / board)) ** 40))
    return Ground(
        (colour * (0.35 + 0.65 * gap)[..., None]).astype(np.float32),
        (-0.5 * (1 - gap) + 0.02 * rings).astype(np.float32),
    )


def concrete(x: Field, y: Field, noise: Noise, rng: Random) -> Ground:
    """Grey concrete with clouds and pores."""
    base = linear(str(rng.choice(["#a8a6a2", "#8f9091", "#c2bfb9", "#77787a"])))
    cloud = noise.cloudy(x / 18, y / 18, octaves=5)
    pores = np.clip(noise.at(x / 0.9, y / 0.9, shift=3) - 2.2, 0, 0.6)
    shade = 1 + 0.08 * cloud - 0.5 * pores + 0.03 * noise.at(x / 0.35, y / 0.35, shift=4)
    return Ground((base * shade[..., None]).astype(np.float32), (-0.15 * pores).astype(np.float32))


def sheet(x: Field, y: Field, noise: Noise, rng: Random) -> Ground:
    """A bed sheet or blanket with creases."""
    codes = [
        "#e9e4da",
        "#cfc7ba",
        "#b7bfc6",
        "#8e2f35",
        "#d6d2cc",
        "#44506b",
        "#c9bda9",
        "#7d8a76",
        "#b98c8c",
        "#33383f",
        "#c56a3d",
    ]
    base = linear(str(rng.choice(codes)))
    turn = rng.uniform(0, 3.1)
    u, v = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    u = u + 4 * noise.at(u / 20, v / 26, shift=6)
    ridge = np.exp(-((noise.at(u / 13, v / 60, shift=7) / 0.16) ** 2)) * np.clip(
        noise.at(u / 30, v / 30, shift=8) + 0.3, 0, 1.2
    )
    height = 0.9 * noise.at(u / 16, v / 45, shift=9) + 0.9 * ridge
    shade = 1 + 0.02 * noise.at(x / 0.35, y / 0.35, shift=2)
    return Ground((base * shade[..., None]).astype(np.float32), height.astype(np.float32))


def linen(x: Field, y: Field, noise: Noise, rng: Random) -> Ground:
    """A coarse cloth with visible threads."""
    base = linear(str(rng.choice(["#cdbfa7", "#b9b3a6", "#ddd5c6", "#9c9384"])))
    thread = noise.at(x / 5, y / 0.4, shift=1) + noise.at(x / 0.4, y / 5, shift=2)
    shade = 1 + 0.055 * thread + 0.03 * noise.at(x / 20, y / 20, shift=3)
    height = 0.007 * thread + 0.5 * noise.at(x / 22, y / 50, shift=4)
    return Ground((base * shade[..., None]).astype(np.float32), height.astype(np.float32))


def carpet(x: Field, y: Field, noise: Noise, rng: Random) -> Ground:
    """A carpet with a short pile."""
    base = linear(str(rng.choice(["#b7ab98", "#8b8176", "#6f7780", "#a08c78", "#7b5a55"])))
    pile = noise.at(x / 0.55, y / 0.55, shift=1) + 0.7 * noise.at(x / 1.3, y / 1.3, shift=2)
    shade = 1 + 0.08 * pile + 0.06 * noise.at(x / 22, y / 22, shift=3)
    return Ground((base * np.clip(shade, 0.3, 2)[..., None]).astype(np.float32), (0.03 * pile).astype(np.float32))


def tiles(x: Field, y: Field, noise: Noise, rng: Random) -> Ground:
    """A tiled floor."""
    base = linear(str(rng.choice(["#d4cabb", "#c3c0bb", "#a98d77", "#e2ded6"])))
    side = float(rng.uniform(30, 45))
    across, along = (x / side + float(rng.random())) % 1, (y / side + float(rng.random())) % 1
    joint = np.minimum(np.minimum(across, 1 - across), np.minimum(along, 1 - along)) * side
    inside = np.clip(joint / 0.35 - 0.4, 0, 1)
    shade = (1 + 0.05 * noise.cloudy(x / 12, y / 12, octaves=4)) * (0.6 + 0.4 * inside)
    return Ground((base * shade[..., None]).astype(np.float32), (0.3 * inside).astype(np.float32))


def busy(x: Field, y: Field, noise: Noise, rng: Random) -> Ground:
    """A rug with a strong pattern all over."""
    first, second, third = (
        linear(code) for code in rng.permutation(["#7d2430", "#1f3350", "#c8a45c", "#3d5a4a", "#d9cfb8", "#96532f"])[:3]
    )
    u, v = x + 0.4 * noise.at(x / 5, y / 5), y + 0.4 * noise.at(x / 5, y / 5, shift=1)
    diamond = np.abs((u / 16) % 2 - 1) + np.abs((v / 16) % 2 - 1)
    colour = mix(first, second, np.clip(np.sin(diamond * 14) * 4, 0, 1))
    colour = mix(colour, third, np.clip((np.cos(u * 0.8) * np.cos(v * 0.8) - 0.45) * 9, 0, 1))
    shade = 1 + 0.1 * noise.at(x / 0.5, y / 0.5, shift=2)
    return Ground(
        (colour * np.clip(shade, 0.4, 2)[..., None]).astype(np.float32),
        (0.05 * noise.at(x / 0.5, y / 0.5, shift=2)).astype(np.float32),
    )


GROUNDS: dict[str, Callable[[Field, Field, Noise, Random], Ground]] = {
    "white sweep": sweep,
    "wall": wall,
    "wood": wood,
    "concrete": concrete,
    "sheet": sheet,
    "linen": linen,
    "carpet": carpet,
    "tiles": tiles,
    "busy rug": busy,
}

"""The picture of one garment."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cbir.wardrobe.cloth.garment import Garment
from cbir.wardrobe.garments import plan_garment, shape_of
from cbir.wardrobe.geometry.noise import Noise, Random
from cbir.wardrobe.geometry.pieces import Panel, Piece
from cbir.wardrobe.scene.figure import dress_figure, head, hide
from cbir.wardrobe.scene.light import photograph
from cbir.wardrobe.scene.table import Table
from cbir.wardrobe.scene.wearer import dress_wearer

SIDE = 400
"""Width and height of a picture in pixels."""
OVERSAMPLING = 2
"""How many times larger a picture is while it is rendered."""
SCENES = {"white sweep": 3, "wall": 1, "wood": 2, "concrete": 1, "sheet": 3, "linen": 1, "carpet": 1, "tiles": 1}
"""The grounds that are drawn from the number, with their weights."""
JPEG_QUALITY = 90


class WornPicture(NamedTuple):
    """A garment on a wearer."""

    encoded: bytes
    """A JPEG, SIDE pixels square."""
    masks: dict[str, NDArray[np.bool_]]
    """Which pixels show each cloth that is seen, (SIDE, SIDE), by its name."""
    words: dict[str, str]
    """What those cloths that are the wearer's own are called in street photos; "figure" is the body."""


def render_garment(number: int, *, seed: int = 0, scene: str = "", worn: bool = False) -> bytes:
    """The picture of garment `number` as a JPEG, SIDE pixels square.

    scene: a name of GROUNDS in scene/grounds.py; if empty, it is drawn from the number. worn: whether a figure of shop
    windows wears it; for garments of the upper body. The same arguments give the same picture, but other versions of
    NumPy, SciPy and Pillow may round a few pixels differently.
    """
    garment, rng, ground = _plan(number, seed, scene)
    pieces = shape_of(garment, seed=seed, hung=not worn)
    frame = [piece.outline for piece in pieces if isinstance(piece, Panel)]
    if worn:
        frame.append(head().outline)
        figure = dress_figure(pieces)
        pieces = [*figure.below, *hide(pieces), *figure.above]
    return _photograph(Table(OVERSAMPLING * SIDE, np.vstack(frame), ground, garment, rng, _noise(seed)), pieces, rng)


def render_worn(number: int, *, seed: int = 0, scene: str = "") -> WornPicture:
    """Garment `number` on a wearer that is drawn from the number as well; the rest is as in `render_garment`."""
    garment, rng, ground = _plan(number, seed, scene)
    pieces = shape_of(garment, seed=seed, hung=False)
    worn = dress_wearer(garment, pieces, np.random.default_rng([seed, 8, number]))
    table = Table(OVERSAMPLING * SIDE, worn.frame, ground, worn.garment, rng, _noise(seed))
    encoded = _photograph(table, worn.pieces, rng)
    middle = slice(OVERSAMPLING // 2, None, OVERSAMPLING)
    places = table.cloth[middle, middle]
    masks = {name: places == place for place, name in enumerate(worn.garment.cloths, start=1)}
    return WornPicture(encoded, {name: mask for name, mask in masks.items() if mask.any()}, worn.words)


def _plan(number: int, seed: int, scene: str) -> tuple[Garment, Random, str]:
    """A garment, the generator of how its picture is taken, and the ground it lies on."""
    rng = np.random.default_rng([seed, 6, number])
    ground = scene or str(rng.choice([name for name, often in SCENES.items() for _ in range(often)]))
    return plan_garment(number, seed=seed), rng, ground


def _photograph(table: Table, pieces: list[Piece], rng: Random) -> bytes:
    table.lay(pieces)
    image = photograph(table, rng, oversampling=OVERSAMPLING)
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return encoded.getvalue()


@lru_cache(maxsize=2)
def _noise(seed: int) -> Noise:
    return Noise(np.random.default_rng([seed, 7]))

"""The picture of one garment."""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cbir.wardrobe.garments import plan_garment, shape_of
from cbir.wardrobe.geometry.noise import Noise
from cbir.wardrobe.geometry.pieces import Panel
from cbir.wardrobe.scene.figure import dress_figure, head
from cbir.wardrobe.scene.light import photograph
from cbir.wardrobe.scene.table import Table

SIDE = 400
"""Width and height of a picture in pixels."""
OVERSAMPLING = 2
"""How many times larger a picture is while it is rendered."""
SCENES = {"white sweep": 3, "wall": 1, "wood": 2, "concrete": 1, "sheet": 3, "linen": 1, "carpet": 1, "tiles": 1}
"""The grounds that are drawn from the number, with their weights."""
JPEG_QUALITY = 90


def render_garment(number: int, *, seed: int = 0, scene: str = "", worn: bool = False) -> bytes:
    """The picture of garment `number` as a JPEG, SIDE pixels square.

    scene: a name of GROUNDS in scene/grounds.py; if empty, it is drawn from the number. worn: whether a figure wears
    it; for garments of the upper body. The same arguments give the same picture, but other versions of NumPy, SciPy
    and Pillow may round a few pixels differently.
    """
    return _photograph(number, seed, scene, worn)[0]


def render_worn(number: int, *, seed: int = 0, scene: str = "") -> tuple[bytes, dict[str, NDArray[np.bool_]]]:
    """A picture as of `render_garment` of a garment that is worn, and which of its pixels show each cloth.

    The second has a mask, SIDE x SIDE, for each name of a cloth that is seen; "figure" is the wearer.
    """
    picture, table = _photograph(number, seed, scene, True)
    middle = slice(OVERSAMPLING // 2, None, OVERSAMPLING)
    places = table.cloth[middle, middle]
    masks = {name: places == place for place, name in enumerate(table.garment.cloths, start=1)}
    return picture, {name: mask for name, mask in masks.items() if mask.any()}


def _photograph(number: int, seed: int, scene: str, worn: bool) -> tuple[bytes, Table]:
    garment = plan_garment(number, seed=seed)
    rng = np.random.default_rng([seed, 6, number])
    ground = scene or str(rng.choice([name for name, often in SCENES.items() for _ in range(often)]))
    pieces = shape_of(garment, seed=seed, hung=not worn)
    frame = [piece.outline for piece in pieces if isinstance(piece, Panel)]
    if worn:
        frame.append(head().outline)
        pieces = dress_figure(pieces)
    table = Table(OVERSAMPLING * SIDE, np.vstack(frame), ground, garment, rng, _noise(seed))
    table.lay(pieces)
    image = photograph(table, rng, oversampling=OVERSAMPLING)
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return encoded.getvalue(), table


@lru_cache(maxsize=2)
def _noise(seed: int) -> Noise:
    return Noise(np.random.default_rng([seed, 7]))

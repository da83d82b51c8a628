"""Garment number 0, 1, 2, ... as a picture."""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np

from cbir.wardrobe.figure import dress_figure, head
from cbir.wardrobe.garments import plan_garment, shape_of
from cbir.wardrobe.light import photograph
from cbir.wardrobe.noise import Noise
from cbir.wardrobe.pieces import Panel
from cbir.wardrobe.table import Table

SIDE = 400
"""Width and height of a picture in pixels."""
OVERSAMPLING = 2
SCENES = {"white sweep": 3, "wall": 1, "wood": 2, "concrete": 1, "sheet": 3, "linen": 1, "carpet": 1, "tiles": 1}
"""What garments lie on, and how many times as often as on the rarest."""
JPEG_QUALITY = 90


def render_garment(number: int, *, seed: int = 0, scene: str = "", worn: bool = False) -> bytes:
    """The picture of garment `number` as a JPEG, SIDE pixels square.

    scene: one of the names in scenes.GROUNDS; drawn from the number if empty. worn: on a figure, for what covers the
    upper body. The same arguments give the same picture; other versions of numpy, SciPy and Pillow may round a few
    pixels differently.
    """
    garment = plan_garment(number, seed=seed)
    random = np.random.default_rng([seed, 6, number])
    ground = scene or str(random.choice([name for name, often in SCENES.items() for _ in range(often)]))
    pieces = shape_of(garment, seed=seed, hung=not worn)
    frame = [piece.outline for piece in pieces if isinstance(piece, Panel)]
    if worn:
        frame.append(head().outline)
        pieces = dress_figure(pieces)
    table = Table(OVERSAMPLING * SIDE, np.vstack(frame), ground, garment, random, _noise(seed))
    table.lay(pieces)
    image = photograph(table, random, oversampling=OVERSAMPLING)
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return encoded.getvalue()


@lru_cache(maxsize=2)
def _noise(seed: int) -> Noise:
    return Noise(np.random.default_rng([seed, 7]))

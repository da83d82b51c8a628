"""Cuts of what is worn in wind and snow: parkas, hooded jackets, snowsuits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cbir.wardrobe.cuts.details import flap_pocket, hood, patch_pocket
from cbir.wardrobe.cuts.torso import Torso, crease, front, inside, sleeves
from cbir.wardrobe.geometry.noise import Random
from cbir.wardrobe.geometry.outlines import box, curve, symmetric
from cbir.wardrobe.geometry.pieces import Crease, Disc, Line, Panel, Piece
from cbir.wardrobe.geometry.placing import both


def parka(shape: Random, lay: Random) -> list[Piece]:
    """Long, with a hood that has fur at its edge, a cord at the waist and a flap over its zip."""
    torso = Torso(
        neck=9, depth=5, shoulder=23.5, drop=5, armpit=27, chest=28.5, waist=27, hem=29, length=shape.uniform(74, 88)
    )
    cord = shape.uniform(44, 49)
    arms = sleeves(torso, lay, length=55, cuff=15, angle=lay.uniform(70, 86), folds=0.7, end="cuff")
    gathers = tuple(
        Crease((x, cord - 6), (x + lay.uniform(-2, 2), cord + 9), 1.6, 0.5, lay.uniform(-1, 1))
        for x in np.linspace(-24, 24, 11)
    )
    return [
        *inside(torso),
        *arms,
        *crease(front(torso, lay, folds=0.7), gathers),
        *both(Line(curve((3, cord), (15, cord + 0.4), (27, cord)), "stitch")),
        *both(*patch_pocket(16, cord + 10, width=15, height=15)),
        *flap_pocket(16, cord + 8.5, slope=0),
        Panel(box(-3, 9, 3, torso.length + 0.5), folds=0.2, lift=0.9, edge=0.6),
        *both(Line(curve((2.5, 9), (2.5, torso.length)), "stitch")),
        *(Disc((1.4, y), 1.5, "snap", "metal") for y in np.linspace(14, torso.length - 6, 6)),
        *both(Line(curve((3.4, cord), (4.6, cord + 6), (4, cord + lay.uniform(9, 14))), "cord", "cord", 0.7)),
        *hood(lay, fur=True),
    ]


def hooded_jacket(shape: Random, lay: Random) -> list[Piece]:
    """Short and wide at the hem, with a hood and a zip, as children wear in the rain."""
    torso = Torso(
        neck=9, depth=5, shoulder=22, drop=5, armpit=25, chest=27.5, waist=28, hem=31, length=shape.uniform(58, 66)
    )
    arms = sleeves(torso, lay, length=48, cuff=15, angle=lay.uniform(56, 76), folds=0.7, end="cuff")
    return [
        *inside(torso),
        *arms,
        *front(torso, lay, folds=0.8),
        Line(curve((0, 8), (0, torso.length + 0.5)), "zip", "metal", 2.0),
        *flap_pocket(15, torso.length - 18, slope=1.5),
        *hood(lay),
    ]


def snowsuit(shape: Random, lay: Random) -> list[Piece]:
    """A padded suit of one piece with a hood, for children, drawn larger than it is."""
    torso = Torso(neck=9, depth=5, shoulder=21, drop=5, armpit=27, chest=27, waist=26, hem=27, length=70)
    low, waist = shape.uniform(108, 118), shape.uniform(48, 54)
    gap = lay.uniform(4, 9)
    outline = symmetric(
        torso.collar(),
        torso.armhole(),
        curve((27, 27), (24.5, waist), (27.5, 72), (gap + 18, low)),
        [(gap + 18, low), (gap, low + 0.8)],
        curve((gap, low + 0.8), (0.5 * gap, 92), (0, 78)),
    )
    gathers = tuple(
        Crease((x, waist - 5), (x + lay.uniform(-2, 2), waist + 7), 1.8, 0.6, lay.uniform(-1, 1))
        for x in np.linspace(-21, 21, 9)
    )
    knees = tuple(
        Crease((side * (gap + 2), y), (side * (gap + 16), y + lay.uniform(-5, 5)), 2, 0.5)
        for side in (-1, 1)
        for y in (88, 96)
    )
    arms = sleeves(torso, lay, length=42, cuff=14, angle=lay.uniform(34, 62), folds=0.7, end="rib")
    return [
        *inside(torso),
        *arms,
        *both(Panel(box(gap + 1.5, low - 1, gap + 16.5, low + 5), "trim", folds=0.1, relief="rib")),
        Panel(outline, folds=0.7, creases=(*gathers, *knees)),
        *both(Line(torso.armhole()), Line(curve((20, 60), (15, 70)), "zip", "metal", 1.1)),
        Line(curve((-24.5, waist), (0, waist + 0.6), (24.5, waist)), "seam"),
        Line(curve((0, 8), (0, 76)), "zip", "metal", 1.8),
        *hood(lay),
    ]


PARKAS: dict[str, Callable[[Random, Random], list[Piece]]] = {
    "parka": parka,
    "hooded jacket": hooded_jacket,
    "snowsuit": snowsuit,
}
"""By style. Each function takes the family's generator and the garment's, as every cut does."""

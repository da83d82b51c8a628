"""Cuts of jumpers, cardigans, sweatshirts and hoodies."""

from __future__ import annotations

import numpy as np

from cbir.wardrobe.cuts.details import hang_open, hood, stand_collar
from cbir.wardrobe.cuts.torso import SIDES, Torso, front, inside, neck_band, sleeves
from cbir.wardrobe.geometry.noise import Random
from cbir.wardrobe.geometry.outlines import box, curve, symmetric
from cbir.wardrobe.geometry.pieces import Disc, Line, Panel, Piece
from cbir.wardrobe.geometry.placing import both


def longsleeve(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """A jumper, sweatshirt or long-sleeved T-shirt; also a cardigan and what zips up to the neck."""
    torso = Torso(
        neck=shape.uniform(8, 10),
        depth=shape.uniform(13, 19) if cut in ("V-neck", "cardigan") else shape.uniform(7, 10),
        neckline="v" if cut in ("V-neck", "cardigan") else "crew",
        chest=shape.uniform(25, 29),
        waist=shape.uniform(24, 27),
        length=shape.uniform(58, 68),
    )
    ribbed = cut not in ("crew neck", "long-sleeved T-shirt")
    arms = sleeves(
        torso,
        lay,
        length=shape.uniform(50, 56),
        cuff=shape.uniform(11, 13),
        angle=lay.uniform(68, 86),
        end="rib" if ribbed else "hem",
    )
    pieces = [*inside(torso), *arms, *front(torso, lay, hem="rib" if ribbed else "stitch")]
    if cut == "roll neck":
        roll = symmetric([(0, -7), (7.5, -6.5)], [(8.6, 3), (0, 5.5)])
        return [*pieces, Panel(roll, "trim", folds=0.5, lift=1.2, edge=2, relief="rib")]
    if cut == "fleece jacket":
        return [*pieces, stand_collar(), Line(curve((0, -4), (0, torso.length + 6)), "zip", "metal", 1.4)]
    pieces += neck_band(torso, width=shape.uniform(2, 3.2))
    if cut == "cardigan":
        pieces.append(
            Panel(box(-1.6, torso.depth + 1, 1.6, torso.length + 6), "trim", folds=0, lift=0.5, edge=0.5, relief="rib")
        )
        pieces += [Disc((0, y), 1.6) for y in np.linspace(torso.depth + 4, torso.length + 2, 6)]
    return pieces


def hoodie(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """A sweatshirt with a hood, pocket and cords; with a zip or without."""
    torso = Torso(
        neck=9.5, depth=11, shoulder=24, armpit=26, chest=29, waist=28, hem=27, length=shape.uniform(60, 66), drop=5.5
    )
    arms = sleeves(torso, lay, length=shape.uniform(50, 55), cuff=14, angle=lay.uniform(68, 84), end="rib")
    pieces = [*arms, *front(torso, lay, hem="rib"), *hood(lay)]
    pocket = symmetric(
        [(0, 40), (10, 40)], curve((10, 40), (14.5, 47), (17, 54)), [(17, torso.length - 1), (0, torso.length - 1)]
    )
    pieces += [
        Panel(pocket, folds=0.4, lift=0.9, edge=0.9),
        *both(Line(curve((10, 40), (14.5, 47), (17, 54)) - (0.9, 0), "stitch")),
        Line(curve((-10, 40.8), (10, 40.8)), "stitch"),
    ]
    if cut == "half zip":
        pieces.append(Line(curve((0, 12), (0, 36)), "zip", "metal", 2.4))
    if cut == "zip":
        shut = [Line(curve((0, 12), (0, torso.length + 6)), "zip", "metal", 1.8)]
        pieces += hang_open(torso, lay, 12, torso.length + 6) if lay.random() < 0.4 else shut
    for side in SIDES:
        end = lay.uniform(24, 32)
        pieces.append(
            Line(
                curve((side * 3.2, 11), (side * lay.uniform(3, 5), 18), (side * lay.uniform(3, 7), end)),
                "cord",
                "cord",
                0.9,
            )
        )
    return pieces

"""Cuts of what has a placket: shirts, polos and blouses."""

from __future__ import annotations

import numpy as np

from cbir.wardrobe.cuts.details import collar_leaves, patch_pocket, placket
from cbir.wardrobe.cuts.torso import Torso, crease, front, inside, neck_band, sleeves
from cbir.wardrobe.geometry.noise import Random
from cbir.wardrobe.geometry.outlines import curve, ellipse, join
from cbir.wardrobe.geometry.pieces import Crease, Panel, Piece
from cbir.wardrobe.geometry.placing import both


def shirt(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """A shirt with collar, placket and cuffs, long or short sleeves."""
    torso = Torso(
        neck=8,
        depth=lay.choice([shape.uniform(3.5, 6), lay.uniform(8, 15)]),
        chest=26.5,
        waist=shape.uniform(24, 26.5),
        hem=26,
        length=shape.uniform(68, 75),
        curved=2.5,
        drop=5,
    )
    short = cut == "short-sleeved"
    arms = (
        sleeves(torso, lay, length=shape.uniform(16, 22), cuff=19, angle=lay.uniform(30, 50))
        if short
        else sleeves(torso, lay, length=52, cuff=shape.uniform(11.5, 13.5), angle=lay.uniform(56, 74), end="cuff")
    )
    pieces = [*inside(torso), *arms, *front(torso, lay)]
    pieces += placket(torso.depth, torso.length + 2.6, 7, width=3.6, size=1.4)
    for x in (11, -11) if cut == "two pockets" else (11,):
        pieces += patch_pocket(x, 21, width=11, height=13)
    return [*pieces, *collar_leaves(torso)]


def polo(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """A short-sleeved polo with a knitted collar and a short placket."""
    torso = Torso(neck=8, depth=shape.uniform(4, 6.5), waist=shape.uniform(24, 26), length=shape.uniform(64, 71))
    arms = sleeves(torso, lay, length=shape.uniform(16, 21), cuff=18, angle=lay.uniform(34, 55), end="band")
    pieces = [*inside(torso), *arms, *front(torso, lay)]
    pieces += placket(torso.depth, torso.depth + 16, 2 if cut == "two buttons" else 3)
    return [*pieces, *collar_leaves(torso, length=7.0, spread=9.0, relief="rib")]


def blouse(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """A loose blouse with wide sleeves, and with a bow or a ruffle; or a tunic."""
    if cut == "tunic":
        return _tunic(shape, lay)
    torso = Torso(
        neck=9,
        depth=shape.uniform(10, 15),
        neckline="v",
        chest=27,
        waist=27,
        hem=29,
        length=shape.uniform(60, 66),
        curved=2,
    )
    long = cut != "short-sleeved"
    arms = sleeves(
        torso,
        lay,
        length=48 if long else 20,
        cuff=17 if long else 22,
        angle=lay.uniform(64, 80) if long else 38,
        folds=1.4,
    )
    pieces = [
        *inside(torso),
        *arms,
        *front(torso, lay, folds=1.3),
        *neck_band(torso, width=1.6, cloth="main", relief=""),
    ]
    pieces += placket(torso.depth + 1.5, torso.length + 2, 7, width=2, size=0.9)
    if cut == "bow":
        y = torso.depth + 1
        loop = join(curve((0, y), (5, y - 4), (9, y - 2), (9, y + 3), (4, y + 2.5), (0, y)))
        tail = join([(0, y)], [(5.5, y + 18), (2, y + 19)], [(-0.5, y + 1)])
        pieces += [
            *both(Panel(tail, folds=1, lift=0.8, grain=-12)),
            *both(Panel(loop, folds=0.8, lift=1.2, grain=-60)),
            Panel(ellipse((0, y + 0.3), 3, 3.4), lift=1.2),
        ]
    if cut == "ruffle":
        for x in (3.2, 6.2):
            ruffle = join(
                curve((x, 6), (x + 0.8, 18), (x, 30), (x - 0.6, 42)),
                curve((x + 2.2, 42), (x + 3.2, 30), (x + 3, 18), (x + 2.6, 6)),
            )
            pieces += both(Panel(ruffle, folds=0.6, lift=0.8, edge=1.2, relief="pleats", grain=90))
    return pieces


def _tunic(shape: Random, lay: Random) -> list[Piece]:
    """A blouse that is pulled over the head: long, wide at the hem, with a V neck."""
    torso = Torso(
        neck=shape.uniform(9, 11),
        depth=shape.uniform(13, 18),
        neckline="v",
        waist=27,
        hem=shape.uniform(29, 33),
        length=shape.uniform(66, 74),
        curved=2,
    )
    hang = tuple(
        Crease((0.7 * x, 26), (x, torso.length), lay.uniform(1.6, 2.6), lay.uniform(0.4, 0.8), lay.uniform(-2, 2))
        for x in np.linspace(-24, 24, 7)
    )
    return [
        *inside(torso),
        *sleeves(torso, lay, length=42, cuff=20, angle=lay.uniform(54, 74), folds=1.4),
        *crease(front(torso, lay, folds=1.2), hang),
        *neck_band(torso, width=1.4, cloth="main", relief=""),
    ]

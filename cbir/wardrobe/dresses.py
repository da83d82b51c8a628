"""Cuts of dresses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cbir.wardrobe.details import collar_leaves, placket
from cbir.wardrobe.noise import Random
from cbir.wardrobe.outlines import box, curve, symmetric
from cbir.wardrobe.pieces import Crease, Line, Panel, Piece
from cbir.wardrobe.torso import Torso, both, inside, neck_band, sleeves


def dress(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """A bodice and a skirt: fitted and flared, straight, on straps, long or short."""
    length = shape.uniform(104, 125) if cut == "maxi" else shape.uniform(80, 96)
    flare = shape.uniform(27, 30) if cut == "shift" else shape.uniform(36, 46)
    waist_y = 40.0
    strap = cut in ("slip", "maxi")
    torso = Torso(
        neck=shape.uniform(9, 12),
        depth=shape.uniform(9, 16),
        shoulder=16 if strap else 18.5,
        drop=3,
        armpit=21,
        chest=22,
        waist=19,
        hem=20,
        length=waist_y,
        neckline=str(shape.choice(["crew", "v", "boat"])),
    )
    pieces: list[Piece] = [*inside(torso)]
    if cut in ("long-sleeved", "wrap"):
        pieces += sleeves(torso, lay, length=48, cuff=11.5, angle=lay.uniform(66, 84))
    elif cut in ("short-sleeved", "shirt dress"):
        pieces += sleeves(torso, lay, length=15, cuff=16, angle=lay.uniform(35, 55))
    if cut == "shift":
        outline = symmetric(
            torso.collar(),
            torso.armhole(bare=1.5),
            curve((22, 21), (22.5, 40), (flare, length)),
            curve((flare, length), (0, length + 2)),
        )
        return [
            *pieces,
            Panel(outline, creases=_hang(lay, 24, 40, flare, length, 5)),
            *neck_band(torso, width=1.4, cloth="main", relief=""),
            *both(Line(curve((20.5, 25), (13, 30)))),
            Line(curve((-flare, length - 2), (0, length), (flare, length - 2)), "stitch"),
        ]
    waist = 18.5
    skirt = symmetric(
        [(0, waist_y), (waist, waist_y)],
        curve((waist, waist_y), (waist + 0.35 * (flare - waist), waist_y + 12), (flare, length)),
        curve((flare, length), (0.5 * flare, length + 3), (0, length + 4)),
    )
    bodice = symmetric(
        torso.collar(),
        torso.armhole(bare=2.5 if strap else 1.5),
        curve((22, 21), (waist + 0.8, 32), (waist, waist_y + 0.5)),
        [(0, waist_y + 1)],
    )
    pieces += [
        Panel(skirt, folds=0.8, creases=_hang(lay, waist, waist_y, flare, length, 9)),
        Panel(bodice, folds=0.6, lift=0.8),
    ]
    pieces += neck_band(torso, width=1.3, cloth="main", relief="")
    pieces += [
        Line(
            curve(
                (-flare, length - 1),
                (-0.5 * flare, length + 2),
                (0, length + 3),
                (0.5 * flare, length + 2),
                (flare, length - 1),
            ),
            "stitch",
        )
    ]
    if cut == "shirt dress":
        pieces += [*placket(8, length, 9, width=3), *collar_leaves(replace(torso, neck=8, depth=5))]
    if cut == "wrap":
        edge = curve((9, 2), (4, 18), (-12, waist_y))
        pieces += [
            Line(edge, "seam"),
            Line(curve((-12, waist_y), (-6, 0.5 * (waist_y + length)), (2, length + 2)), "seam"),
        ]
    belt = cut in ("shirt dress", "wrap") or lay.random() < 0.2
    band_cloth = "trim" if belt else "main"
    pieces += [
        Panel(box(-waist - 0.3, waist_y - 1.6, waist + 0.3, waist_y + 1.8), band_cloth, folds=0.15, lift=0.5, edge=0.6)
    ]
    return pieces


def _hang(lay: Random, top: float, y: float, bottom: float, length: float, count: int) -> tuple[Crease, ...]:
    """Folds that fan out from a waist to a hem."""
    creases = []
    for place in np.linspace(-0.9, 0.9, count):
        place = float(place) + lay.uniform(-0.07, 0.07)
        start = (place * top, y + lay.uniform(0, 10))
        end = (place * bottom, length + 4)
        creases.append(Crease(start, end, lay.uniform(1.8, 3.2), lay.uniform(0.5, 1.1), lay.uniform(-2, 2)))
    return tuple(creases)

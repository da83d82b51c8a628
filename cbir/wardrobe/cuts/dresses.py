"""Cuts of dresses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cbir.wardrobe.cuts.details import collar_leaves, placket
from cbir.wardrobe.cuts.torso import Torso, inside, neck_band, sleeves
from cbir.wardrobe.geometry.noise import Random
from cbir.wardrobe.geometry.outlines import box, curve, symmetric
from cbir.wardrobe.geometry.pieces import Crease, Line, Panel, Piece
from cbir.wardrobe.geometry.placing import both

WAIST_Y = 40.0
"""Where the skirt begins, in centimetres below the shoulders."""
WAIST = 18.5
"""Half the width there."""


def dress(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """A bodice and a skirt: fitted and flared, straight, on straps, long or short; with a waist or without."""
    length = shape.uniform(104, 125) if cut == "maxi" else shape.uniform(80, 96)
    flare = shape.uniform(27, 30) if cut == "shift" else shape.uniform(36, 46)
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
        length=WAIST_Y,
        neckline=str(shape.choice(["crew", "v", "boat"])),
    )
    pieces: list[Piece] = [*inside(torso)]
    if cut in ("long-sleeved", "wrap"):
        pieces += sleeves(torso, lay, length=48, cuff=11.5, angle=lay.uniform(66, 84))
    elif cut in ("short-sleeved", "shirt dress", "trapeze"):
        pieces += sleeves(torso, lay, length=15, cuff=16, angle=lay.uniform(35, 55))
    if cut in ("shift", "trapeze"):
        return pieces + _shift(torso, lay, flare, length)
    pieces += _skirt_and_bodice(torso, lay, flare, length, bare=2.5 if strap else 1.5)
    if cut == "shirt dress":
        pieces += [*placket(8, length, 9, width=3), *collar_leaves(replace(torso, neck=8, depth=5))]
    if cut == "wrap":
        pieces += _wrap_edge(length)
    belt = cut in ("shirt dress", "wrap") or lay.random() < 0.2
    band = box(-WAIST - 0.3, WAIST_Y - 1.6, WAIST + 0.3, WAIST_Y + 1.8)
    return [*pieces, Panel(band, "trim" if belt else "main", folds=0.15, lift=0.5, edge=0.6)]


def _shift(torso: Torso, lay: Random, flare: float, length: float) -> list[Piece]:
    """The front of a dress without a waist. flare: half the width at the hem."""
    outline = symmetric(
        torso.collar(),
        torso.armhole(bare=1.5),
        curve((22, 21), (22.5, 40), (flare, length)),
        curve((flare, length), (0, length + 2)),
    )
    return [
        Panel(outline, creases=_hang(lay, 24, 40, flare, length, 5)),
        *neck_band(torso, width=1.4, cloth="main", relief=""),
        *both(Line(curve((20.5, 25), (13, 30)))),
        Line(curve((-flare, length - 2), (0, length), (flare, length - 2)), "stitch"),
    ]


def _skirt_and_bodice(torso: Torso, lay: Random, flare: float, length: float, *, bare: float) -> list[Piece]:
    """A skirt, the bodice above it, the band of the neck and the hem. flare: half the width at the hem."""
    skirt = symmetric(
        [(0, WAIST_Y), (WAIST, WAIST_Y)],
        curve((WAIST, WAIST_Y), (WAIST + 0.35 * (flare - WAIST), WAIST_Y + 12), (flare, length)),
        curve((flare, length), (0.5 * flare, length + 3), (0, length + 4)),
    )
    bodice = symmetric(
        torso.collar(),
        torso.armhole(bare=bare),
        curve((22, 21), (WAIST + 0.8, 32), (WAIST, WAIST_Y + 0.5)),
        [(0, WAIST_Y + 1)],
    )
    low = length + 2
    hem = curve((-flare, length - 1), (-0.5 * flare, low), (0, length + 3), (0.5 * flare, low), (flare, length - 1))
    return [
        Panel(skirt, folds=0.8, creases=_hang(lay, WAIST, WAIST_Y, flare, length, 9)),
        Panel(bodice, folds=0.6, lift=0.8),
        *neck_band(torso, width=1.3, cloth="main", relief=""),
        Line(hem, "stitch"),
    ]


def _wrap_edge(length: float) -> list[Piece]:
    """The edge of a front that is wrapped over the other, above and below the waist."""
    return [
        Line(curve((9, 2), (4, 18), (-12, WAIST_Y)), "seam"),
        Line(curve((-12, WAIST_Y), (-6, 0.5 * (WAIST_Y + length)), (2, length + 2)), "seam"),
    ]


def _hang(lay: Random, top: float, y: float, bottom: float, length: float, count: int) -> tuple[Crease, ...]:
    """Folds that spread from a waist to a hem. top, bottom: half the widths there."""
    creases = []
    for place in np.linspace(-0.9, 0.9, count):
        place = float(place) + lay.uniform(-0.07, 0.07)
        start = (place * top, y + lay.uniform(0, 10))
        end = (place * bottom, length + 4)
        creases.append(Crease(start, end, lay.uniform(1.8, 3.2), lay.uniform(0.5, 1.1), lay.uniform(-2, 2)))
    return tuple(creases)

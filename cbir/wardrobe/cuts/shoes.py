"""Cuts of shoes: pairs from the side or from above.

One shoe is drawn as a right shoe, with its toe to the right (from the side) or up (from above).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cbir.wardrobe.cuts.flats import INSOLE, ballet_flat, flip_flop, loafer, sandal, slipper
from cbir.wardrobe.cuts.trainers import sneaker, sneaker_above
from cbir.wardrobe.geometry.noise import Random
from cbir.wardrobe.geometry.outlines import Outline, curve, ellipse, hole, join, spaced, tube
from cbir.wardrobe.geometry.pieces import Crease, Disc, Line, Panel, Piece
from cbir.wardrobe.geometry.placing import mirror, moved


def shoes(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """A pair of one cut."""
    if "trainers" in cut:
        return _trainers(cut == "high-top trainers", shape, lay)
    if cut in FROM_ABOVE:
        return _pair_above(FROM_ABOVE[cut](shape), lay)
    return _pair_aside(FROM_ASIDE[cut](shape), lay)


def _trainers(high: bool, shape: Random, lay: Random) -> list[Piece]:
    """Trainers, photographed from the side or from above."""
    above = lay.random() < (0.3 if high else 0.5)
    return _pair_above(sneaker_above(shape, lay), lay) if above else _pair_aside(sneaker(shape, high), lay)


def _pair_above(right: list[Piece], lay: Random) -> list[Piece]:
    """Side by side, the toes up or down."""
    apart, toe = lay.uniform(6.0, 7.4), lay.uniform(-3, 12)
    left = [mirror(piece) for piece in right]
    pair = moved(left, -apart, lay.uniform(-1.2, 1.2), turn=toe) + moved(
        right, apart, lay.uniform(-1.2, 1.2), turn=-toe
    )
    return moved(pair, 0, 0, turn=float(lay.choice([0, 0, 180])) + lay.uniform(-14, 14))


def _pair_aside(near: list[Piece], lay: Random) -> list[Piece]:
    """One behind the other, the far one a little higher and further to the right."""
    turn = lay.uniform(-2, 9)
    far = moved(near, lay.uniform(3, 8), -lay.uniform(6.5, 10), turn=turn + lay.uniform(-8, 5), size=0.96)
    pair = [*far, *moved(near, -2, 3, turn=turn)]
    return [mirror(piece) for piece in pair] if lay.random() < 0.4 else pair


def boot(shape: Random) -> list[Piece]:
    """An ankle boot from the side, with elastic at the ankle or with laces."""
    top, heel = -shape.uniform(20, 24), shape.uniform(1.6, 3)
    back, front = (
        curve((-13.2, 0), (-13.6, -6), (-12.4, -13), (-12.6, top)),
        curve((-2, top + 0.6), (-1.8, -14), (1.4, -9.6), (6, -7.7), (10.6, -7), (13.8, -4.9), (15, -1.8), (14.8, 0)),
    )
    upper = join(back, ellipse((-7.3, top + 0.2), 10.6, 2.2, start=180, end=0), front)
    rear = ellipse((-7.3, top - 0.1), 10.8, 3.0, start=180, end=360)
    rear_rim = hole(rear, ellipse((-7.3, top + 0.5), 9.6, 2.2, start=180, end=360))
    sole = join(
        curve((-13.8, -0.8), (0, -0.6), (10, -0.7), (15.2, -1.6)),
        curve((15.6, 0), (14, 0.9), (0, 1.1)),
        curve((-4.4, 1), (-5, 1 + heel)),
        [(-13.3, 1 + heel)],
    )
    wrinkles = (
        Crease((-4, -12), (2, -10), 1.0, 0.5),
        Crease((-9, -8), (1, -9), 1.1, 0.3, 1),
        Crease((3, -8), (6, -2), 0.8, 0.22),
    )
    return [
        Panel(ellipse((-7.3, top + 0.2), 10.8, 2.6), INSOLE, dark=0.3, folds=0),
        Panel(rear_rim, dark=0.75, folds=0, lift=0.3, edge=0.4),
        Panel(upper, folds=0.32, lift=2.2, edge=3.6, bulge=1.0, creases=wrinkles),
        Line(curve((-7.6, -9.6), (-6.8, -5), (-6.9, -1)), "seam"),
        *(_gore(top) if shape.random() < 0.6 else _boot_laces(front[:31], top)),
        Panel(sole, "sole", folds=0, lift=0.9, edge=0.7),
        Line(curve((-13.4, -1.5), (0, -1.2), (10, -1.3), (14.6, -2.2)), "stitch"),
    ]


def _gore(top: float) -> list[Piece]:
    """The elastic at the ankle of a boot, and the tab at the back that it is pulled on by."""
    gore = join(curve((-9.4, top + 1.1), (-9, -16), (-7.8, -10)), curve((-6.2, -9.6), (-5, -16), (-5, top + 1.2)))
    tab = tube(((-12.4, top + 3), (-13, top - 1.4), (-11.8, top + 0.6)), (1.0, 1.2, 1.0))
    return [
        Panel(gore, dark=0.5, folds=0, lift=0.1, edge=0.4, relief="rib"),
        Line(join(gore, gore[:1]), "stitch"),
        Panel(tab, dark=0.8, folds=0, lift=0.5, edge=0.3),
    ]


def _boot_laces(instep: Outline, top: float) -> list[Piece]:
    """The strip beside the instep of a boot, with eyelets and laces."""
    strip = join(instep, curve((2, -7), (-2.4, -9.6), (-4.4, -14), (-4.6, top + 1.4)))
    pieces: list[Piece] = [Panel(strip, dark=0.94, folds=0, lift=0.4, edge=0.6)]
    for x, y in spaced(instep[2:28], 7):
        pieces += [
            Disc((x - 1.6, y + 1), 0.7, "snap", "metal"),
            Line(curve((x - 1.6, y + 1), (x - 0.4, y + 0.2), (x + 0.5, y - 0.9)), "cord", "buckle", 0.7),
        ]
    return pieces


def rain_boot(shape: Random) -> list[Piece]:
    """A tall rubber boot from the side."""
    top = -shape.uniform(27, 33)
    back, front = (
        curve((-13, 0), (-13.4, -5), (-11.8, -12), (-12.8, top)),
        curve((0.4, top + 0.8), (-0.8, -16), (1.4, -10.4), (6, -8.6), (11, -7.8), (14.2, -5.4), (15, -1.6), (14.6, 0)),
    )
    upper = join(back, ellipse((-6.2, top + 0.4), 13.2, 2.6, start=180, end=0), front)
    band = tube(((-13, top + 1.4), (-6.2, top + 2.6), (0.6, top + 2)), (1.6, 1.6, 1.6))
    foxing = join(
        curve((-13.6, -2.6), (-4, -1.7), (8, -1.8), (15.2, -2.6)),
        curve((15.4, 0), (14, 1), (0, 1.1)),
        curve((-4.4, 1), (-5, 2.4)),
        [(-13.4, 2.4)],
    )
    return [
        Panel(ellipse((-6.2, top + 0.3), 13.4, 3.2), dark=0.7, folds=0, lift=0.3, edge=0.4),
        Panel(ellipse((-6.2, top + 0.5), 12.2, 2.2), INSOLE, dark=0.28, folds=0, lift=0),
        Panel(
            upper,
            folds=0.2,
            lift=2.4,
            edge=3.8,
            bulge=0.8,
            creases=(Crease((-6, -12), (0, -13), 1.2, 0.4), Crease((-8, -9), (1, -10), 1.0, 0.3)),
        ),
        Panel(band, "trim", folds=0, lift=0.3, edge=0.5),
        Panel(foxing, "sole", folds=0, lift=0.7, edge=0.7),
        Line(curve((-13.6, -0.9), (0, -0.4), (15.3, -0.9)), "seam"),
    ]


def pump(shape: Random) -> list[Piece]:
    """A heeled shoe from the side and a little from above."""
    slim = shape.uniform(0.2, 1.5)
    bottom = curve((-12.4, -9.4), (-8, -8.6), (-3, -5), (2, -1.4), (6, -0.2), (15, -0.5))
    topline = curve((-11.9, -15.2), (-9.4, -12.6), (-4.5, -8.9), (0.6, -5.9), (4.6, -4.4), (7.6, -4.7))
    far = curve((7.6, -4.7), (4.4, -6.6), (-1.5, -10), (-7.6, -13.6), (-11.9, -15.2))
    upper = join(
        bottom,
        curve((15.6, -1), (13.6, -2.5), (10.6, -3.8), (7.6, -4.7)),
        topline[::-1],
        curve((-11.9, -15.2), (-12.9, -14.8), (-13.5, -12.2), (-12.9, -9.6)),
    )
    heel = join(
        curve((-13, -10.5), (-12.8, -5), (-12.6 - 0.4 * slim, 0.4)),
        curve((-11.6 + 0.6 * slim, 0.4), (-11 + 0.6 * slim, -3.4), (-7, -8)),
    )
    tip = join(
        [(-12.6 - 0.4 * slim, -0.3), (-12.6 - 0.4 * slim, 0.5), (-11.6 + 0.6 * slim, 0.5), (-11.5 + 0.6 * slim, -0.3)]
    )
    lining = join(topline, far)
    return [
        Panel(lining, INSOLE, folds=0, dark=0.62, lift=0.4, edge=0.4),
        Panel(join(topline + np.array((0, 0.4)), far[:30] * (0.94, 0.96)), INSOLE, folds=0, dark=0.4, lift=0),
        Panel(heel, dark=0.85, folds=0, lift=1.2, edge=1.2),
        Panel(tip, "sole", folds=0, lift=0.1),
        Panel(join(bottom, bottom[::-1] + np.array((0, 0.8))), "sole", folds=0, lift=0.3, edge=0.3),
        Panel(upper, folds=0.1, lift=1.8, edge=1.3),
        Line(topline[4:] + np.array((0, 0.7)), "stitch"),
        Line(curve((-7.4, -10.6), (-6.6, -8), (-7, -6.8)), "seam"),
    ]


Cut = Callable[[Random], list[Piece]]
FROM_ABOVE: dict[str, Cut] = {
    "loafers": loafer,
    "flip-flops": flip_flop,
    "sandals": sandal,
    "ballet flats": ballet_flat,
    "slippers": slipper,
}
FROM_ASIDE: dict[str, Cut] = {"boots": boot, "rain boots": rain_boot, "pumps": pump}

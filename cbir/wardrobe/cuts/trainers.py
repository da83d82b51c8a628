"""Cuts of trainers, low and high, from the side and from above."""

from __future__ import annotations

import numpy as np

from cbir.wardrobe.cuts.flats import FOOT, INSOLE, gloom, label
from cbir.wardrobe.geometry.noise import Random
from cbir.wardrobe.geometry.outlines import Outline, curve, ellipse, hole, join, loop, spaced, tube
from cbir.wardrobe.geometry.pieces import Crease, Disc, Line, Panel, Piece
from cbir.wardrobe.geometry.placing import both

MIDSOLE = loop(
    (-14.8, -2.6), (-15.2, -0.8), (-14.2, 0.7), (-8, 1), (0, 1), (8, 0.9), (12.4, 0.5), (15.2, -0.9),
    (16, -2.6), (15.3, -3.4), (12.4, -2.5), (8, -1.9), (0, -1.8), (-8, -2.2), (-13.4, -2.9),
)  # fmt: skip


def sneaker(shape: Random, high: bool) -> list[Piece]:
    """From the side, toe to the right; 30 cm long."""
    up = shape.uniform(5.5, 7) if high else 0.0
    rim = curve((-13.6, -11.2 - up), (-10.6, -9.2 - up), (-7.6, -9.4 - up), (-5, -11.4 - up))
    instep = curve(
        (-5, -11.6 - up),
        (-1.6, -10.4 - 0.55 * up),
        (2.4, -8.6),
        (6, -7.2),
        (9.6, -6.6),
        (12.8, -6),
        (14.8, -4.4),
        (15.3, -2),
    )
    pieces = [
        *_upper(shape, rim, instep, up),
        *_emblem(shape, up),
        Panel(MIDSOLE + np.array((0.1, 0.7)), "sole", dark=0.55, folds=0, lift=0.7, edge=0.5),
        Panel(MIDSOLE, "sole", folds=0, lift=0.9, edge=0.8),
        Line(curve((-15, -0.7), (-8, -0.3), (8, -0.3), (12.4, -0.9), (15.8, -2.1)), "seam"),
    ]
    if not high:
        rim_pad = tube(tuple(map(tuple, rim + np.array((0, 0.5)))), (1.2, 1.5, 1.5, 1.0))
        pieces.append(Panel(rim_pad, "main", dark=0.88, folds=0, lift=0.5, edge=0.7))
    return pieces + _laces_aside(instep, 8 if high else 6)


def _upper(shape: Random, rim: Outline, instep: Outline, up: float) -> list[Piece]:
    """What lies above the sole, with its patches and stitches. up: how much higher than a low trainer it is."""
    back = curve((-14, -1), (-14.7, -5), (-13.7, -8.5), (-13.6, -11.2 - up))
    far = curve((-5, -11.4 - up), (-7.6, -11.3 - up), (-10.6, -11.6 - up), (-13.6, -11.2 - up))
    tongue = loop(
        (-6.6, -9 - up),
        (-6.2, -13.4 - up),
        (-3.8, -14.4 - up),
        (-2.2, -12.4 - up),
        (0.6, -9.4 - 0.4 * up),
        (-2, -8 - up),
    )
    toe_cap = join(curve((9.4, -1.2), (9.3, -4.2), (10.6, -6.4)), instep[44:], [(15.2, -1.6)])
    counter = join(back, curve((-12.2, -10 - up), (-11, -7), (-8.6, -5), (-7.4, -1.4)))
    stay = join(instep[4:33], curve((5.6, -5), (2.4, -5.6), (-2, -7.8 - 0.4 * up), (-6, -8.4 - up), (-5.6, -10.4 - up)))
    side, bend = join(back, rim, instep, [(14, -1)]), Crease((4, -7.4), (7, -2), 0.7, 0.16)
    return [
        Panel(join(rim, far), INSOLE, dark=0.4, folds=0),
        Panel(tongue, "main", dark=0.9, folds=0.2, lift=0.7, edge=1.4),
        Panel(side, folds=0.18, lift=2.0, edge=3.2, bulge=0.8, creases=(bend,)),
        Panel(counter, "main" if shape.random() < 0.5 else "trim", dark=0.92, folds=0, lift=0.25, edge=0.5),
        Panel(toe_cap, "toe", dark=0.96, folds=0, lift=0.3, edge=0.8),
        Panel(stay, dark=0.95, folds=0, lift=0.35, edge=0.5),
        Line(curve((-12.4, -9.4 - up), (-11.4, -6.8), (-9, -4.6), (-7.9, -1.6)), "stitch"),
        Line(curve((8.9, -1.4), (8.8, -4.2), (10.1, -6.4)), "stitch"),
        Line(curve((5, -5.4), (2.2, -6.1), (-1.8, -8.2 - 0.4 * up)), "stitch"),
    ]


def _emblem(shape: Random, up: float) -> list[Piece]:
    """What is sewn to the side: bars, a wave, lines or nothing; a round patch at the ankle of a high one."""
    if up:
        patch = Panel(ellipse((-9, -9.6 - 0.5 * up), 4.8, 4.8), "sole", folds=0, lift=0.2, edge=0.3)
        return [patch, Line(ellipse((-9, -9.6 - 0.5 * up), 3.9, 3.9), "stitch")] if shape.random() < 0.6 else []
    motif = int(shape.integers(4))
    if motif == 0:
        return [
            Panel(tube(((x - 2, -2), (x + 1.6, -6.8)), (1.0, 0.9)), "trim", folds=0, lift=0.15, edge=0.2)
            for x in (-3.4, -1.4, 0.6)
        ]
    if motif == 1:
        wave = tube(((-8.6, -5.4), (-4, -3.2), (1, -3.8), (5, -5.6)), (0.3, 2.0, 1.4, 0.4))
        return [Panel(wave, "trim", folds=0, lift=0.15, edge=0.2)]
    if motif == 2:
        return [
            Line(curve((-7.4, -6), (-2, -4.4), (3, -3.6), (8.6, -3)), "seam"),
            Line(curve((-7.4, -5.4), (-2, -3.8), (3, -3), (8.6, -2.4)), "stitch"),
        ]
    return []


def _laces_aside(instep: Outline, rows: int) -> list[Piece]:
    """Laces over the edge of the instep in some rows, with eyelets, and a bow."""
    pieces: list[Piece] = []
    for x, y in spaced(instep[4:32], rows):
        pieces += [
            Disc((x - 1.3, y + 1.7), 0.62, "snap", "metal"),
            Line(curve((x - 1.3, y + 1.6), (x - 0.2, y + 0.5), (x + 0.9, y - 0.7)), "cord", "cord", 0.7),
        ]
    x, y = instep[3]
    bow = curve((x, y + 0.4), (x - 2, y + 0.4), (x - 3.1, y + 2.2), (x - 2.4, y + 3), (x, y + 0.8))
    ends = (
        curve((x, y + 0.5), (x + 0.6, y + 2.6), (x - 0.2, y + 4.4)),
        curve((x, y + 0.4), (x - 1, y + 2.6), (x - 2.6, y + 4.8)),
    )
    return [
        *pieces,
        *(Line(strand, "cord", "cord", 0.5) for strand in (*ends, bow)),
        Line(curve((x - 0.5, y + 0.2), (x + 0.5, y + 1)), "cord", "cord", 0.9),
    ]


def sneaker_above(shape: Random, lay: Random) -> list[Piece]:
    """From above: the opening, the tongue, laces with a bow."""
    opening = loop((0, 1.4), (2.1, 3), (2.7, 7), (2.4, 10.6), (0, 12.5), (-2.4, 10.6), (-2.7, 7), (-2.1, 3))
    cap = join(
        FOOT[:48][FOOT[:48, 1] < -9],
        curve((4.4, -9), (2, -10), (-0.6, -10.3), (-3, -9.8), (-4.8, -9)),
        FOOT[100:][FOOT[100:, 1] < -9],
    )
    stay = join(
        curve((1.0, -7.4), (1.7, -4), (1.9, 0), (2.0, 3)),
        curve((3.5, 3.4), (3.7, 0), (3.6, -5), (2.6, -8.6), (0, -9.2)),
        [(0, -7.9)],
    )
    tongue = loop((0, -8), (1.8, -6), (2.3, 0), (2.2, 4.2), (1.2, 5.6), (-1.2, 5.6), (-2.2, 4.2), (-2.3, 0), (-1.8, -6))
    heel = join(
        curve((-3.7, 10), (-2.6, 13), (0, 14.3), (2.6, 13), (3.8, 10)),
        curve((2.7, 10), (2, 12), (0, 13), (-2, 12), (-2.7, 10)),
    )
    pieces: list[Piece] = [
        Panel(FOOT * (1.09, 1.05), "sole", folds=0, lift=1.0, edge=0.6),
        Panel(opening * (1.1, 1.03), INSOLE, folds=0, dark=0.7, edge=0.3),
        *label(9.2),
        *gloom(4.4),
        Panel(
            hole(FOOT, opening),
            folds=0.14,
            lift=2.4,
            edge=2.0,
            bulge=0.8,
            creases=(Crease((-4, -7), (4, -8), 0.7, 0.2, 0.5),),
        ),
        Panel(heel, "trim", folds=0, lift=0.3, edge=0.5),
        Panel(cap, "toe", folds=0, lift=0.35, edge=0.7),
        Line(curve((4.4, -8.4), (2, -9.4), (-0.6, -9.7), (-3, -9.2), (-4.8, -8.4)), "stitch"),
        Panel(tongue, dark=0.88, folds=0.15, lift=0.6, edge=1.2),
        Line(tongue[35:55] * (0.85, 0.9), "stitch"),
        *both(
            Panel(stay, dark=0.97, folds=0, lift=0.5, edge=0.6),
            Line(curve((3.2, 3), (3.3, 0), (3.2, -5), (2.3, -8.2)), "stitch"),
        ),
    ]
    return pieces + _laces_above(shape.random() < 0.5, lay)


def _laces_above(crossed: bool, lay: Random) -> list[Piece]:
    """Rows of laces from the toe up, and a bow."""
    pieces: list[Piece] = []
    for row, y in enumerate(np.linspace(-6.6, 1.8, 6)):
        x = 2.1 + 0.14 * row
        pieces += both(Disc((x, y), 0.75, "snap", "metal"))
        if crossed and row < 5:
            pieces += [
                Line(curve((-x, y), (0, y + 0.5), (x, y + 1.7)), "cord", "cord", 0.75),
                Line(curve((x, y), (0, y + 0.5), (-x, y + 1.7)), "cord", "cord", 0.75),
            ]
        else:
            pieces.append(Line(curve((-x, y), (0, y - 0.25), (x, y)), "cord", "cord", 0.8))
    for side in (-1, 1):
        droop, far = lay.uniform(-1, 1.6), lay.uniform(3.6, 5.4)
        pieces.append(
            Line(
                curve(
                    (0, 2.2),
                    (side * 2, 0.9 + droop),
                    (side * far, 2 + droop),
                    (side * (far - 0.8), 4 + droop),
                    (0, 2.6),
                ),
                "cord",
                "cord",
                0.6,
            )
        )
        pieces.append(
            Line(
                curve((0, 2.4), (side * 1.6, 4.4), (side * lay.uniform(2, 4.4), lay.uniform(5.6, 8))),
                "cord",
                "cord",
                0.55,
            )
        )
    return [*pieces, Panel(ellipse((0, 2.3), 1.5, 1.2), "cord", folds=0, lift=0.5, edge=0.5)]

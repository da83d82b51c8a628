"""Cuts of shoes that are shown from above: a right shoe, its toe up."""

from __future__ import annotations

import numpy as np

from cbir.wardrobe.geometry.noise import Random
from cbir.wardrobe.geometry.outlines import Outline, curve, ellipse, hole, join, loop, tube
from cbir.wardrobe.geometry.pieces import Disc, Line, Panel, Piece
from cbir.wardrobe.geometry.placing import both, moved

INSOLE = "insole"
"""The cloth of the inside of a shoe."""

FOOT = loop(
    (-0.9, -14.4), (1.8, -13.5), (4.2, -10.4), (5.2, -6), (4.7, -1), (3.9, 4.5), (3.9, 9.5), (2.8, 13.2), (0, 14.5),
    (-2.8, 13.2), (-3.6, 9.5), (-3.5, 4), (-4.3, -3), (-4.9, -7.5), (-4.5, -11), (-3.2, -13.5),
)  # fmt: skip
"""A right foot's sole from above, toe up, 29 cm long."""


def loafer(shape: Random) -> list[Piece]:
    """From above: an apron over the toes, a saddle with a slot, a low opening."""
    opening = loop(
        (0, -1.4),
        (2.1, -0.2),
        (2.8, 4),
        (2.7, 8.5),
        (1.9, 11.4),
        (0, 12.6),
        (-1.9, 11.4),
        (-2.7, 8.5),
        (-2.7, 4),
        (-2.1, -0.2),
    )
    apron = curve((-3.5, -3.6), (-3.7, -7.6), (-2.6, -11), (-0.7, -12), (1.6, -11), (3.3, -7.6), (3.5, -3.6))
    saddle = join(
        curve((-4.6, -4.6), (-2, -5.6), (0, -5.8), (2, -5.6), (5.1, -4.6)),
        curve((4.9, -2), (2, -3), (0, -3.1), (-2, -3), (-4.4, -2)),
    )
    slot = loop((-1.5, -4.5), (0, -4.9), (1.5, -4.5), (0, -3.9))
    return [
        Panel(FOOT * (1.05, 1.02) + np.array((0, 0.3)), "sole", folds=0, lift=0.8, edge=0.5),
        *_insole(opening, -1.3),
        Panel(hole(FOOT, opening), folds=0.14, lift=2.4, edge=2.0, bulge=0.8),
        Panel(join(apron, curve((2, -2.6), (0, -2.2), (-2, -2.6))), folds=0.2, dark=0.97, lift=0.25, edge=0.9),
        Line(apron, "seam"),
        Line(apron * (0.9, 0.96), "stitch"),
        Panel(saddle, folds=0, lift=0.5, edge=0.5),
        Panel(slot, INSOLE, folds=0, dark=0.3, lift=-0.1),
        *(Line(saddle[at] + (0, shift), "stitch") for at, shift in ((slice(0, 41), 0.4), (slice(41, 82), -0.4))),
        *both(Line(curve((3.4, -1.4), (3.3, 5), (3.1, 9.4)), "stitch")),
        Line(curve((0, 12.6), (0, 14.2)), "seam"),
    ]


def _insole(opening: Outline, front: float) -> list[Piece]:
    """What is seen through an opening: the insole, dark towards the toe, with a label."""
    return [
        Panel(opening * (1.12, 1.04), INSOLE, folds=0, dark=0.8, lift=0.1, edge=0.3),
        *label(8.8),
        *gloom(front),
    ]


def gloom(front: float) -> list[Piece]:
    """The shadow under a vamp, the front part of the upper, that begins at y = front.

    Plates that the vamp hides later darken the insole beside them. They are hollow, so that they do not raise the vamp.
    """
    return [Panel(ellipse((0, front - 2.3), 7, 4.8), INSOLE, folds=0, dark=0.4, lift=3, edge=2.4, bulge=-3.6)] * 3


def label(y: float) -> list[Piece]:
    """The name of a maker on an insole, too small to read."""
    return [Line(curve((-half, at), (half, at)), "cord", "label", 0.22) for half, at in ((1.1, y), (0.7, y + 0.8))]


def ballet_flat(shape: Random) -> list[Piece]:
    """From above: a deep round opening, a piped edge, a small bow."""
    opening = loop(
        (-0.3, -7),
        (2.2, -5.8),
        (3.3, -2),
        (2.9, 4),
        (2.8, 8.5),
        (2, 11.8),
        (0, 13),
        (-2, 11.8),
        (-2.7, 8.5),
        (-2.7, 4),
        (-3.2, -2),
        (-2.6, -5.8),
    )
    sole = FOOT * (0.97, 1.02)
    wing = loop((0.2, -7.6), (1.2, -8.6), (2.4, -8.7), (2.4, -6.9), (1.2, -7))
    return [
        Panel(sole, "sole", folds=0, lift=0.5, edge=0.4),
        *_insole(opening, -6.8),
        Panel(hole(FOOT * (0.96, 1), opening), folds=0.16, lift=2.0, edge=1.6, bulge=0.6),
        Line(join(opening, opening[:1]) * (1.08, 1.03), "stitch"),
        *moved(both(Panel(wing, "trim", folds=0.1, lift=0.5, edge=0.5)), -0.3, 0),
        Panel(ellipse((-0.3, -7.7), 0.9, 1.0), "trim", folds=0, lift=0.5, edge=0.4),
    ]


def slipper(shape: Random) -> list[Piece]:
    """From above: no heel, a wide vamp, a soft lining."""
    vamp = join(
        FOOT[:41] * (1.05, 1.03),
        curve((5, -0.2), (2.6, -1.6), (0, -2), (-2.6, -1.6), (-4.4, -0.2)),
        FOOT[115:] * (1.05, 1.03),
    )
    cuff = tube(((-4.3, -1.4), (-2.4, -1.9), (0, -2.1), (2.6, -1.9), (4.8, -1.4)), (1.8, 2.2, 2.4, 2.2, 1.8))
    return [
        Panel(FOOT * (1.08, 1.05) + (0, 0.4), "sole", folds=0, lift=0.8, edge=0.6),
        Panel(FOOT * (1.02, 1.01), "trim", folds=0.2, dark=0.9, lift=0.6, edge=1.4),
        Panel(FOOT * (0.82, 0.88) + (0, 0.6), "trim", folds=0.1, dark=0.84, lift=-0.2, edge=1.4),
        *gloom(-2.4),
        Panel(vamp, folds=0.25, lift=2.6, edge=2.8, bulge=0.8),
        Panel(cuff, "trim", folds=0.3, lift=0.9, edge=1.0),
    ]


def flip_flop(shape: Random) -> list[Piece]:
    """From above: a foam sole of two layers, two straps from a post between the toes."""
    bed, straps = ("sole", "main") if shape.random() < 0.5 else ("main", "sole")
    base = FOOT * (1.02, 1)
    strap = tube(((-0.8, -8.6), (1.6, -6.6), (3.6, -3), (4.6, 1.4)), (0.9, 1.4, 1.9, 1.5))
    inner = tube(((-0.8, -8.6), (-2.6, -6.2), (-3.7, -3), (-3.9, 1.4)), (0.9, 1.4, 1.9, 1.5))
    return [
        Panel(base * (1.02, 1.02) + (0, 0.5), bed, folds=0, dark=0.7, lift=0.9, edge=0.5),
        Panel(base, bed, folds=0, lift=0.7, edge=0.6),
        Panel(base * (0.88, 0.93), bed, folds=0, dark=0.96, lift=-0.1, edge=0.5, relief="rib", grain=90),
        Panel(ellipse((0.2, 9), 3, 2.2), straps, folds=0, lift=0.03, edge=0.2),
        *(Panel(part, straps, folds=0, lift=1.5, edge=0.8, bulge=0.5) for part in (inner, strap)),
        Panel(ellipse((-0.8, -8.5), 1.5, 1.7), straps, folds=0, lift=0.9, edge=0.7),
    ]


def sandal(shape: Random) -> list[Piece]:
    """From above: two broad straps with buckles over a moulded footbed."""
    base = FOOT * (1.04, 1.01)
    pieces: list[Piece] = [
        Panel(base * (1.03, 1.02) + (0, 0.4), "sole", folds=0, lift=0.9, edge=0.5),
        Panel(base, INSOLE, folds=0.05, dark=0.78, lift=0.6, edge=0.8),
        Panel(base * (0.86, 0.92), INSOLE, folds=0.05, dark=0.84, lift=-0.3, edge=1.6),
        Line(join(base, base[:1]) * (0.93, 0.965), "stitch"),
    ]
    for y in (-7, -0.4):
        left, right = (-5.1 if y < -3 else -4.3, y), (5.4 if y < -3 else 4.9, y)
        band = tube((left, (-2.4, y - 0.6), (0.4, y - 0.8), (3, y - 0.5), right), (3.4, 3.7, 3.8, 3.7, 3.4))
        edge = curve((left[0] + 0.4, y - 1.3), (0.4, y - 2.3), (right[0] - 0.4, y - 1.3))
        frame = np.array([(2.4, y - 2.2), (4.4, y - 1.9), (4.3, y + 0.4), (2.3, y + 0.2), (2.4, y - 2.2)])
        pieces += [
            Panel(band, folds=0.12, lift=1.9, edge=1.4),
            Line(edge, "stitch"),
            Line(edge + np.array((0, 3)), "stitch"),
        ]
        pieces += [Line(frame, "cord", "metal", 0.45), Line(curve((2.4, y - 1), (4.2, y - 0.8)), "cord", "metal", 0.35)]
        pieces += [Disc((x, y - 1.1 + 0.05 * x), 0.35, "snap", "buckle") for x in (-1.4, 0, 1.4)]
    return pieces

"""The cut of a cap, and what is sewn to its front."""

from __future__ import annotations

import numpy as np

from cbir.wardrobe.geometry.noise import Random
from cbir.wardrobe.geometry.outlines import Outline, Point, curve, ellipse, join, loop
from cbir.wardrobe.geometry.pieces import Crease, Disc, Line, Panel, Piece
from cbir.wardrobe.geometry.placing import mirror

DOME = loop(
    (-9.4, 2), (-9.9, -1.4), (-9.4, -6), (-7.2, -10.8), (-2.6, -13.4), (2.6, -13.4),
    (7.2, -10.8), (9.4, -6), (9.9, -1.4), (9.4, 2), (5, 3), (-5, 3),
)  # fmt: skip


def cap(shape: Random, lay: Random) -> list[Piece]:
    """Six panels with eyelets, a button on top, a visor with rows of stitches; turned a little to one side."""
    look, flat = lay.uniform(0.2, 2.6), shape.uniform(-0.6, 1.6)
    brow = curve((-8.8 + 0.3 * look, 1), (-5, 0.5 + flat), (look, 0.8 + flat), (6, 0.4 + flat), (9 + 0.1 * look, 0.8))
    pieces = [*_crown(shape, brow, look, flat), *_visor(shape, brow, look)]
    if lay.random() < 0.5:
        pieces, look = [mirror(piece) for piece in pieces], -look
    return [*pieces, *_badge(shape, look)]


def _crown(shape: Random, brow: Outline, look: float, flat: float) -> list[Piece]:
    """The dome with its seams, eyelets and button. brow: where the visor is joined on; look: how far it is turned."""
    top = (0.5 * look, -13.0)
    seams = [
        curve(top, (1.2 * look, -7), (look, 0.9 + flat)),
        curve(top, (-6.4 + 0.7 * look, -8), (-8.4 + 0.4 * look, 0.9)),
        curve(top, (6.6 + 0.5 * look, -8), (8.7 + 0.2 * look, 0.9)),
    ]
    dents = Crease((-9, -2), (-4, -4), 1.2, 0.4), Crease((4, -1.5), (8.5, -3.5), 1.2, 0.35)
    pieces: list[Piece] = [Panel(DOME, folds=0.26, lift=2, edge=6, bulge=2.2, creases=dents)]
    if shape.random() < 0.35:
        pieces.append(Panel(join(seams[1], brow, seams[2][::-1]), "visor", folds=0.25, lift=0.1, edge=0.4))
    return [
        *pieces,
        *(Line(seam, "seam") for seam in seams),
        *(Line(seam + np.array((side, 0)), "stitch") for seam in seams for side in (-0.45, 0.45)),
        *(Disc((x + 0.6 * look, -8.4), 0.7, "snap", "main") for x in (-3.6, 3.4)),
        Panel(ellipse((top[0], -13.1), 1.9, 1.3), "visor", folds=0, lift=0.7, edge=0.6),
    ]


def _visor(shape: Random, brow: Outline, look: float) -> list[Piece]:
    """The visor with one to four rows of stitches."""
    rim = curve(
        (9 + 0.1 * look, 0.8),
        (9.9 + 0.2 * look, 1.6),
        (10.2 + 0.3 * look, 4.6),
        (7 + look, 7.8),
        (1.4 * look, 9),
        (-6.6 + look, 8),
        (-9.9 + 0.6 * look, 5),
        (-9.7 + 0.4 * look, 1.8),
        (-8.8 + 0.3 * look, 1),
    )
    arch = Crease((-6 + look, 4), (6 + look, 4), 4, 0.35, -1)
    middle = np.array([(1.1 * look, 0.6)])
    shares = (0.93, 0.81, 0.69, 0.57)[: int(shape.integers(1, 5))]
    return [
        Panel(join(brow, rim), "visor", folds=0.1, lift=1.5, edge=2, creases=(arch,)),
        *(Line((rim - middle) * (share, share) + middle, "stitch") for share in shares),
    ]


LEFT, RIGHT, TOP, BOTTOM = -1.6, 1.6, -6.6, -2.0
LETTERS: tuple[tuple[tuple[Point, ...], ...], ...] = (
    (
        ((LEFT, BOTTOM), (LEFT, TOP)),
        ((LEFT, TOP), (0, -3.4)),
        ((0, -3.4), (RIGHT, TOP)),
        ((RIGHT, TOP), (RIGHT, BOTTOM)),
    ),
    (((LEFT, BOTTOM), (0, TOP)), ((0, TOP), (RIGHT, BOTTOM)), ((-0.9, -3.6), (0.9, -3.6))),
    (((LEFT, BOTTOM), (LEFT, TOP)), ((LEFT, TOP), (RIGHT, BOTTOM)), ((RIGHT, BOTTOM), (RIGHT, TOP))),
    (((LEFT, BOTTOM), (LEFT, TOP)), ((RIGHT, BOTTOM), (RIGHT, TOP)), ((LEFT, -4.3), (RIGHT, -4.3))),
    (((LEFT, BOTTOM), (LEFT, TOP)), ((LEFT, -4.2), (RIGHT, TOP)), ((-0.7, -4.7), (RIGHT, BOTTOM))),
    (((1.5, -5.6), (0.4, TOP), (-1.2, -6.2), (-1.7, -4.3), (-1.2, -2.4), (0.4, BOTTOM), (1.5, -3)),),
)
"""Letters as strokes, in centimetres beside the middle of the front."""


def _badge(shape: Random, look: float) -> list[Piece]:
    """What is sewn to the front of a cap: a letter, a shield, a patch, mountains or nothing."""
    motif, at = int(shape.integers(5)), (1.1 * look, -4.4)
    if motif == 0:
        strokes = LETTERS[int(shape.integers(len(LETTERS)))]
        return [Line(curve(*((at[0] + x, y) for x, y in stroke)), "cord", "label", 0.85) for stroke in strokes]
    if motif == 1:
        shield = loop(
            (at[0] - 1.9, -6.8),
            (at[0], -7),
            (at[0] + 1.9, -6.8),
            (at[0] + 1.7, -3.4),
            (at[0], -1.8),
            (at[0] - 1.7, -3.4),
        )
        bend = Line(curve((at[0] - 1.5, -5.6), (at[0] + 1.2, -3)), "cord", "label", 0.7)
        return [
            Panel(shield, "trim", folds=0, lift=0.3, edge=0.4),
            bend,
            Line(join(shield, shield[:1]), "cord", "label", 0.3),
        ]
    if motif == 2:
        patch = np.array([(at[0] - 3.6, -6.2), (at[0] + 3.6, -6.2), (at[0] + 3.6, -2.8), (at[0] - 3.6, -2.8)])
        words = [
            Line(curve((at[0] - 2.6, y), (at[0] + wide, y)), "cord", "buckle", 0.4)
            for y, wide in ((-5.2, 2.6), (-3.9, 1.2))
        ]
        return [Panel(patch, "label", folds=0, lift=0.25, edge=0.25), *words]
    if motif == 3:
        peaks = curve(
            (at[0] - 3.4, -3), (at[0] - 1.4, -6.2), (at[0] + 0.1, -4.2), (at[0] + 1.4, -5.6), (at[0] + 3.4, -3)
        )
        return [
            Line(peaks, "cord", "label", 0.6),
            Line(curve((at[0] - 3.6, -2.4), (at[0] + 3.6, -2.4)), "cord", "label", 0.45),
        ]
    return []

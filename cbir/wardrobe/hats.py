"""Cuts of hats: beanies, caps, bucket hats and brimmed hats, seen from the front and a little from above."""

from __future__ import annotations

import numpy as np

from cbir.wardrobe.noise import Random
from cbir.wardrobe.outlines import Point, curve, ellipse, join, symmetric, tube
from cbir.wardrobe.pieces import Crease, Disc, Line, Panel, Piece
from cbir.wardrobe.things import loop
from cbir.wardrobe.torso import mirror


def hat(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """A hat of one cut."""
    if cut in ("beanie", "bobble hat"):
        return beanie(cut == "bobble hat", shape, lay)
    if cut == "cap":
        return cap(shape, lay)
    if cut == "bucket hat":
        return bucket(shape, lay)
    return brimmed(cut == "sun hat", shape, lay)


def beanie(bobble: bool, shape: Random, lay: Random) -> list[Piece]:
    """Knitted, with a turn-up, some with a bobble of wool."""
    tall, deep = shape.uniform(15, 19), shape.uniform(6, 9)
    dome = symmetric(
        curve((0, -tall), (5, -tall + 0.7), (9.4, -0.72 * tall), (11.6, -0.4 * tall), (12, 0)),
        curve((12, 0), (6, 1.2), (0, 1.6)),
    )
    brim = symmetric(
        curve((0, 4.6 - deep), (6, 4.2 - deep), (12.1, 3 - deep)),
        curve((12.6, 0), (12.4, 3.4)),
        curve((12.4, 3.4), (6, 4.7), (0, 5.1)),
    )
    gathers = tuple(Crease((x, -tall + 0.5), (2.6 * x, -0.45 * tall), 0.8, 0.35) for x in (-3.2, -1.4, 0.6, 2.4, 4))
    pieces: list[Piece] = [
        Panel(dome, folds=0.5, lift=1.2, edge=5, bulge=2.5, relief="rib", creases=gathers),
        Panel(brim, "trim", folds=0.15, lift=1.2, edge=1.8, bulge=0.6, relief="rib"),
    ]
    if not bobble:
        return pieces
    middle = np.array((0, -tall - 2.2))
    yarn: list[Piece] = []
    for angle, far in zip(lay.uniform(0, 2 * np.pi, 260), 4.3 * np.sqrt(np.sort(lay.uniform(0.1, 1, 260))[::-1])):
        out = np.array((np.cos(angle), np.sin(angle)))
        start, end = middle + out * max(far - 1.8, 0), middle + out * far * lay.uniform(0.94, 1.08)
        yarn.append(Line(np.array((start, end)), "cord", "trim", 0.42))
    return [Panel(ellipse((0, -tall - 2.2), 8, 7.8), "trim", folds=0.6, lift=2.2, edge=3.6), *yarn, *pieces]


def cap(shape: Random, lay: Random) -> list[Piece]:
    """Six panels with eyelets, a button on top, a visor with rows of stitches; turned a little to one side."""
    look, flat = lay.uniform(0.2, 2.6), shape.uniform(-0.6, 1.6)
    dome = loop(
        (-9.4, 2),
        (-9.9, -1.4),
        (-9.4, -6),
        (-7.2, -10.8),
        (-2.6, -13.4),
        (2.6, -13.4),
        (7.2, -10.8),
        (9.4, -6),
        (9.9, -1.4),
        (9.4, 2),
        (5, 3),
        (-5, 3),
    )
    join_line = curve(
        (-8.8 + 0.3 * look, 1), (-5, 0.5 + flat), (look, 0.8 + flat), (6, 0.4 + flat), (9 + 0.1 * look, 0.8)
    )
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
    top = (0.5 * look, -13.0)
    seams = [
        curve(top, (1.2 * look, -7), (look, 0.9 + flat)),
        curve(top, (-6.4 + 0.7 * look, -8), (-8.4 + 0.4 * look, 0.9)),
        curve(top, (6.6 + 0.5 * look, -8), (8.7 + 0.2 * look, 0.9)),
    ]
    front = join(seams[1], join_line, seams[2][::-1])
    pieces: list[Piece] = [
        Panel(
            dome,
            folds=0.26,
            lift=2,
            edge=6,
            bulge=2.2,
            creases=(Crease((-9, -2), (-4, -4), 1.2, 0.4), Crease((4, -1.5), (8.5, -3.5), 1.2, 0.35)),
        ),
    ]
    if shape.random() < 0.35:
        pieces.append(Panel(front, "visor", folds=0.25, lift=0.1, edge=0.4))
    pieces += [
        *(Line(seam, "seam") for seam in seams),
        *(Line(seam + np.array((side, 0)), "stitch") for seam in seams for side in (-0.45, 0.45)),
    ]
    pieces += [Disc((x + 0.6 * look, -8.4), 0.7, "snap", "main") for x in (-3.6, 3.4)]
    pieces.append(Panel(ellipse((top[0], -13.1), 1.9, 1.3), "visor", folds=0, lift=0.7, edge=0.6))
    pieces.append(
        Panel(
            join(join_line, rim),
            "visor",
            folds=0.1,
            lift=1.5,
            edge=2,
            creases=(Crease((-6 + look, 4), (6 + look, 4), 4, 0.35, -1),),
        )
    )
    middle = np.array([(1.1 * look, 0.6)])
    pieces += [
        Line((rim - middle) * (share, share) + middle, "stitch")
        for share in (0.93, 0.81, 0.69, 0.57)[: int(shape.integers(1, 5))]
    ]
    if lay.random() < 0.5:
        pieces, look = [mirror(piece) for piece in pieces], -look
    return [*pieces, *_badge(shape, look)]


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
"""Letters of strokes, as caps carry them."""


def _badge(shape: Random, look: float) -> list[Piece]:
    """What is sewn to a cap's front."""
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


def bucket(shape: Random, lay: Random) -> list[Piece]:
    """A flat crown, sloping sides, a soft brim with rows of stitches."""
    wide, drop = shape.uniform(15, 17), shape.uniform(6.4, 8.4)
    wave = lay.normal(0, 0.5, 3)
    upper = curve((-9.6, -2.4), (-5, -0.2), (0, 0.4), (5, -0.2), (9.6, -2.4))
    lower = curve(
        (wide, drop - 3),
        (wide - 3, drop + wave[0]),
        (6, drop + 2.2 + wave[1]),
        (0, drop + 2.7),
        (-6, drop + 2.2 + wave[2]),
        (3 - wide, drop - wave[0]),
        (-wide, drop - 3),
    )
    brim = join(
        upper,
        curve((9.6, -2.4), (13, 0.2), (wide, drop - 3)),
        lower,
        curve((-wide, drop - 3), (-13, 0.2), (-9.6, -2.4)),
    )
    crown = symmetric(
        curve((0, -14), (5, -13.7), (8.2, -12.2)),
        curve((8.2, -12.2), (9.2, -7), (9.8, -1.6)),
        curve((9.8, -1.6), (5, 0.7), (0, 1.3)),
    )
    lid = ellipse((0, -11.9), 16.2, 4.2)
    flares = tuple(
        Crease((x, 0.5), (1.6 * x, drop + 1), 1.8, lay.uniform(0.3, 0.8), lay.normal(0, 1))
        for x in (-8, -4, 0.5, 5, 8.5)
    )
    rows: list[Piece] = []
    for share in np.linspace(0.14, 0.96, int(shape.integers(4, 8))):
        inner = np.stack(
            [
                np.interp(np.linspace(0, 1, 60), np.linspace(0, 1, len(line)), line[:, axis])
                for line in (upper, lower[::-1])
                for axis in (0, 1)
            ]
        )
        rows.append(Line(((1 - share) * inner[:2] + share * inner[2:]).T, "stitch"))
    return [
        Panel(brim, folds=0.6, lift=1.0, edge=1.4, bulge=0.6, creases=flares),
        *rows,
        Panel(
            crown,
            folds=0.5,
            lift=1.4,
            edge=4.5,
            bulge=3,
            creases=(Crease((-6, -8), (2, -3), 1.6, 0.4), Crease((7, -9), (5, -2), 1.4, 0.35)),
        ),
        Panel(lid, folds=0.5, lift=0.15, edge=1.6, dark=1.04),
        Line(ellipse((0, -11.9), 16.4, 4.4), "seam"),
        Line(ellipse((0, -11.5), 16.4, 4.6, start=10, end=170), "stitch"),
        Line(curve((6.6, -10.4), (7.2, -5), (7.6, -0.4)), "seam"),
        *(Disc((x, -6.4), 0.7, "snap", "metal") for x in (-6.3, -4.2)),
    ]


def brimmed(sun: bool, shape: Random, lay: Random) -> list[Piece]:
    """A dented crown with a ribbon; a wide brim against the sun, or a narrow one turned up behind."""
    wide = shape.uniform(23, 27) if sun else shape.uniform(16, 18.5)
    deep, dip = (0.36 if sun else 0.3) * wide, lay.normal(0, 0.8)
    brim = loop(
        (-wide, -1.2 + dip),
        (-0.7 * wide, -0.66 * deep),
        (0, -0.9 * deep),
        (0.7 * wide, -0.66 * deep),
        (wide, -1.2 - dip),
        (0.72 * wide, 0.72 * deep),
        (0, deep + 0.6),
        (-0.72 * wide, 0.72 * deep),
    )
    crown = symmetric(
        curve((0, -12.2), (2.5, -13.4), (6.4, -13.8), (8.8, -11), (10, -5), (10.6, 0)),
        curve((10.6, 0), (6, 2.6), (0, 3.4)),
    )
    tall = shape.uniform(2.6, 4)
    band = symmetric(
        curve((0, 3.2 - tall), (6, 2.6 - tall), (10.5, 0.2 - tall)), curve((10.7, -0.2), (6, 2.4), (0, 3.2))
    )
    dents = (
        Crease((-1, -12.8), (0.6, -5.6), 2.4, -1.2),
        Crease((-7.6, -11), (-5, -5), 1.8, -0.7),
        Crease((7.4, -11), (5.2, -5), 1.8, -0.7),
    )
    rings = (
        [Line(brim * share + (0, (1 - share) * 0.8), "seam") for share in (0.94, 0.85, 0.76, 0.67, 0.58)]
        if sun
        else [Line(brim * 0.95, "stitch")]
    )
    pieces: list[Piece] = [
        Panel(
            brim,
            folds=0.2,
            lift=0.9,
            edge=1.6,
            creases=(
                Crease((-0.9 * wide, 0), (-0.3 * wide, 0.7 * deep), 3, 0.6),
                Crease((0.4 * wide, 0.7 * deep), (0.9 * wide, 0), 3, 0.5),
            ),
        ),
        *rings,
        Panel(crown, folds=0.12, lift=1.6, edge=4, bulge=3, creases=dents),
        Panel(band, "trim", folds=0.05, lift=0.3, edge=0.4),
    ]
    if shape.random() < 0.6:
        pieces += [
            Panel(
                tube(((7.6, 2.4 - tall), (8.6, -0.6), (7.8, 2.2 - 0.3 * tall)), (2.2, 1.2, 2.2)),
                "trim",
                folds=0.2,
                lift=0.5,
                edge=0.5,
            )
        ]
    return pieces

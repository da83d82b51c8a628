"""Cuts of shoes, hats and scarves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cbir.wardrobe.outlines import Outline, Point, curve, ellipse, join, symmetric, tube
from cbir.wardrobe.pieces import Crease, Disc, Line, Panel, Piece
from cbir.wardrobe.tops import Random, both


def moved(pieces: list[Piece], x: float, y: float, *, turn: float = 0.0, size: float = 1.0) -> list[Piece]:
    """Pieces turned about the origin (degrees), scaled, and put elsewhere."""
    c, s = np.cos(np.radians(turn)) * size, np.sin(np.radians(turn)) * size
    matrix = np.array([(c, s), (-s, c)])

    def place(points: Outline) -> Outline:
        return points @ matrix + (x, y)

    def at(point: Point) -> Point:
        return tuple(place(np.array(point)))  # type: ignore[return-value]

    result: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, Panel):
            creases = tuple(crease._replace(start=at(crease.start), end=at(crease.end)) for crease in piece.creases)
            result.append(replace(piece, outline=place(piece.outline), grain=piece.grain + turn, creases=creases))
        elif isinstance(piece, Line):
            result.append(replace(piece, points=place(piece.points)))
        else:
            result.append(replace(piece, centre=at(piece.centre)))
    return result


def sneaker(high: bool) -> list[Piece]:
    """From the side, toe to the right; 30 cm long."""
    ankle = -17.0 if high else -11.0
    top = curve((-14, -2), (-15, -7), (-14, ankle + 1), (-12.5, ankle))
    opening = curve((-12.5, ankle), (-8, ankle + 1.8), (-3, ankle + 1.4))
    vamp = curve((-3, ankle + 1.4), (1, -8.5), (6, -6.2), (12, -4.6), (15, -2.2), (15.2, 0))
    upper = join(top, opening, vamp, [(-14, 0)])
    sole = join(curve((-15, -1.5), (0, -1.2), (10, -1.3), (15.6, -2.2)), curve((16.2, 0), (14.5, 2.2)), curve((0, 2.4), (-14.5, 2.3)), curve((-15.6, 0.8), (-15, -1.5)))
    toe = join(curve((8.5, -1.2), (9.5, -4), (11.5, -4.7)), curve((12, -4.6), (15, -2.2), (15.4, -1.6)), [(8.5, -1.2)])
    heel = join(curve((-14, -2), (-15, -7), (-14.2, ankle + 1.5)), curve((-12.6, ankle + 2), (-11, -6), (-10.5, -1.5)))
    tongue = join(curve((-3.6, ankle + 2.2), (-3.5, ankle - 1.4), (0, ankle - 1)), curve((1.6, ankle + 2), (3, -7)), [(-1, -7)])
    mouth = join(opening, curve((-3, ankle + 1.4), (-7, ankle - 0.4), (-12.5, ankle)))
    stripe = tube(((-4, -2), (-0.5, -5), (2.5, -8)), (1.2, 1.2, 1.2))
    pieces: list[Piece] = [
        Panel(mouth, "inside", dark=0.5, folds=0), Panel(tongue, "trim", folds=0.2, lift=0.6, edge=1.2),
        Panel(upper, folds=0.15, lift=0.8, edge=2.6, bulge=1.6), Panel(heel, "trim", folds=0, lift=0.3, edge=0.6),
        Panel(toe, "toe", folds=0, lift=0.4, edge=1.2), Panel(stripe, "trim", folds=0, lift=0.15, edge=0.2),
        Panel(sole, "sole", folds=0, lift=0.9, edge=0.9), Line(curve((-15, 0.7), (0, 0.9), (15.4, 0.5)), "seam"),
        Line(curve((-10.2, -1.5), (-10.6, -6), (-12.2, ankle + 2)), "stitch"), Line(curve((8.2, -1.4), (9.1, -4), (11, -4.9)), "stitch"),
    ]
    for row in range(6 if high else 4):
        share = row / (5 if high else 3)
        x, y = 4.6 - 6.2 * share, -7.3 + (ankle + 4.2 + 4.8) * share * 0.9
        pieces.append(Line(curve((x - 1.5, y + 1.6), (x, y + 0.3), (x + 1.4, y - 0.6)), "cord", "cord", 0.8))
        pieces.append(Disc((x - 1.6, y + 1.7), 0.7, "snap", "metal"))
    return pieces


def boot() -> list[Piece]:
    """An ankle boot from the side."""
    upper = join(curve((-13.5, 0), (-14, -8), (-12.5, -16), (-12.8, -23)), curve((-12.8, -23), (-7, -23.6), (-1.6, -23)), curve((-1.6, -23), (-1.8, -15), (1, -9), (7, -6.5), (13, -4), (15, 0)))
    sole = join(curve((-14, 0), (0, 0), (15.4, -0.4)), curve((15.6, 1), (14.6, 2)), [(-4, 2.2), (-4.8, 4.4), (-13.6, 4.4)])
    gore = join(curve((-9, -22.5), (-8.4, -16), (-7, -11)), curve((-6, -11), (-4.4, -16), (-4.2, -22.6)))
    return [
        Panel(upper, folds=0.5, lift=0.9, edge=3, bulge=1.8, creases=(Crease((-6, -9), (3, -11), 1.2, 0.4), Crease((-7, -6), (3, -8), 1.0, 0.3))),
        Panel(gore, "trim", folds=0, lift=-0.1, edge=0.4, relief="rib"), Panel(sole, "sole", folds=0, lift=0.8, edge=0.6),
        Line(curve((-13.4, -1), (0, -1), (14.8, -1.2)), "stitch"),
    ]


def loafer() -> list[Piece]:
    """A flat shoe from above, toe up."""
    outline = symmetric(curve((0, -14), (3.6, -12.8), (4.9, -8), (4.2, 0), (3.8, 8), (3, 12.5), (0, 14)))
    mouth = symmetric(curve((0, -3), (2, -2.6), (2.7, 2), (2.7, 8), (2, 11.5), (0, 12.4)))
    saddle = symmetric(curve((0, -5.6), (4.6, -4.6)), curve((4.5, -2), (2.4, -2.3), (0, -3)))
    apron = curve((-3.3, -4), (-3.2, -9.5), (0, -11.6), (3.2, -9.5), (3.3, -4))
    insole = symmetric(curve((0, -2.2), (1.6, -2), (2.2, 2), (2.2, 8), (1.6, 11), (0, 11.8)))
    return [
        Panel(outline * (1.07, 1.03), "sole", folds=0, lift=0.5, edge=0.4), Panel(outline, folds=0.15, lift=1.0, edge=2.4, bulge=1.2),
        Line(apron, "seam"), Line(apron * (0.93, 0.97), "stitch"), Panel(saddle, folds=0, lift=0.5, edge=0.5),
        Panel(mouth, "inside", folds=0, dark=0.42, lift=-1.6, edge=0.5), Panel(insole, "lining", folds=0, dark=0.62, lift=0.1, edge=0.6),
    ]


def sandal() -> list[Piece]:
    """A flip-flop from above."""
    outline = symmetric(curve((0, -13.5), (3.7, -12), (4.9, -7), (4.0, 1), (3.9, 8), (2.8, 12.6), (0, 14)))
    strap = tube(((0, -8.4), (2.2, -5), (4.2, 0.6)), (1.1, 1.5, 1.9))
    return [
        Panel(outline * (1.05, 1.03), "sole", folds=0, lift=0.7, edge=0.4), Panel(outline, "toe", folds=0, lift=0.5, edge=0.5),
        *both(Panel(strap, folds=0, lift=1.2, edge=0.7)), Disc((0, -8.5), 1.6, "button", "trim"),
    ]


def pump() -> list[Piece]:
    """A heeled shoe from the side."""
    upper = join(curve((-13, -9.5), (-11.8, -4.5), (-8.5, -3.6)), curve((-2, -2.4), (5, 0.6), (13.8, 0.6)), curve((14.5, -0.6), (12, -2.4), (7, -3.6), (3.8, -5.8)), curve((3.8, -5.8), (-3, -5.6), (-9, -8.6), (-13, -11.4)))
    heel = join([(-12.9, -6)], curve((-12, -1), (-11.6, 7.6)), [(-10, 7.6)], curve((-9.6, 1), (-7.6, -3.6)))
    sole = join(curve((-8.6, -3.6), (-2, -2.4), (5, 0.6), (13.9, 0.7)), curve((13.4, 1.5), (5, 1.4), (-2, -1.6), (-8.4, -2.8)))
    mouth = join(curve((3.4, -5.8), (-3, -5.7), (-9, -8.7), (-12.8, -11.2)), curve((-9, -9.6), (-3, -6.9), (3.4, -6.3)))
    return [
        Panel(mouth, "lining", folds=0, dark=0.55), Panel(heel, "sole", folds=0, lift=0.8, edge=0.9), Panel(sole, "sole", folds=0, lift=0.6, edge=0.4),
        Panel(upper, folds=0.1, lift=0.8, edge=2.2, bulge=1.2),
    ]


def shoes(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """A pair: trainers, boots or pumps from the side, loafers or flip-flops from above."""
    if cut in ("loafers", "flip-flops"):
        one = loafer() if cut == "loafers" else sandal()
        apart, toe = lay.uniform(6.3, 8), lay.uniform(-4, 14)
        return [*moved(one, -apart, lay.uniform(-1, 1), turn=toe), *moved(one, apart, lay.uniform(-1, 1), turn=-toe)]
    one = {"trainers": lambda: sneaker(False), "high-top trainers": lambda: sneaker(True), "boots": boot, "pumps": pump}[cut]()
    behind = moved(one, lay.uniform(2, 6), -lay.uniform(9, 14), turn=lay.uniform(-4, 10), size=0.96)
    return [*behind, *moved(one, -2, 3, turn=lay.uniform(-4, 4))]


def hat(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """Beanies, caps, brimmed and bucket hats."""
    if cut in ("beanie", "bobble hat"):
        tall = shape.uniform(15, 19)
        dome = symmetric(curve((0, -tall), (7, -tall + 1.6), (11.6, -tall * 0.55), (12.2, 0)), curve((12.2, 0), (0, 1)))
        brim = symmetric(curve((0, -3), (12.2, -4)), curve((13, 4.6), (0, 5.8)))
        pieces: list[Piece] = [Panel(dome, folds=0.5, lift=1.2, edge=5, bulge=1.5, relief="rib"), Panel(brim, "trim", folds=0.1, lift=1.0, edge=1.4, relief="rib")]
        if cut == "bobble hat":
            petals = [Panel(ellipse((lay.normal(0, 1.3), -tall - 2 + lay.normal(0, 1.3)), 4.4, 4.4), "trim", folds=0.6, lift=0.7, edge=1.6) for _ in range(9)]
            pieces = [Panel(ellipse((0, -tall - 2), 7.4, 7.2), "trim", folds=1, lift=1.5, edge=3), *petals, *pieces]
        return pieces
    if cut == "cap":
        dome = join(curve((-11.5, 3), (-11.6, -6), (-5, -13.2), (2.5, -13.2), (9, -8), (10.5, 1)), curve((10.5, 1), (0, 3.4), (-11.5, 3)))
        visor = join(curve((2, 2.4), (8, -1), (13, -0.4), (19, 3), (20.5, 5.6)), curve((20.5, 5.6), (14, 5.2), (8, 4.6), (2, 5)))
        seams = [curve((-1, -13.4), (1, -6), (2.4, 2.6)), curve((-1, -13.4), (-6, -7), (-6.6, 3.1)), curve((-1, -13.4), (6, -8), (8.6, 1.2))]
        badge = ellipse((5.6, -4.6), 5, 4.4)
        return [
            Panel(dome, folds=0.3, lift=1.2, edge=6, bulge=2.0), *(Line(seam, "seam") for seam in seams), *(Line(seam + (0.7, 0.1), "stitch") for seam in seams),
            Panel(badge, "trim", folds=0, lift=0.3, edge=0.5), Panel(visor, "visor", folds=0, lift=1.0, edge=1.6, creases=()),
            *(Line(curve((5, 3.6 - 0.7 * row), (12, 1.6 - 0.7 * row), (18.6, 4.6 - 0.5 * row)), "stitch") for row in range(3)),
            Panel(ellipse((-1, -13.2), 1.8, 1.2), folds=0, lift=0.7, edge=0.5),
        ]
    if cut == "bucket hat":
        crown = symmetric(curve((0, -12), (7, -11.6), (8.8, -9.6)), curve((8.8, -9.6), (10.4, 0)), [(0, 1.5)])
        brim = ellipse((0, 1.5), 35, 15)
        rows = [Line(ellipse((0, 1.5), 33.6 - 3 * row, 13.8 - 1.6 * row), "stitch") for row in range(4)]
        return [Panel(brim, folds=0.3, lift=0.8, edge=2.2), *rows, Panel(crown, folds=0.4, lift=1.6, edge=4, bulge=1.6), Line(curve((-8.8, -9.4), (0, -8.4), (8.8, -9.4)), "stitch")]
    wide = shape.uniform(24, 28) if cut == "sun hat" else shape.uniform(18, 21)
    brim = ellipse((0, 0), 2 * wide, 0.62 * wide)
    crown = symmetric(curve((0, -12.6), (2.5, -13.6), (7, -14), (9.4, -10), (10.6, 0)), curve((10.6, 0), (6, 2.4), (0, 3.2)))
    band = symmetric(curve((0, -1), (6, -1.6), (10.2, -3.8)), curve((10.7, -0.2), (6, 2.2), (0, 3)))
    dent = Crease((-3, -13), (0, -7), 2.4, -1.0)
    return [Panel(brim, folds=0.15, lift=0.7, edge=1.6), Panel(crown, folds=0.1, lift=1.3, edge=4, bulge=2.2, creases=(dent,)), Panel(band, "trim", folds=0, lift=0.3, edge=0.4)]


def scarf(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """Folded in two with fringes, looped, or knotted as a square."""
    wide = shape.uniform(17, 25)
    if cut == "square":
        half = shape.uniform(26, 32)
        outline = join(curve((-half, -half), (0, -half + 1), (half, -half)), curve((half, -half), (half - 1, 0), (half, half)), curve((half, half), (0, half - 1), (-half, half)), curve((-half, half), (-half + 1, 0), (-half, -half)))
        corner = join([(half, -half + 14), (half, half), (-half + 14, half)], curve((0, 0.35 * half), (0.4 * half, 0)))
        inner = outline * 0.9
        creases = tuple(Crease((lay.uniform(-half, half), -half), (lay.uniform(-half, half), half), 2.2, lay.uniform(0.3, 0.8), lay.uniform(-6, 6)) for _ in range(6))
        back = Panel(corner, "inside", folds=1.2, lift=0.4, edge=0.8, dark=0.9, grain=45)
        return [Panel(outline, folds=1.6, lift=0.15, edge=0.5, creases=creases), Line(join(inner, inner[:1]), "seam"), back]
    if cut == "looped":
        ring_outer, ring_inner = ellipse((0, -26), 44, 40), ellipse((0, -29), 20, 15)
        pieces = _tail((-7, -14), (-11 + lay.uniform(-3, 3), 52), wide, lay, -6) + _tail((7, -14), (10 + lay.uniform(-3, 3), 46), wide, lay, 6)
        around = tuple(
            Crease((17 * np.cos(a), -26 + 15 * np.sin(a)), (17 * np.cos(a + 1.1), -26 + 15 * np.sin(a + 1.1)), 2.0, 0.9, 4.0) for a in lay.uniform(0, 6.3, 14)
        )
        ring = join(ring_outer, ring_outer[:1], ring_inner[::-1], ring_inner[-1:])
        hollow = Panel(ring_inner * (1.1, 1.0), "inside", dark=0.3, lift=-1.0, folds=0.5)
        return [*pieces, hollow, Panel(ring, folds=1.2, lift=2.0, edge=5, creases=around), Panel(tube(((-9, -8), (0, -4), (9, -9)), (11, 13, 11)), folds=1.0, lift=1.2, edge=3, grain=90)]
    # Folded in two: the far half, shifted, lies below.
    shift = lay.uniform(0.25, 0.6) * wide
    return [*_tail((shift, -38), (shift + lay.uniform(0, 9), 34), wide, lay, 0), *_tail((-shift, -40), (-shift + lay.uniform(-6, 2), 42), wide, lay, 0)]


def _tail(start: Point, end: Point, wide: float, lay: Random, bow: float) -> list[Piece]:
    """A hanging end of a scarf, with fringes."""
    middle = ((start[0] + end[0]) / 2 + bow, (start[1] + end[1]) / 2)
    outline = tube((start, middle, end), (wide * 0.9, wide, wide))
    folds = tuple(
        Crease((start[0] + x * wide, start[1]), (end[0] + x * wide * 1.05, end[1]), lay.uniform(1.2, 2.2), lay.uniform(0.3, 0.9), lay.uniform(-2, 2)) for x in (-0.3, -0.05, 0.22)
    )
    turn = float(np.degrees(np.arctan2(start[0] - end[0], end[1] - start[1])))
    fringe: list[Piece] = []
    for x in np.linspace(-0.47, 0.47, 16) * wide:
        tip = (end[0] + x * 1.05 + lay.normal(0, 0.5), end[1] + 7 + lay.normal(0, 0.6))
        fringe.append(Line(curve((end[0] + x, end[1] - 0.5), (end[0] + x + lay.normal(0, 0.25), end[1] + 3.5), tip), "cord", "fringe", 0.75))
    return [*fringe, Panel(outline, grain=turn, folds=0.9, lift=0.9, edge=1.8, creases=folds)]

"""Cuts of scarves: folded in two, looped once, wound, or square and folded into a triangle or knotted."""

from __future__ import annotations

import numpy as np

from cbir.wardrobe.geometry.noise import Random
from cbir.wardrobe.geometry.outlines import Outline, Point, between, curve, ellipse, hole, join, loop, tube
from cbir.wardrobe.geometry.pieces import Crease, Line, Panel, Piece
from cbir.wardrobe.geometry.placing import mirror


def scarf(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """A scarf of one cut."""
    if cut == "square":
        pieces = triangle(shape, lay) if shape.random() < 0.6 else knotted(lay)
    elif cut == "wrapped":
        pieces = wrapped(shape, lay)
    else:
        pieces = looped(shape, lay) if cut == "looped" else long(shape, lay)
    return [mirror(piece) for piece in pieces] if lay.random() < 0.5 else pieces


def long(shape: Random, lay: Random) -> list[Piece]:
    """Folded in two, the halves side by side or crossed."""
    wide, crossing = shape.uniform(17, 23), shape.random() < 0.5
    if crossing:
        low = _tail([(0.6, -39), (1, -14), (5 + lay.uniform(0, 2), 12), (10 + lay.uniform(0, 5), 38)], wide, lay)
        return [
            *low,
            *_tail([(-0.4, -40), (0, -14), (-3, 10), (-8 - lay.uniform(0, 5), 33 + lay.uniform(0, 6))], wide, lay),
        ]
    shift = lay.uniform(0.42, 0.6) * wide
    left = _tail([(-shift, -40), (-shift + lay.uniform(-2, 2), 0), (-shift + lay.uniform(-5, 2), 42)], wide, lay)
    right = _tail(
        [(shift, -38), (shift + lay.uniform(-2, 2), 0), (shift + lay.uniform(0, 7), 32 + lay.uniform(0, 4))], wide, lay
    )
    return [*right, *left]


def looped(shape: Random, lay: Random) -> list[Piece]:
    """Looped as around a neck: rings of folds around a small opening, and two tails below."""
    wide, knot = shape.uniform(13, 16), shape.random() < 0.4
    long_, short = 38 + lay.uniform(0, 8), 24 + lay.uniform(0, 8)
    cross = lay.uniform(5, 11)
    pieces = _tail([(-6, -14), (-2, 4), (cross, short)], wide, lay) + _tail(
        [(6, -14), (2, 6), (-cross + 2, long_)], wide, lay
    )
    pieces += _rings(lay)
    if knot:
        wrap = tube(((-8, -16), (-2, -11.5), (6, -10), (10, -12)), (10, 12, 12, 9))
        pieces.append(
            Panel(
                wrap,
                grain=75,
                folds=1.0,
                lift=1.8,
                edge=4.5,
                bulge=1,
                creases=(Crease((-8, -16), (9, -11), 1.4, 0.9, 2), Crease((-7, -12), (9, -8), 1.2, 0.6, 2)),
            )
        )
    return pieces


def wrapped(shape: Random, lay: Random) -> list[Piece]:
    """Wound round a neck more than once: rings of folds, and broad short tails in front."""
    wide, low = shape.uniform(18, 23), shape.uniform(10, 18)
    tails = _tail([(-5, -18), (-8, -4), (-9 - lay.uniform(0, 3), low)], wide, lay)
    tails += _tail([(5, -18), (7, -4), (8 + lay.uniform(0, 4), low + lay.uniform(-5, 5))], wide, lay)
    return [*tails, *_rings(lay)]


def _rings(lay: Random) -> list[Piece]:
    """Rings of folds around a small opening."""
    pieces: list[Piece] = [Panel(ellipse((0, -29), 18, 12), "inside", folds=1, dark=0.45, lift=0.4)]
    for part in range(5):
        share = part / 4
        out_x, out_y = 19.5 - 7.5 * share + lay.normal(0, 0.4), 17 - 8.5 * share
        in_x, in_y = out_x - 6.6, out_y - 6.4 + 0.8 * share
        middle = -23 - 4.4 * share + lay.normal(0, 0.3)
        outer, inner = (
            _ring((lay.normal(0, 0.5), middle), out_x, out_y, lay),
            _ring((0, middle - 1.2), in_x, max(in_y, 1.6), lay),
        )
        pieces.append(
            Panel(
                hole(outer, inner),
                grain=lay.uniform(-25, 25),
                folds=0.8,
                lift=1.6,
                edge=3.2,
                bulge=0.8,
                creases=_around(middle, out_x - 3, out_y - 3, lay),
            )
        )
    return pieces


def _ring(centre: Point, across: float, along: float, lay: Random) -> Outline:
    """A closed curve that is nearly an ellipse. across, along: half axes."""
    angles = np.linspace(0, 2 * np.pi, 9)[:-1] - np.pi / 2
    radii = 1 + lay.normal(0, 0.035, 8)
    return loop(
        *((centre[0] + across * r * np.cos(a), centre[1] + along * r * np.sin(a)) for a, r in zip(angles, radii))
    )


def _around(middle: float, across: float, along: float, lay: Random) -> tuple[Crease, ...]:
    """Folds that follow a ring."""
    folds = []
    for a in lay.uniform(0, 6.3, 8):
        start, end = (
            (across * np.cos(a), middle + along * np.sin(a)),
            (across * np.cos(a + 1.2), middle + along * np.sin(a + 1.2)),
        )
        folds.append(Crease(start, end, lay.uniform(0.9, 1.5), lay.uniform(0.4, 0.9), -0.16 * (across + along) / 2))
    return tuple(folds)


def _tail(path: list[Point], wide: float, lay: Random) -> list[Piece]:
    """A hanging end of a scarf along a path, with folds and fringes."""
    line = curve(*path)
    outline = tube(path, np.linspace(0.82, 1.0, len(path)) * wide)  # type: ignore[arg-type]
    end, along = line[-1], line[-1] - line[-4]
    along = along / np.hypot(*along)
    across = np.array([-along[1], along[0]])
    folds = []
    for x in np.linspace(-0.34, 0.34, 4) + lay.normal(0, 0.04, 4):
        for a, b in ((0, len(line) // 2 + 4), (len(line) // 2 - 4, len(line) - 1)):
            start, stop = line[a] + x * wide * across, line[b] + 1.05 * x * wide * across
            folds.append(
                Crease(tuple(start), tuple(stop), lay.uniform(0.9, 1.7), lay.uniform(0.3, 1.0), lay.normal(0, 0.8))
            )
    start = line[len(line) // 3]
    turn = float(np.degrees(np.arctan2(start[0] - end[0], end[1] - start[1])))
    fringe: list[Piece] = []
    for x in np.linspace(-0.48, 0.48, int(wide * 1.1)) * wide:
        root, lean = end + x * across, lay.normal(0, 0.5)
        for strand in lay.normal(0, 0.35, 2):
            tip = root + along * lay.uniform(4.6, 6) + across * (lean + strand)
            middle = root + along * 2.6 + across * (0.3 * lean + 0.4 * strand)
            fringe.append(Line(curve(tuple(root - 0.6 * along), tuple(middle), tuple(tip)), "cord", "fringe", 0.42))
    return [*fringe, Panel(outline, grain=turn, folds=0.8, lift=1.1, edge=2.0, creases=tuple(folds))]


def triangle(shape: Random, lay: Random) -> list[Piece]:
    """A square folded along its diagonal, with a stripe along its edges. The lower layer is seen beside the upper."""
    half, deep = shape.uniform(32, 37), shape.uniform(28, 34)
    top, sag = -0.5 * deep, lay.uniform(0.5, 2)
    left, right, tip = (-half, top + sag), (half, top - 0.4 * sag), (lay.normal(0, 1.5), top + deep)
    pieces: list[Piece] = []
    for layer, (x, y) in enumerate(((lay.uniform(1, 2.6), lay.uniform(1, 2.2)), (0.0, 0.0))):
        corners = [(px + x * share, py + y) for (px, py), share in zip((left, right, tip), (0.3, 1.0, 1.0))]
        edges = curve(
            corners[1], between(corners[1], corners[2], 0.4), between(corners[1], corners[2], 0.7), corners[2]
        )
        other = curve(
            corners[2],
            (corners[0][0] * 0.45 + corners[2][0] * 0.5, 0.5 * (corners[0][1] + corners[2][1]) + 0.6),
            corners[0],
        )
        fold = curve(corners[0], (-0.4 * half, top - 0.8), (0.3 * half, top + 0.5), corners[1])
        creases = tuple(
            Crease(
                (lay.uniform(-0.7, 0.7) * half, top),
                (lay.uniform(-0.25, 0.25) * half, top + lay.uniform(0.5, 0.9) * deep),
                lay.uniform(1.4, 2.4),
                lay.uniform(0.3, 0.9),
                lay.normal(0, 2),
            )
            for _ in range(6 * layer)
        )
        pieces.append(
            Panel(
                join(fold, edges, other),
                grain=45,
                folds=0.9,
                lift=0.5,
                edge=1.2,
                dark=0.92 + 0.08 * layer,
                creases=creases,
            )
        )
        pieces += _border(join(edges, other), (0.0, top))
    return pieces


def _border(edge: Outline, centre: Point) -> list[Piece]:
    """A stripe of another cloth a little inside an edge, with a thin line beside it."""
    middle = np.array(centre)

    def inside(share: float) -> Outline:
        return (edge - middle) * share + middle

    return [
        Panel(join(inside(0.97), inside(0.86)[::-1]), "lining", folds=0.5, lift=0.06, edge=0.4),
        Line(inside(0.82), "seam"),
    ]


def knotted(lay: Random) -> list[Piece]:
    """A neckerchief: a rolled ring with folds, a knot, two pointed ends with borders."""
    pieces: list[Piece] = []
    for side, length in ((-1, 17 + lay.uniform(0, 4)), (1, 14 + lay.uniform(0, 5))):
        spread = lay.uniform(7, 12)
        tip = (side * (spread + 4), length)
        end = join(
            curve((side * 0.5, -3), (side * 7, 2), tip),
            curve(tip, (side * (spread - 5), 0.75 * length), (-side * 1.5, 3), (-side * 0.5, -2)),
        )
        creases = tuple(
            Crease((side * x, -1), between((side * x, -1), tip, 0.85), 0.9, 0.6, lay.normal(0, 0.8))
            for x in (-0.6, 1, 2.4)
        )
        pieces.append(Panel(end, grain=side * 30, folds=0.9, lift=0.8, edge=1.2, creases=creases))
        rim = curve(tip, (side * (spread - 5), 0.75 * length), (-side * 0.4, 4))
        taper = np.linspace(0, 1, len(rim))[:, None]
        near, deep = rim + taper * (side * 0.3, -0.6), rim + np.minimum(2.5 * taper, 1) * (side * 0.8, -2.2)
        pieces.append(Panel(join(near, deep[::-1]), "lining", folds=0.3, lift=0.05, edge=0.3))
    pieces.append(Panel(ellipse((0, -15), 20, 15), "inside", folds=1, dark=0.5, lift=0.3))
    for part in range(3):
        outer = _ring((0, -15 - 0.9 * part), 15 - 1.9 * part, 12 - 1.9 * part, lay)
        inner = _ring((0, -16 - 0.9 * part), 10.6 - 1.9 * part, 7.6 - 1.9 * part, lay)
        pieces.append(
            Panel(
                hole(outer, inner),
                "main" if part != 1 else "lining",
                grain=lay.uniform(0, 90),
                folds=0.9,
                lift=1.1,
                edge=2.2,
                bulge=0.5,
                creases=_around(-15, 12 - 1.9 * part, 9.5 - 1.9 * part, lay),
            )
        )
    knot = loop((-3.4, -4.6), (0, -6), (3.4, -4.8), (3.8, -1.6), (0.4, 0.4), (-3.6, -1.2))
    return [
        *pieces,
        Panel(
            knot,
            grain=60,
            folds=0.8,
            lift=1.8,
            edge=2.2,
            bulge=1.2,
            creases=(Crease((-3, -4.4), (2.6, -0.4), 0.7, 0.5), Crease((0, -5.6), (3.4, -2), 0.6, 0.4)),
        ),
    ]

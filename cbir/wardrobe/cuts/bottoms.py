"""Cuts of trousers, shorts and skirts."""

from __future__ import annotations

import numpy as np

from cbir.wardrobe.cuts.details import patch_pocket
from cbir.wardrobe.geometry.noise import Random
from cbir.wardrobe.geometry.outlines import Outline, Point, between, box, curve, join, symmetric
from cbir.wardrobe.geometry.pieces import Crease, Disc, Line, Panel, Piece
from cbir.wardrobe.geometry.placing import both, mirror

HEIGHT = 4.0
"""Of a waistband, in centimetres."""


def waistband(half: float, *, elastic: bool = False, loops: bool = True) -> list[Piece]:
    """The band with its loops and button, or an elastic band with its cord. half: half the width."""
    inner = symmetric([(0, -1.6), (half, -2.4)], [(half, 0), (0, 0)])
    pieces: list[Piece] = [Panel(inner, "inside", dark=0.55, lift=0.1, folds=0, edge=0.3)]
    curve_up = symmetric([(0, 0.6), (half, -0.4)], [(half + 0.5, HEIGHT - 0.4), (0, HEIGHT + 0.6)])
    pieces.append(
        Panel(
            curve_up,
            "trim" if elastic else "main",
            grain=90 if not elastic else 0,
            folds=0.1,
            lift=0.5,
            edge=0.6,
            relief="rib" if elastic else "",
        )
    )
    if elastic:
        for side in (-1, 1):
            pieces.append(Line(curve((side * 0.6, 2.6), (side * 2.6, 9), (side * 1.8, 15)), "cord", "cord", 0.8))
        return pieces
    pieces += both(Line(curve((0, HEIGHT), (half, HEIGHT - 1)), "stitch"), Line(curve((0, 1.2), (half, 0.2)), "stitch"))
    if loops:
        for x in (0.42 * half, 0.9 * half):
            pieces += both(Panel(box(x - 0.6, -0.4, x + 0.6, HEIGHT + 0.7), folds=0, lift=0.4, edge=0.3))
    pieces.append(Disc((0.6, HEIGHT / 2 + 0.6), 1.7, "snap" if loops else "button", "metal" if loops else "button"))
    return pieces


def leg(
    waist: float, hip: float, crotch: float, knee: tuple[float, float], hem: tuple[float, float], length: float
) -> Outline:
    """The outline of the right half of a pair of trousers. knee, hem: x of the inner and of the outer edge there."""
    knee_y = crotch + 0.42 * (length - crotch)
    outer = curve(
        (waist, HEIGHT - 1),
        (hip - 0.6, 0.55 * crotch),
        (max(hip - 0.2, knee[1] - 0.5), 1.05 * crotch),
        (knee[1], knee_y),
        (hem[1], length),
    )
    inner = curve((hem[0], length + 0.8), (knee[0], knee_y), (0.6, crotch + 1.2))
    return join([(-0.6, HEIGHT)], outer, inner, [(-0.6, crotch - 1)])


def whiskers(lay: Random, hip: float, crotch: float, length: float) -> tuple[Crease, ...]:
    """The folds of the right leg: they spread from the crotch, and some lie at the knee and above the hem."""
    creases = []
    for slope in np.linspace(-6, 16, 4):
        end: Point = (hip * lay.uniform(0.55, 0.95), crotch + slope + lay.uniform(-3, 3))
        creases.append(Crease((2, crotch), end, lay.uniform(1.2, 2.2), lay.uniform(0.2, 0.5), lay.uniform(-2, 2)))
    for share in (0.45, 0.52, 0.9):
        y = crotch + share * (length - crotch) + lay.uniform(-4, 4)
        x = lay.uniform(0.3, 0.6) * hip
        creases.append(
            Crease((x - 5, y), (x + 6, y + lay.uniform(-6, 6)), 1.8, lay.uniform(0.25, 0.55), lay.uniform(-2, 2))
        )
    return tuple(creases)


def fly(crotch: float) -> list[Piece]:
    """The curved seam of a fly."""
    return [
        Line(curve((0, HEIGHT), (0, crotch)), "seam"),
        Line(curve((3.6, HEIGHT + 0.5), (3.3, 0.62 * crotch), (0.6, 0.86 * crotch)), "stitch"),
    ]


def front_pockets(waist: float, end: Point) -> list[Piece]:
    """The slanting pockets of trousers, from the waistband to the side. end: where the edge of the right one ends."""
    return both(
        Line(curve((0.55 * waist, HEIGHT), (0.62 * waist, 9), end), "stitch"),
        Line(curve((0.52 * waist, HEIGHT), (0.58 * waist, 10), (end[0], end[1] + 1.4)), "seam"),
    )


def pants(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """Jeans, chinos, cargo trousers, joggers, leggings; cropped ones, and those that children pull on."""
    slim = cut in ("skinny", "leggings")
    waist = shape.uniform(16.5, 18) if slim else shape.uniform(19, 21)
    hip = waist + (3 if slim else shape.uniform(3, 4.5))
    crotch, length = shape.uniform(27, 31), shape.uniform(100, 108)
    length -= {"pull-on": 22, "cropped": 28}.get(cut, 0)
    widths = {"skinny": (12, 8.5), "leggings": (11, 8), "straight": (16, 15), "wide": (20, 23), "joggers": (15, 9)}
    widths |= {"pull-on": (18, 15), "cropped": (20, 20.5)}
    at_knee, at_hem = widths.get(cut, (15.5, 13))
    gap = lay.uniform(1.5, 6)
    knee, hem = (gap * 0.6 + 1, gap * 0.6 + 1 + at_knee), (gap, gap + at_hem)
    stretch = cut in ("joggers", "leggings", "pull-on")
    right = Panel(
        leg(waist, hip, crotch, knee, hem, length),
        folds=0.5 if cut == "leggings" else 0.8,
        creases=whiskers(lay, hip, crotch, length),
        lift=0.9,
        edge=2.2,
    )
    pieces: list[Piece] = [mirror(right), right, Line(curve((0, HEIGHT), (0, crotch)), "seam")]
    if cut == "joggers":
        cuff = box(hem[0] + 0.5, length, hem[1] - 0.3, length + 6)
        pieces += both(Panel(cuff, "trim", folds=0.1, relief="rib", lift=0.6))
    else:
        pieces += both(Line(curve((hem[0], length - 2), (hem[1], length - 2.6)), "stitch"))
    if not stretch:
        pieces += fly(crotch)
        pieces += front_pockets(waist, (hip - 0.6, 13))
    if cut == "cargo":
        pieces += both(
            *patch_pocket(0.62 * hip + 2, crotch + 15, width=13, height=17),
            Panel(box(0.62 * hip - 5, crotch + 13, 0.62 * hip + 9, crotch + 18), folds=0.1, lift=0.5, edge=0.5),
            Disc((0.62 * hip + 2, crotch + 16.5), 1.4),
        )
    if cut in ("skinny", "straight", "boot-cut"):
        pieces += both(Line(curve((waist - 0.2, 6), (hip - 0.8, crotch)), "stitch"))
    if cut == "pressed":
        pieces += both(
            Line(curve((0.55 * hip, 16), (0.5 * (knee[0] + knee[1]), 60), (0.5 * (hem[0] + hem[1]), length)), "crease")
        )
    return [*pieces, *waistband(waist, elastic=stretch)]


def shorts(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """Bermuda, denim, sports, swim and cargo shorts."""
    waist, hip = shape.uniform(20, 22), shape.uniform(24, 26.5)
    crotch = shape.uniform(25, 29)
    length = crotch + (shape.uniform(9, 14) if cut in ("sports", "hot pants") else shape.uniform(20, 27))
    outer = hip + shape.uniform(0, 2)
    inner = lay.uniform(2.0, 5.0)
    outline = leg(waist, hip, crotch, (0.6 * inner, outer), (inner, outer + 0.8), length)
    creases = whiskers(lay, hip, crotch, length)
    if cut in ("sports", "swim"):
        creases += tuple(
            Crease((x, HEIGHT + 1), (x * 1.2, 18), 1.6, 0.4, lay.uniform(-1, 1)) for x in np.linspace(3, 19, 5)
        )
    right = Panel(outline, creases=creases, lift=0.9, edge=2)
    elastic = cut in ("sports", "swim")
    pieces: list[Piece] = [mirror(right), right, Line(curve((0, HEIGHT), (0, crotch)), "seam")]
    pieces += both(Line(curve((inner, length - 1.8), (outer + 0.7, length - 2.6)), "stitch"))
    if cut == "sports":
        stripe = join(
            curve((waist - 2.6, HEIGHT), (hip - 2.4, 0.62 * crotch), (outer - 2.2, length)),
            curve((outer + 0.5, length), (hip, 0.62 * crotch), (waist, HEIGHT)),
        )
        pieces += both(Panel(stripe, "trim", folds=0.1, lift=0.1, edge=0.2))
    else:
        pieces += front_pockets(waist, (hip - 0.4, 14))
    if not elastic:
        pieces += fly(crotch)
    if cut == "cargo":
        pieces += both(
            *patch_pocket(0.72 * hip, crotch + 4, width=12, height=13),
            Panel(box(0.72 * hip - 6.5, crotch + 2, 0.72 * hip + 6.5, crotch + 6), folds=0.1, lift=0.5, edge=0.4),
        )
    return [*pieces, *waistband(waist, elastic=elastic)]


def skirt(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """Pencil, A-line, pleated, denim and tiered skirts."""
    waist = shape.uniform(16.5, 19)
    length, hem = {
        "pencil": (shape.uniform(56, 64), shape.uniform(19, 21)),
        "mini": (shape.uniform(36, 42), shape.uniform(24, 29)),
        "denim": (shape.uniform(40, 48), shape.uniform(24, 27)),
        "maxi": (shape.uniform(84, 92), shape.uniform(32, 40)),
    }.get(cut, (shape.uniform(48, 64), shape.uniform(32, 42)))
    hip = max(22.0, waist + 0.3 * (hem - waist))
    full, pleated = cut in ("pleated", "tiered", "maxi"), cut == "pleated"
    drop = 2.5 if full else 1.0
    side = curve((waist, HEIGHT - 1), (hip, 20 if not full else 16), (hem, length))
    outline = symmetric([(0, HEIGHT)], side, curve((hem, length), (0.5 * hem, length + 0.8 * drop), (0, length + drop)))
    folds = _skirt_folds(lay, waist, hem, length + drop, full)
    pieces: list[Piece] = (
        [Panel(outline, relief="pleats", folds=0.25, lift=0.9, edge=2)]
        if pleated
        else [
            Panel(outline, creases=folds, folds=0.7, lift=0.9, edge=2),
            Line(curve((-hem, length - 2), (0, length + drop - 2), (hem, length - 2)), "stitch"),
        ]
    )
    if cut == "tiered":
        for share in (0.38, 0.68):
            band = tube_band(waist + (hem - waist) * share, share * length)
            pieces.append(Panel(band, folds=0.8, lift=0.5, edge=0.6, relief="pleats"))
    if cut == "denim":
        pieces += [
            *buttons_down(length),
            *both(Line(curve((0.5 * waist, HEIGHT), (0.6 * waist, 9), (hip - 1, 13)), "stitch")),
        ]
    if cut == "pencil":
        pieces += both(Line(curve((0.5 * waist, HEIGHT), (0.5 * waist + 0.6, 16)), "seam"))
    return [*pieces, *waistband(waist, loops=cut == "denim")]


def _skirt_folds(lay: Random, waist: float, hem: float, low: float, full: bool) -> tuple[Crease, ...]:
    """Folds from the waistband to the hem at y = low, many and strong ones if the skirt is full."""
    folds = []
    for place in np.linspace(-0.88, 0.88, 11 if full else 4):
        place = float(place) + lay.uniform(-0.05, 0.05)
        top: Point = (place * waist, HEIGHT + lay.uniform(0, 8))
        strength = lay.uniform(0.6, 1.1) if full else lay.uniform(0.2, 0.5)
        end = between(top, (place * hem, low), 1.05)
        folds.append(Crease(top, end, lay.uniform(1.5, 2.6), strength, lay.uniform(-2, 2)))
    return tuple(folds)


def tube_band(half: float, y: float) -> Outline:
    """The outline of a band across a skirt where two tiers meet."""
    return symmetric(curve((0, y - 1), (half, y - 2)), curve((half + 1, y + 2), (0, y + 3)))


def buttons_down(length: float) -> list[Piece]:
    """Buttons down the front of a skirt."""
    return [
        Line(curve((1.8, HEIGHT), (1.8, length)), "stitch"),
        *(Disc((0, y), 1.6, "snap", "metal") for y in np.arange(9, length - 3, 7)),
    ]

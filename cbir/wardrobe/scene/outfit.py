"""What a figure wears beside its garment: a top, trousers or a skirt, something open over all, a bag, a scarf."""

from __future__ import annotations

import numpy as np

from cbir.wardrobe.geometry.noise import Random
from cbir.wardrobe.geometry.outlines import Point, curve, ellipse, join, symmetric, tube
from cbir.wardrobe.geometry.pieces import Line, Panel, Piece
from cbir.wardrobe.geometry.placing import both, mirror, moved
from cbir.wardrobe.scene.figure import WAIST, Body

GROUND = 138.0
"""Where figures stand that wear nothing longer, in centimetres below the shoulders."""
TRUNK = ((18.5, 5), (18, 16), (16.5, 28), (15.5, 40), (18.5, 56))
"""The side of a figure of girth 1, in centimetres, from the shoulder down."""


def draw_top(body: Body, rng: Random, *, tucked: bool, sleeved: bool) -> list[Piece]:
    """A plain top, down to the waist if what else is worn lies on it."""
    low = WAIST + 4 if tucked else rng.uniform(46, 60)
    neck, depth, girth = rng.uniform(6.5, 9), rng.uniform(2, 9), body.girth * rng.uniform(1.02, 1.15)
    side = _trunk(girth, low)
    outline = symmetric(curve((0, depth), (0.6 * neck, 0.7 * depth), (neck, 0)), [(17 * girth, 3.5)], side, [(0, low)])
    trunk = Panel(outline, "above", folds=1.2, bulge=1.0)
    if not sleeved:
        return moved([trunk], 0, 2.5)
    length = float(rng.choice([12.0, 22.0, 48.0]))
    sleeve = tube(_down(girth, length), (13 * girth, 11 * girth, (13 if length < 40 else 8) * girth))
    return [*both(Panel(sleeve, "above", folds=1.2)), trunk]


def draw_bottom(body: Body, rng: Random, word: str) -> list[Piece]:
    """Trousers, shorts or a skirt, by its word."""
    girth = body.girth * rng.uniform(1.02, 1.12)
    top = WAIST + rng.uniform(0, 8)
    if word == "skirt":
        low, wide = rng.uniform(70, 112), rng.uniform(19, 30)
        half = curve((15.5 * girth, top), (18.5 * girth, 57), (wide * girth, low))
        return [Panel(symmetric([(0, top)], half, [(0, low + 1)]), "below", folds=1.6, bulge=1.0)]
    ground = body.ground or GROUND
    low = {"shorts": rng.uniform(78, 98)}.get(word, ground - 6)
    hem = rng.uniform(11, 19) if word != "shorts" else rng.uniform(19, 23)
    pieces: list[Piece] = []
    for side, foot in zip((1, -1), body.feet):
        share = (low - 62) / (ground - 62)
        middle = (8.6 + share * (foot - 8.6), low)
        leg = tube(((8.8 * girth, 52), (8.8 * girth, 66), middle), (18.5 * girth, 18 * girth, hem))
        panel = Panel(leg, "below", folds=1.2, bulge=1.0)
        pieces.append(panel if side > 0 else mirror(panel))
    hips = symmetric([(0, top)], curve((15.5 * girth, top), (18.5 * girth, 57), (18 * girth, 66)), [(0, 68)])
    return [*pieces, Panel(hips, "below", folds=1.0, bulge=1.0), Line(curve((0, top + 4), (0, 66)), "seam")]


def draw_over(body: Body, rng: Random, *, sleeves: bool) -> list[Piece]:
    """An open jacket, cardigan or coat: two fronts that leave a stretch of the middle, and sleeves, if those fit."""
    low, girth = float(rng.choice([58.0, 74.0, 100.0])), body.girth * rng.uniform(1.2, 1.35)
    pieces: list[Piece] = []
    for side in (1, -1):
        open_, shut = rng.uniform(3, 12), rng.uniform(2, 13)
        inner = curve((7.5, -0.5), (open_, 0.4 * low), (max(shut, open_ - 4), low))
        outline = join([(19 * girth, 3.5)], _trunk(girth, low), inner[::-1])
        lapel = join(inner[:12], curve(tuple(inner[11]), (open_ + 7, 0.2 * low), (9.5, -1)))
        parts: list[Piece] = [Panel(outline, "over", folds=1.2, lift=1.0, bulge=1.5)]
        if rng.random() < 0.5:
            parts.append(Panel(lapel, "over", folds=0.2, lift=1.0))
        if sleeves:
            arm = tube(_down(girth, 54), (16 * girth, 14 * girth, 10 * girth))
            parts.insert(0, Panel(arm, "over", folds=1.4, lift=1.0, bulge=2.0))
        pieces += parts if side > 0 else [mirror(part) for part in parts]
    return pieces


def draw_bag(body: Body, rng: Random) -> list[Piece]:
    """A bag at the hip on a strap across the body, or at the shoulder."""
    side, wide, high = rng.choice([-1, 1]), rng.uniform(18, 34), rng.uniform(14, 30)
    x, y = side * rng.uniform(14, 22) * body.girth, rng.uniform(44, 62)
    across = rng.random() < 0.6
    shoulder: Point = ((-side if across else side) * 13 * body.girth, 2)
    strap = Line(curve(shoulder, (0.55 * shoulder[0] + 0.45 * x + side, 0.5 * y), (x, y)), "cord", "bag", 1.6)
    corners = np.array([(-0.5, 0), (0.5, 0), (0.56, 1), (-0.56, 1)]) * (wide, high) + (x, y)
    return [strap, Panel(corners, "bag", folds=0.3, lift=1.5, bulge=3.0)]


def draw_scarf(rng: Random) -> list[Piece]:
    """The cloth of a scarf round the neck, one or both of its ends down in front."""
    wide, low = rng.uniform(9, 15), rng.uniform(5, 11)
    turns = [tube(((-9.5, -7), (-5, low - 5), (0, low - 2), (5, low - 5), (9.5, -7)), (6, wide, wide, wide, 6))]
    if rng.random() < 0.6:
        turns.append(tube(((-11, -4), (-4, low + 1), (4, low), (10, -6)), (6, wide, wide, 6)))
    pieces: list[Piece] = []
    for side in (-1, 1):
        if rng.random() < 0.65:
            x, length = side * rng.uniform(2, 8), rng.uniform(28, 62)
            end = x + side * rng.uniform(-2, 5)
            tail = tube(((x, low), (0.5 * (x + end), 0.6 * length), (end, length)), (8, wide, wide))
            pieces.append(Panel(tail, folds=1.8, bulge=1.5, lift=1.2))
            for share in (-0.4, -0.2, 0, 0.2, 0.4):
                at = end + share * wide
                thread = curve((at, length - 1), (at + rng.uniform(-0.6, 0.6), length + 6))
                pieces.append(Line(thread, "cord", "fringe", 0.5))
    return [*pieces, *(Panel(turn, folds=2.2, bulge=3.0, lift=1.5) for turn in turns)]


def draw_shoes(body: Body) -> list[Piece]:
    """Plain shoes at the ends of the legs."""
    ends = (
        [(x, low + 8) for x, low in body.hems] if body.hems else [(foot, body.ground or GROUND) for foot in body.feet]
    )
    outlines = (ellipse((x + 1.5, low), 10, 13) for x, low in ends)
    right, left = (Panel(outline, "shoes", folds=0.2, lift=1.0, bulge=2.0) for outline in outlines)
    return [right, mirror(left)]


def _trunk(girth: float, low: float) -> list[Point]:
    side = [(girth * x, y) for x, y in TRUNK if y < low]
    return [*side, (girth * (18.5 + 0.04 * max(low - 56, 0)), low)]


def _down(girth: float, length: float) -> list[Point]:
    """The right arm beside the body, as far as a sleeve of some length covers it."""
    at = [(13.5, 7.5), (17.5, 20.0), (20.0, 34.0), (21.0, 56.0)]
    reach = 7.5 + length
    middle = 0.5 * (7.5 + reach)
    xs, ys = [x for x, _ in at], [y for _, y in at]
    return [(girth * float(np.interp(y, ys, xs)), y) for y in (7.5, middle, reach)]

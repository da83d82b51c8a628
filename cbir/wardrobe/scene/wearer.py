"""Who wears a garment, drawn by chance: a body, its skin and hair, how it stands, and what else it wears."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from cbir.wardrobe.cloth.colours import COLOURS, SOBER
from cbir.wardrobe.cloth.garment import Cloth, Garment
from cbir.wardrobe.geometry.noise import Random
from cbir.wardrobe.geometry.outlines import Outline, Point
from cbir.wardrobe.geometry.pieces import Disc, Panel, Piece
from cbir.wardrobe.geometry.placing import moved
from cbir.wardrobe.scene.figure import CROWN, WAIST, Body, dress_figure, find_low, head, hide
from cbir.wardrobe.scene.outfit import GROUND, draw_bag, draw_bottom, draw_over, draw_scarf, draw_shoes, draw_top

SKINS = ("#f3d3bd", "#e8bd9c", "#d9a47e", "#c68863", "#a86b47", "#8a5235", "#6d3f2a", "#4d2d20", "#38221a", "#c9c9c7")
HAIRS = ("#16120f", "#2b1d14", "#4a2f1d", "#6e4727", "#a1733f", "#cfa866", "#8e8a86", "#7a2f1a")
BOTTOMS = ("Pants", "Shorts", "Skirt")
WHOLE = ("Dress", "Coat", "Suit")
"""Kinds that leave no room for trousers or a skirt that would be seen."""
ON_TOP = ("Hat", "Scarf")
OPEN = ("Blazer", "Coat", "Outwear", "Vest")
"""Kinds under which a top is seen."""
LIGHT = ("T-Shirt", "Longsleeve", "Shirt", "Polo", "Undershirt", "Top", "Blouse", "Body", "Dress")
"""Kinds over which something may be worn."""
TUCKED = ("T-Shirt", "Shirt", "Polo", "Undershirt", "Top", "Blouse", "Longsleeve", "Body")
"""Kinds that may be worn under a waistband."""
OVERS, TOPS = ("cardigan", "jacket", "coat"), ("t-shirt", "sweater", "shirt")
LOWS = ("pants", "pants", "skirt", "shorts")


class Worn(NamedTuple):
    """A garment on its wearer."""

    garment: Garment
    """With the cloths of the wearer as well: "figure" (the body), "hair", "below", "above", "over", "bag", "shoes"."""
    pieces: list[Piece]
    frame: Outline
    """Points that must be in the picture, (n, 2), in centimetres."""
    words: dict[str, str]
    """What the wearer's own cloths are called in street photos."""


class _Others(NamedTuple):
    """The pieces of what else is worn."""

    words: dict[str, str]
    under: list[Piece]
    over: list[Piece]


def dress_wearer(garment: Garment, pieces: list[Piece], rng: Random) -> Worn:
    """A wearer for a garment, whose pieces as it lies are given."""
    kind = garment.kind
    pieces = _put_on(kind, pieces, rng)
    body = _draw_body(rng, hat=kind == "Hat", ground=max(find_low(pieces) + 60, GROUND))
    if kind in ("Pants", "Suit"):
        body = body._replace(hems=_find_hems(pieces))
    open_over = kind in LIGHT and rng.random() < 0.35
    sleeves = open_over and _find_reach(pieces) < 36
    if sleeves:
        body = body._replace(arms=("", ""))
    others = _Others({}, [], [])
    pieces = _add_lower(others, kind, pieces, body, rng)
    _add_upper(others, kind, body, rng)
    if open_over:
        others.words["over"] = str(rng.choice(OVERS)) if sleeves else "vest"
        others.over.extend(draw_over(body, rng, sleeves=sleeves))
    if rng.random() < 0.25:
        others.words["bag"] = "bag"
        others.over.extend(draw_bag(body, rng))
    figure = dress_figure(pieces, body)
    frame = [piece.outline for piece in pieces if isinstance(piece, Panel)]
    if kind not in BOTTOMS:
        frame.append(head(body).outline)
    dressed = [*figure.below, *others.under, *pieces, *others.over, *figure.above]
    cloths = garment.cloths | _draw_cloths(others.words, body, rng)
    return Worn(replace(garment, cloths=cloths), dressed, np.vstack(frame), others.words)


def _add_lower(others: _Others, kind: str, pieces: list[Piece], body: Body, rng: Random) -> list[Piece]:
    """Trousers or a skirt, or else shoes. Returns the garment's pieces, which may be under a waistband now."""
    if kind in BOTTOMS or kind in WHOLE:
        others.words["shoes"] = "shoes"
        others.under.extend(draw_shoes(body))
        return pieces
    word = others.words["below"] = str(rng.choice(LOWS))
    tucked = kind in TUCKED and rng.random() < 0.4
    (others.over if tucked else others.under).extend(draw_bottom(body, rng, word))
    return _tuck(pieces, WAIST + 6) if tucked else pieces


def _add_upper(others: _Others, kind: str, body: Body, rng: Random) -> None:
    """A top with what leaves room for one."""
    if kind in BOTTOMS or kind in ON_TOP or (kind in OPEN and rng.random() < 0.8):
        others.words["above"] = str(rng.choice(TOPS))
        last = kind in BOTTOMS and rng.random() < 0.5
        top = draw_top(body, rng, tucked=kind in BOTTOMS and not last, sleeved=kind not in OPEN)
        (others.over if last else others.under).extend(top)


def _put_on(kind: str, pieces: list[Piece], rng: Random) -> list[Piece]:
    """The pieces of a garment where it is worn; a scarf is laid round the neck anew."""
    if kind == "Scarf":
        return draw_scarf(rng)
    if kind == "Hat":
        return moved(pieces, 0, CROWN + rng.uniform(-1, 3) - find_low(pieces))
    if kind in BOTTOMS:
        return moved(pieces, 0, WAIST + rng.uniform(-3, 5))
    return hide(pieces)


def _tuck(pieces: list[Piece], low: float) -> list[Piece]:
    """A garment whose lower end is under a waistband."""
    short: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, Panel) and piece.cloth not in ("sleeve", "collar"):
            piece = replace(piece, outline=np.minimum(piece.outline, (np.inf, low)))
        elif isinstance(piece, Disc) and piece.centre[1] > low:
            continue
        short.append(piece)
    return short


def _draw_body(rng: Random, *, hat: bool, ground: float) -> Body:
    girth = float(np.clip(rng.normal(1.0, 0.12), 0.8, 1.3))
    hairs = ["short", "bob", "long"] if hat else ["", "short", "short", "bob", "long", "long", "bun"]
    arms = [str(arm) for arm in rng.choice(["", "", "", "hip", "across", "up"], 2)]
    return Body(
        girth,
        ground,
        None,
        (float(rng.uniform(14, 17)), float(rng.uniform(20.5, 23.5))),
        float(rng.normal(0, 1.2)),
        (float(rng.uniform(4, 18)), float(rng.uniform(4, 18))),
        (arms[0], arms[1]),
        str(rng.choice(hairs)),
    )


def _draw_cloths(words: dict[str, str], body: Body, rng: Random) -> dict[str, Cloth]:
    cloths = {"figure": _plain("rubber", str(rng.choice(SKINS)))}
    if body.hair:
        cloths["hair"] = _plain("wool", str(rng.choice(HAIRS)))
    fabrics = {"above": ("jersey", "cotton", "knit"), "over": ("wool", "denim", "knit", "nylon", "leather")}
    fabrics |= {"below": ("denim", "denim", "twill", "wool"), "bag": ("leather", "canvas"), "shoes": ("leather",)}
    for name in words:
        palette = SOBER if name in ("below", "shoes") else tuple(COLOURS)
        first, second, third = (str(colour) for colour in rng.choice(palette, 3, replace=False))
        pattern = str(rng.choice(["solid", "solid", "solid", "striped", "checked", "floral"]))
        fabric = str(rng.choice(fabrics[name]))
        if fabric == "denim":
            first = str(rng.choice(["denim blue", "indigo", "black", "light grey"]))
        patterned = pattern if name == "above" or (name in ("over", "below") and fabric == "wool") else "solid"
        cloths[name] = Cloth(fabric, (first, second, third), patterned, float(rng.uniform(2.5, 8)))
    return cloths


def _plain(fabric: str, colour: str) -> Cloth:
    return Cloth(fabric, (colour,) * 3)


def _find_hems(pieces: list[Piece]) -> tuple[Point, Point]:
    """Where a pair of trousers ends, right and left (mirrored)."""
    points = np.vstack([piece.outline for piece in pieces if isinstance(piece, Panel) and piece.cloth == "main"])
    low = float(points[:, 1].max())
    ends = [points[(points[:, 1] > low - 12) & (side * points[:, 0] > 0)] * (side, 1) for side in (1, -1)]
    right, left = ((float(end[:, 0].mean()), float(end[:, 1].max())) for end in ends)
    return right, left


def _find_reach(pieces: list[Piece]) -> float:
    """How far sleeves lie beside the middle, in centimetres."""
    sleeves = [piece.outline for piece in pieces if isinstance(piece, Panel) and piece.cloth == "sleeve"]
    return max((float(np.abs(sleeve[:, 0]).max()) for sleeve in sleeves), default=0.0)

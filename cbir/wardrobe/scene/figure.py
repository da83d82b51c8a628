"""A drawn figure that wears a garment: its body, where its arms and legs are, its hair."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cbir.wardrobe.geometry.outlines import Outline, Point, curve, ellipse, join, symmetric, tube
from cbir.wardrobe.geometry.pieces import Panel, Piece
from cbir.wardrobe.geometry.placing import both, mirror, moved

HIDDEN = ("inside", "lining", "label")
"""Cloths that the body hides."""
WAIST = 41.0
"""Below the shoulders, in centimetres, as all heights here."""
CROWN = -25.0
"""Where a hat ends."""
FOREARM = 27.0
HOOD = -11.0
"""What reaches from the body higher than this is a hood, which hangs behind the head."""


class Body(NamedTuple):
    """A body and how it stands. As it is by itself, it is a figure of shop windows."""

    girth: float = 1.0
    """Of trunk, arms and legs."""
    ground: float | None = None
    """Where it stands; None: 60 below its garment."""
    hems: tuple[Point, Point] | None = None
    """Where trousers end, right and left (mirrored), below which the legs begin; None: at the hips."""
    head: tuple[float, float] = (15.5, 22.0)
    """Width and height."""
    tilt: float = 0.0
    """How far the head is beside the middle."""
    feet: tuple[float, float] = (9.2, 9.2)
    """How far the right and the left foot are beside the middle."""
    arms: tuple[str, str] = ("", "")
    """Where the hands are, as far as sleeves allow, right and left: "" beside the body, "hip", "across" or "up"."""
    hair: str = ""
    """"short", "bob", "long", "bun", or none."""


class Dressed(NamedTuple):
    """The pieces of a figure: what lies below its garment, and what lies on it. The lowest come first."""

    below: list[Piece]
    above: list[Piece]


def dress_figure(pieces: list[Piece], body: Body = Body()) -> Dressed:
    """The figure for the pieces of a garment: its arms lie where the sleeves lie."""
    panels = [piece for piece in pieces if isinstance(piece, Panel)]
    low = find_low(pieces)
    sleeves = [panel.outline for panel in panels if panel.cloth == "sleeve"]
    girth = body.girth
    torso = symmetric(
        curve((0, -3), (6, -1.5), (14, 2.5), (18, 7), (17, 16), (15, 28), (13.5, 40), (17, 58), (17, 62)) * (girth, 1),
        [(0, 64)],
    )
    below: list[Piece] = []
    above: list[Piece] = []
    hips, ground = 8.6 * girth, body.ground or low + 60
    for place, (side, foot, hand) in enumerate(zip((1, -1), body.feet, body.arms)):
        if body.hems:
            x, hem = body.hems[place]
            leg = tube(((x, hem - 8), (x, hem + 8)), (9, 8))
        else:
            knee = (hips + 2 / 3 * (foot - hips), 0.5 * ground + 10)
            leg = tube(((hips, 56), knee, (foot, ground)), _times(girth, 17, 14, 9))
        own = [outline for outline in sleeves if side * outline[:, 0].mean() > 0]
        points, widths, over = _arm(own[0] * (side, 1) if own else None, girth, hand)
        limbs: list[Piece] = [_skin(leg), _skin(tube(points, widths), bulge=2.0)]
        below += limbs if side > 0 else map(mirror, limbs)
        if over:
            forearm: list[Piece] = [_skin(tube(points[-2:], widths[-2:]), bulge=2.0), _hand(points)]
            above += forearm if side > 0 else map(mirror, forearm)
    below.append(_skin(torso, bulge=2.0))
    behind, before = _hair(body)
    top = [_skin(tube(((0, -13), (0, 2)), (10, 12))), head(body), *before]
    if min(float(panel.outline[:, 1].min()) for panel in panels) < HOOD and low > 0:
        return Dressed([*behind, *below], [*top, *_locks(body), *above])
    return Dressed([*behind, *below, *top], [*_locks(body), *above])


def find_low(pieces: list[Piece]) -> float:
    """How far the panels of a garment reach down."""
    return max(float(piece.outline[:, 1].max()) for piece in pieces if isinstance(piece, Panel))


def hide(pieces: list[Piece]) -> list[Piece]:
    """Those pieces of a garment that are seen when it is worn."""
    return [piece for piece in pieces if not (isinstance(piece, Panel) and piece.cloth in HIDDEN)]


def head(body: Body = Body()) -> Panel:
    """The head of a figure, without a face."""
    return _skin(ellipse((body.tilt, -8.5 - body.head[1] / 2), *body.head), bulge=5.0)


def _hand(points: list[Point]) -> Panel:
    """The hand at the end of a bent arm."""
    (x, y), (end_x, end_y) = points[-2:]
    away = np.array((end_x - x, end_y - y)) / np.hypot(end_x - x, end_y - y)
    first, last = np.array((end_x, end_y)) - 2 * away, np.array((end_x, end_y)) + 9 * away
    fingers = tube((tuple(first), tuple(0.6 * first + 0.4 * last), tuple(last)), (5, 7.5, 3.5))
    return _skin(fingers, bulge=1.0)


def _times(factor: float, *widths: float) -> list[float]:
    return [factor * width for width in widths]


def _arm(sleeve: Outline | None, girth: float, hand: str) -> tuple[list[Point], list[float], bool]:
    """Points and widths of the right arm, in centimetres, along the sleeve and on to the hand; whether that is last.

    The forearm is the stretch between the last two points, where it is bent.
    """
    shoulder = np.array((14.5 * girth, 9.0))
    if sleeve is None and not hand:
        points = [(12.5, 7.5), (16.5, 10.0), (20.0, 34.0), (21.0, 56.0), (20.5, 66.0)]
        return [(girth * x, y) for x, y in points], _times(girth, 7.0, 8.5, 7.5, 5.5, 4.0), False
    if sleeve is None:
        along, reach, cuff = np.array((0.3, 0.95)), 12.0, shoulder + 12.0 * np.array((0.3, 0.95))
    else:
        away = np.linalg.norm(sleeve - shoulder, axis=1)
        cuff = sleeve[away > 0.86 * away.max()].mean(0)
        reach = float(np.linalg.norm(cuff - shoulder))
        along = (cuff - shoulder) / reach
    bent = bool(hand) and reach < 30
    if bent:
        elbow = shoulder + max(30.0, reach + 2) * along
        towards = {"hip": (15.0, 50.0), "across": (-4.0, 36.0), "up": (9.0, -20.0)}[hand] - elbow
        end = elbow + FOREARM * towards / np.linalg.norm(towards)
    else:
        rest = max(12.0, 62 - reach)
        elbow = cuff + 0.45 * rest * along
        end = elbow + 0.55 * rest * (0.35 * along + np.array((0.0, 0.65)))
    thick = reach < 47
    points = [(float(x), float(y)) for x, y in (shoulder, cuff, elbow, end)]
    return points, _times(girth, 9.0, 8.0 if thick else 6.5, 6.5 if thick else 5.5, 4.5), bent and hand != "hip"


def _hair(body: Body) -> tuple[list[Piece], list[Piece]]:
    """What is behind the head, and what is on it."""
    if not body.hair:
        return [], []
    x, (width, height) = body.tilt, body.head
    top = -8.5 - height
    behind: list[Piece] = [_strands(ellipse((x, top + 0.46 * height), width + 3, height + 2))]
    if body.hair == "bun":
        behind.insert(0, _strands(ellipse((x, top - 2), 9, 8)))
    if body.hair in ("bob", "long"):
        low = -3.0 if body.hair == "bob" else 14.0
        behind.append(_strands(tube(((x, top + 6), (x, low)), (width + 4, width + 6))))
    brow = top + 0.3 * height
    fringe = join(
        ellipse((x, top + 0.46 * height), width + 1.5, height + 1.5, start=180, end=360),
        curve((x + width / 2, brow + 3), (x + 0.2 * width, brow - 1), (x - width / 2, brow + 4)),
    )
    return behind, [_strands(fringe)]


def _locks(body: Body) -> list[Piece]:
    """Long hair that falls in front of the shoulders."""
    if body.hair != "long":
        return []
    width = body.head[0]
    points = ((0.5 * width, -22), (0.62 * width, -8), (0.72 * width, 8), (0.6 * width, 24))
    return moved(both(_strands(tube(points, (3, 5, 6.5, 4)))), body.tilt, 0)


def _strands(outline: Outline) -> Panel:
    return Panel(outline, "hair", folds=1.5, lift=0.8, edge=2, bulge=1.5)


def _skin(outline: Outline, *, bulge: float = 1.5) -> Panel:
    return Panel(outline, "figure", folds=0, lift=0.4, edge=4, bulge=bulge)

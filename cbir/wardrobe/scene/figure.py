"""A drawn figure, like those in shop windows, for garments that are worn."""

from __future__ import annotations

import numpy as np

from cbir.wardrobe.geometry.outlines import Outline, Point, curve, ellipse, symmetric, tube
from cbir.wardrobe.geometry.pieces import Panel, Piece
from cbir.wardrobe.geometry.placing import both

HIDDEN = ("inside", "lining", "label")
"""Cloths that the body hides."""


def dress_figure(pieces: list[Piece]) -> list[Piece]:
    """A figure with the pieces of a garment for the upper body on it. Its arms lie where the sleeves lie."""
    panels = [piece for piece in pieces if isinstance(piece, Panel)]
    low = max(float(panel.outline[:, 1].max()) for panel in panels)
    sleeves = [panel.outline for panel in panels if panel.cloth == "sleeve"]
    right = [outline for outline in sleeves if outline[:, 0].mean() > 0]
    arm = tube(*_arm(right[0] if right else None))
    torso = symmetric(
        curve((0, -3), (6, -1.5), (14, 2.5), (18, 7), (17, 16), (15, 28), (13.5, 40), (17, 58), (17, 62)), [(0, 64)]
    )
    leg = tube(((8.6, 56), (9, 0.5 * low + 40), (9.2, low + 60)), (17, 14, 9))
    body = [_skin(leg), _skin(arm, bulge=2.0)]
    shown = [piece for piece in pieces if not (isinstance(piece, Panel) and piece.cloth in HIDDEN)]
    return [*both(*body), _skin(torso, bulge=2.0), _skin(tube(((0, -13), (0, 2)), (10, 12))), head(), *shown]


def head() -> Panel:
    """The head of the figure, without a face."""
    return _skin(ellipse((0, -19.5), 15.5, 22), bulge=5.0)


def _arm(sleeve: Outline | None) -> tuple[list[Point], list[float]]:
    """Points and widths of the right arm, in centimetres: along the sleeve and on to the hand."""
    shoulder = np.array((14.5, 9.0))
    if sleeve is None:
        return [(12.5, 7.5), (16.5, 10.0), (20.0, 34.0), (21.0, 56.0), (20.5, 66.0)], [7.0, 8.5, 7.5, 5.5, 4.0]
    far = sleeve[np.linalg.norm(sleeve - shoulder, axis=1) > 0.86 * np.linalg.norm(sleeve - shoulder, axis=1).max()]
    cuff = far.mean(0)
    reach = float(np.linalg.norm(cuff - shoulder))
    rest = max(12.0, 62 - reach)
    along = (cuff - shoulder) / reach
    elbow = cuff + 0.45 * rest * along
    hand = elbow + 0.55 * rest * (0.35 * along + np.array((0.0, 0.65)))
    points = [(float(x), float(y)) for x, y in (shoulder, cuff, elbow, hand)]
    return points, [9.0, 8.0 if rest > 15 else 6.5, 6.5 if rest > 15 else 5.5, 4.5]


def _skin(outline: Outline, *, bulge: float = 1.5) -> Panel:
    return Panel(outline, "figure", folds=0, lift=0.4, edge=4, bulge=bulge)

"""What shoes, hats and scarves share: rings, closed curves, and pieces put elsewhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cbir.wardrobe.outlines import STEPS, Outline, Point, curve, join
from cbir.wardrobe.pieces import Line, Panel, Piece


def moved(pieces: list[Piece], x: float, y: float, *, turn: float = 0.0, size: float = 1.0) -> list[Piece]:
    """Pieces turned about the origin (degrees), scaled, and put elsewhere."""
    c, s = np.cos(np.radians(turn)) * size, np.sin(np.radians(turn)) * size
    matrix = np.array([(c, s), (-s, c)])

    def place(points: Outline) -> Outline:
        return points @ matrix + (x, y)

    def at(point: Point) -> Point:
        return tuple(place(np.array(point)))

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


def loop(*points: Point) -> Outline:
    """A closed smooth curve through points."""
    return curve(points[-1], *points, points[0], points[1])[STEPS : -STEPS - 1]


def hole(outer: Outline, inner: Outline) -> Outline:
    """The outline of a ring: all of one closed curve but what another encloses."""
    return join(outer, outer[:1], inner[::-1], inner[-1:])


def spaced(line: Outline, count: int) -> Outline:
    """Points at equal distances along a line."""
    far = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    at = np.linspace(0, far[-1], count)
    return np.stack([np.interp(at, far, line[:, axis]) for axis in (0, 1)], axis=1)

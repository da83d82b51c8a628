"""Pieces moved, turned, scaled and mirrored."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from cbir.wardrobe.geometry.outlines import Outline, Point, flip
from cbir.wardrobe.geometry.pieces import Disc, Line, Panel, Piece


def moved(pieces: list[Piece], x: float, y: float, *, turn: float = 0.0, size: float = 1.0) -> list[Piece]:
    """Pieces turned about the origin (degrees), scaled, and moved by x and y (centimetres)."""
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


def mirror(piece: Any) -> Any:
    """The mirror image of a piece about x = 0."""
    if isinstance(piece, Disc):
        return replace(piece, centre=(-piece.centre[0], piece.centre[1]))
    if isinstance(piece, Line):
        return replace(piece, points=piece.points * (-1, 1))
    creases = tuple(
        crease._replace(
            start=(-crease.start[0], crease.start[1]), end=(-crease.end[0], crease.end[1]), bend=-crease.bend
        )
        for crease in piece.creases
    )
    return replace(piece, outline=flip(piece.outline), grain=-piece.grain, creases=creases)


def both(*pieces: Piece) -> list[Piece]:
    """Pieces of the right side, followed by their mirror images."""
    return [*pieces, *(mirror(piece) for piece in pieces)]

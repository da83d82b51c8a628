"""Outlines of flat cloth: smooth curves through a few points, mirrored halves, tubes, rings.

All points are in centimetres, x to the right and y down. Functions give float64 arrays, (n, 2).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
Outline = NDArray[np.float64]
"""(n, 2) float64, points in centimetres. Where it bounds a panel, its last point is joined to its first."""

STEPS = 10
"""Points of a curve for each stretch between two given points."""


def curve(*points: Point) -> Outline:
    """An open smooth curve through points (Catmull-Rom with free ends). Two points give a straight line."""
    given = np.array(points, float)
    if len(given) < 3:
        return given
    ends = np.vstack([2 * given[0] - given[1], given, 2 * given[-1] - given[-2]])
    t = np.linspace(0, 1, STEPS, endpoint=False)[:, None]
    pieces = []
    for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:]):
        pieces.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.vstack([*pieces, given[-1:]])


def join(*strokes: Outline | Sequence[Point]) -> Outline:
    """Curves put one after another, with corners where they meet."""
    return np.vstack([np.array(stroke, float) for stroke in strokes])


def flip(outline: Outline) -> Outline:
    """The mirror image about x = 0, with the points in the reverse order."""
    return (outline * (-1, 1))[::-1]


def symmetric(*strokes: Outline | Sequence[Point]) -> Outline:
    """A closed outline from its right half, which starts and ends at x = 0."""
    half = join(*strokes)
    return join(half, flip(half))


def ellipse(centre: Point, width: float, height: float, *, start: float = 0, end: float = 360) -> Outline:
    """Points of an ellipse, or of its part between two angles in degrees (0 is right, 90 is down).

    width, height: whole axes in centimetres.
    """
    angles = np.radians(np.linspace(start, end, max(8, int(abs(end - start) / 6))))
    return np.stack([centre[0] + width / 2 * np.cos(angles), centre[1] + height / 2 * np.sin(angles)], axis=1)


def box(left: float, top: float, right: float, bottom: float) -> Outline:
    """A rectangle, (4, 2)."""
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], float)


def tube(centre: Sequence[Point], widths: Sequence[float]) -> Outline:
    """A closed band along a smooth centre line; widths in centimetres, one for each point of `centre`."""
    line = curve(*centre)
    at = np.linspace(0, len(widths) - 1, len(line))
    half = np.interp(at, np.arange(len(widths)), widths)[:, None] / 2
    along = np.gradient(line, axis=0)
    normal = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.linalg.norm(along, axis=1, keepdims=True)
    return join(line - half * normal, (line + half * normal)[::-1])


def step(start: Point, angle: float, length: float) -> Point:
    """The point at a distance from `start` in a direction in degrees (0 is right, 90 is down)."""
    return start[0] + length * np.cos(np.radians(angle)), start[1] + length * np.sin(np.radians(angle))


def between(start: Point, end: Point, share: float) -> Point:
    """The point on the line from `start` to `end` that lies `share` of the way along it."""
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


def loop(*points: Point) -> Outline:
    """A closed smooth curve through points."""
    return curve(points[-1], *points, points[0], points[1])[STEPS : -STEPS - 1]


def hole(outer: Outline, inner: Outline) -> Outline:
    """The outline of a ring: the inside of `outer` without the inside of `inner`, both closed curves."""
    return join(outer, outer[:1], inner[::-1], inner[-1:])


def spaced(line: Outline, count: int) -> Outline:
    """Points at equal distances along a line, (count, 2)."""
    far = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    at = np.linspace(0, far[-1], count)
    return np.stack([np.interp(at, far, line[:, axis]) for axis in (0, 1)], axis=1)

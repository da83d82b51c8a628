"""Parts of a mask, their boxes, and their outlines as polygons."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Polygon = list[tuple[int, int]]
"""Corners, (column, row), in order; the last is joined to the first."""


def enclose(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """Left, upper, right and lower edge of what a mask holds, which must be something."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def label_parts(mask: NDArray[np.bool_]) -> tuple[NDArray[np.int64], int]:
    """(rows, columns) bool to numbers of its connected parts, from 1, 0 off the mask; and how many there are.

    Pixels that share an edge are connected. Runs of pixels in a row are joined with those they touch in the row above
    (union-find over runs, Rosenfeld and Pfaltz 1966).
    """
    padded = np.pad(mask, ((0, 0), (1, 1))).astype(np.int8)
    steps = np.diff(padded, axis=1)
    rows, starts = np.nonzero(steps == 1)
    _, ends = np.nonzero(steps == -1)
    parent = list(range(len(rows)))

    def find(run: int) -> int:
        while parent[run] != run:
            parent[run] = parent[parent[run]]
            run = parent[run]
        return run

    bounds = np.searchsorted(rows, np.arange(mask.shape[0] + 1))
    for row in range(1, mask.shape[0]):
        above, here, last = (int(bound) for bound in bounds[row - 1 : row + 2])
        end = here
        while above < end and here < last:
            if starts[above] < ends[here] and starts[here] < ends[above]:
                parent[find(here)] = find(above)
            if ends[above] < ends[here]:
                above += 1
            else:
                here += 1
    roots = np.array([find(run) for run in range(len(rows))], np.int64)
    unique, numbers = np.unique(roots, return_inverse=True)
    labels = np.zeros(mask.shape, np.int64)
    for run, number in enumerate(numbers):
        labels[rows[run], starts[run] : ends[run]] = number + 1
    return labels, len(unique)


def trace_outlines(mask: NDArray[np.bool_], *, tolerance: float = 1.0) -> list[Polygon]:
    """Polygons about the parts of a mask and about its holes, corners between pixels: (0, 0) to (columns, rows).

    tolerance: pixels that a polygon may keep from the mask's edge (Douglas and Peucker 1973).
    """
    padded = np.pad(mask, 1)
    inside = padded[1:-1, 1:-1]
    leaving: dict[tuple[int, int], list[tuple[int, int]]] = {}
    # Edges run with the mask at their right, so that each corner is left as often as it is reached.
    for (down, across), start, end in (
        ((0, 1), (0, 0), (1, 0)),
        ((1, 2), (1, 0), (1, 1)),
        ((2, 1), (1, 1), (0, 1)),
        ((1, 0), (0, 1), (0, 0)),
    ):
        other = padded[down : down + mask.shape[0], across : across + mask.shape[1]]
        for row, column in np.argwhere(inside & ~other).tolist():
            leaving.setdefault((column + start[0], row + start[1]), []).append((column + end[0], row + end[1]))
    polygons = []
    while leaving:
        first = next(iter(leaving))
        path, place, before = [first], first, None
        while True:
            choices = leaving[place]
            # Where two parts touch at a corner, turn right: each keeps its own outline.
            step = choices.pop(_rightmost(before, place, choices))
            if not choices:
                del leaving[place]
            before, place = place, step
            if place == first:
                break
            path.append(place)
        polygons.append(_simplify(path, tolerance))
    return polygons


def _rightmost(before: tuple[int, int] | None, place: tuple[int, int], choices: list[tuple[int, int]]) -> int:
    """Which of one or two ways on turns most to the right."""
    if before is None or len(choices) == 1:
        return 0
    ahead = place[0] - before[0], place[1] - before[1]
    turns = [ahead[0] * (y - place[1]) - ahead[1] * (x - place[0]) for x, y in choices]
    return int(np.argmax(turns))


def _simplify(path: Polygon, tolerance: float) -> Polygon:
    """Corners of a closed path without which it would move by more than the tolerance."""
    points = np.array([*path, path[0]], np.float64)
    keep = np.zeros(len(points), bool)
    far = int(np.argmax(np.hypot(*(points - points[0]).T)))
    keep[[0, far]] = True
    todo = [(0, far), (far, len(points) - 1)]
    while todo:
        first, last = todo.pop()
        if last - first < 2:
            continue
        span = points[last] - points[first]
        length = float(np.hypot(*span))
        off = points[first + 1 : last] - points[first]
        distances = np.hypot(*off.T) if length == 0 else np.abs(span[0] * off[:, 1] - span[1] * off[:, 0]) / length
        worst = int(np.argmax(distances))
        if distances[worst] > tolerance:
            keep[first + 1 + worst] = True
            todo += [(first, first + 1 + worst), (first + 1 + worst, last)]
    return [path[row] for row in np.flatnonzero(keep[:-1])]

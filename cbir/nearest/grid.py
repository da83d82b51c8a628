"""Points of a plane to cells of a grid, each in one of its own, near where it was."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from cbir.nearest.int8 import Matrix

ROOM = 1.8
"""Cells for each point: those that stay empty keep islands apart."""
ASPECT = 1.5
"""Columns over lines."""
CROWD = 3.0
"""Cells up to which points count as crowded."""
ROUNDS = 20
"""Times that every point may move, at most; it took no more than 15 of up to 2,000 points."""

Cells = NDArray[np.int64]


def snap_to_grid(points: Matrix) -> Cells:
    """(n, 2) column and line of each point's cell, from 0, no two the same. points: (n, 2) finite numbers.

    The points are turned so that they are widest across, and stretched to fill the grid. The sum of squared distances
    to the cells is then made small: the most crowded point takes the nearest free cell first, and afterwards each
    moves, or changes places with another, as long as that helps. The same points give the same cells.
    """
    columns = math.ceil(math.sqrt(ROOM * len(points) * ASPECT))
    lines = math.ceil(ROOM * len(points) / columns)
    places = _fill(points, columns, lines)
    across, down = (np.square(axis[:, None] - np.arange(size)) for axis, size in zip(places.T, (columns, lines)))
    costs = (down[:, :, None] + across[:, None, :]).reshape(len(points), -1)
    taken = _improve(_take_nearest(places, costs), costs)
    cells = np.column_stack([taken % columns, taken // columns])
    return cells - cells.min(axis=0)


def _fill(points: Matrix, columns: int, lines: int) -> Matrix:
    """The points in units of cells, from (0, 0) to (columns - 1, lines - 1); in the middle where all are at one."""
    centred = points - points.mean(axis=0)
    turned = centred @ np.linalg.svd(centred.T @ centred)[0]
    low, extent = turned.min(axis=0), np.ptp(turned, axis=0)
    fractions = np.divide(turned - low, extent, out=np.full_like(turned, 0.5), where=extent > 0)
    return fractions * (columns - 1, lines - 1)


def _take_nearest(places: Matrix, costs: Matrix) -> Cells:
    """(n,) the cell of each point: the nearest that is free when its turn comes."""
    distances = np.hypot(*(axis[:, None] - axis for axis in places.T))
    left = costs.copy()
    taken = np.empty(len(places), np.int64)
    for point in np.argsort(-(distances < CROWD).sum(axis=1), kind="stable"):
        taken[point] = left[point].argmin()
        left[:, taken[point]] = np.inf
    return taken


def _improve(taken: Cells, costs: Matrix) -> Cells:
    """The cells after moves and changes of places that make the sum of costs smaller."""
    taken, points = taken.copy(), np.arange(len(taken))
    free = np.ones(costs.shape[1], np.bool_)
    free[taken] = False
    own = costs[points, taken]
    for _ in range(ROUNDS):
        before = own.sum()
        for point in points:
            exchanges = costs[point, taken] - own[point] + costs[:, taken[point]] - own
            moves = np.where(free, costs[point] - own[point], np.inf)
            other, cell = exchanges.argmin(), moves.argmin()
            if min(exchanges[other], moves[cell]) > -1e-9:
                continue
            if moves[cell] <= exchanges[other]:
                free[taken[point]], free[cell] = True, False
                taken[point] = cell
            else:
                taken[point], taken[other] = taken[other], taken[point]
            changed = [point, other]
            own[changed] = costs[changed, taken[changed]]
        if own.sum() == before:
            break
    return taken

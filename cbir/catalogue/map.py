"""The map of a catalogue: garments in the cells of a grid, so that those alike lie together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cbir.nearest.arrays import save_array
from cbir.nearest.exact import ExactIndex
from cbir.nearest.grid import snap_to_grid
from cbir.nearest.tsne import lay_out

MOST = 2_000
"""Records on a map, at most."""


class Map(NamedTuple):
    """Which records of a catalogue are on its map, and where."""

    rows: NDArray[np.int64]
    """(n,) of the records, ascending."""
    cells: NDArray[np.int64]
    """(n, 2) column and line of each, from 0 at the left and the top; no two are the same."""

    @property
    def size(self) -> tuple[int, int]:
        """Columns and lines of the grid."""
        columns, lines = (self.cells.max(axis=0) + 1).tolist()
        return columns, lines

    def save(self, path: Path) -> None:
        """Write an .npy file of (n, 3) int32: row, column, line."""
        save_array(path, np.column_stack(self).astype("<i4"))

    @classmethod
    def open(cls, path: Path, count: int) -> Map:
        """What `save` wrote; ValueError if it is no map of a catalogue of `count` records."""
        stored = np.load(path, allow_pickle=False)
        if stored.dtype != np.dtype("<i4") or stored.ndim != 2 or stored.shape[1] != 3 or len(stored) == 0:
            raise ValueError(f"{path.name} has no rows of three whole numbers")
        rows, cells = stored[:, 0].astype(np.int64), stored[:, 1:].astype(np.int64)
        ascending = bool((np.diff(rows, prepend=-1) > 0).all()) and int(rows[-1]) < count
        if not ascending or cells.min() < 0 or len(np.unique(cells, axis=0)) < len(cells):
            raise ValueError(f"{path.name} does not place records of the catalogue, each in a cell of its own")
        return cls(rows, cells)


def make_map(
    index: ExactIndex, labels: Sequence[str | None], *, progress: Callable[[int], object] = lambda _: None
) -> Map:
    """The map of an index of one vector or more. labels: of each vector, None where there is none.

    Larger catalogues than MOST have those of `choose_rows` on it. progress: called with the steps done, of tsne.STEPS.
    """
    rows = choose_rows(labels, MOST)
    points = lay_out(index.vectors[rows], index.principal_coordinates(rows, 2), progress=progress)
    return Map(rows, snap_to_grid(points))


def choose_rows(labels: Sequence[str | None], most: int) -> NDArray[np.int64]:
    """(n,) rows, ascending, at most `most` of them: all, or of each label as many as its share.

    They are evenly spaced in the order of the catalogue, label by label; a label of few may have none.
    """
    order = np.array(sorted(range(len(labels)), key=lambda row: labels[row] or ""), np.int64)
    count = min(most, len(order))
    return np.sort(order[np.arange(count) * len(order) // count])

"""Copies: vectors within a radius of one that stands for them, folded into it; chains are not followed."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cbir.nearest.api import Index, Neighbours, Subset, Within
from cbir.nearest.blocks import blocks
from cbir.nearest.int8 import QUERY_BATCH
from cbir.nearest.measure import measure_squared
from cbir.nearest.project import Vectors


class Folded(NamedTuple):
    """Neighbours of a query, none of which is a copy of a nearer one."""

    neighbours: Neighbours
    copies: list[Within]
    """Of each neighbour: rows within the radius of it, with their distances from the query, nearest first."""


def search_folded(index: Index, query: Vectors, k: int, radius: float, *, rows: Subset | None = None) -> Folded:
    """The k nearest vectors of a query, (D,), that are no copies of nearer ones, each with its copies.

    The nearest vector is the first. All within `radius`, Euclidean, of it are its copies, however far from the query;
    the nearest of the rest is the second, and so on. So no vector is closer than the last one that is neither a
    neighbour nor a copy: proven, if the answer is exact. rows: as of `index.search`; copies are only of these, too.
    Raises ValueError as `index.search`.
    """
    firsts: list[int] = []
    copies: list[Within] = []
    taken: set[int] = set()
    wanted, done = k, 0
    while True:
        found = index.search(query, wanted, rows=rows)
        for place in range(done, len(found.indices)):
            row = int(found.indices[place])
            if row not in taken and len(firsts) < k:
                near = index.within(index.vectors[[row]], radius)[0].indices
                near = near if rows is None else index.keep(near, rows)
                near = near[[int(other) not in taken and other != row for other in near]]
                taken |= {row, *near.tolist()}
                firsts.append(place)
                copies.append(_order_by_distance(index, query, near))
        done = len(found.indices)
        if len(firsts) == k or done < wanted:
            nearest = found._replace(indices=found.indices[firsts], distances=found.distances[firsts])
            return Folded(nearest, copies)
        wanted = 4 * wanted


def group_copies(
    index: Index, radius: float, *, progress: Callable[[int], object] = lambda _: None
) -> dict[int, Within]:
    """Rows that have copies, in their order, each with the rows within `radius`, Euclidean, of it, nearest first.

    The first row that is in no group yet begins one, and takes all later ones within the radius of it that are in no
    group either. So a group is never a chain: none of it is farther than the radius from its first. Every pair within
    the radius is found: no copy is missed. progress: called with the number of rows done.
    """
    taken = np.zeros(len(index), np.bool_)
    groups = {}
    for block in blocks(len(index), QUERY_BATCH):
        rows = block.start + np.flatnonzero(~taken[block])
        for row, found in zip(rows.tolist(), index.within(index.vectors[rows], radius, start=block.start)):
            later = (found.indices > row) & ~taken[found.indices]
            if later.any() and not taken[row]:
                groups[row] = Within(found.indices[later], found.distances[later])
                taken[groups[row].indices] = True
        progress(block.stop)
    return groups


def _order_by_distance(index: Index, query: Vectors, rows: NDArray[np.int64]) -> Within:
    rows = np.sort(rows)
    distances = np.sqrt(measure_squared(index.vectors[rows], query))
    order = np.argsort(distances, kind="stable")
    return Within(rows[order], distances[order])

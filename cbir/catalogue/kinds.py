"""Garments by their kinds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple


class Kind(NamedTuple):
    """Garments of a kind."""

    name: str | None
    """None: of all kinds."""
    rows: Sequence[int]
    """Theirs in the catalogue."""


def sort_by_kind(rows: Sequence[int], label_of: Callable[[int], str | None]) -> list[Kind]:
    """All rows, then those of each label, commonest first; those without one are in the first alone."""
    labelled: dict[str, list[int]] = {}
    for row in rows:
        if label := label_of(row):
            labelled.setdefault(label, []).append(row)
    kinds = [Kind(label, of_it) for label, of_it in sorted(labelled.items(), key=lambda kind: -len(kind[1]))]
    return [Kind(None, rows), *kinds]

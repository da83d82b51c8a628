"""Columns of a catalogue's records: which values they have, and which records have those that are asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cbir.catalogue.records import Record
from cbir.errors import FilterError
from cbir.system.text import printable

KIND = "kind"
"""The column of labels; in a catalogue by garment, of kinds of garments."""
FEW = 24
"""Values of a column that can be offered for a choice, at most."""
SUGGESTED = 5
"""Values that an error names, at most, in place of one that is not there."""
COMPARED = 1_000
"""The commonest values of a column, among which those like a wrong one are looked for."""
SHOWN = 60
"""Characters of a text that are shown in a sentence, at most."""
NOTHING = "it has no columns to filter by; put some into photos.csv and run: python -m cbir index"

Filter = Mapping[str, str | Collection[str]]
"""Columns, and the value or the values of which a record has one. It has to be so in all of the columns."""


class Selection(NamedTuple):
    """The records that satisfy a filter."""

    where: dict[str, tuple[str, ...]]
    """The filter, spelled as the catalogue spells it; empty if there is none."""
    size: int
    """How many records satisfy it."""
    rows: NDArray[np.int64] | None
    """(n,) their rows, ascending; None without a filter: all."""


@dataclass
class _Column:
    """The values of a column, each under the spelling that came first."""

    ids: NDArray[np.int32]
    """(N,) of the value of each record; -1 where it has none."""
    values: list[str] = field(default_factory=list)
    id_of: dict[str, int] = field(default_factory=dict)
    """Ids of values as `_fold` has them."""

    def put(self, row: int, value: str) -> None:
        folded = _fold(value)
        if folded not in self.id_of:
            self.id_of[folded] = len(self.values)
            self.values.append(value.strip())
        self.ids[row] = self.id_of[folded]

    def counts(self) -> dict[str, int]:
        """How many records have each value, the commonest first."""
        counts = np.bincount(self.ids[self.ids >= 0], minlength=len(self.values)).tolist()
        return dict(sorted(zip(self.values, counts), key=lambda pair: (-pair[1], pair[0])))


class Columns:
    """The columns of records. Names and values are the same whatever their capitals and the spaces around them."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._count = len(records)
        columns: dict[str, _Column] = {}
        for row, record in enumerate(records):
            for name, value in _cells(record):
                if name not in columns:
                    columns[name] = _Column(np.full(self._count, -1, np.int32))
                columns[name].put(row, value)
        self._columns = dict(sorted(columns.items(), key=lambda item: item[0] != KIND))

    def counts(self, most: int | None = None) -> dict[str, dict[str, int]]:
        """How many records have each value of each column, the commonest value first.

        most: leave out columns of more values than this.
        """
        few = (name for name, column in self._columns.items() if most is None or len(column.values) <= most)
        return {name: self._columns[name].counts() for name in few}

    def select(self, where: Filter) -> Selection:
        """The records that satisfy a filter. Raises FilterError for a column or value that no record has."""
        if not isinstance(where, Mapping):
            raise FilterError(f"a filter names columns and their values, and is no {type(where).__name__}")
        wanted: dict[str, dict[int, str]] = {}
        for name, asked in where.items():
            column = self._find(name)
            found = wanted.setdefault(_fold(name), {})
            for value in _list_values(name, asked):
                if _fold(value) not in column.id_of:
                    raise FilterError(_describe_unknown(name, value, column))
                number = column.id_of[_fold(value)]
                found[number] = column.values[number]
        chosen = np.ones(self._count, np.bool_)
        for name, values in wanted.items():
            chosen &= np.isin(self._columns[name].ids, list(values))
        rows = np.flatnonzero(chosen)
        return Selection({name: tuple(values.values()) for name, values in wanted.items()}, len(rows), rows)

    def _find(self, name: object) -> _Column:
        if isinstance(name, str) and (column := self._columns.get(_fold(name))):
            return column
        there = f"its columns are {', '.join(map(_show, self._columns))}" if self._columns else NOTHING
        raise FilterError(f"no column '{_show(name)}' in the catalogue; {there}")


def describe_filter(
    where: Mapping[str, Sequence[str]],
    *,
    both: str = "and",
    either: str = "or",
    many: Callable[[int], str] = "one of {:,} values".format,
) -> str:
    """A filter in words, of English unless there are others.

    >>> describe_filter({"colour": ["blue"], "kind": ["Dress", "Skirt"]})
    'colour blue and kind Dress or Skirt'
    """
    parts = []
    for name, values in where.items():
        few = len(values) <= SUGGESTED
        named = f" {either} ".join(map(_show, values)) if few else many(len(values))
        parts.append(f"{_show(name)} {named}")
    return f" {both} ".join(parts)


def _cells(record: Record) -> Iterator[tuple[str, str]]:
    """Columns with the record's value in each, where it has one."""
    cells = {_fold(name): value for name, value in record.columns.items()}
    cells[KIND] = record.kind or record.label or ""
    return ((name, value) for name, value in cells.items() if name and value.strip())


def _fold(text: str) -> str:
    return text.strip().casefold()


def _list_values(name: str, asked: object) -> list[str]:
    values = [asked] if isinstance(asked, str) else list(asked) if isinstance(asked, Collection) else []
    if not values or isinstance(asked, Mapping) or not all(isinstance(value, str) for value in values):
        raise FilterError(f"column {_show(name)} has to have a text, or one of a list of texts; name one")
    return values


def _describe_unknown(name: str, value: str, column: _Column) -> str:
    commonest = list(islice(column.counts(), COMPARED))
    spelled = {_fold(one): one for one in commonest}
    like = get_close_matches(_fold(value)[:SHOWN], spelled, n=SUGGESTED)
    named = [spelled[one] for one in like] or commonest[:SUGGESTED]
    which = "the nearest are" if like else "the commonest are"
    return f"no value '{_show(value)}' in column {_show(name)}; {which} {', '.join(map(_show, named))}"


def _show(text: object) -> str:
    """A text of any origin and length as a part of a sentence."""
    whole = printable(text)
    return whole if len(whole) <= SHOWN else f"{whole[:SHOWN]}..."

"""Columns of a catalogue's records: which values they have, and which records have those that are asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from cbir.catalogue.records import Record
from cbir.errors import FilterError
from cbir.nearest.api import Subset
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
    rows: Subset | None
    """Theirs, as the catalogue's index takes them; None without a filter: all."""


class Values(Protocol):
    """The values of a column."""

    def spell(self, value: str) -> str | None:
        """A value as the column spells it; None if no record has it."""

    def counts(self) -> dict[str, int]:
        """How many records have each value, the commonest first; those of the rarest may be left out."""

    def __len__(self) -> int:
        """How many values there are, with those that `counts` leaves out."""


@dataclass
class _Column:
    """The values of a column, each under the spelling that came first."""

    ids: NDArray[np.int32]
    """(N,) of the value of each record; -1 where it has none."""
    values: list[str] = field(default_factory=list)
    id_of: dict[str, int] = field(default_factory=dict)
    """Ids of values as `fold` has them."""

    def add(self, value: str) -> int:
        """The id of a value, a new one if no spelling of it is known."""
        folded = fold(value)
        if folded not in self.id_of:
            self.id_of[folded] = len(self.values)
            self.values.append(value.strip())
        return self.id_of[folded]

    def spell(self, value: str) -> str | None:
        """A value as the column spells it; None if no record has it."""
        number = self.id_of.get(fold(value))
        return None if number is None else self.values[number]

    def counts(self) -> dict[str, int]:
        """How many records have each value, the commonest first."""
        counts = np.bincount(self.ids[self.ids >= 0], minlength=len(self.values)).tolist()
        return sort_counts(zip(self.values, counts))

    def __len__(self) -> int:
        """How many values there are."""
        return len(self.values)


class Columns:
    """The columns of records. Names and values are the same whatever their capitals and the spaces around them."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._count = len(records)
        columns: dict[str, _Column] = {}
        for row, record in enumerate(records):
            for name, value in cells_of(record):
                if name not in columns:
                    columns[name] = _Column(np.full(self._count, -1, np.int32))
                columns[name].ids[row] = columns[name].add(value)
        self._columns = {name: columns[name] for name in put_kind_first(columns)}

    @property
    def values(self) -> Mapping[str, Values]:
        """Those of each column, by its folded name; KIND comes first."""
        return self._columns

    def counts(self) -> dict[str, dict[str, int]]:
        """How many records have each value of each column, the commonest value first."""
        return count_values(self._columns)

    def select(self, where: Filter) -> Selection:
        """The records that satisfy a filter. Raises FilterError for a column or value that no record has."""
        wanted = spell_filter(where, self._columns)
        chosen = np.ones(self._count, np.bool_)
        for name, values in wanted.items():
            column = self._columns[name]
            chosen &= np.isin(column.ids, [column.id_of[fold(value)] for value in values])
        rows = np.flatnonzero(chosen)
        return Selection(wanted, len(rows), rows)


def count_values(columns: Mapping[str, Values], most: int | None = None) -> dict[str, dict[str, int]]:
    """How many records have each value of each column, the commonest value first.

    most: leave out columns of more values than this.
    """
    return {name: values.counts() for name, values in columns.items() if most is None or len(values) <= most}


def spell_filter(where: Filter, columns: Mapping[str, Values]) -> dict[str, tuple[str, ...]]:
    """A filter with folded names of columns, and with its values as the columns spell them, each once.

    Raises FilterError for a column or value that is not there.
    """
    if not isinstance(where, Mapping):
        raise FilterError(f"a filter names columns and their values, and is no {type(where).__name__}")
    wanted: dict[str, dict[str, None]] = {}
    for name, asked in where.items():
        column = columns.get(fold(name)) if isinstance(name, str) else None
        if column is None:
            there = f"its columns are {', '.join(map(_show, columns))}" if columns else NOTHING
            raise FilterError(f"no column '{_show(name)}' in the catalogue; {there}")
        found = wanted.setdefault(fold(name), {})
        for value in _list_values(name, asked):
            spelled = column.spell(value)
            if spelled is None:
                raise FilterError(_describe_unknown(name, value, column))
            found[spelled] = None
    return {name: tuple(values) for name, values in wanted.items()}


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


def cells_of(record: Record) -> Iterator[tuple[str, str]]:
    """Folded names of columns, with the record's value in each, where it has one."""
    cells = {fold(name): value for name, value in record.columns.items()}
    cells[KIND] = record.kind or record.label or ""
    return ((name, value) for name, value in cells.items() if name and value.strip())


def put_kind_first(names: Iterable[str]) -> list[str]:
    """Folded names of columns in their order, but KIND before all others."""
    return sorted(names, key=lambda name: name != KIND)


def sort_counts(counts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Values with their counts, the commonest first; those that are as common by their names."""
    return dict(sorted(counts, key=lambda pair: (-pair[1], pair[0])))


def fold(text: str) -> str:
    """What is the same of names or values that differ in capitals, or in spaces around them."""
    return text.strip().casefold()


def _list_values(name: str, asked: object) -> list[str]:
    values = [asked] if isinstance(asked, str) else list(asked) if isinstance(asked, Collection) else []
    if not values or isinstance(asked, Mapping) or not all(isinstance(value, str) for value in values):
        raise FilterError(f"column {_show(name)} has to have a text, or one of a list of texts; name one")
    return values


def _describe_unknown(name: str, value: str, column: Values) -> str:
    commonest = list(islice(column.counts(), COMPARED))
    spelled = {fold(one): one for one in commonest}
    like = get_close_matches(fold(value)[:SHOWN], spelled, n=SUGGESTED)
    named = [spelled[one] for one in like] or commonest[:SUGGESTED]
    which = "the nearest are" if like else "the commonest are"
    return f"no value '{_show(value)}' in column {_show(name)}; {which} {', '.join(map(_show, named))}"


def _show(text: object) -> str:
    """A text of any origin and length as a part of a sentence."""
    whole = printable(text)
    return whole if len(whole) <= SHOWN else f"{whole[:SHOWN]}..."

"""Two catalogues searched as one, or one of them by garments of the other. Neither is changed or copied."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import overload

import numpy as np

from cbir.catalogue.api import Searchable
from cbir.catalogue.columns import (
    FEW,
    Filter,
    Selection,
    Values,
    count_values,
    fold,
    put_kind_first,
    sort_counts,
    spell_filter,
)
from cbir.catalogue.kinds import Kind
from cbir.catalogue.records import IdentifiedRecords, Record
from cbir.errors import CatalogueError
from cbir.nearest.joined import JoinedIndex, JoinedSubset

NOTHING = Selection({}, 0, np.empty(0, np.int64))
"""No record of a part."""


class Scope(Enum):
    """What is searched of two catalogues."""

    BOTH = "both"
    FIRST = "first"
    SECOND = "second"


class JoinedRecords(IdentifiedRecords):
    """The records of the first, then those of the second; each is read when it is asked for."""

    def __init__(self, first: IdentifiedRecords, second: IdentifiedRecords) -> None:
        self._first, self._second = first, second

    def __len__(self) -> int:
        return len(self._first) + len(self._second)

    def __iter__(self) -> Iterator[Record]:
        yield from self._first
        yield from self._second

    def _at(self, row: int) -> Record:
        count = len(self._first)
        return self._first[row] if row < count else self._second[row - count]

    @cached_property
    def row_of_identity(self) -> Mapping[str, int]:
        """The row of each identity; of one that both have, that in the first. Those of the second are listed."""
        later = {identity: len(self._first) + row for identity, row in self._second.row_of_identity.items()}
        return ChainMap(self._first.row_of_identity, later)  # type: ignore[arg-type]  # nothing is put in


@dataclass(frozen=True)
class JoinedValues:
    """The values of a column that one or both have, each as the first of them spells it."""

    parts: Sequence[Values]

    def spell(self, value: str) -> str | None:
        """A value as the column spells it; None if no record has it."""
        spelled = (part.spell(value) for part in self.parts)
        return next((one for one in spelled if one is not None), None)

    def counts(self) -> dict[str, int]:
        """How many records have each value, the commonest first, as far as both count theirs."""
        counts: dict[str, int] = {}
        spelled: dict[str, str] = {}
        for part in self.parts:
            for value, count in part.counts().items():
                same = spelled.setdefault(fold(value), value)
                counts[same] = counts.get(same, 0) + count
        return sort_counts(counts.items())

    def __len__(self) -> int:
        """How many values there are; one that is not counted in both is taken for two."""
        return len(self.counts()) + sum(len(part) - len(part.counts()) for part in self.parts)


class RowsOfBoth(Sequence[int]):
    """Some rows of the first, then some of the second, which begins at `start`."""

    def __init__(self, first: Sequence[int], second: Sequence[int], start: int) -> None:
        self._first, self._second, self._start = first, second, start

    def __len__(self) -> int:
        return len(self._first) + len(self._second)

    @overload
    def __getitem__(self, place: int) -> int: ...

    @overload
    def __getitem__(self, place: slice) -> list[int]: ...

    def __getitem__(self, place: int | slice) -> int | list[int]:
        places = range(len(self))[place]
        return self._at(places) if isinstance(places, int) else [self._at(one) for one in places]

    def _at(self, place: int) -> int:
        count = len(self._first)
        return self._first[place] if place < count else self._start + self._second[place - count]


@dataclass(frozen=True)
class JoinedCatalogue:
    """Two catalogues as a `Searchable`, of which one or both are searched; `join` makes it.

    Its records, vectors and thumbnails are always those of both, so that a row names the same in every scope.
    """

    first: Searchable
    second: Searchable
    scope: Scope
    records: JoinedRecords
    index: JoinedIndex

    @property
    def folder(self) -> Path:
        """That of the first, where the network is."""
        return self.first.folder

    @property
    def weights_digest(self) -> str:
        """SHA-256 of the weights that made the vectors of both."""
        return self.first.weights_digest

    @property
    def map(self) -> None:
        """None: a map shows where garments lie among those of one catalogue."""

    @property
    def by_garment(self) -> bool:
        """Whether photos of people are indexed garment by garment in what is searched."""
        return any(catalogue.by_garment for catalogue in self._searched)

    @property
    def note(self) -> str | None:
        """What a person should know of what is searched."""
        return next((catalogue.note for catalogue in self._searched if catalogue.note), None)

    @property
    def examples(self) -> list[Path]:
        """Paths of the pictures to offer as queries: those of the first."""
        return self.first.examples

    @cached_property
    def values(self) -> Mapping[str, JoinedValues]:
        """Those of each column of the records in the scope, by its folded name; KIND comes first."""
        parts = [catalogue.values for catalogue in self._searched]
        names = put_kind_first(dict.fromkeys(name for part in parts for name in part))
        return {name: JoinedValues([part[name] for part in parts if name in part]) for name in names}

    def columns(self, most: int = FEW) -> dict[str, dict[str, int]]:
        """As `Catalogue.columns`, of the records in the scope."""
        # What has too many values in one of the two is not counted: that would take long for every answer.
        few = {name: values for name, values in self.values.items() if all(len(part) <= most for part in values.parts)}
        return count_values(few, most)

    def select(self, where: Filter | None) -> Selection:
        """As `Catalogue.select`, of the records in the scope: what only others have is unknown."""
        if not where and self.scope is Scope.BOTH:
            return Selection({}, len(self.records), None)
        wanted = spell_filter(where, self.values) if where else {}
        first = NOTHING if self.scope is Scope.SECOND else _select_known(self.first, wanted)
        second = NOTHING if self.scope is Scope.FIRST else _select_known(self.second, wanted)
        return Selection(wanted, first.size + second.size, JoinedSubset(first.rows, second.rows))

    def kinds(self) -> list[Kind]:
        """All rows, then those of each label, the commonest first."""
        first, second = ({kind.name: kind.rows for kind in part.kinds()} for part in (self.first, self.second))
        start = len(self.first.records)
        kinds = (Kind(name, RowsOfBoth(first.get(name, ()), second.get(name, ()), start)) for name in first | second)
        return sorted(kinds, key=lambda kind: (kind.name is not None, -len(kind.rows)))

    def thumb(self, row: int) -> Path:
        """Path of the thumbnail of a row, from 0; raises CatalogueError if it is missing or damaged."""
        count = len(self.first.records)
        return self.first.thumb(row) if row < count else self.second.thumb(row - count)

    @property
    def _searched(self) -> list[Searchable]:
        """Those in the scope."""
        both = {Scope.FIRST: self.first, Scope.SECOND: self.second}
        return [catalogue for scope, catalogue in both.items() if self.scope in (scope, Scope.BOTH)]


def join(first: Searchable, second: Searchable, scope: Scope = Scope.BOTH) -> JoinedCatalogue:
    """Two catalogues as one: rows of the second follow those of the first. scope: what of them is searched.

    No record or vector is read. Raises CatalogueError if the two were made with different weights.
    """
    if first.weights_digest != second.weights_digest:
        network = first.folder / "weights.pth"
        remedy = f"index the second's photos again: python -m cbir index PHOTOS --out DIR --weights {network}"
        raise CatalogueError(f"{first.folder} and {second.folder}: made with different weights; {remedy}")
    records = JoinedRecords(first.records, second.records)
    return JoinedCatalogue(first, second, scope, records, JoinedIndex(first.index, second.index))


def _select_known(catalogue: Searchable, wanted: Mapping[str, Sequence[str]]) -> Selection:
    """The records of one part that satisfy a filter, of whose columns and values it may know none."""
    columns = catalogue.values
    known = {
        name: [value for value in values if name in columns and columns[name].spell(value) is not None]
        for name, values in wanted.items()
    }
    return catalogue.select(known) if all(known.values()) else NOTHING

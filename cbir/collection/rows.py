"""Rows of a collection, read when they are asked for; a few thousand are remembered, as a collection never changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from threading import Lock
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from cbir.catalogue.records import IdentifiedRecords, Record
from cbir.collection.engine import AT_ONCE, MOST, Engine
from cbir.collection.schema import (
    ELSEWHERE,
    IDENTITY,
    LABEL,
    RECORD,
    ROW,
    THUMB,
    VECTOR,
    Stored,
    clean,
    quote,
    unpack_row,
)
from cbir.errors import CatalogueError

REMEMBERED = 4_096
"""Rows that are remembered, at most: 20 MB."""
READ_AHEAD = 256
"""Rows that are read at a time where one after the other is asked for."""
FIELDS = (RECORD, THUMB, VECTOR)


class StoredRows:
    """The rows of a collection, by their numbers from 0."""

    def __init__(self, engine: Engine, collection: str, count: int, dimension: int) -> None:
        self.engine, self.collection = engine, collection
        self.count, self.dimension = count, dimension
        self._known: OrderedDict[int, Stored] = OrderedDict()
        self._lock = Lock()

    def get(self, rows: Sequence[int]) -> list[Stored]:
        """Rows that are there, in the order asked for. Raises CatalogueError if one is missing."""
        with self._lock:
            found = {row: self._known[row] for row in rows if row in self._known}
        missing = sorted({*rows} - {*found})
        if missing:
            for fields in self.engine.fetch(self.collection, missing, FIELDS):
                found[int(fields[ROW])] = unpack_row(fields, self.engine.address)
            if lost := [row for row in missing if row not in found]:
                raise CatalogueError(f"{self.engine.address}: row {lost[0]} is missing; {ELSEWHERE}")
        with self._lock:
            for row in rows:
                self._known[row] = found[row]
                self._known.move_to_end(row)
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return [found[row] for row in rows]

    def get_ahead(self, row: int) -> Stored:
        """A row, with those after it read at the same time."""
        with self._lock:
            known = self._known.get(row)
        if known is not None:
            return known
        return self.get(range(row, min(row + READ_AHEAD, self.count)))[0]

    def __iter__(self) -> Iterator[Stored]:
        for start in range(0, self.count, AT_ONCE):
            yield from self.get(range(start, min(start + AT_ONCE, self.count)))


class CollectionVectors:
    """(N, D) float32: the vectors of a collection, which are read when they are asked for."""

    def __init__(self, rows: StoredRows) -> None:
        self._rows, self.shape = rows, (rows.count, rows.dimension)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> NDArray[np.float32]:
        """Rows, chosen by a number, a slice, or a list or an array of numbers."""
        if isinstance(rows, slice):
            vectors = [self._rows.get_ahead(row).vector for row in range(len(self))[rows]]
            return np.array(vectors, np.float32).reshape(-1, self.shape[1])
        numbers = np.asarray(rows)
        listed = [range(len(self))[row] for row in numbers.ravel().tolist()]
        found = np.array([one.vector for one in self._rows.get(listed)], np.float32)
        return found.reshape((*numbers.shape, self.shape[1]))


class CollectionRecords(IdentifiedRecords):
    """The records of a collection."""

    def __init__(self, rows: StoredRows) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return self._rows.count

    def __iter__(self) -> Iterator[Record]:
        return (stored.record for stored in self._rows)

    def _at(self, row: int) -> Record:
        return self._rows.get([row])[0].record

    @property
    def row_of_identity(self) -> Mapping[str, int]:
        """The row of each identity; of copies of one file, the first. Each is asked for."""
        return RowOfIdentity(self._rows)


class RowOfIdentity(Mapping[str, int]):
    """Rows by identities."""

    def __init__(self, rows: StoredRows) -> None:
        self._rows = rows

    def __getitem__(self, identity: str) -> int:
        found = self._rows.engine.list_rows(self._rows.collection, f"{IDENTITY} == {quote(identity)}", 1)
        if not found:
            raise KeyError(identity)
        return found[0]

    def __iter__(self) -> Iterator[str]:
        return (stored.record.identity for stored in self._rows)

    def __len__(self) -> int:
        return self._rows.count


class LabelledRows(Sequence[int]):
    """The rows of a label, ascending, as far as Milvus counts through them: the first MOST."""

    def __init__(self, rows: StoredRows, label: str, count: int) -> None:
        self._rows, self._count = rows, min(count, MOST)
        self._expression = f"{LABEL} == {quote(clean(label))}"

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> int: ...

    @overload
    def __getitem__(self, place: slice) -> list[int]: ...

    def __getitem__(self, place: int | slice) -> int | list[int]:
        if isinstance(place, int):
            place = range(self._count)[place]
            return self[place : place + 1][0]
        start, stop, step = place.indices(self._count)
        rows = self._rows
        found = rows.engine.list_rows(rows.collection, self._expression, max(0, stop - start), start)
        return found[::step]

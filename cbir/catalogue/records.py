"""Records: each is a photo of a catalogue, or a garment in one."""

from __future__ import annotations

import hashlib
import json
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby
from types import MappingProxyType
from typing import NamedTuple, overload

import numpy as np

from cbir.photos.region import Region


class Record(NamedTuple):
    """One photo of a catalogue, or one garment that was found in it."""

    photo: str
    """Its path below the folder that was indexed, with forward slashes."""
    label: str | None
    sha256: str
    """Digest of the photo's file."""
    description: str | None = None
    """The garment in a few words, where they are known."""
    region: Region | None = None
    """Where in the photo the garment is; None if the record is of the whole photo."""
    kind: str | None = None
    """What the garment finder takes it for; the label as well where the set gives none. None of a whole photo."""
    columns: Mapping[str, str] = MappingProxyType({})
    """What else is known of the photo, by the name of a column: `Photo.columns`."""
    link: str | None = None
    """Address of the garment's own page, of http or https."""

    @property
    def thumb(self) -> str:
        """Path of its thumbnail below the catalogue: the photo's, which all its garments share."""
        return thumb_name(self.sha256)

    @property
    def identity(self) -> str:
        """16 hexadecimal digits that stay when its row moves: of the photo's digest, and of the garment in it."""
        if self.region is None:
            return self.sha256[:16]
        return hashlib.sha256(f"{self.sha256} {self.region} {self.kind}".encode()).hexdigest()[:16]

    def as_line(self) -> str:
        """Its line in records.jsonl: without region and kind of a whole photo, and without columns or link if it has
        none.
        """
        left_out = {"region", "kind"} if self.region is None else set()
        left_out |= {name for name in ("columns", "link") if not getattr(self, name)}
        return json.dumps({name: value for name, value in self._asdict().items() if name not in left_out}) + "\n"

    @property
    def part(self) -> Part:
        """What of the photo it is of."""
        return Part(self.region, self.kind)

    @classmethod
    def from_line(cls, line: bytes) -> Record:
        """The record of a line of records.jsonl."""
        record = cls(**json.loads(line))
        return record if record.region is None else record._replace(region=Region(*record.region))


def thumb_name(sha256: str) -> str:
    """Path below the catalogue of the thumbnail of a photo with this digest."""
    return f"thumbs/{sha256[:32]}.jpg"


class Part(NamedTuple):
    """A part of a photo that has a vector of its own."""

    region: Region | None = None
    """None: the whole photo."""
    kind: str | None = None
    """Of the garment in the region."""


WHOLE_PHOTO = (Part(),)
"""The parts of a photo that is indexed whole."""


class IdentifiedRecords(Sequence[Record]):
    """Records by their rows, from 0, and rows by identities."""

    @overload
    def __getitem__(self, row: int) -> Record: ...

    @overload
    def __getitem__(self, row: slice) -> list[Record]: ...

    def __getitem__(self, row: int | slice) -> Record | list[Record]:
        rows = range(len(self))[row]
        return self._at(rows) if isinstance(rows, int) else [self._at(one) for one in rows]

    @abstractmethod
    def _at(self, row: int) -> Record:
        """The record of a row that is there."""

    @property
    @abstractmethod
    def row_of_identity(self) -> Mapping[str, int]:
        """The row of each identity; of copies of one file, the first."""


class Records(IdentifiedRecords):
    """The records of a records.jsonl, each parsed when it is asked for."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n"))
        self._starts = np.concatenate([[0], ends + 1])

    def __len__(self) -> int:
        return len(self._starts) - 1

    def _at(self, row: int) -> Record:
        return Record.from_line(self._data[self._starts[row] : self._starts[row + 1]])

    @cached_property
    def row_of_identity(self) -> dict[str, int]:
        """The row of each identity; of copies of one file, the first. Reads all records when it is first asked for."""
        rows: dict[str, int] = {}
        for row, record in enumerate(self):
            rows.setdefault(record.identity, row)
        return rows


class GarmentCounts(NamedTuple):
    """How many photos and garments a catalogue by garment has."""

    photos: int
    """All, of people or not."""
    garments: int
    """Found in photos of people."""

    def __str__(self) -> str:
        return f"{self.photos:,} photos with {self.garments:,} garments"


def count_garments(records: Iterable[Record]) -> GarmentCounts:
    """The photos that records are of, and those among the records that are of garments."""
    found = [sum(record.region is not None for record in group) for group in by_photo(records)]
    return GarmentCounts(len(found), sum(found))


def by_photo(records: Iterable[Record]) -> Iterator[list[Record]]:
    """The records of each photo, which follow one another."""
    for _, group in groupby(records, key=lambda record: record.photo):
        yield list(group)

"""Records: one photo of a catalogue each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple, overload

import numpy as np


class Record(NamedTuple):
    """One photo of a catalogue."""

    photo: str
    """Its path below the folder that was indexed, with forward slashes."""
    label: str | None
    sha256: str
    """Digest of the photo's file."""
    description: str | None = None
    """The garment in a few words, where they are known."""

    @property
    def thumb(self) -> str:
        """Path of its thumbnail below the catalogue."""
        return thumb_name(self.sha256)


def thumb_name(sha256: str) -> str:
    """Path below the catalogue of the thumbnail of a photo with this digest."""
    return f"thumbs/{sha256[:32]}.jpg"


class Records(Sequence[Record]):
    """The records of a records.jsonl, each parsed when it is asked for."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n"))
        self._starts = np.concatenate([[0], ends + 1])

    def __len__(self) -> int:
        return len(self._starts) - 1

    @overload
    def __getitem__(self, row: int) -> Record: ...

    @overload
    def __getitem__(self, row: slice) -> list[Record]: ...

    def __getitem__(self, row: int | slice) -> Record | list[Record]:
        if isinstance(row, slice):
            return [self[one] for one in range(*row.indices(len(self)))]
        start = range(len(self))[row]
        return Record(**json.loads(self._data[self._starts[start] : self._starts[start + 1]]))

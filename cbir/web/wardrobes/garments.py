"""What is in a wardrobe, and how it is changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from cbir.catalogue.catalogue import Catalogue
from cbir.catalogue.records import Record, Records
from cbir.errors import CatalogueError
from cbir.web.trail import row_of


class Garments(NamedTuple):
    """What is in a wardrobe."""

    catalogue: Catalogue | None
    """None before there is one."""
    rows: Sequence[int]
    """Of the catalogue, without those that were taken out."""
    labels: Mapping[int, str | None]
    """Of rows that were called otherwise."""

    def label(self, row: int) -> str | None:
        """The label of a row."""
        return self.record(row).label

    def record(self, row: int) -> Record:
        """The record of a row."""
        assert self.catalogue is not None
        record = self.catalogue.records[row]
        return record._replace(label=self.labels[row]) if row in self.labels else record


def change(records: Records, gone: Collection[str], renamed: Mapping[str, str | None]) -> list[Record]:
    """Records without those that are gone, and others with another label, all by their keys."""
    rows = find_rows(gone, records)
    labels = {row: label for key, label in renamed.items() for row in find_rows([key], records)}
    # Copies of a photo have the same garments.
    parts = {records[row].identity for row in rows if records[row].region}
    return [
        record._replace(label=labels[row]) if row in labels else record
        for row, record in enumerate(records)
        if row not in rows and not (parts and record.identity in parts)
    ]


def find_rows(keys: Collection[str], records: Records) -> set[int]:
    """Rows of those keys that are there."""
    found = set()
    for key in keys:
        with suppress(CatalogueError):
            found.add(row_of(key, records))
    return found

"""What a search, and a page about it, need of a catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from cbir.catalogue.columns import FEW, Filter, Selection, Values
from cbir.catalogue.kinds import Kind
from cbir.catalogue.map import Map
from cbir.catalogue.records import IdentifiedRecords
from cbir.nearest.api import Index


class Searchable(Protocol):
    """Records with a vector and a thumbnail each, in the same rows, from 0."""

    @property
    def folder(self) -> Path:
        """Where its network is: weights.pth, and what lies beside it."""

    @property
    def weights_digest(self) -> str:
        """SHA-256 of the weights that made the vectors."""

    @property
    def records(self) -> IdentifiedRecords: ...

    @property
    def index(self) -> Index: ...

    @property
    def map(self) -> Map | None:
        """None if it has none."""

    @property
    def by_garment(self) -> bool:
        """Whether photos of people are indexed garment by garment."""

    @property
    def note(self) -> str | None:
        """What a person should know of a catalogue that answers all the same."""

    @property
    def examples(self) -> list[Path]:
        """Paths of the pictures to offer as queries."""

    @property
    def values(self) -> Mapping[str, Values]:
        """Those of each column of the records that are searched, by its folded name; KIND comes first."""

    def columns(self, most: int = FEW) -> dict[str, dict[str, int]]:
        """How many of the records that are searched have each value of each column, the commonest first.

        The first column is KIND, if there are labels. most: values that a column may have.
        """

    def select(self, where: Filter | None) -> Selection:
        """The records to search: those that satisfy a filter. Raises FilterError for a column or value that no record
        has of those that are searched.
        """

    def kinds(self) -> list[Kind]:
        """All rows, then those of each label, the commonest first."""

    def thumb(self, row: int) -> Path:
        """Path of the thumbnail of a row, from 0; raises CatalogueError if it is missing or damaged."""


class Former(Protocol):
    """What an indexing run needs of the catalogue before it."""

    @property
    def records(self) -> IdentifiedRecords: ...

    @property
    def index(self) -> Index: ...

    @property
    def by_garment(self) -> bool: ...

    @property
    def finder_digest(self) -> str | None:
        """SHA-256 of the finder that found the garments; None if photos are indexed whole."""

    @property
    def preprocessing(self) -> int:
        """Version of how its photos became pixels."""

    def thumb(self, row: int) -> Path:
        """Path of the thumbnail of a row, from 0; raises CatalogueError if it is missing or damaged."""

    def thumb_digest(self, row: int) -> bytes:
        """SHA-256 of the thumbnail of a row, from 0."""

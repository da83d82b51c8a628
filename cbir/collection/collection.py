"""A collection as a `Searchable`: what searches and pages need of it, asked for when they need it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from cbir.catalogue.catalogue import FINDER
from cbir.catalogue.columns import FEW, Filter, Selection, count_values, spell_filter
from cbir.catalogue.kinds import Kind
from cbir.catalogue.records import thumb_name
from cbir.collection.address import Address
from cbir.collection.engine import READING, Engine
from cbir.collection.facts import EXAMPLE, FILE, NETWORK, Facts, StoredValues
from cbir.collection.files import RENEW, Files
from cbir.collection.index import CollectionIndex, Condition
from cbir.collection.indexes import FLAT
from cbir.collection.rows import CollectionRecords, LabelledRows, StoredRows
from cbir.collection.schema import express, field_of, fold_value, quote
from cbir.errors import CatalogueError
from cbir.photos.decode import PREPROCESSING

RECALL = "recall.json"
"""A file of a collection whose index is not FLAT: what it finds of the nearest."""
RECALL_FIELDS = ("recall", "k", "queries")
COUNTS = 1_000
"""Counts that are remembered, at most."""


@dataclass(frozen=True)
class Collection:
    """A collection that was checked and opened. It never changes; an update makes another."""

    address: Address
    name: str
    """Of the collection, not of the alias."""
    facts: Facts
    files: Files
    rows: StoredRows
    records: CollectionRecords
    index: CollectionIndex
    folder: Path
    """On this machine, with the network and what lies beside it."""
    recall: dict[str, Any] | None
    """What the index finds of the nearest, if it is not FLAT: `recall`, of the `k` nearest of so many `queries`."""

    @classmethod
    def open(cls, address: Address, *, waits: Sequence[float] = READING) -> Collection:
        """The collection that an alias stands for. waits: seconds before each further try of what Milvus is asked.

        Raises CatalogueError if it is absent or damaged, or if Milvus does not answer.
        """
        engine = Engine(address, waits=waits)
        name = engine.find_current()
        if name is None:
            remedy = f"make one: python -m cbir index PHOTOS --out {address}"
            raise CatalogueError(f"{address}: no catalogue there; {remedy}")
        return cls.of(engine, name)

    @classmethod
    def of(cls, engine: Engine, name: str) -> Collection:
        """A collection by its own name."""
        address = engine.address
        files = find_files(engine, name)
        facts = Facts.from_bytes(files.read(f"{name}/{FILE}"), name, f"{files.shown}/{name}/{FILE}")
        if facts.preprocessing > PREPROCESSING:
            raise CatalogueError(f"{address}: made by a newer version of this project; update it")
        network = [files.bring(f"{name}/{one}", facts.files[one], stays=True) for one in NETWORK if one in facts.files]
        rows = StoredRows(engine, name, facts.count, facts.dimension)
        kind = engine.kind_of_index(name)
        recall = None if kind == FLAT else _read_recall(files, f"{name}/{RECALL}")
        index = CollectionIndex(rows, kind)
        return cls(address, name, facts, files, rows, CollectionRecords(rows), index, network[0].parent, recall)

    @property
    def weights_digest(self) -> str:
        """SHA-256 of the weights that made its vectors."""
        return self.facts.weights

    @property
    def map(self) -> None:
        """None: a map is of a catalogue in a folder."""

    @property
    def by_garment(self) -> bool:
        """Whether photos of people are indexed garment by garment."""
        return self.facts.by_garment

    @property
    def finder_digest(self) -> str | None:
        """SHA-256 of the finder that found the garments; None if photos are indexed whole."""
        return self.facts.files[FINDER] if self.by_garment else None

    @property
    def preprocessing(self) -> int:
        """Version of how its photos became pixels."""
        return self.facts.preprocessing

    @property
    def note(self) -> str | None:
        """What a person should know of a catalogue that answers all the same."""
        if self.recall is None:
            return None
        found = f"{self.recall['recall']:.1%} of the {self.recall['k']} nearest, measured on {self.recall['queries']:,}"
        return f"Searched with {self.index.kind}, which is not exact: it finds {found} of its photos."

    @cached_property
    def examples(self) -> list[Path]:
        """Paths of the pictures to offer as queries."""
        names = sorted(name for name in self.facts.files if name.startswith(EXAMPLE))
        return [self.files.bring(f"{self.name}/{name}", self.facts.files[name], stays=True) for name in names]

    @cached_property
    def values(self) -> dict[str, StoredValues]:
        """Those of each column, by its folded name; KIND comes first, if there are labels."""
        return {
            one["name"]: StoredValues(one["values"], one["others"], partial(self._has, number))
            for number, one in enumerate(self.facts.columns)
        }

    def columns(self, most: int = FEW) -> dict[str, dict[str, int]]:
        """As `Catalogue.columns`, as they were counted when the collection was made."""
        return count_values(self.values, most)

    def kinds(self) -> list[Kind]:
        """All rows, then those of each label, the commonest first."""
        everything: Sequence[int] = range(len(self.records))
        labelled = ((label, LabelledRows(self.rows, label, count)) for label, count in self.facts.labels.items())
        return [Kind(None, everything), *(Kind(*one) for one in labelled)]

    def select(self, where: Filter | None) -> Selection:
        """The records that satisfy a filter, all without one.

        Raises FilterError for a column or value that no record has.
        """
        if not where:
            return Selection({}, len(self.records), None)
        wanted = spell_filter(where, self.values)
        expression = express(wanted, self._column_names)
        return Selection(wanted, self._count(expression), Condition(expression))

    def thumb(self, row: int) -> Path:
        """Path of the thumbnail of a row, from 0; raises CatalogueError if it is missing or damaged."""
        stored = self.rows.get([range(len(self.records))[row]])[0]
        return self.files.bring(thumb_name(stored.thumb), stored.thumb)

    def thumb_digest(self, row: int) -> bytes:
        """SHA-256 of the thumbnail of a row, from 0."""
        return bytes.fromhex(self.rows.get_ahead(row).thumb)

    @cached_property
    def _column_names(self) -> list[str]:
        return [one["name"] for one in self.facts.columns]

    @cached_property
    def _counts(self) -> dict[str, int]:
        """How many rows satisfy expressions that were asked for: rows never change."""
        return {}

    def _has(self, number: int, value: str) -> bool:
        return self._count(f"{field_of(number)} == {quote(fold_value(value))}") > 0

    def _count(self, expression: str) -> int:
        if expression not in self._counts:
            if len(self._counts) >= COUNTS:
                self._counts.clear()
            self._counts[expression] = self.rows.engine.count(self.name, expression)
        return self._counts[expression]


def _read_recall(files: Files, name: str) -> dict[str, Any]:
    """What the index finds. Raises CatalogueError if the file is missing or damaged."""
    with suppress(ValueError):
        found = json.loads(files.read(name))
        if isinstance(found, dict) and all(isinstance(found.get(one), int | float) for one in RECALL_FIELDS):
            return found
    raise CatalogueError(f"{files.shown}/{name}: damaged; {RENEW}")


def find_files(engine: Engine, collection: str) -> Files:
    """The files of a collection. Raises CatalogueError if it is none of this project."""
    address = engine.find_files(collection)
    if not address:
        raise CatalogueError(f"{engine.address}: a collection of something else; choose another name")
    return Files(address)

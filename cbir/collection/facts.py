"""What is known of a collection as a whole: a JSON file among its files, whose digest is in the collection's name."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cbir.catalogue.catalogue import CLOSENESS, FINDER
from cbir.catalogue.columns import COMPARED, Columns, fold
from cbir.catalogue.records import Record
from cbir.collection.engine import DIGITS
from cbir.collection.files import RENEW
from cbir.collection.schema import COLUMNS
from cbir.errors import CatalogueError

FORMAT = 1
FILE = "facts.json"
NETWORK = ("weights.pth", FINDER, CLOSENESS)
EXAMPLE = "example-"
"""How the names of examples begin."""
NAME = re.compile("|".join([*map(re.escape, NETWORK), rf"{EXAMPLE}[0-9]{{3,}}\.jpg"]))
"""Names that `Facts.files` may have: each becomes a path on the machine that reads it."""


@dataclass(frozen=True)
class Facts:
    """A collection as a whole. Nothing of it changes."""

    format: int
    count: int
    dimension: int
    weights: str
    """SHA-256 of the weights that made the vectors."""
    preprocessing: int
    by_garment: bool
    graph: dict[str, int]
    """Settings of the graph of the catalogue in a folder that this one is of, or would be of."""
    index: str
    """Key of indexes.INDEXES."""
    records: str
    """SHA-256 of all lines of records.jsonl."""
    vectors: str
    """SHA-256 of the bytes of all vectors, (N, D) float32."""
    columns: list[dict[str, Any]]
    """Of each column that can be filtered by: its folded `name`; its commonest `values`, with the number of records of
    each; and how many `others` it has.
    """
    labels: dict[str, int]
    """How many records have each label, the commonest first."""
    files: dict[str, str]
    """SHA-256 of each file of the collection but the thumbnails."""

    def as_bytes(self) -> bytes:
        """The file."""
        return (json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n").encode()

    def name_collection(self, alias: str) -> str:
        """The name of the collection that an alias stands for if these are its facts."""
        return f"{alias}_{hashlib.sha256(self.as_bytes()).hexdigest()[:DIGITS]}"

    @classmethod
    def from_bytes(cls, content: bytes, collection: str, where: str) -> Facts:
        """The facts of a collection. Raises CatalogueError if they are damaged, or of another version."""
        if hashlib.sha256(content).hexdigest()[:DIGITS] != collection[-DIGITS:]:
            raise CatalogueError(f"{where}: damaged, its digest is not the collection's; {RENEW}")
        found = json.loads(content)
        if found["format"] != FORMAT:
            raise CatalogueError(f"{where}: format {found['format']}, but this version reads {FORMAT}; push it again")
        if NETWORK[0] not in found["files"] or not all(map(NAME.fullmatch, found["files"])):
            raise CatalogueError(f"{where}: names files that no collection has; push the catalogue under another name")
        return cls(**found)


def describe_columns(records: Sequence[Record]) -> list[dict[str, Any]]:
    """`Facts.columns` of records. Raises CatalogueError if there are too many."""
    counts = Columns(records).counts()
    if len(counts) > COLUMNS:
        raise CatalogueError(f"{len(counts)} columns, and a collection has {COLUMNS} at most; take some out")
    return [
        {"name": name, "values": dict(islice(values.items(), COMPARED)), "others": max(0, len(values) - COMPARED)}
        for name, values in counts.items()
    ]


def count_labels(records: Sequence[Record]) -> dict[str, int]:
    """`Facts.labels` of records."""
    return dict(Counter(record.label for record in records if record.label).most_common())


@dataclass(frozen=True)
class StoredValues:
    """The values of a column, of which the rarer ones are asked for."""

    values: Mapping[str, int]
    others: int
    ask: Callable[[str], bool]
    """Whether any record has a value."""

    def spell(self, value: str) -> str | None:
        """A value as the column spells it, or as it is given if it is one of the rarer ones; None if nobody has it."""
        if found := self._spelled.get(fold(value)):
            return found
        # Rows without a value have an empty text, which is none.
        return value.strip() if self.others and fold(value) and self.ask(value) else None

    def counts(self) -> dict[str, int]:
        """How many records have each of the commonest values."""
        return dict(self.values)

    def __len__(self) -> int:
        """How many values there are, with the rarer ones."""
        return len(self.values) + self.others

    @cached_property
    def _spelled(self) -> dict[str, str]:
        """Values by their folded form."""
        return {fold(value): value for value in self.values}


def digest_records(records: Sequence[Record]) -> str:
    """SHA-256 of all lines of records."""
    digest = hashlib.sha256()
    for record in records:
        digest.update(record.as_line().encode())
    return digest.hexdigest()


def digest_vectors(blocks: Iterable[NDArray[np.float32]]) -> str:
    """SHA-256 of the bytes of all vectors, (n, D) in each block."""
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(np.ascontiguousarray(block, "<f4").tobytes())
    return digest.hexdigest()

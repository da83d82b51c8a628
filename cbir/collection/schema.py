"""What a collection keeps of each record, and filters as Milvus takes them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cbir.catalogue.columns import cells_of, fold
from cbir.catalogue.records import Record
from cbir.collection.address import Address
from cbir.errors import CatalogueError

ROW, VECTOR, RECORD, IDENTITY, LABEL, THUMB = "row", "vector", "record", "identity", "label", "thumb"
"""Fields: the record's number, from 0; its feature; its line of records.jsonl; `Record.identity`; its label,
empty for none; SHA-256 of its thumbnail, in hexadecimal.
"""
VARCHAR_BYTES = 65_535
"""Bytes of a text in Milvus, at most."""
COLUMNS = 48
"""Columns that a collection can be filtered by, at most: Milvus has 64 fields in one."""
DIGEST = re.compile(r"[0-9a-f]{64}")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


ELSEWHERE = "push the catalogue under another name, or index the photos under one"
"""The remedy for rows that are not as they were: a push of the same content under the same name leaves them alone."""


class Stored(NamedTuple):
    """A row of a collection."""

    record: Record
    thumb: str
    """SHA-256 of the thumbnail, in hexadecimal."""
    vector: NDArray[np.float32]
    """(D,)"""


def name_fields(num_columns: int) -> list[str]:
    """The fields of texts in a collection with so many columns."""
    return [RECORD, IDENTITY, LABEL, THUMB, *(field_of(number) for number in range(num_columns))]


def field_of(number: int) -> str:
    """The field of a column."""
    return f"column_{number}"


def pack_row(row: int, stored: Stored, columns: Sequence[str]) -> dict[str, Any]:
    """A row as Milvus takes it. columns: folded names of those that can be filtered by.

    Raises CatalogueError for a record that is too long.
    """
    line = stored.record.as_line().rstrip("\n")
    cells = {name: fold_value(value) for name, value in cells_of(stored.record)}
    texts = [
        line,
        stored.record.identity,
        clean(stored.record.label or ""),
        stored.thumb,
        *(cells.get(name, "") for name in columns),
    ]
    if any(len(text.encode()) > VARCHAR_BYTES for text in texts):
        raise CatalogueError(f"{stored.record.photo}: its texts have over {VARCHAR_BYTES:,} bytes; shorten them")
    return {ROW: row, VECTOR: stored.vector, **dict(zip(name_fields(len(columns)), texts))}


def unpack_row(fields: Mapping[str, Any], where: Address) -> Stored:
    """The row that `pack_row` packed. Raises CatalogueError if its digests, which name files, are none."""
    record = Record.from_line(fields[RECORD].encode())
    if not all(map(DIGEST.fullmatch, (record.sha256, fields[THUMB]))):
        raise CatalogueError(f"{where}: row {fields[ROW]} has no digests; {ELSEWHERE}")
    return Stored(record, fields[THUMB], np.asarray(fields[VECTOR], np.float32))


def fold_value(value: str) -> str:
    """A value of a column as it is stored and compared."""
    return clean(fold(value))


def clean(text: str) -> str:
    """A text without control characters, which expressions of Milvus have no way to write."""
    return CONTROL.sub(" ", text)


def express(where: Mapping[str, Sequence[str]], columns: Sequence[str]) -> str:
    """A filter, spelled as `spell_filter` spells it, as an expression of Milvus; empty for none."""
    parts = []
    for name, values in where.items():
        listed = ", ".join(quote(fold_value(value)) for value in values)
        parts.append(f"{field_of(columns.index(name))} in [{listed}]")
    return " and ".join(parts)


def quote(text: str) -> str:
    """A text as a constant of an expression."""
    return json.dumps(text, ensure_ascii=False)

"""All that a collection promises, checked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from cbir.collection.collection import Collection
from cbir.collection.schema import ELSEWHERE
from cbir.errors import CatalogueError


def check_collection(collection: Collection) -> None:
    """Read all rows and files; raises CatalogueError, naming the first that is missing or damaged."""
    facts, where = collection.facts, collection.address
    if (found := collection.rows.engine.count(collection.name, strong=True)) != facts.count:
        raise CatalogueError(f"{where}: has {found:,} rows, but promises {facts.count:,}; {ELSEWHERE}")
    check_rows(collection, visit=collection.thumb)
    for name, promised in facts.files.items():
        collection.files.bring(f"{collection.name}/{name}", promised)


def check_rows(collection: Collection, *, visit: Callable[[int], object] = lambda _: None) -> None:
    """Read all rows; raises CatalogueError if they are not those that the facts promise. visit: called with each."""
    records, vectors = hashlib.sha256(), hashlib.sha256()
    for row, stored in enumerate(collection.rows):
        records.update(stored.record.as_line().encode())
        vectors.update(stored.vector.astype("<f4").tobytes())
        visit(row)
    compare(collection, "records", records.hexdigest(), collection.facts.records)
    compare(collection, "vectors", vectors.hexdigest(), collection.facts.vectors)


def compare(collection: Collection, what: str, digest: str, promised: str) -> None:
    """Raise CatalogueError if what was read of a collection has another digest than its facts promise."""
    if digest != promised:
        raise CatalogueError(f"{collection.address}: its {what} are not as promised; {ELSEWHERE}")

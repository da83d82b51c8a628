"""All that a collection promises, checked."""

from __future__ import annotations

import hashlib

from cbir.collection.collection import Collection
from cbir.errors import CatalogueError

AGAIN = "push the catalogue again, or index the photos again"


def check_collection(collection: Collection) -> None:
    """Read all rows and files; raises CatalogueError, naming the first that is missing or damaged."""
    facts, where = collection.facts, collection.address
    if (found := collection.rows.engine.count(collection.name, strong=True)) != facts.count:
        raise CatalogueError(f"{where}: has {found:,} rows, but promises {facts.count:,}; {AGAIN}")
    records, vectors = hashlib.sha256(), hashlib.sha256()
    for row, stored in enumerate(collection.rows):
        records.update(stored.record.as_line().encode())
        vectors.update(stored.vector.astype("<f4").tobytes())
        collection.thumb(row)
    for what, digest, promised in (("records", records, facts.records), ("vectors", vectors, facts.vectors)):
        if digest.hexdigest() != promised:
            raise CatalogueError(f"{where}: its {what} are not as promised; {AGAIN}")
    for name, promised in facts.files.items():
        collection.files.bring(f"{collection.name}/{name}", promised)

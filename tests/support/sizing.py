"""What a catalogue in Milvus takes, on paper, by its own sizing rules."""

from __future__ import annotations

from collections.abc import Iterator

COUNTS = (1, 10, 100)
"""Millions of records."""
VECTOR, RECORD, THUMB, LINK, LINKS = 4_096, 500, 17_000, 4, 2 * 16
"""Bytes of a vector, of a record's other fields, of a thumbnail and of a link of HNSW, and how many links it has."""
SECTORS = 2 * 4_096
"""Bytes of a vector with its links on the disk, as DISKANN keeps them."""
CODES, CACHE = 0.125, 0.1
"""Of the vectors, what DISKANN keeps in memory."""
ROOM = 1.2
MEMORY, DISK, STORE = 5.0, 0.10, 0.023
"""USD a GB and month."""


def size_catalogues() -> Iterator[tuple[str, str, float, float, float, float]]:
    """Records, index, GB of memory, of local disk and of storage, and USD a month."""
    in_memory = {"FLAT": VECTOR, "HNSW": VECTOR + LINK * LINKS, "DISKANN": VECTOR * (CODES + CACHE)}
    stored_index = {"FLAT": 0, "HNSW": VECTOR + LINK * LINKS, "DISKANN": SECTORS}
    for millions in COUNTS:
        for kind, each in in_memory.items():
            memory = ROOM * (each + RECORD) * millions / 1000
            disk = (SECTORS if kind == "DISKANN" else 0) * millions / 1000
            store = (VECTOR + RECORD + stored_index[kind] + THUMB) * millions / 1000
            yield f"{millions} million", kind, memory, disk, store, MEMORY * memory + DISK * disk + STORE * store

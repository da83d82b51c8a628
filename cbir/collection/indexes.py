"""The indexes of Milvus that a collection may have."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Index(NamedTuple):
    """An index of Milvus over the vectors."""

    kind: str
    build: Mapping[str, int] = MappingProxyType({})
    search: Mapping[str, int] = MappingProxyType({})


FLAT = "FLAT"
INDEXES = {
    FLAT: Index(FLAT),
    "HNSW": Index("HNSW", {"M": 16, "efConstruction": 200}, {"ef": 128}),
    "DISKANN": Index("DISKANN", {}, {"search_list": 128}),
}
"""Those that a collection may have. FLAT compares all vectors; the others are quicker and miss some."""

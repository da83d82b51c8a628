"""Large arrays are worked on in blocks of rows."""

from __future__ import annotations

from collections.abc import Iterator

BLOCK = 1024
"""Rows worked on at a time, so that float64 copies stay small."""


def blocks(count: int, size: int = BLOCK) -> Iterator[slice]:
    """0 to count in slices of `size`, the last one shorter."""
    return (slice(start, min(start + size, count)) for start in range(0, count, size))

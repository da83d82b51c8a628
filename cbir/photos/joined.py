"""Pieces of a file as one file, without a copy: large photos would take their room twice."""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

Piece = bytes | memoryview


class Kept:
    """What is kept of a file: ranges of its bytes, those that touch as one."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._ranges: list[tuple[int, int]] = []

    def add(self, start: int, end: int) -> None:
        """Keep a range that begins behind all those before it."""
        if self._ranges and self._ranges[-1][1] == start:
            start = self._ranges.pop()[0]
        self._ranges.append((start, end))

    @property
    def pieces(self) -> list[Piece]:
        """The ranges in their order."""
        view = memoryview(self._data)
        return [view[start:end] for start, end in self._ranges]


class JoinedFile(io.RawIOBase):
    """Pieces one after the other, to be read."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = [memoryview(piece) for piece in pieces]
        self._starts = [0, *accumulate(map(len, self._pieces))]
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._starts[-1]}[whence])
        return self._at

    def readinto(self, buffer: Any) -> int:
        if self._at >= self._starts[-1]:
            return 0
        number = bisect_right(self._starts, self._at) - 1
        start = self._at - self._starts[number]
        some = self._pieces[number][start : start + len(buffer)]
        buffer[: len(some)] = some
        self._at += len(some)
        return len(some)


def join(pieces: Sequence[Piece]) -> io.BufferedReader:
    """Pieces as a file for Pillow."""
    return io.BufferedReader(JoinedFile(pieces))

"""Pieces of files as one file, without a copy: large photos would take their room twice."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

Piece = bytes | memoryview


class JoinedFile(io.RawIOBase):
    """Pieces one after the other, to be read."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = [memoryview(piece) for piece in pieces]
        self._size, self._at = sum(map(len, self._pieces)), 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence])
        return self._at

    def readinto(self, buffer: Any) -> int:
        start = self._at
        for piece in self._pieces:
            if start < len(piece):
                some = piece[start : start + len(buffer)]
                buffer[: len(some)] = some
                self._at += len(some)
                return len(some)
            start -= len(piece)
        return 0


def join(pieces: Sequence[Piece]) -> io.BufferedReader:
    """Pieces as a file for Pillow."""
    return io.BufferedReader(JoinedFile(pieces))

"""Rows of large arrays: worked on in blocks, and read from disk where they are needed, checked before they are used."""

from __future__ import annotations

import hashlib
import io
import mmap
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cbir.errors import CatalogueError

ROWS_PER_DIGEST = 16
"""Rows that have a digest: 64 KB of 1,024 float32 numbers."""
RELEASE_EVERY = 256
"""Rows read before memory is let go."""
DIGEST = 32
"""Bytes of a SHA-256."""


class CheckedRows:
    """(N, D) float32, the content of an .npy file, like a read-only array that gives whole rows and nothing else.

    Opening reads nothing but the file's header. A block of rows is compared with its SHA-256 when the first of them is
    asked for; CatalogueError, naming the file, if it differs.
    """

    def __init__(self, path: Path, shape: tuple[int, int], digests: bytes, *, remedy: str) -> None:
        """digests: those of the blocks, one after the other, as `block_digests` gives them. remedy: what to do about a
        damaged file. Raises CatalogueError if the file is missing or has not this shape.
        """
        self.path, self.shape, self._digests, self._remedy = path, shape, digests, remedy
        header = npy_header(shape)
        block_count = -(-shape[0] // ROWS_PER_DIGEST)
        if not path.is_file():
            raise CatalogueError(f"{path}: missing; {remedy}")
        with path.open("rb") as file:
            start = file.read(len(header))
        expected = len(header) + 4 * shape[0] * shape[1]
        if start != header or path.stat().st_size != expected or len(digests) != block_count * DIGEST:
            raise CatalogueError(f"{path}: damaged, not {shape[0]:,} rows of {shape[1]:,} numbers; {remedy}")
        with path.open("rb") as file:
            self._file = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._rows = np.frombuffer(self._file, "<f4", offset=len(header)).reshape(shape)
        self._numbers, self._checked, self._taken = np.arange(shape[0]), np.zeros(block_count, np.bool_), 0

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> NDArray[np.float32]:
        """Rows, chosen as NumPy has it: by a number, negative ones from the end, a slice, a mask, or a list or an array
        of numbers. IndexError for what NumPy refuses, and for an index of a single column.
        """
        numbers = np.asarray(self._numbers[rows])
        touched = np.unique(numbers // ROWS_PER_DIGEST)
        for block in touched[~self._checked[touched]]:
            self._check(int(block))
        self._release(numbers.size)
        return self._rows[rows]

    def _check(self, block: int) -> None:
        found = hashlib.sha256(self._rows[block * ROWS_PER_DIGEST : (block + 1) * ROWS_PER_DIGEST].data).digest()
        if found != self._digests[block * DIGEST : (block + 1) * DIGEST]:
            raise CatalogueError(f"{self.path}: damaged in rows {block * ROWS_PER_DIGEST:,} and after; {self._remedy}")
        self._checked[block] = True

    def _release(self, coming: int) -> None:
        """Drop resident pages every RELEASE_EVERY rows (MADV_DONTNEED); the page cache keeps them."""
        self._taken += coming
        if self._taken > RELEASE_EVERY and sys.platform != "win32":
            self._file.madvise(mmap.MADV_DONTNEED)
            self._taken = coming


def write_rows(path: Path, shape: tuple[int, int], parts: Iterable[NDArray[np.float32]]) -> None:
    """Write an .npy file of (N, D) float32 that comes in parts, some rows each."""
    with path.open("wb") as file:
        file.write(npy_header(shape))
        for part in parts:
            file.write(np.ascontiguousarray(part, "<f4").data)


def block_digests(path: Path) -> bytes:
    """SHA-256 of each block of rows of an .npy file of (N, D) float32, one after the other."""
    rows = np.load(path, mmap_mode="r", allow_pickle=False)
    size, header = ROWS_PER_DIGEST * 4 * rows.shape[1], len(npy_header(rows.shape))
    digests = []
    with path.open("rb") as file:
        file.seek(header)
        while block := file.read(size):
            digests.append(hashlib.sha256(block).digest())
    return b"".join(digests)


def npy_header(shape: tuple[int, ...]) -> bytes:
    """What an .npy file of float32 numbers in C order begins with."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": shape})
    return header.getvalue()

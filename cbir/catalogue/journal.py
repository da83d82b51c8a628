"""Finished work of an indexing run, safe on disk until the catalogue is complete."""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cbir.catalogue.catalogue import Catalogue
from cbir.catalogue.records import Record
from cbir.catalogue.vectors import DIGEST
from cbir.datasets.photo import Photo
from cbir.errors import CatalogueError
from cbir.nearest.blocks import blocks
from cbir.network.googlenet import FEATURE_SIZE
from cbir.photos.decode import PREPROCESSING
from cbir.photos.thumbnails import same_pixels
from cbir.system.files import link_or_copy, make_folder, sync

HEAD = struct.Struct(f"<{DIGEST}s{DIGEST}s{4 * FEATURE_SIZE}sI")
"""How an entry begins: its own digest, the photo's SHA-256, the vector, and the size of the thumbnail that follows."""


class PreparedPhoto(NamedTuple):
    """A photo read by a worker thread: known already, to be embedded, or refused."""

    photo: Photo
    sha256: str = ""
    pixels: NDArray[np.uint8] | None = None
    thumb: bytes = b""
    refusal: str = ""
    warning: str | None = None
    unreachable: bool = False
    """Refused because it cannot be opened now, whatever is in it."""


class Entry(NamedTuple):
    """What the journal keeps of a photo."""

    sha256: str
    """Of the photo's file, in hexadecimal."""
    vector: NDArray[np.float32]
    """(1024,)."""
    thumb: bytes


class Journal:
    """Finished photos by digest: vectors and thumbnails, those of this run safely on disk.

    One file holds them, and only grows. A kill or a power loss may leave anything behind the last batch that was
    synced, so each entry has a digest, which is also of what made it: what does not have it is cut off, with all after.
    """

    def __init__(self, work: Path, weights: str) -> None:
        """work: the folder of the file. weights: SHA-256 of those that make the vectors, in hexadecimal."""
        self.folder, self.weights = work, weights
        self._path = work / "journal"
        self.written = self._recover()
        self.adopted: dict[str, tuple[Catalogue, int]] = {}
        self._older: dict[str, tuple[Catalogue, int]] = {}

    def __contains__(self, sha256: str) -> bool:
        return sha256 in self.written or sha256 in self.adopted

    def adopt(self, former: Catalogue) -> None:
        """Take over the photos of a former catalogue, made with the same weights.

        Those of an older preprocessing wait until `confirm` tells that their pixels are still the same.
        """
        known = {record.sha256: (former, number) for number, record in enumerate(former.records)}
        if former.preprocessing == PREPROCESSING:
            self.adopted = known
        else:
            self._older = known

    def confirm(self, sha256: str, thumb: bytes) -> bool:
        """Take over a photo of an older preprocessing if its thumbnail shows the same pixels as the one it had."""
        if sha256 not in self._older:
            return False
        former, row = self._older[sha256]
        if not same_pixels(former.thumb(row).read_bytes(), thumb):
            return False
        self.adopted[sha256] = former, row
        return True

    def add(self, batch: list[PreparedPhoto], features: NDArray[np.float32]) -> None:
        """Write a batch, on disk when this returns."""
        with self._path.open("ab") as file:
            end, entries = file.tell(), [self._pack(*one) for one in zip(batch, features)]
            file.write(b"".join(entries))
            file.flush()
            os.fsync(file.fileno())
        for prepared, entry in zip(batch, entries):
            self.written[prepared.sha256] = end
            end += len(entry)

    def vectors(self, records: Sequence[Record]) -> Iterator[NDArray[np.float32]]:
        """(N, 1024) float32 in the order of the records, in blocks."""
        with self._path.open("rb") as file:
            for place in blocks(len(records)):
                yield np.stack([self._vector(file, record.sha256) for record in records[place]])

    def copy_thumb(self, sha256: str, target: Path) -> None:
        """Put a photo's thumbnail at a path."""
        if sha256 in self.written:
            with self._path.open("rb") as file:
                target.write_bytes(self._entry(file, sha256).thumb)
        else:
            catalogue, row = self.adopted[sha256]
            link_or_copy(catalogue.thumb(row), target)

    def discard(self) -> None:
        """Remove the journal, and what else is in its folder."""
        shutil.rmtree(self.folder)

    def _vector(self, file: BinaryIO, sha256: str) -> NDArray[np.float32]:
        if sha256 in self.written:
            return self._entry(file, sha256).vector
        catalogue, row = self.adopted[sha256]
        vector: NDArray[np.float32] = catalogue.index.vectors[row]
        return vector

    def _entry(self, file: BinaryIO, sha256: str) -> Entry:
        file.seek(self.written[sha256])
        entry = self._read(file)
        if entry is None:
            raise CatalogueError(f"{self._path}: changed while it was in use; run again")
        return entry

    def _recover(self) -> dict[str, int]:
        """Digests with the places of their entries, the file cut back to what is whole."""
        make_folder(self.folder)
        self._path.touch()
        sync(self.folder)
        written, end = {}, 0
        with self._path.open("r+b") as file:
            while entry := self._read(file):
                written[entry.sha256] = end
                end = file.tell()
            file.truncate(end)
        return written

    def _read(self, file: BinaryIO) -> Entry | None:
        """The entry that begins where a file stands; None if there is none, or not a whole one."""
        head = file.read(HEAD.size)
        if len(head) < HEAD.size:
            return None
        digest, sha256, numbers, size = HEAD.unpack(head)
        thumb = file.read(size)
        if digest != self._digest(head[DIGEST:] + thumb):
            return None
        return Entry(sha256.hex(), np.frombuffer(numbers, "<f4"), thumb)

    def _pack(self, prepared: PreparedPhoto, vector: NDArray[np.float32]) -> bytes:
        numbers = vector.astype("<f4").tobytes()
        head = HEAD.pack(bytes(DIGEST), bytes.fromhex(prepared.sha256), numbers, len(prepared.thumb))
        rest = head[DIGEST:] + prepared.thumb
        return self._digest(rest) + rest

    def _digest(self, rest: bytes) -> bytes:
        made_by = f"weights {self.weights}, preprocessing {PREPROCESSING}"
        return hashlib.sha256(made_by.encode() + rest).digest()

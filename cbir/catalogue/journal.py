"""Finished work of an indexing run, safe on disk until the catalogue is complete."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import struct
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cbir.catalogue.api import Former
from cbir.catalogue.records import WHOLE_PHOTO, Part, Record, by_photo
from cbir.catalogue.vectors import DIGEST
from cbir.datasets.photo import Photo
from cbir.errors import CatalogueError
from cbir.nearest.blocks import blocks
from cbir.network.googlenet import FEATURE_SIZE
from cbir.photos.decode import PREPROCESSING
from cbir.photos.region import Region
from cbir.photos.thumbnails import same_pixels
from cbir.system.files import link_or_copy, make_folder, sync
from cbir.system.versions import lies_in_version

HEAD = struct.Struct(f"<{DIGEST}s{DIGEST}sHII")
"""How an entry begins: its own digest, the photo's SHA-256, the number of its parts, and the sizes of what follows the
parts' vectors: their regions and kinds as JSON, and the thumbnail.
"""


class PreparedPhoto(NamedTuple):
    """A photo read by a worker thread: known already, to be embedded, or refused."""

    photo: Photo
    sha256: str = ""
    pixels: NDArray[np.uint8] | None = None
    """(n, 224, 224, 3), of each of its parts."""
    thumb: bytes = b""
    parts: tuple[Part, ...] = WHOLE_PHOTO
    refusal: str = ""
    warning: str | None = None
    unreachable: bool = False
    """Refused because it cannot be opened now, whatever is in it."""


class Entry(NamedTuple):
    """What the journal keeps of a photo."""

    sha256: str
    """Of the photo's file, in hexadecimal."""
    parts: tuple[Part, ...]
    vectors: NDArray[np.float32]
    """(n, 1024), of the parts."""
    thumb: bytes


class Written(NamedTuple):
    """A photo in the journal's file."""

    place: int
    """Byte at which its entry begins."""
    parts: tuple[Part, ...]


class Adopted(NamedTuple):
    """A photo of a former catalogue."""

    catalogue: Former
    row: int
    """Of its first part; the others follow."""
    parts: tuple[Part, ...]

    @property
    def thumb(self) -> Path:
        return self.catalogue.thumb(self.row)

    @property
    def vectors(self) -> NDArray[np.float32]:
        """(n, 1024), of its parts."""
        return self.catalogue.index.vectors[self.row : self.row + len(self.parts)]


class Journal:
    """Finished photos by digest: vectors of their parts and thumbnails, those of this run safely on disk.

    One file holds them, and only grows. A kill or a power loss may leave anything behind the last batch that was
    synced, so each entry has a digest, which is also of what made it: what does not have it is cut off, with all after.
    An entry holds all of a photo, so that a photo has all its garments or is not there.
    """

    def __init__(self, work: Path, weights: str, finder: str | None = None) -> None:
        """work: the folder of the file. weights: SHA-256 of those that make the vectors, in hexadecimal. finder: that
        of the finder that finds the garments, None where photos are indexed whole.
        """
        self.folder, self.weights, self.finder = work, weights, finder
        self._path = work / "journal"
        self.written = self._recover()
        self.adopted: dict[str, Adopted] = {}
        self._older: dict[str, Adopted] = {}

    def __contains__(self, sha256: str) -> bool:
        return sha256 in self.written or sha256 in self.adopted

    def adopt(self, former: Former) -> None:
        """Take over the photos of a former catalogue, made with the same weights.

        Those of an older preprocessing, or searched for garments by another finder or none, wait until `confirm` tells
        that their pixels and parts are still the same.
        """
        known, row = {}, 0
        for records in by_photo(former.records):
            parts = tuple(record.part for record in records) if former.by_garment else WHOLE_PHOTO
            known[records[0].sha256] = Adopted(former, row, parts)
            row += len(records)
        if (former.preprocessing, former.finder_digest) == (PREPROCESSING, self.finder):
            self.adopted = known
        else:
            self._older = known

    def confirm(self, sha256: str, thumb: bytes, parts: tuple[Part, ...]) -> bool:
        """Take over a photo that waits for it if it has the same parts, and a thumbnail of the same pixels."""
        older = self._older.get(sha256)
        if older is None or older.parts != parts or not same_pixels(older.thumb.read_bytes(), thumb):
            return False
        self.adopted[sha256] = older
        return True

    def has_taken_over(self, sha256: str) -> bool:
        """Whether the vectors of a photo are those of the former catalogue."""
        return sha256 in self.adopted and sha256 not in self.written

    def parts(self, sha256: str) -> tuple[Part, ...]:
        """The parts of a photo that is in it."""
        return self.written[sha256].parts if sha256 in self.written else self.adopted[sha256].parts

    def holds(self, record: Record) -> bool:
        """Whether the vector of a record is in it."""
        return record.sha256 in self and record.part in self.parts(record.sha256)

    def add(self, batch: list[PreparedPhoto], features: NDArray[np.float32]) -> None:
        """Write a batch, on disk when this returns. features: (n, 1024), of all parts of one photo after another."""
        with self._path.open("ab") as file:
            ends = np.cumsum([len(prepared.parts) for prepared in batch])
            end, entries = file.tell(), [self._pack(*one) for one in zip(batch, np.split(features, ends[:-1]))]
            file.write(b"".join(entries))
            file.flush()
            os.fsync(file.fileno())
        for prepared, entry in zip(batch, entries):
            self.written[prepared.sha256] = Written(end, prepared.parts)
            end += len(entry)

    def vectors(self, records: Sequence[Record]) -> Iterator[NDArray[np.float32]]:
        """(N, 1024) float32 in the order of the records, in blocks."""
        with self._path.open("rb") as file:
            for place in blocks(len(records)):
                photos = groupby(records[place], key=lambda record: record.sha256)
                yield np.concatenate([self._vectors(file, sha256, list(some)) for sha256, some in photos])

    def copy_thumb(self, sha256: str, target: Path) -> None:
        """Put a photo's thumbnail at a path."""
        if sha256 in self.written:
            target.write_bytes(self.read_thumb(sha256))
            return
        thumb = self.adopted[sha256].thumb
        # A file with two names is taken for one that is on disk when the version is brought there.
        (link_or_copy if lies_in_version(thumb) else shutil.copyfile)(thumb, target)

    def read_thumb(self, sha256: str) -> bytes:
        """A photo's thumbnail."""
        if sha256 in self.written:
            with self._path.open("rb") as file:
                return self._entry(file, sha256).thumb
        return self.adopted[sha256].thumb.read_bytes()

    def digest_thumb(self, sha256: str) -> str:
        """SHA-256 of a photo's thumbnail, in hexadecimal."""
        if sha256 in self.written:
            return hashlib.sha256(self.read_thumb(sha256)).hexdigest()
        adopted = self.adopted[sha256]
        return adopted.catalogue.thumb_digest(adopted.row).hex()

    def discard(self) -> None:
        """Remove the journal, and what else is in its folder."""
        shutil.rmtree(self.folder)

    def _vectors(self, file: BinaryIO, sha256: str, records: Sequence[Record]) -> NDArray[np.float32]:
        """(n, 1024), of records of one photo."""
        vectors = self._entry(file, sha256).vectors if sha256 in self.written else self.adopted[sha256].vectors
        parts = self.parts(sha256)
        return vectors[[parts.index(record.part) for record in records]]

    def _entry(self, file: BinaryIO, sha256: str) -> Entry:
        file.seek(self.written[sha256].place)
        entry = self._read(file)
        if entry is None:
            raise CatalogueError(f"{self._path}: changed while it was in use; run again")
        return entry

    def _recover(self) -> dict[str, Written]:
        """What is in the file by digest, the file cut back to what is whole."""
        make_folder(self.folder)
        self._path.touch()
        sync(self.folder)
        written: dict[str, Written] = {}
        end = 0
        with self._path.open("r+b") as file:
            while entry := self._read(file):
                written[entry.sha256] = Written(end, entry.parts)
                end = file.tell()
            file.truncate(end)
        return written

    def _read(self, file: BinaryIO) -> Entry | None:
        """The entry that begins where a file stands; None if there is none, or not a whole one."""
        head = file.read(HEAD.size)
        if len(head) < HEAD.size:
            return None
        digest, sha256, count, *sizes = HEAD.unpack(head)
        numbers, parts, thumb = (file.read(size) for size in (count * 4 * FEATURE_SIZE, *sizes))
        if digest != self._digest(head[DIGEST:] + numbers + parts + thumb):
            return None
        vectors = np.frombuffer(numbers, "<f4").reshape(count, FEATURE_SIZE)
        found = tuple(Part(region and Region(*region), kind) for region, kind in json.loads(parts))
        return Entry(sha256.hex(), found, vectors, thumb)

    def _pack(self, prepared: PreparedPhoto, vectors: NDArray[np.float32]) -> bytes:
        parts = json.dumps(prepared.parts).encode()
        sizes = len(prepared.parts), len(parts), len(prepared.thumb)
        head = HEAD.pack(bytes(DIGEST), bytes.fromhex(prepared.sha256), *sizes)
        rest = head[DIGEST:] + vectors.astype("<f4").tobytes() + parts + prepared.thumb
        return self._digest(rest) + rest

    def _digest(self, rest: bytes) -> bytes:
        made_by = f"weights {self.weights}, preprocessing {PREPROCESSING}"
        if self.finder:
            made_by += f", finder {self.finder}"
        return hashlib.sha256(made_by.encode() + rest).digest()

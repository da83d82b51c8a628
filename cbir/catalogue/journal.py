"""Finished work of an indexing run, safe on disk until the catalogue is complete."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cbir.catalogue.catalogue import Catalogue
from cbir.catalogue.records import Record, thumb_name
from cbir.datasets.photo import Photo
from cbir.nearest.blocks import blocks
from cbir.network.googlenet import FEATURE_SIZE
from cbir.photos.decode import PREPROCESSING


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


class Journal:
    """Finished photos by digest: vectors and thumbnails, those of this run safely on disk."""

    def __init__(self, work: Path, weights: str) -> None:
        self.folder, self.weights = work, weights
        header, made_by = work / "made-by.txt", f"weights {weights}, preprocessing {PREPROCESSING}"
        if not header.exists() or header.read_text() != made_by:
            for name in ("vectors.bin", "digests.txt"):
                (work / name).unlink(missing_ok=True)
            header.write_text(made_by)
        (work / "thumbs").mkdir(exist_ok=True)
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
        """Take over a photo of an older preprocessing if its thumbnail is the same as it was, to the byte."""
        if sha256 not in self._older:
            return False
        former, row = self._older[sha256]
        if not former.has_thumb(row, thumb):
            return False
        self.adopted[sha256] = former, row
        return True

    def add(self, batch: list[PreparedPhoto], features: NDArray[np.float32]) -> None:
        """Write a batch: thumbnails, then vectors, then their digests, so that a digest on disk has all the rest."""
        for prepared in batch:
            (self.folder / thumb_name(prepared.sha256)).write_bytes(prepared.thumb)
        _append(self.folder / "vectors.bin", features.tobytes())
        _append(self.folder / "digests.txt", "".join(f"{prepared.sha256}\n" for prepared in batch).encode())
        for prepared in batch:
            self.written[prepared.sha256] = len(self.written)

    def vectors(self, records: Sequence[Record]) -> Iterator[NDArray[np.float32]]:
        """(N, 1024) float32 in the order of the records, in blocks."""
        for place in blocks(len(records)):
            some = records[place]
            block = np.empty((len(some), FEATURE_SIZE), np.float32)
            if self.written:
                # Mapped anew for each block: what was read for the one before can be let go.
                rows = np.memmap(self.folder / "vectors.bin", np.float32, "r").reshape(-1, FEATURE_SIZE)
            for number, record in enumerate(some):
                if record.sha256 in self.written:
                    block[number] = rows[self.written[record.sha256]]
                else:
                    catalogue, row = self.adopted[record.sha256]
                    block[number] = catalogue.index.vectors[row]
            yield block

    def thumb(self, record: Record) -> Path:
        if record.sha256 in self.written:
            return self.folder / record.thumb
        catalogue, row = self.adopted[record.sha256]
        return catalogue.thumb(row)

    def discard(self) -> None:
        """Remove the journal, digests first: what they name must be there for as long as they are."""
        (self.folder / "digests.txt").unlink()
        shutil.rmtree(self.folder)

    def _recover(self) -> dict[str, int]:
        """Digests with their rows, both files cut back to what is complete in each."""
        vectors, digests = self.folder / "vectors.bin", self.folder / "digests.txt"
        for path in (vectors, digests):
            path.touch()
        row, line = 4 * FEATURE_SIZE, 65
        complete = min(vectors.stat().st_size // row, digests.stat().st_size // line)
        os.truncate(vectors, complete * row)
        os.truncate(digests, complete * line)
        return {digest: number for number, digest in enumerate(digests.read_text().split())}


def _append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())

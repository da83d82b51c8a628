"""A folder of photos to a catalogue: resumable, repeatable, and never half done."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cbir.catalogue import (
    CONTENT,
    EXAMPLES,
    Catalogue,
    Record,
    check_files,
    thumb_name,
    write_catalogue,
)
from cbir.datasets import Photo, read_photos
from cbir.errors import CatalogueError, DatasetError, PhotoError, WeightsError
from cbir.features import FeatureExtractor, batched, map_ahead, to_pixels
from cbir.files import link_or_copy, locked, swap_folders
from cbir.googlenet import FEATURE_SIZE
from cbir.graph import GraphSettings
from cbir.images import DECODE_SIDE, load_image
from cbir.neighbours import ExactIndex
from cbir.rows import blocks, write_rows

THUMB_SIDE = 400
"""Longer side of a thumbnail in pixels."""
BATCH = 32

Progress = Callable[[str, int, int], object]
"""Called with a stage ("photos" or "graph"), the number done and the total."""


@dataclass(frozen=True)
class Report:
    """What an indexing run did."""

    count: int
    """Photos in the catalogue."""
    embedded: int
    """Pictures that went through the network in this run."""
    dropped: int
    """Photos of the former catalogue that are gone."""
    refused: list[tuple[str, str]]
    """Photos left out: name, and the reason with what to do."""
    changed: bool
    """False if the catalogue there was already the right one and was left as it is."""


class _Prepared(NamedTuple):
    """A photo read by a worker thread: known already, to be embedded, or refused."""

    photo: Photo
    sha256: str = ""
    pixels: NDArray[np.uint8] | None = None
    thumb: bytes = b""
    refusal: str = ""


def index_photos(
    folder: str | os.PathLike[str],
    out: str | os.PathLike[str],
    extractor: FeatureExtractor,
    *,
    settings: GraphSettings = GraphSettings(),
    progress: Progress = lambda *_: None,
) -> Report:
    """Build the catalogue of a folder of photos, or bring the one at `out` up to date.

    Photos known by their content, from the catalogue at `out` or from a run that was broken off, are not embedded
    again. Finished work stands in `out` with ".building" behind it until the catalogue is complete and checked, and
    then takes its place in one step.

    Raises DatasetError if there is no photo to index, CatalogueError if `out` holds something else, is damaged, or is
    being written by another run, and WeightsError if the network was not loaded from a file.
    """
    weights = extractor.weights
    if weights.path is None:
        raise WeightsError("the network is not from a file, but a catalogue holds its file; save and load it first")
    place = Path(out)
    work = place.with_name(place.name + ".building")
    _refuse_to_replace(place)
    found = read_photos(folder, skip=[place, work])
    refused = [(name, "listed, but not there; copy it or take it off the list") for name in found.missing]
    work.mkdir(parents=True, exist_ok=True)
    with locked(work / "lock"):
        former = Catalogue.open(place) if (place / "manifest.json").exists() else None
        journal = _Journal(work, weights.digest)
        if former is not None and former.manifest["weights"] == weights.digest:
            journal.adopt(former)
        embedded_before = len(journal.written)
        records = []
        for done, prepared in enumerate(_embed_all(found.photos, journal, extractor), start=1):
            if prepared.refusal:
                refused.append((prepared.photo.name, prepared.refusal))
            else:
                photo = prepared.photo
                records.append(Record(photo.name, photo.label, prepared.sha256, photo.description))
            progress("photos", done, len(found.photos))
        if not records:
            reason = f"{refused[0][0]}: {refused[0][1]}" if refused else "give a folder of photos"
            journal.discard()
            raise DatasetError(f"{folder}: no photo to index ({reason})")
        examples = _prepare_examples(found.examples, refused)
        changed = (
            former is None
            or list(former.records) != records
            or [path.read_bytes() for path in former.examples] != examples
            or former.manifest["weights"] != weights.digest
            or former.index.settings != settings
        )
        if changed:
            _write_bundle(work / "bundle", records, examples, journal, weights.path, settings, progress)
            swap_folders(work / "bundle", place)
        report = Report(
            count=len(records),
            embedded=len(journal.written) - embedded_before,
            dropped=len({r.photo for r in former.records} - {r.photo for r in records}) if former else 0,
            refused=refused,
            changed=changed,
        )
        journal.discard()
    return report


class _Journal:
    """Finished photos by digest: vectors and thumbnails, those of this run safely on disk."""

    def __init__(self, work: Path, weights: str) -> None:
        self.folder, self.weights = work, weights
        header = work / "weights.sha256"
        if not header.exists() or header.read_text() != weights:
            for name in ("vectors.bin", "digests.txt"):
                (work / name).unlink(missing_ok=True)
            header.write_text(weights)
        (work / "thumbs").mkdir(exist_ok=True)
        self.written = self._recover()
        self.adopted: dict[str, tuple[Catalogue, int]] = {}

    def __contains__(self, sha256: str) -> bool:
        return sha256 in self.written or sha256 in self.adopted

    def adopt(self, former: Catalogue) -> None:
        """Take over the photos of a former catalogue, made with the same weights."""
        self.adopted = {record.sha256: (former, number) for number, record in enumerate(former.records)}

    def add(self, batch: list[_Prepared], features: NDArray[np.float32]) -> None:
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


def _embed_all(photos: list[Photo], journal: _Journal, extractor: FeatureExtractor) -> Iterator[_Prepared]:
    """Every photo in its order, once it is refused, known, or safely in the journal."""
    with ThreadPoolExecutor() as pool:
        prepared = map_ahead(pool, lambda photo: _prepare(photo, journal), photos, ahead=2 * BATCH)
        for batch in batched(prepared, BATCH):
            new = {one.sha256: one for one in batch if one.pixels is not None and one.sha256 not in journal}
            if new:
                todo = list(new.values())
                journal.add(todo, extractor.embed(np.stack([one.pixels for one in todo if one.pixels is not None])))
            yield from batch


def _prepare(photo: Photo, journal: _Journal) -> _Prepared:
    try:
        data = photo.path.read_bytes()
    except OSError as error:
        return _Prepared(photo, refusal=f"cannot be opened ({error.strerror}); check its permissions")
    sha256 = hashlib.sha256(data).hexdigest()
    if sha256 in journal:
        return _Prepared(photo, sha256)
    try:
        image = load_image(data, short_side=DECODE_SIDE)
    except PhotoError as error:
        return _Prepared(photo, refusal=str(error).removeprefix("the photo: "))
    return _Prepared(photo, sha256, to_pixels(image), make_thumb(image))


def _prepare_examples(paths: Sequence[Path], refused: list[tuple[str, str]]) -> list[bytes]:
    """Pictures to offer as queries, small; those that cannot be read join `refused`."""
    pictures = []
    for path in paths:
        try:
            pictures.append(make_thumb(load_image(path, short_side=DECODE_SIDE)))
        except PhotoError as error:
            refused.append((EXAMPLES + path.name, str(error).removeprefix(f"{path}: ")))
    return pictures


def make_thumb(image: Image.Image, *, side: int = THUMB_SIDE) -> bytes:
    """A JPEG of an RGB picture, its longer side at most `side` pixels."""
    small = image.copy()
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    encoded = io.BytesIO()
    small.save(encoded, "JPEG", quality=78)
    return encoded.getvalue()


def _write_bundle(
    bundle: Path,
    records: list[Record],
    examples: list[bytes],
    journal: _Journal,
    weights: Path,
    settings: GraphSettings,
    progress: Progress,
) -> None:
    """Write and check a bundle from the journal; what an earlier run left of one is removed first."""
    shutil.rmtree(bundle, ignore_errors=True)
    (bundle / "thumbs").mkdir(parents=True)
    for record in records:
        link_or_copy(journal.thumb(record), bundle / record.thumb)
    for number, picture in enumerate(examples, start=1):
        path = bundle / f"{EXAMPLES}{number:03}.jpg"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(picture)
    shutil.copyfile(weights, bundle / "weights.pth")
    place, count = bundle / "vectors.npy", len(records)
    write_rows(place, (count, FEATURE_SIZE), journal.vectors(records))
    vectors = np.load(place, mmap_mode="r")
    index = ExactIndex.build(vectors, settings=settings, progress=lambda done: progress("graph", done, count))
    write_catalogue(bundle, records, index)
    if check_files(bundle)["weights"] != journal.weights:
        raise CatalogueError(f"{weights}: changed while the photos were indexed; run again")


def _refuse_to_replace(place: Path) -> None:
    """Raise CatalogueError if something else than a catalogue stands where one is to be written."""
    if place.exists() and not place.is_dir():
        raise CatalogueError(f"{place}: a file; choose a folder for the catalogue")
    if place.is_dir():
        strange = sorted(path.name for path in place.iterdir() if path.name not in CONTENT)
        if strange:
            raise CatalogueError(f"{place / strange[0]}: not part of a catalogue; choose another folder, or remove it")


def _append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())

"""A bundle written from finished work: anew, or as a change of the former one, which links few photos and not all."""

from __future__ import annotations

import shutil
from collections import defaultdict, deque
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cbir.catalogue.catalogue import EXAMPLES, FINDER, MAP, OPTIONAL, Catalogue, write_catalogue
from cbir.catalogue.journal import Journal
from cbir.catalogue.manifest import check_files, describe_file
from cbir.catalogue.map import Map, make_map
from cbir.catalogue.records import Part, Record
from cbir.catalogue.vectors import write_rows
from cbir.errors import CatalogueError
from cbir.nearest.exact import ExactIndex
from cbir.nearest.hnsw import GraphSettings
from cbir.nearest.tsne import STEPS
from cbir.network.googlenet import FEATURE_SIZE
from cbir.photos.decode import PREPROCESSING
from cbir.system.progress import Progress

LEAST = 4_096
"""Records from which on a catalogue is changed; fewer are linked anew in seconds, and the same photos give the same
files.
"""
SHARE = 0.2
"""Share of the records that may come and go before the catalogue is linked anew."""
ON_MAP = 0.9
"""Share of the records on the map that have to be there still for it to be kept."""


class Content(NamedTuple):
    """What a catalogue is to hold."""

    records: list[Record]
    examples: list[bytes]
    weights: Path
    beside: dict[str, Path]
    """Files of OPTIONAL, by their name in the catalogue."""
    settings: GraphSettings
    by_garment: bool

    def is_that_of(self, former: Catalogue) -> bool:
        """Whether a catalogue of the same weights holds it already. Its vectors follow from these."""
        return (
            list(former.records) == self.records
            and [path.read_bytes() for path in former.examples] == self.examples
            and former.preprocessing == PREPROCESSING
            and former.index.settings == self.settings
            and all(
                former.manifest["files"].get(name)
                == (describe_file(self.beside[name]) if name in self.beside else None)
                for name in OPTIONAL
            )
            and former.by_garment == self.by_garment
            and former.map is not None
        )


class Change(NamedTuple):
    """What became of the records of a former catalogue."""

    former: Catalogue
    sources: NDArray[np.int64]
    """(N,) the row there of each record, -1 for a new one."""
    changed: int
    """Records that came or went since all were linked."""

    @property
    def is_small(self) -> bool:
        """Whether the catalogue is large, and little of it changed."""
        least = min(len(self.sources), len(self.former.records))
        return least >= LEAST and self.changed <= SHARE * least


def find_change(records: list[Record], former: Catalogue, journal: Journal) -> Change:
    """What became of the records of a former catalogue whose vectors the journal took over."""
    rows: defaultdict[tuple[str, Part], deque[int]] = defaultdict(deque)
    for row, record in enumerate(former.records):
        rows[record.sha256, record.part].append(row)
    sources = np.full(len(records), -1)
    for place, record in enumerate(records):
        there = rows.get((record.sha256, record.part))
        if there and journal.has_taken_over(record.sha256):
            sources[place] = there.popleft()
    kept = np.count_nonzero(sources >= 0)
    changed = former.changed + len(records) + len(former.records) - 2 * int(kept)
    return Change(former, sources, changed)


def write_bundle(bundle: Path, content: Content, journal: Journal, change: Change | None, progress: Progress) -> None:
    """Write and check a bundle from the journal; what an earlier run left of one is removed first.

    change: of a former catalogue, of which it is made as far as that serves; None to make all of it anew.
    """
    shutil.rmtree(bundle, ignore_errors=True)
    (bundle / "thumbs").mkdir(parents=True)
    thumbs = {record.sha256: record.thumb for record in content.records}
    for sha256, thumb in thumbs.items():
        journal.copy_thumb(sha256, bundle / thumb)
    for number, picture in enumerate(content.examples, start=1):
        path = bundle / f"{EXAMPLES}{number:03}.jpg"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(picture)
    shutil.copyfile(content.weights, bundle / "weights.pth")
    for name, path in content.beside.items():
        shutil.copyfile(path, bundle / name)
    target, count = bundle / "vectors.npy", len(content.records)
    write_rows(target, (count, FEATURE_SIZE), journal.vectors(content.records))
    vectors = np.load(target, mmap_mode="r")
    index, on_map, changed = None, None, 0
    if change is not None:
        index = _change_index(vectors, change, content.settings)
        if index is not None:
            on_map, changed = _change_map(change), change.changed
    if index is None:
        index = ExactIndex.build(
            vectors, settings=content.settings, progress=lambda done: progress("graph", done, count)
        )
    if on_map is None:
        labels = [record.label for record in content.records]
        on_map = make_map(index, labels, progress=lambda done: progress("map", done, STEPS))
    on_map.save(bundle / MAP)
    write_catalogue(
        bundle,
        content.records,
        index,
        by_garment=content.by_garment,
        changed=changed,
        digests=_known_digests(change) if change else {},
    )
    manifest = check_files(bundle)
    if manifest["weights"] != journal.weights:
        raise CatalogueError(f"{content.weights}: changed while the photos were indexed; run again")
    if content.by_garment and manifest["files"][FINDER]["sha256"] != journal.finder:
        raise CatalogueError(f"{content.beside[FINDER]}: changed while the photos were indexed; run again")


def _change_index(vectors: NDArray[np.float32], change: Change, settings: GraphSettings) -> ExactIndex | None:
    """The former index with these vectors, (N, 1024), in place of its own; None if it is to be built anew."""
    former = change.former
    if not change.is_small or settings != former.index.settings:
        return None
    # Another one than the former catalogue's own, which may be searched meanwhile.
    index = ExactIndex.open(former.folder, vectors=former.index.vectors, settings=former.index.settings)
    return index.change(vectors, change.sources)


def _change_map(change: Change) -> Map | None:
    """The former map with those of its records that are there still; None if that are too few."""
    former = change.former.map
    if former is None:
        return None
    rows = np.full(len(change.former.records), -1)
    rows[change.sources[change.sources >= 0]] = np.flatnonzero(change.sources >= 0)
    moved = rows[former.rows]
    order = np.argsort(moved)[np.count_nonzero(moved < 0) :]
    return Map(moved[order], former.cells[order]) if len(order) >= ON_MAP * len(moved) else None


def _known_digests(change: Change) -> dict[str, bytes]:
    """SHA-256 of the thumbnails that were taken over, by their path below the catalogue."""
    former, kept = change.former, change.sources[change.sources >= 0]
    return {former.records[row].thumb: former.thumb_digest(row) for row in kept.tolist()}

"""Photos put into a catalogue or taken out of it, without the folder that it was made of."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from cbir.catalogue.build import make_records
from cbir.catalogue.bundle import Content, find_change, write_bundle
from cbir.catalogue.catalogue import CONTENT, FINDER, OPTIONAL, Catalogue
from cbir.catalogue.embed import embed_photos
from cbir.catalogue.journal import Journal
from cbir.catalogue.manifest import read_manifest
from cbir.catalogue.records import Record
from cbir.datasets.photo import Photo
from cbir.errors import CatalogueError, DatasetError, WeightsError
from cbir.network.extractor import FeatureExtractor
from cbir.network.garments import GarmentFinder
from cbir.system.files import locked
from cbir.system.progress import Progress
from cbir.system.versions import LOCK, VERSIONS, WORK, current_version, publish, remove_unused

EDIT = "edit"
"""Folder of the work of this module, below that of indexing runs: one that was broken off is not lost."""
TAKEN = "another photo of this name is in the catalogue; take that one out first, or give this one another name"
OLD = "made by an earlier version; bring it up to date first: python -m cbir index PHOTOS --out {}"


class Edit(NamedTuple):
    """What came of an edit."""

    size: int
    """Records in the catalogue: photos, or garments found in them."""
    changed: list[str]
    """Names of the photos that were put in or taken out."""
    refused: list[tuple[str, str]]
    """What was left out: name, and the reason with what to do."""
    warnings: list[tuple[str, str]]
    """What is wrong with photos that were put in: name, and what."""


def add_photos(
    photos: Sequence[Photo],
    out: str | os.PathLike[str],
    extractor: FeatureExtractor,
    *,
    progress: Progress = lambda *_: None,
) -> Edit:
    """Put photos into a catalogue, behind those that it has; one that is in it already stays as it is.

    Raises CatalogueError if there is no catalogue at `out`, or it is damaged or being written by another run, and
    WeightsError if the extractor has other weights than the catalogue.
    """
    refused: list[tuple[str, str]] = []
    warnings: list[tuple[str, str]] = []

    def put_in(former: Catalogue, journal: Journal) -> list[Record]:
        if extractor.weights.digest != former.manifest["weights"]:
            raise WeightsError(f"{extractor.weights.path}: not the network of the catalogue; use its own")
        finder = GarmentFinder.open(former.folder / FINDER, extractor) if former.by_garment else None
        embedding = embed_photos(list(photos), journal, extractor, finder)
        made = make_records(
            embedding, journal, refused, [], warnings, lambda done: progress("photos", done, len(photos))
        )
        there = {record.photo: record.sha256 for record in former.records}
        taken = [record for record in made if there.get(record.photo, record.sha256) != record.sha256]
        refused.extend((name, TAKEN) for name in dict.fromkeys(record.photo for record in taken))
        return [*former.records, *(record for record in made if record.photo not in there)]

    size, before, after = _edit(Path(out), put_in, progress)
    return Edit(size, [name for name in after if name not in before], refused, warnings)


def remove_photos(names: Sequence[str], out: str | os.PathLike[str], *, progress: Progress = lambda *_: None) -> Edit:
    """Take photos out of a catalogue, by their names in it, or all below a folder, by the folder's.

    Raises CatalogueError if there is no catalogue at `out`, or it is damaged or being written by another run, and
    DatasetError if a name is not in it, or nothing would be left; nothing is taken out then.
    """

    def take_out(former: Catalogue, _: Journal) -> list[Record]:
        photos = {record.photo for record in former.records}
        gone: set[str] = set()
        for name in names:
            found = {photo for photo in photos if photo == name or photo.startswith(name.rstrip("/") + "/")}
            if not found:
                raise DatasetError(f"{name}: not in the catalogue {out}; search tells the names of photos")
            gone |= found
        if gone == photos:
            raise DatasetError(f"{out}: no photo would be left; delete the folder instead")
        return [record for record in former.records if record.photo not in gone]

    size, before, after = _edit(Path(out), take_out, progress)
    return Edit(size, [name for name in before if name not in after], [], [])


def _edit(
    out: Path, make: Callable[[Catalogue, Journal], list[Record]], progress: Progress
) -> tuple[int, dict[str, None], dict[str, None]]:
    """Give a catalogue the records that are made of it: how many, and the names of photos before and after."""
    target = out.resolve()
    read_manifest(current_version(target))
    (target / VERSIONS).mkdir(exist_ok=True)
    with locked(target / VERSIONS / LOCK):
        remove_unused(target, CONTENT)
        former = Catalogue.open(target)
        journal = Journal(target / VERSIONS / WORK / EDIT, former.manifest["weights"], former.finder_digest)
        journal.adopt(former)
        before, records = list(former.records), make(former, journal)
        if records != before:
            if not all(journal.holds(record) for record in records):
                raise CatalogueError(f"{out}: {OLD.format(out)}")
            bundle = target / VERSIONS / WORK / EDIT / "bundle"
            content = Content(
                records,
                [path.read_bytes() for path in former.examples],
                former.folder / "weights.pth",
                {name: former.folder / name for name in OPTIONAL if name in former.manifest["files"]},
                former.index.settings,
                former.by_garment,
            )
            write_bundle(bundle, content, journal, find_change(records, former, journal), progress)
            publish(target, bundle, read_manifest(bundle)["sha256"])
        journal.discard()
        former.lease.release()
        remove_unused(target, CONTENT)
    names = [dict.fromkeys(record.photo for record in some) for some in (before, records)]
    return len(records), names[0], names[1]

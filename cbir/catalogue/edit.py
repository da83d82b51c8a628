"""Photos put into a catalogue or taken out of it, and called otherwise, without the folder that it was made of."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cbir.catalogue.build import locate_network, make_records, open_finder
from cbir.catalogue.bundle import Content, find_change, write_bundle
from cbir.catalogue.catalogue import CONTENT, FINDER, OPTIONAL, Catalogue
from cbir.catalogue.embed import embed_photos
from cbir.catalogue.journal import Journal
from cbir.catalogue.manifest import read_manifest
from cbir.catalogue.records import Record, Records
from cbir.datasets.photo import Photo
from cbir.errors import CatalogueError, DatasetError, WeightsError
from cbir.nearest.hnsw import GraphSettings
from cbir.network.extractor import FeatureExtractor
from cbir.network.googlenet import FEATURE_SIZE
from cbir.system.files import file_digest, locked, make_folder
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
    garments: bool | None = None,
    name_kinds: bool = False,
    batch: int | None = None,
    progress: Progress = lambda *_: None,
) -> Edit:
    """Put photos into a catalogue, behind those that it has; one that is in it already stays as it is.

    garments: begin a catalogue where there is none; if true, it has a record of each garment that a photo of a person
        shows, in place of one of the photo. None: there has to be one.
    name_kinds: what has no label gets the kind that the network takes it for.
    batch: photos that go through the network at a time; few leave the machine to others sooner.

    Raises CatalogueError if there is no catalogue at `out`, or it is damaged or being written by another run, and
    WeightsError if the extractor has other weights than the catalogue, or no file that a new catalogue could hold, or
    if it has no garment finder for one by garment.
    """
    refused: list[tuple[str, str]] = []
    warnings: list[tuple[str, str]] = []

    def put_in(before: Sequence[Record], content: Content, journal: Journal) -> list[Record]:
        if extractor.weights.digest != journal.weights:
            raise WeightsError(f"{extractor.weights.path}: not the network of the catalogue; use its own")
        finder = open_finder(content.beside.get(FINDER), extractor) if content.by_garment else None
        embedding = embed_photos(list(photos), journal, extractor, finder, batch=batch)
        made = make_records(
            embedding, journal, refused, [], warnings, lambda done: progress("photos", done, len(photos))
        )
        new, taken = _choose_new(made, before)
        refused.extend((name, TAKEN) for name in taken)
        return [*before, *(_name_kinds(new, journal, extractor) if name_kinds else new)]

    there_is_one = (current_version(Path(out).resolve()) / "manifest.json").exists()
    begun = None if garments is None or there_is_one else _begin(extractor, by_garment=garments)
    size, before, after = _edit(Path(out), put_in, progress, begun)
    return Edit(size, [name for name in after if name not in before], refused, warnings)


def change_records(
    out: str | os.PathLike[str],
    change: Callable[[Records], list[Record]],
    *,
    progress: Progress = lambda *_: None,
) -> Edit:
    """Give a catalogue some of its records, perhaps with other labels, columns or links.

    change: gets all records and returns those that stay. Raises what it raises, CatalogueError as `add_photos`, and
    DatasetError if nothing would be left; nothing is changed then.
    """

    def choose(before: Records, _: Content, __: Journal) -> list[Record]:
        if not (left := change(before)):
            raise DatasetError(f"{out}: no photo would be left; delete the folder instead")
        return left

    size, before, after = _edit(Path(out), choose, progress)
    return Edit(size, [name for name in before if name not in after], [], [])


def remove_photos(names: Sequence[str], out: str | os.PathLike[str], *, progress: Progress = lambda *_: None) -> Edit:
    """Take photos out of a catalogue, by their names in it, or all below a folder, by the folder's.

    Raises what `change_records` raises, and DatasetError if a name is not in it; nothing is taken out then.
    """

    def take_out(records: Records) -> list[Record]:
        photos = {record.photo for record in records}
        gone: set[str] = set()
        for name in names:
            found = {photo for photo in photos if photo == name or photo.startswith(name.rstrip("/") + "/")}
            if not found:
                raise DatasetError(f"{name}: not in the catalogue {out}; search tells the names of photos")
            gone |= found
        return [record for record in records if record.photo not in gone]

    return change_records(out, take_out, progress=progress)


def _choose_new(made: Sequence[Record], before: Sequence[Record]) -> tuple[list[Record], list[str]]:
    """Those of the records that come to the catalogue, each once, and the names that other photos have already."""
    there = {record.photo: record.sha256 for record in before}
    owners = {record.photo: record.sha256 for record in reversed(made)} | there  # of one name, the first photo keeps it
    new: dict[tuple[str, str], Record] = {}
    for record in made:
        if record.photo not in there and owners[record.photo] == record.sha256:
            new.setdefault((record.photo, record.identity), record)
    taken = dict.fromkeys(record.photo for record in made if owners[record.photo] != record.sha256)
    return [*new.values()], [*taken]


def _name_kinds(records: Sequence[Record], journal: Journal, extractor: FeatureExtractor) -> list[Record]:
    """Records in which those without a label have the kind that the network takes them for."""
    unnamed = [record for record in records if record.label is None]
    vectors = np.concatenate([*journal.vectors(unnamed)]) if unnamed else np.empty((0, FEATURE_SIZE), np.float32)
    kinds = iter(extractor.weights.classify(vectors))
    return [record._replace(label=next(kinds)) if record.label is None else record for record in records]


def _begin(extractor: FeatureExtractor, *, by_garment: bool) -> Content:
    """What a new catalogue holds beside its records."""
    weights = extractor.weights
    if weights.path is None:
        raise WeightsError("the network is not from a file, but a catalogue holds its file; save and load it first")
    network, beside = locate_network(weights.path, weights.digest, None)
    return Content([], [], network, beside, GraphSettings(), by_garment)


def _keep(former: Catalogue) -> Content:
    """What a catalogue goes on holding beside its records."""
    return Content(
        [],
        [path.read_bytes() for path in former.examples],
        former.folder / "weights.pth",
        {name: former.folder / name for name in OPTIONAL if name in former.manifest["files"]},
        former.index.settings,
        former.by_garment,
    )


def _edit(
    out: Path,
    make: Callable[[Records, Content, Journal], list[Record]],
    progress: Progress,
    begun: Content | None = None,
) -> tuple[int, dict[str, None], dict[str, None]]:
    """Give a catalogue the records that are made of its own: how many, and the names of photos before and after.

    begun: what one holds that is not there yet.
    """
    target = out.resolve()
    if begun is None:
        read_manifest(current_version(target))
    make_folder(target / VERSIONS)
    with locked(target / VERSIONS / LOCK):
        remove_unused(target, CONTENT)
        former = None if begun else Catalogue.open(target)
        content = _keep(former) if former else begun
        assert content is not None
        looking = file_digest(content.beside[FINDER]) if content.by_garment and FINDER in content.beside else None
        journal = Journal(target / VERSIONS / WORK / EDIT, file_digest(content.weights), looking)
        before: Records = Records(b"")
        if former is not None:
            before = former.records
            journal.adopt(former)
        records = make(before, content, journal)
        if records != list(before):
            if not all(journal.holds(record) for record in records):
                raise CatalogueError(f"{out}: {OLD.format(out)}")
            bundle = target / VERSIONS / WORK / EDIT / "bundle"
            change = find_change(records, former, journal) if former else None
            write_bundle(bundle, content._replace(records=records), journal, change, progress)
            publish(target, bundle, read_manifest(bundle)["sha256"])
        journal.discard()
        names = [dict.fromkeys(record.photo for record in some) for some in (before, records)]
        if former is not None:
            former.lease.release()
        remove_unused(target, CONTENT)
    return len(records), names[0], names[1]

"""A folder of photos to a catalogue: resumable, repeatable, and never half done."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from cbir.catalogue.catalogue import CONTENT, EXAMPLES, FINDER, Catalogue, write_catalogue
from cbir.catalogue.changes import compare_records, keep_records
from cbir.catalogue.embed import embed_photos, prepare_examples
from cbir.catalogue.journal import Journal
from cbir.catalogue.manifest import check_files, describe_file, read_manifest
from cbir.catalogue.records import Record
from cbir.catalogue.vectors import write_rows
from cbir.datasets.photo import Photo
from cbir.datasets.reader import read_photos
from cbir.errors import CatalogueError, DatasetError, WeightsError
from cbir.nearest.exact import ExactIndex
from cbir.nearest.hnsw import GraphSettings
from cbir.network.extractor import FeatureExtractor
from cbir.network.garments import find_finder
from cbir.network.googlenet import FEATURE_SIZE
from cbir.photos.decode import PREPROCESSING
from cbir.system.files import locked, make_folder
from cbir.system.progress import Progress
from cbir.system.versions import LOCK, VERSIONS, WORK, current_version, publish, remove_unused, strange_files


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
    """What was left out, listed in the order met: name, and the reason with what to do."""
    changed: bool
    """False if the catalogue there was already the right one and was left as it is."""
    renamed: int = 0
    """Photos of the former catalogue that have another name now."""
    kept: int = 0
    """Photos of the former catalogue that cannot be read now and stay in it."""
    litter: list[str] = field(default_factory=list)
    """Names of what systems put among the photos, and of catalogues; left out as well."""
    others: dict[str, int] = field(default_factory=dict)
    """Files of kinds that are not read, counted by suffix."""
    warnings: list[tuple[str, str]] = field(default_factory=list)
    """Photos that were taken in this run though something is wrong with them: name, and what."""


def index_photos(
    folder: str | os.PathLike[str],
    out: str | os.PathLike[str],
    extractor: FeatureExtractor,
    *,
    settings: GraphSettings = GraphSettings(),
    forget: bool = False,
    progress: Progress = lambda *_: None,
) -> Report:
    """Build the catalogue of a folder of photos, or bring the one at `out` up to date.

    Photos known by their content, from the catalogue at `out` or from a run that was broken off, are not embedded
    again. Those that are gone are dropped. Those that are there but cannot be read now, such as all below a folder
    without permission, are kept as they were, unless `forget` is true. Finished work stands in `out`, below versions/,
    until the new version is complete and checked, and becomes the current one in one step. Former versions are removed
    when nobody reads them.

    Raises DatasetError if there is no photo to index, or if one that cannot be read now has to go through another
    network, CatalogueError if `out` holds something else, is damaged, or is being written by another run, and
    WeightsError if the network was not loaded from a file.
    """
    weights = extractor.weights
    if weights.path is None:
        raise WeightsError("the network is not from a file, but a catalogue holds its file; save and load it first")
    target = Path(out).resolve()
    work = target / VERSIONS / WORK
    _refuse_to_replace(target)
    # Releases before this layout kept unfinished work, with thumbnails, beside the catalogue.
    found = read_photos(folder, skip=[target, target.parent / f"{target.name}.building"])
    refused, unreachable = found.left_out, [name for name, _ in found.unreachable]
    make_folder(target / VERSIONS)
    with locked(target / VERSIONS / LOCK):
        remove_unused(target, CONTENT)
        former = Catalogue.open(target) if (current_version(target) / "manifest.json").exists() else None
        journal = Journal(work, weights.digest)
        network = weights.path
        if former is not None and former.manifest["weights"] == weights.digest:
            journal.adopt(former)
            network = former.folder / "weights.pth"  # the extractor's own may be in a version that is gone
        embedded_before = len(journal.written)
        warnings: list[tuple[str, str]] = []
        records = _embed_records(found.photos, journal, extractor, refused, unreachable, warnings, progress)
        before = former.records if former else ()
        records, kept = keep_records(records, before, () if forget else unreachable)
        if needed := next((record for record in kept if record.sha256 not in journal), None):
            reason = (
                "cannot be read now, and has to go through the network anew; run again when it can, or with --forget"
            )
            raise DatasetError(f"{Path(folder) / needed.photo}: {reason}")
        if not records:
            reason = f"{refused[0][0]}: {refused[0][1]}" if refused else "give a folder of photos"
            journal.discard()
            raise DatasetError(f"{folder}: no photo to index ({reason})")
        examples = prepare_examples(found.examples, refused)
        finder = find_finder(weights.path, weights.digest) or find_finder(network, weights.digest)
        changed = (
            former is None
            or list(former.records) != records
            or [path.read_bytes() for path in former.examples] != examples
            or former.manifest["weights"] != weights.digest
            or former.preprocessing != PREPROCESSING
            or former.index.settings != settings
            or former.manifest["files"].get(FINDER) != (describe_file(finder) if finder else None)
        )
        if changed:
            _write_bundle(work / "bundle", records, examples, journal, network, finder, settings, progress)
            publish(target, work / "bundle", read_manifest(work / "bundle")["sha256"])
        changes = compare_records(before, records)
        report = Report(
            count=len(records),
            embedded=len(journal.written) - embedded_before,
            dropped=changes.dropped,
            refused=refused,
            changed=changed,
            renamed=changes.renamed,
            kept=len(kept),
            litter=list(found.litter),
            others=dict(found.others),
            warnings=warnings,
        )
        journal.discard()
        if former is not None:
            former.lease.release()
        remove_unused(target, CONTENT)
    return report


def _embed_records(
    photos: list[Photo],
    journal: Journal,
    extractor: FeatureExtractor,
    refused: list[tuple[str, str]],
    unreachable: list[str],
    warnings: list[tuple[str, str]],
    progress: Progress,
) -> list[Record]:
    """Records of the photos that can be read, their vectors in the journal.

    The others join `refused`, and those that cannot be opened join `unreachable`. What is wrong with photos that are
    taken joins `warnings`.
    """
    records = []
    for done, prepared in enumerate(embed_photos(photos, journal, extractor), start=1):
        photo = prepared.photo
        if prepared.refusal:
            refused.append((photo.name, prepared.refusal))
            if prepared.unreachable:
                unreachable.append(photo.name)
        else:
            records.append(Record(photo.name, photo.label, prepared.sha256, photo.description))
            if prepared.warning:
                warnings.append((photo.name, prepared.warning))
        progress("photos", done, len(photos))
    return records


def _write_bundle(
    bundle: Path,
    records: list[Record],
    examples: list[bytes],
    journal: Journal,
    weights: Path,
    finder: Path | None,
    settings: GraphSettings,
    progress: Progress,
) -> None:
    """Write and check a bundle from the journal; what an earlier run left of one is removed first."""
    shutil.rmtree(bundle, ignore_errors=True)
    (bundle / "thumbs").mkdir(parents=True)
    for record in records:
        journal.copy_thumb(record.sha256, bundle / record.thumb)
    for number, picture in enumerate(examples, start=1):
        path = bundle / f"{EXAMPLES}{number:03}.jpg"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(picture)
    shutil.copyfile(weights, bundle / "weights.pth")
    if finder is not None:
        shutil.copyfile(finder, bundle / FINDER)
    target, count = bundle / "vectors.npy", len(records)
    write_rows(target, (count, FEATURE_SIZE), journal.vectors(records))
    vectors = np.load(target, mmap_mode="r")
    index = ExactIndex.build(vectors, settings=settings, progress=lambda done: progress("graph", done, count))
    write_catalogue(bundle, records, index)
    if check_files(bundle)["weights"] != journal.weights:
        raise CatalogueError(f"{weights}: changed while the photos were indexed; run again")


def _refuse_to_replace(target: Path) -> None:
    """Raise CatalogueError if something else than a catalogue stands where one is to be written."""
    if target.exists() and not target.is_dir():
        raise CatalogueError(f"{target}: a file; choose a folder for the catalogue")
    if target.is_dir():
        strange = [path for path in target.iterdir() if path.name not in (*CONTENT, VERSIONS)]
        if strange := sorted([*strange, *strange_files(target)]):
            raise CatalogueError(f"{strange[0]}: not part of a catalogue; choose another folder, or remove it")

"""A folder of photos to a catalogue: resumable, repeatable, and never half done."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from cbir.catalogue.api import Searchable
from cbir.catalogue.bundle import Content, find_change, write_bundle
from cbir.catalogue.catalogue import CLOSENESS, CONTENT, FINDER, Catalogue
from cbir.catalogue.changes import compare_records, keep_records
from cbir.catalogue.columns import KIND, Columns
from cbir.catalogue.embed import EmbedPhotos, embed_photos, prepare_examples
from cbir.catalogue.journal import Journal, PreparedPhoto
from cbir.catalogue.manifest import read_manifest
from cbir.catalogue.records import GarmentCounts, Record, count_garments
from cbir.datasets.photo import PhotoSet
from cbir.datasets.reader import read_photos
from cbir.errors import CatalogueError, DatasetError, WeightsError
from cbir.nearest.hnsw import GraphSettings
from cbir.network.closeness import find_calibration
from cbir.network.extractor import FeatureExtractor
from cbir.network.garments import GarmentFinder, find_finder
from cbir.system.files import locked, make_folder, writing_to
from cbir.system.progress import Progress
from cbir.system.remote import hide_secrets
from cbir.system.versions import LOCK, VERSIONS, WORK, current_version, publish, remove_unused, strange_files


@dataclass(frozen=True)
class Report:
    """What an indexing run did."""

    count: int
    """Records in the catalogue: photos, or garments found in them."""
    embedded: int
    """Photos that went through the network in this run, whole or garment by garment."""
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
    """What is wrong with photos that were taken in this run, or with their table: name, and what."""
    columns: dict[str, int] = field(default_factory=dict)
    """How many values each further column of photos.csv has; photos can be filtered by these."""
    links: int = 0
    """Photos with a link."""
    garments: GarmentCounts | None = None
    """Of a catalogue by garment; None if photos are indexed whole."""


def index_photos(
    folder: str | os.PathLike[str],
    out: str | os.PathLike[str],
    extractor: FeatureExtractor,
    *,
    settings: GraphSettings = GraphSettings(),
    garments: bool | None = None,
    forget: bool = False,
    rebuild: bool = False,
    embed: EmbedPhotos = embed_photos,
    progress: Progress = lambda *_: None,
) -> Report:
    """Build the catalogue of a folder of photos, or bring the one at `out` up to date.

    Photos known by their content, from the catalogue at `out` or from a run that was broken off, are not embedded
    again. Those that are gone are dropped. Those that are there but cannot be read now, such as all below a folder
    without permission, are kept as they were, unless `forget` is true. Finished work stands in `out`, below versions/,
    until the new version is complete and checked, and becomes the current one in one step. Former versions are removed
    when nobody reads them.

    folder: on this machine, or at an address that fsspec knows, as s3://bucket/photos, whose photos are read once each.
    garments: have a record of each garment that a photo of a person shows, in place of one of the photo; None leaves
        the catalogue at `out` as it is in that, and a new one has photos.
    rebuild: link all photos anew. Otherwise a large catalogue of which little changed is changed: photos that came and
        went are linked and marked. Its answers are the same, its files are not (see bundle.py).
    embed: how photos go through the network, here or elsewhere (see distributed.py).

    Raises DatasetError if there is no photo to index, or if one that cannot be read now has to go through the network
    anew, CatalogueError if `out` holds something else, is damaged, is being written by another run, or cannot be
    written to, as where its disk is full, and WeightsError if the network was not loaded from a file, or if garments
    are wanted and it has no finder.
    """
    weights = extractor.weights
    if weights.path is None:
        raise WeightsError("the network is not from a file, but a catalogue holds its file; save and load it first")
    target = Path(out).resolve()
    work = target / VERSIONS / WORK
    refuse_to_replace(target)
    # Releases before this layout kept unfinished work, with thumbnails, beside the catalogue.
    found = read_photos(folder, skip=[target, target.parent / f"{target.name}.building"], anywhere=True)
    with writing_to(target):
        make_folder(target / VERSIONS)
    with writing_to(target), locked(target / VERSIONS / LOCK):
        remove_unused(target, CONTENT)
        former = Catalogue.open(target) if (current_version(target) / "manifest.json").exists() else None
        network, beside = locate_network(weights.path, weights.digest, former)
        finder = beside.get(FINDER)
        by_garment = (former is not None and former.by_garment) if garments is None else garments
        looking = open_finder(finder, extractor) if by_garment else None
        journal = Journal(work, weights.digest, looking.weights.digest if looking else None)
        if former is not None and former.weights_digest == weights.digest:
            journal.adopt(former)
        before = former.records if former else ()
        gathered = gather_photos(
            folder, found, journal, extractor, looking, before, forget=forget, embed=embed, progress=progress
        )
        content = Content(gathered.records, gathered.examples, network, beside, settings, by_garment)
        changed = former is None or former.weights_digest != weights.digest or not content.is_that_of(former)
        changed = changed or (rebuild and former is not None and former.changed > 0)
        if changed:
            change = find_change(content.records, former, journal) if former and not rebuild else None
            write_bundle(work / "bundle", content, journal, change, progress)
            publish(target, work / "bundle", read_manifest(work / "bundle")["sha256"])
        report = gathered.report(before, changed=changed, by_garment=by_garment)
        journal.discard()
        if former is not None:
            former.lease.release()
        remove_unused(target, CONTENT)
    return report


@dataclass(frozen=True)
class Gathered:
    """What a set of photos gives a catalogue; vectors and thumbnails are in the journal."""

    found: PhotoSet
    records: list[Record]
    kept: list[Record]
    """Those of the former catalogue that cannot be read now."""
    examples: list[bytes]
    embedded: int
    """Photos that went through the network."""
    refused: list[tuple[str, str]]
    warnings: list[tuple[str, str]]

    def report(self, before: Iterable[Record], *, changed: bool, by_garment: bool) -> Report:
        """What the run did. before: records of the former catalogue."""
        changes, records = compare_records(before, self.records), self.records
        return Report(
            count=len(records),
            embedded=self.embedded,
            dropped=changes.dropped,
            refused=self.refused,
            changed=changed,
            renamed=changes.renamed,
            kept=len({record.photo for record in self.kept}),
            litter=list(self.found.litter),
            others=dict(self.found.others),
            warnings=self.warnings,
            columns={name: len(values) for name, values in Columns(records).counts().items() if name != KIND},
            links=len({record.photo for record in records if record.link}),
            garments=count_garments(records) if by_garment else None,
        )


def gather_photos(
    folder: str | os.PathLike[str],
    found: PhotoSet,
    journal: Journal,
    extractor: FeatureExtractor,
    finder: GarmentFinder | None,
    before: Iterable[Record],
    *,
    forget: bool,
    embed: EmbedPhotos,
    progress: Progress,
) -> Gathered:
    """Embed the photos of a folder that the journal does not know.

    finder: None to index photos whole. before: records of the former catalogue, of which those stay that cannot be read
    now, unless `forget` is true. embed: how photos go through the network.

    Raises DatasetError if there is no photo to index, or if one that cannot be read now has to go through the network
    anew.
    """
    refused, unreachable = found.left_out, [name for name, _ in found.unreachable]
    shown = hide_secrets(folder)
    warnings, embedded_before = list(found.warnings), len(journal.written)
    embedding, count = embed(found.photos, journal, extractor, finder), len(found.photos)
    records = make_records(
        embedding, journal, refused, unreachable, warnings, lambda done: progress("photos", done, count)
    )
    records, kept = keep_records(records, before, () if forget else unreachable)
    if needed := next((record for record in kept if not journal.holds(record)), None):
        reason = "cannot be read now, and has to go through the network anew; run again when it can, or with --forget"
        raise DatasetError(f"{shown.rstrip('/')}/{needed.photo}: {reason}")
    if not records:
        reason = f"{refused[0][0]}: {refused[0][1]}" if refused else "give a folder of photos"
        journal.discard()
        raise DatasetError(f"{shown}: no photo to index ({reason})")
    examples = prepare_examples(found.examples, refused)
    return Gathered(found, records, kept, examples, len(journal.written) - embedded_before, refused, warnings)


def locate_network(weights: Path, digest: str, former: Searchable | None) -> tuple[Path, dict[str, Path]]:
    """The file of the weights with a digest, and those files of OPTIONAL that it has, by their name in a catalogue.

    weights: the extractor's own, which may be in a version that is gone.
    """
    network = weights
    if former is not None and former.weights_digest == digest:
        network = former.folder / "weights.pth"
    searches: dict[str, Callable[[Path, str], Path | None]] = {FINDER: find_finder, CLOSENESS: find_calibration}
    found = {name: search(weights, digest) or search(network, digest) for name, search in searches.items()}
    return network, {name: path for name, path in found.items() if path}


def open_finder(path: Path | None, extractor: FeatureExtractor) -> GarmentFinder:
    """The garment finder of a catalogue by garment. Raises WeightsError if there is none for the extractor."""
    if path is None:
        reason = f"no garment finder for it lies beside it ({FINDER}), and photos cannot be indexed by garment without"
        remedy = "train one: python -m cbir finder --help, or index whole photos: --no-garments"
        raise WeightsError(f"{extractor.weights.path}: {reason}; {remedy}")
    return GarmentFinder.open(path, extractor)


def make_records(
    embedding: Iterable[PreparedPhoto],
    journal: Journal,
    refused: list[tuple[str, str]],
    unreachable: list[str],
    warnings: list[tuple[str, str]],
    progress: Callable[[int], object],
) -> list[Record]:
    """Records of the photos that can be read, or of the garments in them; their vectors are in the journal.

    The others join `refused`, and those that cannot be opened join `unreachable`. What is wrong with photos that are
    taken joins `warnings`.
    """
    records = []
    for done, prepared in enumerate(embedding, start=1):
        photo = prepared.photo
        if prepared.refusal:
            refused.append((photo.name, prepared.refusal))
            if prepared.unreachable:
                unreachable.append(photo.name)
        else:
            for part in journal.parts(prepared.sha256):
                label = photo.label or part.kind
                said = photo.description, part.region, part.kind, photo.columns, photo.link
                records.append(Record(photo.name, label, prepared.sha256, *said))
            if prepared.warning:
                warnings.append((photo.name, prepared.warning))
        progress(done)
    return records


def refuse_to_replace(target: Path) -> None:
    """Raise CatalogueError if something else than a catalogue stands where one is to be written."""
    if target.exists() and not target.is_dir():
        raise CatalogueError(f"{target}: a file; choose a folder for the catalogue")
    if target.is_dir():
        strange = [path for path in target.iterdir() if path.name not in (*CONTENT, VERSIONS)]
        if strange := sorted([*strange, *strange_files(target)]):
            raise CatalogueError(f"{strange[0]}: not part of a catalogue; choose another folder, or remove it")

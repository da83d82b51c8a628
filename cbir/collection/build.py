"""A folder of photos to a collection: as index_photos does it for a folder, and as resumable."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from cbir.catalogue.build import Report, gather_photos, locate_network, open_finder
from cbir.catalogue.bundle import Content
from cbir.catalogue.catalogue import FINDER
from cbir.catalogue.embed import EmbedPhotos, embed_photos
from cbir.catalogue.journal import Journal
from cbir.collection.address import Address
from cbir.collection.collection import Collection
from cbir.collection.engine import WRITING, Engine
from cbir.collection.files import Files
from cbir.collection.places import files_of, work_folder
from cbir.collection.verify import check_rows
from cbir.collection.write import GRACE, Material, write_collection
from cbir.datasets.reader import read_photos
from cbir.errors import WeightsError
from cbir.nearest.hnsw import GraphSettings
from cbir.network.extractor import FeatureExtractor
from cbir.photos.decode import PREPROCESSING
from cbir.system.files import locked, make_folder
from cbir.system.progress import Progress
from cbir.system.versions import LOCK


def index_into(
    folder: str | os.PathLike[str],
    address: Address,
    extractor: FeatureExtractor,
    *,
    files: str | None = None,
    index: str | None = None,
    garments: bool | None = None,
    forget: bool = False,
    work: Path | None = None,
    embed: EmbedPhotos = embed_photos,
    grace: float = GRACE,
    progress: Progress = lambda *_: None,
) -> Report:
    """Write the photos of a folder to a collection, or bring it up to date. garments, forget,
    embed: as of `index_photos`.

    Photos known by their content, from the present collection or from a run that was broken off, are not embedded
    again; what is new stands on this machine, in `work`, until the collection is complete. All rows are written to
    another collection, so that Milvus has both until the alias is moved.

    files: address of a folder for a folder of thumbnails and network; None for the present one, or `default_files`.
    index: a key of INDEXES; None for the present one, or FLAT. work: None for `work_folder`.

    Raises what `index_photos` raises.
    """
    weights = extractor.weights
    if weights.path is None:
        raise WeightsError("the network is not from a file, but a catalogue holds its file; save and load it first")
    work = work or work_folder(address)
    with Engine(address, waits=WRITING) as engine:
        place = Files(files_of(engine, files))
        current = engine.find_current()
        former = Collection.of(engine, current) if current else None
        found = read_photos(folder, anywhere=True)
        make_folder(work)
        with locked(work / LOCK):
            network, beside = locate_network(weights.path, weights.digest, former)
            by_garment = (former is not None and former.by_garment) if garments is None else garments
            finder = open_finder(beside.get(FINDER), extractor) if by_garment else None
            journal = Journal(work / "photos", weights.digest, finder.weights.digest if finder else None)
            if former is not None and former.weights_digest == weights.digest:
                check_rows(former)
                journal.adopt(former)
            before = former.records if former else ()
            gathered = gather_photos(
                folder, found, journal, extractor, finder, before, forget=forget, embed=embed, progress=progress
            )
            material = Material(
                Content(gathered.records, gathered.examples, network, beside, GraphSettings(), by_garment),
                weights.digest,
                PREPROCESSING,
                lambda: journal.vectors(gathered.records),
                journal.digest_thumb,
                journal.read_thumb,
            )
            report = gathered.report(before, changed=True, by_garment=by_garment)
            written = write_collection(engine, place, material, index=index, grace=grace, progress=progress)
            journal.discard()
        return replace(report, changed=written.changed)


def find_collection(address: Address) -> Collection | None:
    """The collection at an address, if there is one."""
    engine = Engine(address)
    current = engine.find_current()
    return Collection.of(engine, current) if current else None

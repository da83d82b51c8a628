"""A catalogue carried from a folder to a collection, and back, vectors bit for bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cbir.catalogue.build import refuse_to_replace
from cbir.catalogue.bundle import Content, write_bundle
from cbir.catalogue.catalogue import CONTENT, OPTIONAL, Catalogue
from cbir.catalogue.journal import Journal
from cbir.catalogue.manifest import VECTORS, read_manifest
from cbir.collection.address import Address
from cbir.collection.collection import Collection
from cbir.collection.engine import WRITING, Engine
from cbir.collection.facts import digest_records, digest_vectors
from cbir.collection.files import Files
from cbir.collection.places import files_of
from cbir.collection.verify import compare
from cbir.collection.write import GRACE, Material, Written, write_collection
from cbir.errors import CatalogueError
from cbir.nearest.blocks import blocks
from cbir.nearest.hnsw import GraphSettings
from cbir.photos.decode import PREPROCESSING
from cbir.system.files import locked, make_folder, writing_to
from cbir.system.progress import Progress
from cbir.system.versions import LOCK, VERSIONS, WORK, publish, remove_unused

PULL = "pull"
"""The folder of what is unfinished, below that of other runs."""


def push_catalogue(
    catalogue: Catalogue,
    address: Address,
    *,
    files: str | None = None,
    index: str | None = None,
    grace: float = GRACE,
    progress: Progress = lambda *_: None,
) -> Written:
    """Write a catalogue to a collection; if it is there already, write what its files lack.

    files: address of a folder for a folder of thumbnails and network; None for the present one, or that of
    `default_files`. index: a key of INDEXES; None for the present one, or FLAT. A run after one that was broken off
    goes on.

    Raises CatalogueError.
    """
    rows = {record.sha256: row for row, record in reversed([*enumerate(catalogue.records)])}
    content = Content(
        list(catalogue.records),
        [path.read_bytes() for path in catalogue.examples],
        catalogue.folder / "weights.pth",
        {name: catalogue.folder / name for name in OPTIONAL if name in catalogue.manifest["files"]},
        catalogue.index.settings,
        catalogue.by_garment,
    )
    material = Material(
        content,
        catalogue.weights_digest,
        catalogue.preprocessing,
        lambda: (catalogue.index.vectors[block] for block in blocks(len(content.records))),
        lambda sha256: catalogue.thumb_digest(rows[sha256]).hex(),
        lambda sha256: catalogue.thumb(rows[sha256]).read_bytes(),
    )
    with Engine(address, waits=WRITING) as engine:
        place = Files(files_of(engine, files))
        return write_collection(engine, place, material, index=index, grace=grace, progress=progress)


def pull_catalogue(collection: Collection, out: Path, *, progress: Progress = lambda *_: None) -> None:
    """Write a collection to a folder as a catalogue, linked anew.

    Raises CatalogueError if the folder holds something else, or if Milvus or the files cannot be read, or hold
    something else than the facts promise.
    """
    if collection.preprocessing != PREPROCESSING:
        remedy = f"bring it up to date first: python -m cbir index PHOTOS --out {collection.address}"
        raise CatalogueError(f"{collection.address}: made by an older version of this project; {remedy}")
    target = out.resolve()
    refuse_to_replace(target)
    with writing_to(target):
        make_folder(target / VERSIONS)
    with writing_to(target), locked(target / VERSIONS / LOCK):
        # Not that of an indexing run, which may be unfinished there.
        journal = Journal(target / VERSIONS / WORK / PULL, collection.weights_digest, collection.finder_digest)
        journal.adopt(collection)
        records = list(collection.records)
        compare(collection, "records", digest_records(records), collection.facts.records)
        content = Content(
            records,
            [path.read_bytes() for path in collection.examples],
            collection.folder / "weights.pth",
            {name: collection.folder / name for name in OPTIONAL if name in collection.facts.files},
            GraphSettings(**collection.facts.graph),
            collection.by_garment,
        )
        bundle = journal.folder / "bundle"
        write_bundle(bundle, content, journal, None, progress)
        vectors = np.load(bundle / VECTORS, mmap_mode="r")
        digest = digest_vectors(vectors[block] for block in blocks(len(vectors)))
        compare(collection, "vectors", digest, collection.facts.vectors)
        publish(target, bundle, read_manifest(bundle)["sha256"])
        journal.discard()
        remove_unused(target, CONTENT)

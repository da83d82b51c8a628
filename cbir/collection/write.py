"""A collection written, so that a run that is killed anywhere goes on where it stood, and searches see the old or the
new one.

What is to be in it gives it its name. Rows are put in in their order; a run that finds a collection of that name goes
on behind the last row. Only when all is there and can be searched the alias is pointed at it.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Set
from functools import partial
from io import BytesIO
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cbir.catalogue.bundle import Content
from cbir.catalogue.records import Record, thumb_name
from cbir.collection.collection import RECALL, find_files
from cbir.collection.engine import Engine
from cbir.collection.facts import (
    EXAMPLE,
    FILE,
    FORMAT,
    NETWORK,
    Facts,
    count_labels,
    describe_columns,
    digest_records,
    digest_vectors,
)
from cbir.collection.files import Files
from cbir.collection.indexes import FLAT, INDEXES
from cbir.collection.places import is_own
from cbir.collection.recall import choose_rows, find_nearest, measure_recall
from cbir.collection.schema import Stored, pack_row
from cbir.errors import CatalogueError
from cbir.network.googlenet import FEATURE_SIZE
from cbir.system.pool import batched
from cbir.system.progress import Progress

BATCH = 256
"""Rows that are put in at a time: 1 MB and their texts."""
THUMBS = "thumbs"
"""The folder of all thumbnails."""
GRACE = 5.0
"""Seconds in which whoever searches the former collection can end, before it is removed."""


class Material(NamedTuple):
    """What a collection is to hold, and where it is taken from."""

    content: Content
    weights: str
    """SHA-256 of those that made the vectors."""
    preprocessing: int
    vectors: Callable[[], Iterator[NDArray[np.float32]]]
    """All, (N, D) in the order of the records, in blocks, as often as it is called."""
    digest_thumb: Callable[[str], str]
    """SHA-256 of the thumbnail of a photo, by the photo's own, both in hexadecimal."""
    read_thumb: Callable[[str], bytes]
    """The thumbnail of a photo, by its SHA-256."""


class Written(NamedTuple):
    """What a run did."""

    changed: bool
    """The alias stands for another collection now."""
    repaired: int
    """Files of the present collection that were written again."""


def write_collection(
    engine: Engine, files: Files, material: Material, *, index: str | None, grace: float = GRACE, progress: Progress
) -> Written:
    """Write a collection and point the alias at it; if it is the current one already, write what its files lack.

    index: a key of INDEXES; None for the present one, or FLAT. grace: seconds between that and the end of the former
    collection.

    Raises CatalogueError if Milvus or the files cannot be reached for minutes: run it again, then it goes on.
    """
    former = engine.find_current()
    if former is not None:
        find_files(engine, former)  # that it is one of this project, and not something else of that name
    elif engine.address.name in engine.names():
        raise CatalogueError(f"{engine.address}: a collection of something else; choose another name")
    index = index or (engine.kind_of_index(former) if former else FLAT)
    facts, sources = describe_material(material, index)
    name = facts.name_collection(engine.address.name)
    thumbs, repaired = _thumbs(material), 0
    if name == former:
        files = find_files(engine, name)  # where they are, wherever those of a later one are to go
        repaired = repair_files(engine, files, name, facts, sources, thumbs, material, progress)
    else:
        there = name in engine.names()
        if there and engine.find_files(name) != files.address:  # begun by a run whose files went elsewhere
            engine.drop(name)
            there = False
        if not there:
            engine.create(name, files.address, facts.dimension, len(facts.columns))
        write_thumbs(files, thumbs, material, progress)
        files.write(name, sources)
        insert_rows(engine, name, facts, material, progress)
        build_index(engine, files, name, facts, progress)
        if (found := engine.count(name, strong=True)) != facts.count:
            engine.drop(name)
            raise CatalogueError(f"{engine.address}: {found:,} rows there, not {facts.count:,}; run the same again")
        files.write(name, {FILE: facts.as_bytes})
        engine.point_alias(name)
        time.sleep(grace if former else 0)
    remove_others(engine, files, name, thumbs.keys())
    return Written(name != former, repaired)


def repair_files(
    engine: Engine,
    files: Files,
    name: str,
    facts: Facts,
    sources: Mapping[str, Callable[[], bytes]],
    thumbs: Mapping[str, str],
    material: Material,
    progress: Progress,
) -> int:
    """Write the files of the current collection again that are missing, or, but for thumbnails, of another size.

    Returns how many.
    """
    wanted, there = {**sources, FILE: facts.as_bytes}, files.sizes(name)
    lost = {one: read for one, read in wanted.items() if one not in there or there[one] not in (None, len(read()))}
    files.write(name, lost)
    count = len(lost) + write_thumbs(files, thumbs, material, progress)
    if facts.index != FLAT and RECALL not in there:
        build_index(engine, files, name, facts, progress)
        count += 1
    return count


def build_index(engine: Engine, files: Files, name: str, facts: Facts, progress: Progress) -> None:
    """Build the index and load the collection; measure what the index finds, if it does not compare all vectors."""
    kinds = [FLAT] if facts.index == FLAT else [FLAT, facts.index]
    rows, found = choose_rows(facts.count), []
    for kind in kinds:
        progress(f"index {kind}", 0, 1)
        engine.build_index(name, INDEXES[kind])
        if len(kinds) > 1:
            found.append(find_nearest(engine, name, rows, INDEXES[kind]))
        progress(f"index {kind}", 1, 1)
    if found:
        files.write(name, {RECALL: json.dumps(measure_recall(*found)).encode})


def describe_material(material: Material, index: str) -> tuple[Facts, dict[str, Callable[[], bytes]]]:
    """The facts of a collection to be, and what gives the content of its files but the thumbnails."""
    content = material.content
    sources = {name: path.read_bytes for name, path in ({NETWORK[0]: content.weights} | content.beside).items()}
    for number, picture in enumerate(content.examples, start=1):
        sources[f"{EXAMPLE}{number:03}.jpg"] = BytesIO(picture).getvalue
    facts = Facts(
        format=FORMAT,
        count=len(content.records),
        dimension=FEATURE_SIZE,
        weights=material.weights,
        preprocessing=material.preprocessing,
        by_garment=content.by_garment,
        graph=content.settings._asdict(),
        index=index,
        records=digest_records(content.records),
        vectors=digest_vectors(material.vectors()),
        columns=describe_columns(content.records),
        labels=count_labels(content.records),
        files={name: hashlib.sha256(read()).hexdigest() for name, read in sources.items()},
    )
    if facts.files[NETWORK[0]] != material.weights:
        raise CatalogueError(f"{content.weights}: changed while the photos were indexed; run again")
    return facts, sources


def write_thumbs(files: Files, photos: Mapping[str, str], material: Material, progress: Progress) -> int:
    """Write the thumbnails that are not there yet. photos: SHA-256 of the photo by the name of its thumbnail.

    Returns how many.
    """
    there = files.sizes(THUMBS)
    missing = {name: partial(material.read_thumb, photo) for name, photo in photos.items() if name not in there}
    files.write(THUMBS, missing, lambda done: progress(THUMBS, done, len(missing)))
    return len(missing)


def _thumbs(material: Material) -> dict[str, str]:
    """The photos' SHA-256 by the names of their thumbnails, which are those of their own content."""
    # In the order of the rows: a collection reads those that follow one it is asked for.
    photos = dict.fromkeys(record.sha256 for record in material.content.records)
    return {thumb_name(material.digest_thumb(photo)).removeprefix(f"{THUMBS}/"): photo for photo in photos}


def insert_rows(engine: Engine, name: str, facts: Facts, material: Material, progress: Progress) -> None:
    """Put in the rows that are not there yet."""
    columns = [one["name"] for one in facts.columns]
    there = _count_rows(engine, name)
    start = there - there % BATCH
    stored = islice(_list_rows(material), start, None)
    row = start
    for batch in batched(stored, BATCH):
        rows = [pack_row(row + place, one, columns) for place, one in enumerate(batch)]
        engine.insert(name, rows, anew=row >= there)
        row += len(batch)
        progress("rows", row, facts.count)
    engine.flush(name)


def _list_rows(material: Material) -> Iterator[Stored]:
    """All rows in their order."""
    records: Iterator[Record] = iter(material.content.records)
    for block in material.vectors():
        for vector, record in zip(block, records):
            yield Stored(record, material.digest_thumb(record.sha256), vector)


def _count_rows(engine: Engine, name: str) -> int:
    """How many rows an earlier run put in: counting takes an index."""
    if not engine.has_index(name):
        engine.build_index(name, INDEXES[FLAT])
    else:
        engine.load(name)
    count = engine.count(name, strong=True)
    engine.release(name)
    return count


def remove_others(engine: Engine, files: Files, name: str, thumbs: Set[str]) -> None:
    """Remove collections that the alias stood for, or was to stand for, and files that only they need.

    thumbs: those of the current collection.
    """
    others = [one for one in engine.names_of_alias() if one != name]
    own = is_own(files.address, engine.address.name)  # elsewhere files may be another catalogue's as well
    if others and own:
        files.remove(f"{THUMBS}/{one}" for one in files.sizes(THUMBS).keys() - thumbs)
    for other in others:
        if own:
            files.remove_folder(other)
        engine.drop(other)  # at the end, so that a run that is broken off before is known to have left something

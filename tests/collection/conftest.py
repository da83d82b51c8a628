"""Catalogues of made-up vectors, a collection of one of them, and a server."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cbir.catalogue.catalogue import Catalogue, write_catalogue
from cbir.catalogue.records import Record
from cbir.collection.collection import Collection
from cbir.collection.transfer import push_catalogue
from cbir.nearest.exact import ExactIndex
from cbir.network.googlenet import FEATURE_SIZE
from cbir.photos.thumbnails import make_thumb
from tests.support.milvus import Server, lite, serving_milvus
from tests.support.neighbours import clustered

LABELS = ("Dress", 'the "best" coat', "it's\\fine", "tab\tand\nline", "Füße 👗", '" or row >= 0 or "', None)
"""Labels that an expression of Milvus could be broken with."""
SIZES = ("S", " m ", "M", "L")


def make_records(count: int) -> list[Record]:
    """Records with those labels, a size of most, and a price that no two share."""
    records = []
    for number in range(count):
        digest = hashlib.sha256(str(number).encode()).hexdigest()
        columns = {"price": f"{number} EUR"} | ({"Size": SIZES[number % len(SIZES)]} if number % 5 else {})
        label = LABELS[number % len(LABELS)]
        records.append(Record(f"{number:06}.jpg", label, digest, f"number {number}", columns=columns))
    return records


def make_catalogue(folder: Path, count: int, weights: Path, *, seed: int = 0) -> Catalogue:
    """A catalogue of made-up vectors, some of them twice; all photos look the same."""
    vectors = clustered(count, FEATURE_SIZE, seed=seed)
    vectors[count // 2 : count // 2 + count // 10] = vectors[: count // 10]
    records, thumb = make_records(count), make_thumb(Image.new("RGB", (60, 40), "teal"))
    (folder / "thumbs").mkdir(parents=True)
    for record in records:
        (folder / record.thumb).write_bytes(thumb)
    (folder / "examples").mkdir()
    (folder / "examples" / "001.jpg").write_bytes(thumb)
    shutil.copyfile(weights, folder / "weights.pth")
    np.save(folder / "vectors.npy", vectors)
    write_catalogue(folder, records, ExactIndex.build(vectors))
    return Catalogue.open(folder)


def spoil(collection: Collection, row: int, **fields: object) -> None:
    """Have other fields in a row of a collection, as a hostile or damaged one may."""
    from pymilvus import MilvusClient

    client = MilvusClient(collection.address.engine)
    (found,) = client.query(collection.name, filter=f"row == {row}", output_fields=["*"])
    client.upsert(collection.name, [{**found, **fields}])


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, weights_file: Path) -> Catalogue:
    """A catalogue of 400 made-up vectors. Not to be changed: it is shared."""
    return make_catalogue(tmp_path_factory.mktemp("made") / "catalogue", 400, weights_file)


@pytest.fixture(scope="session")
def pushed(tmp_path_factory: pytest.TempPathFactory, made: Catalogue) -> Collection:
    """`made` in Milvus Lite. Not to be changed: it is shared."""
    place = tmp_path_factory.mktemp("pushed")
    assert push_catalogue(made, lite(place), files=str(place / "files"), grace=0).changed
    return Collection.open(lite(place))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A standalone server."""
    with serving_milvus(tmp_path_factory.mktemp("milvus")) as server:
        yield server

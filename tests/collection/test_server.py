"""A standalone Milvus: 20,000 vectors against the folder that they come from, and a server that is killed."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import TypeVar

import numpy as np
import pytest

from cbir.catalogue.catalogue import Catalogue
from cbir.catalogue.columns import Filter
from cbir.collection.collection import Collection
from cbir.collection.transfer import push_catalogue
from cbir.collection.verify import check_collection
from cbir.errors import CatalogueError
from tests.collection.conftest import LABELS, make_catalogue
from tests.support.milvus import Server, needs_server
from tests.support.neighbours import clustered

pytestmark = [pytest.mark.slow, needs_server]

COUNT, QUERIES = 20_000, 1_000
PATIENCE = 240
"""Seconds in which a server that is started again can search."""
FILTERS: tuple[Filter | None, ...] = (
    None,
    {"kind": "dress"},
    {"kind": [label for label in LABELS if label], "size": ["s", "M"]},
    {"price": ["3 EUR", "17000 EUR"]},
)
Result = TypeVar("Result")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory, weights_file: Path) -> Catalogue:
    return make_catalogue(tmp_path_factory.mktemp("large") / "catalogue", COUNT, weights_file)


@pytest.fixture(scope="module")
def collection(large: Catalogue, server: Server, tmp_path_factory: pytest.TempPathFactory) -> Collection:
    """`large` on the server, which was killed and started again while it was pushed."""
    address, half_way = server.address("large"), Event()

    def watch(stage: str, done: int, total: int | None) -> None:
        if stage == "rows" and done > COUNT // 2:
            half_way.set()

    def restart() -> None:
        half_way.wait()
        server.kill()
        server.start()

    interruption = Thread(target=restart, daemon=True)
    interruption.start()
    files = str(tmp_path_factory.mktemp("files"))
    until_it_works(lambda: push_catalogue(large, address, files=files, grace=0, progress=watch))
    interruption.join()
    return Collection.open(address)


def until_it_works(call: Callable[[], Result]) -> Result:
    """What a user does whom an error tells to try again."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return call()
        except CatalogueError as error:
            if time.monotonic() > end or "again" not in str(error):
                raise


def test_a_push_that_the_server_does_not_survive_loses_nothing(collection: Collection, large: Catalogue) -> None:
    check_collection(collection)
    assert len(collection.records) == COUNT and not push_catalogue(large, collection.address, grace=0).changed


@pytest.mark.parametrize("where", FILTERS, ids=str)
def test_answers_are_those_of_the_folder(large: Catalogue, collection: Collection, where: Filter | None) -> None:
    rows = np.random.default_rng(1).choice(COUNT, QUERIES // 8, replace=False)
    queries = np.concatenate([large.index.vectors[np.sort(rows)], clustered(QUERIES // 4 - len(rows), 1024, seed=8)])
    ours, theirs = collection.select(where), large.select(where)
    assert (ours.where, ours.size) == (theirs.where, theirs.size)
    for query, expected in zip(queries, large.index.search_many(queries, 5, rows=theirs.rows)):
        found = collection.index.search(query, 5, rows=ours.rows)
        assert found.exact and expected.exact
        assert found.indices.tolist() == expected.indices.tolist()
        np.testing.assert_allclose(found.distances, expected.distances, atol=1e-6)


def test_other_indexes_are_measured(server: Server, weights_file: Path, tmp_path: Path) -> None:
    few = make_catalogue(tmp_path / "few", 2_000, weights_file)
    push_catalogue(few, server.address("hnsw"), files=str(tmp_path / "files"), index="HNSW", grace=0)
    collection = Collection.open(server.address("hnsw"))
    assert collection.index.kind == "HNSW" and collection.recall is not None
    assert collection.recall["queries"] == 1_000 and 0.5 < collection.recall["recall"] <= 1
    found = collection.index.search(few.index.vectors[11], 3)
    assert found.indices[0] == 11 and not found.exact


def test_searches_go_on_by_themselves_when_the_server_is_there_again(
    collection: Collection, large: Catalogue, server: Server
) -> None:
    query = large.index.vectors[5]
    expected = large.index.search(query, 3).indices.tolist()
    assert collection.index.search(query, 3).indices.tolist() == expected
    server.kill()
    with pytest.raises(CatalogueError, match="no Milvus answers there; start it"):
        collection.index.search(query, 3)
    server.start()
    assert until_it_works(lambda: collection.index.search(query, 3)).indices.tolist() == expected
    check_collection(collection)

"""A collection answers as the folder that it was pushed from, and goes back to the same folder."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cbir import FeatureExtractor, Searcher
from cbir.catalogue.catalogue import Catalogue
from cbir.catalogue.columns import Filter
from cbir.catalogue.verify import check_catalogue
from cbir.collection.address import Address
from cbir.collection.collection import Collection
from cbir.collection.engine import Engine
from cbir.collection.facts import FILE
from cbir.collection.transfer import pull_catalogue, push_catalogue
from cbir.collection.verify import check_collection
from cbir.errors import CatalogueError, FilterError
from cbir.network.weights import Weights, load_weights, save_weights
from cbir.results import SearchResult
from cbir.system.versions import VERSIONS, WORK
from cbir.web.trail import key_of, row_of
from tests.collection.conftest import LABELS, make_catalogue, spoil
from tests.support.milvus import lite, needs_lite
from tests.support.neighbours import clustered
from tests.support.power import OUTCOMES, Disk

pytestmark = needs_lite

FILTERS: tuple[Filter | None, ...] = (
    None,
    *({"kind": label} for label in LABELS if label),
    {"kind": [label for label in LABELS if label], "size": "m"},
    {"SIZE": ["S", "L"]},
    {"price": "17 EUR"},
    {"size": "S", "kind": "DRESS"},
)


@pytest.fixture(scope="module")
def searchers(made: Catalogue, pushed: Collection) -> tuple[Searcher, Searcher]:
    return Searcher.over(made), Searcher.over(pushed)


def facts_of(result: SearchResult) -> tuple[object, ...]:
    return ([(match.row, match.photo, match.label, match.columns) for match in result.matches], result.claim)


@pytest.mark.parametrize("where", FILTERS, ids=str)
@pytest.mark.parametrize("k", [1, 3, 40])
def test_answers_are_those_of_the_folder(made: Catalogue, pushed: Collection, where: Filter | None, k: int) -> None:
    folder, collection = made.select(where), pushed.select(where)
    assert (folder.where, folder.size) == (collection.where, collection.size)
    for query in np.concatenate([made.index.vectors[[0, 7, 201]], clustered(3, 1024, seed=5)]):
        expected = made.index.search(query, k, rows=folder.rows)
        found = pushed.index.search(query, k, rows=collection.rows)
        assert found.indices.tolist() == expected.indices.tolist() and found.exact
        np.testing.assert_allclose(found.distances, expected.distances, atol=1e-6)
        assert found.num_exact_distances < 200


@pytest.mark.parametrize("where", FILTERS, ids=str)
def test_garments_of_the_catalogue_find_the_others(
    searchers: tuple[Searcher, Searcher], made: Catalogue, where: Filter | None
) -> None:
    for row in (0, 3, 200):
        folder, collection = (one.search_indexed(row, 5, where=where) for one in searchers)
        assert facts_of(folder) == facts_of(collection)
        assert row not in [match.row for match in collection.matches]


def test_vectors_within_a_radius(made: Catalogue, pushed: Collection) -> None:
    queries = made.index.vectors[[0, 5, 210]]
    for radius, start in ((0.0, 0), (0.5, 0), (0.5, 150), (10.0, 0)):
        for expected, found in zip(
            made.index.within(queries, radius, start=start), pushed.index.within(queries, radius, start=start)
        ):
            assert found.indices.tolist() == expected.indices.tolist()
            np.testing.assert_allclose(found.distances, expected.distances, atol=1e-6)


def test_records_vectors_and_pictures_are_those_of_the_folder(made: Catalogue, pushed: Collection) -> None:
    assert list(pushed.records) == list(made.records) == pushed.records[:]
    assert pushed.index.vectors[:].tobytes() == made.index.vectors[:].tobytes()
    assert pushed.index.vectors[[-1, 3]].tobytes() == made.index.vectors[[-1, 3]].tobytes()
    assert pushed.thumb(9).read_bytes() == made.thumb(9).read_bytes()
    assert [path.read_bytes() for path in pushed.examples] == [path.read_bytes() for path in made.examples]
    record = made.records[11]
    assert row_of(key_of(11, record), pushed.records) == row_of(key_of(300, record), pushed.records) == 11
    with pytest.raises(CatalogueError, match="not in the catalogue"):
        row_of("3-0123456789abcdef", pushed.records)


def test_columns_and_kinds_are_those_of_the_folder(made: Catalogue, pushed: Collection) -> None:
    for most in (3, 10_000):
        assert [(name, [*counts.items()]) for name, counts in pushed.columns(most).items()] == [
            (name, [*counts.items()]) for name, counts in made.columns(most).items()
        ]
    assert "price" in made.columns(10_000) and "price" not in made.columns(3)
    ours, theirs = pushed.kinds(), made.kinds()
    assert [kind.name for kind in ours] == [kind.name for kind in theirs]
    for one, other in zip(ours, theirs):
        assert list(one.rows[0:7]) == list(other.rows[0:7]) and len(one.rows) == len(other.rows)
        assert one.rows[3] == other.rows[3] and list(one.rows[50:60]) == list(other.rows[50:60])


@pytest.mark.parametrize("where", [{"kind": "Scarf"}, {"colour": "red"}, {"size": []}, {"size": "XXL"}], ids=str)
def test_what_no_record_has_is_refused_in_the_same_words(made: Catalogue, pushed: Collection, where: Filter) -> None:
    with pytest.raises(FilterError) as ours:
        pushed.select(where)
    with pytest.raises(FilterError) as theirs:
        made.select(where)
    assert str(ours.value) == str(theirs.value)


def test_it_goes_back_to_the_same_folder(pushed: Collection, made: Catalogue, tmp_path: Path) -> None:
    check_collection(pushed)
    pull_catalogue(pushed, tmp_path / "back")
    back = Catalogue.open(tmp_path / "back")
    assert (back.folder / "vectors.npy").read_bytes() == (made.folder / "vectors.npy").read_bytes()
    assert (back.folder / "records.jsonl").read_bytes() == (made.folder / "records.jsonl").read_bytes()
    assert {name: back.manifest["files"][name] for name in made.manifest["files"]} == made.manifest["files"]


def test_its_address_as_a_text_opens_it(pushed: Collection) -> None:
    opened = Searcher.open(str(pushed.address)).catalogue
    assert isinstance(opened, Collection) and opened.name == pushed.name


def test_another_network_is_refused(pushed: Collection, weights_file: Path, tmp_path: Path) -> None:
    weights = load_weights(weights_file)
    other = Weights(weights.variant, weights.tensors, weights.classes, {"note": "other"})
    save_weights(other, tmp_path / "other.pth")
    with pytest.raises(CatalogueError, match="other weights"):
        Searcher(pushed, FeatureExtractor.open(tmp_path / "other.pth"))


def test_what_does_not_compare_all_vectors_proves_nothing(tmp_path: Path, made: Catalogue) -> None:
    address = lite(tmp_path)
    push_catalogue(made, address, files=str(tmp_path / "files"), index="HNSW", grace=0)
    collection = Collection.open(address)
    found = collection.index.search(made.index.vectors[5], 3)
    assert found.indices[0] == 5 and not found.exact
    assert collection.recall is not None and 0.5 < collection.recall["recall"] <= 1
    assert collection.note is not None and "HNSW" in collection.note
    assert not push_catalogue(made, address, grace=0).changed, "it is there, with the index that it has"


def test_more_values_than_are_listed_are_asked_for(
    tmp_path: Path, weights_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cbir.collection.facts.COMPARED", 10)
    catalogue = make_catalogue(tmp_path / "made", 40, weights_file)
    push_catalogue(catalogue, lite(tmp_path), files="memory://many values", grace=0)
    collection = Collection.open(lite(tmp_path))
    for where in ({"price": "39 eur"}, {"price": ["1 EUR", "38 EUR"]}):
        found, expected = collection.select(where), catalogue.select(where)
        assert found.size == expected.size == len(next(iter(found.where.values())))
        assert collection.index.search(np.zeros(1024), 5, rows=found.rows).indices.tolist() == [
            *catalogue.index.search(np.zeros(1024), 5, rows=expected.rows).indices
        ]
    with pytest.raises(FilterError, match="no value '40 EUR'"):
        collection.select({"price": "40 EUR"})
    assert "price" not in collection.columns(30) and "price" not in catalogue.columns(30)


def test_no_value_is_none_of_many(tmp_path: Path, weights_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows without one have an empty text in its place."""
    monkeypatch.setattr("cbir.collection.facts.COMPARED", 2)
    catalogue = make_catalogue(tmp_path / "made", 40, weights_file)
    push_catalogue(catalogue, lite(tmp_path), files=str(tmp_path / "files"), grace=0)
    collection = Collection.open(lite(tmp_path))
    for where in ({"size": ""}, {"size": " "}, {"size": "\t"}):
        for searched in (collection, catalogue):
            with pytest.raises(FilterError, match="no value"):
                searched.select(where)
    assert collection.select({"size": "L"}).size == catalogue.select({"size": "L"}).size > 0


def rename_example(collection: Collection, name: str) -> Address:
    """The address of a collection whose facts call an example so; its files lie beside."""
    from pymilvus import MilvusClient

    address, files = collection.address, {**collection.facts.files}
    files[name] = files.pop("example-001.jpg")
    facts = replace(collection.facts, files=files)
    other = address._replace(name="other")
    named = facts.name_collection("other")
    Engine(address).create(named, collection.files.address, facts.dimension, len(facts.columns))
    collection.files.write(named, {FILE: facts.as_bytes})
    MilvusClient(address.engine).create_alias(named, "other")
    return other


@pytest.mark.parametrize("name", ["example-/../../../x", "../x", "example-1.jpg", "example-001.jpg/../../x", "weights"])
def test_names_that_lead_elsewhere_are_refused(tmp_path: Path, made: Catalogue, name: str) -> None:
    push_catalogue(made, lite(tmp_path), files=str(tmp_path / "files"), grace=0)
    hostile = rename_example(Collection.open(lite(tmp_path)), name)
    with pytest.raises(CatalogueError, match=r"facts\.json: names files that no collection has; push .* another name"):
        Collection.open(hostile)


@pytest.mark.parametrize("field", ["thumb", "record"])
def test_digests_that_lead_elsewhere_are_refused(tmp_path: Path, made: Catalogue, field: str) -> None:
    push_catalogue(made, lite(tmp_path), files=str(tmp_path / "files"), grace=0)
    record = made.records[3]._replace(sha256="../../../x").as_line().rstrip("\n")
    spoil(Collection.open(lite(tmp_path)), 3, **{field: record if field == "record" else "../../../x"})
    collection = Collection.open(lite(tmp_path))
    for read in (lambda: collection.thumb(3), lambda: pull_catalogue(collection, tmp_path / "back")):
        with pytest.raises(CatalogueError, match="row 3 has no digests; push the catalogue under another name"):
            read()


def test_what_is_pulled_is_what_was_pushed(tmp_path: Path, made: Catalogue) -> None:
    address = lite(tmp_path)
    push_catalogue(made, address, files=str(tmp_path / "files"), grace=0)
    other = made.records[4]._replace(description="another").as_line().rstrip("\n")
    for what, value in (("record", other), ("vector", [0.0] * 1024)):
        (before,) = Collection.open(address).rows.get([3])
        spoil(Collection.open(address), 3, **{what: value})
        with pytest.raises(CatalogueError, match=f"its {what}s are not as promised; .*under another name"):
            pull_catalogue(Collection.open(address), tmp_path / "back")
        with pytest.raises(CatalogueError, match="no catalogue"):
            Catalogue.open(tmp_path / "back")
        whole = {"record": before.record.as_line().rstrip("\n"), "vector": before.vector.tolist()}
        spoil(Collection.open(address), 3, **whole)
    pull_catalogue(Collection.open(address), tmp_path / "back")


@pytest.mark.skipif(sys.platform != "linux", reason="synced files are known by /proc")
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_what_was_pulled_outlives_a_power_loss(
    tmp_path: Path, weights_file: Path, monkeypatch: pytest.MonkeyPatch, outcome: str
) -> None:
    """Thumbnails that were fetched before are not on disk by that."""
    for name in ("temporary", "disk"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    catalogue = make_catalogue(tmp_path / "made", 12, weights_file)
    push_catalogue(catalogue, lite(tmp_path), files="memory://pulled", grace=0)
    first, second = (Collection.open(lite(tmp_path)) for _ in range(2))
    counted = Disk(tmp_path / "disk")
    with counted.losing_power(before=None):
        pull_catalogue(first, tmp_path / "disk" / "first")
    disk = Disk(tmp_path / "disk")
    with disk.losing_power(before=counted.steps):
        pull_catalogue(second, tmp_path / "disk" / "second")
    left = Catalogue.open(disk.write(outcome, tmp_path / "left") / "second")
    check_catalogue(left)
    assert list(left.records) == list(catalogue.records)


def test_a_folder_of_something_else_is_left_alone(pushed: Collection, tmp_path: Path) -> None:
    """Even one that has a manifest of its own, and folders that are called as those of a catalogue."""
    for name in ("manifest.json", "examples/mine.jpg", "thesis.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    with pytest.raises(CatalogueError, match="not part of a catalogue"):
        pull_catalogue(pushed, tmp_path)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["examples", "manifest.json", "mine.jpg", "thesis.txt"]


def test_an_unfinished_run_in_the_folder_stays(pushed: Collection, tmp_path: Path) -> None:
    unfinished = tmp_path / VERSIONS / WORK / "journal"
    unfinished.parent.mkdir(parents=True)
    unfinished.write_bytes(b"finished photos")
    pull_catalogue(pushed, tmp_path)
    assert unfinished.read_bytes() == b"finished photos"

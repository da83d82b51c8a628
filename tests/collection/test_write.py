"""Writing a collection: killed anywhere and run again, refused in the middle, and never seen half done."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cbir import FeatureExtractor, Searcher
from cbir.catalogue.build import Report
from cbir.catalogue.catalogue import Catalogue
from cbir.collection.address import Address
from cbir.collection.build import index_into
from cbir.collection.collection import Collection
from cbir.collection.engine import Engine
from cbir.collection.transfer import push_catalogue
from cbir.collection.verify import check_collection
from cbir.commands import push
from cbir.commands.parser import main
from cbir.errors import CatalogueError
from tests.collection.conftest import make_catalogue, spoil
from tests.support.milvus import lite, needs_lite

pytestmark = needs_lite

STEPS = (
    *(("create", True), ("insert", False), ("insert", True), ("flush", True), ("build_index", True)),
    *(("point_alias", False), ("point_alias", True), ("drop", False)),
)
"""What a run asks Milvus for, each the last that it does; whether it is done then."""


class Killed(BaseException):
    """The run ends here, as if it were killed."""


def stop_at(patch: pytest.MonkeyPatch, step: str, *, after: bool, calls: int = 1) -> None:
    """End runs at a call of a step of the engine, before it is done or after."""
    real, left = getattr(Engine, step), iter(range(1, calls))

    def wrapped(*args: Any, **options: Any) -> Any:
        last = next(left, None) is None
        if last and not after:
            raise Killed
        result = real(*args, **options)
        if last:
            raise Killed
        return result

    patch.setattr(Engine, step, wrapped)


def copy_photos(photos: Path, folder: Path) -> Path:
    return Path(shutil.copytree(photos, folder))


@pytest.fixture
def index(photos: Path, tmp_path: Path, extractor: FeatureExtractor) -> Callable[[], Report]:
    """Indexes a folder of photos, `own`, into a collection."""
    own = copy_photos(photos, tmp_path / "own")
    place = {"files": str(tmp_path / "files"), "work": tmp_path / "work"}
    return lambda: index_into(own, lite(tmp_path), extractor, **place, grace=0)  # type: ignore[arg-type]


def names_in(address: Address) -> list[str]:
    return [name for name in Engine(address).names() if name.startswith(f"{address.name}_")]


def folder_of(collection: Collection) -> Path:
    """Where its files are."""
    return Path(collection.files.address)


def same_as_folder(collection: Collection, folder: Path) -> bool:
    catalogue = Catalogue.open(folder)
    return list(collection.records) == list(catalogue.records) and (
        collection.index.vectors[:].tobytes() == catalogue.index.vectors[:].tobytes()
    )


def test_photos_are_indexed_as_into_a_folder(index: Callable[[], Report], catalogue: Path, tmp_path: Path) -> None:
    assert index().embedded == 24
    collection = Collection.open(lite(tmp_path))
    assert same_as_folder(collection, catalogue)
    check_collection(collection)
    again = index()
    assert (again.embedded, again.changed) == (0, False)


def test_what_is_known_is_not_embedded_again(
    index: Callable[[], Report], photos: Path, tmp_path: Path, extractor: FeatureExtractor
) -> None:
    index()
    before = Collection.open(lite(tmp_path))
    first, second, third, *_ = sorted((tmp_path / "own").rglob("*.jpg"))
    gone = before.thumb(0).name
    first.unlink()
    second.rename(second.with_name("zzz.jpg"))
    third.write_bytes(b"no photo")
    report = index()
    assert (report.count, report.embedded, report.dropped, report.renamed, len(report.refused)) == (22, 0, 2, 1, 1)
    now = Collection.open(lite(tmp_path))
    check_collection(now)
    assert len(names_in(lite(tmp_path))) == 1
    thumbs = {path.name for path in (folder_of(now) / "thumbs").iterdir()}
    assert thumbs == {now.thumb(row).name for row in range(len(now.records))} and gone not in thumbs
    found = Searcher(now, extractor).search(tmp_path / "own" / now.records[5].photo)
    assert found.matches[0].row == 5 and found.matches[0].distance < 1e-3 and found.exact


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory, weights_file: Path) -> list[Catalogue]:
    """A catalogue, and one that takes its place."""
    place = tmp_path_factory.mktemp("states")
    return [make_catalogue(place / str(count), count, weights_file, seed=count) for count in (60, 90)]


@pytest.mark.parametrize(("step", "after"), STEPS)
def test_a_run_that_is_killed_goes_on(states: list[Catalogue], tmp_path: Path, step: str, after: bool) -> None:
    """Until the alias is moved, the former state answers."""
    former, later = states
    push_catalogue(former, lite(tmp_path), files=str(tmp_path / "files"), grace=0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cbir.collection.write.BATCH", 32)
        stop_at(patch, step, after=after, calls=2 if step == "insert" else 1)
        with pytest.raises(Killed):
            push_catalogue(later, lite(tmp_path), grace=0)
    between = Collection.open(lite(tmp_path))
    check_collection(between)
    moved = step == "drop" or (step, after) == ("point_alias", True)
    assert list(between.records) == list((later if moved else former).records)
    push_catalogue(later, lite(tmp_path), grace=0)
    now = Collection.open(lite(tmp_path))
    check_collection(now)
    assert list(now.records) == list(later.records) and names_in(lite(tmp_path)) == [now.name]
    assert not push_catalogue(later, lite(tmp_path), grace=0).changed


def test_rows_that_a_failed_try_put_in_are_not_there_twice(
    tmp_path: Path, made: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server takes the rows and the answer is lost."""
    from pymilvus import MilvusClient, MilvusException

    real, failures = MilvusClient.insert, iter([True, False, True])

    def lose_answer(*args: Any, **options: Any) -> Any:
        result = real(*args, **options)
        if next(failures, False):
            raise MilvusException(code=2, message="the connection is lost")
        return result

    monkeypatch.setattr(MilvusClient, "insert", lose_answer)
    monkeypatch.setattr("time.sleep", lambda _: None)
    push_catalogue(made, lite(tmp_path), files=str(tmp_path / "files"), grace=0)
    check_collection(Collection.open(lite(tmp_path)))


def test_who_searches_meanwhile_has_the_old_or_the_new_state(
    tmp_path: Path, weights_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = [
        make_catalogue(tmp_path / name, count, weights_file, seed=count) for name, count in (("a", 60), ("b", 90))
    ]
    push_catalogue(states[0], lite(tmp_path), files=str(tmp_path / "files"), grace=0)
    seen = []
    for step in ("insert", "flush", "build_index", "point_alias"):

        def look(*args: Any, real: Any = getattr(Engine, step), **options: Any) -> Any:
            result = real(*args, **options)
            monkeypatch.undo()
            now = Collection.open(lite(tmp_path))
            seen.append((len(now.records), now.index.search(states[0].index.vectors[3]).indices.tolist()))
            return result

        monkeypatch.setattr(Engine, step, look)
        push_catalogue(states[1], lite(tmp_path), grace=0)
        monkeypatch.undo()
        push_catalogue(states[0], lite(tmp_path), grace=0)
    expected = [(len(one.records), one.index.search(states[0].index.vectors[3]).indices.tolist()) for one in states]
    assert seen == [expected[0], expected[0], expected[0], expected[1]]


@pytest.mark.parametrize("as_alias", [False, True])
def test_a_collection_of_something_else_is_left_alone(tmp_path: Path, made: Catalogue, as_alias: bool) -> None:
    from pymilvus import MilvusClient

    client = MilvusClient(str(tmp_path / "milvus.db"))
    client.create_collection("others" if as_alias else "clothes", dimension=8)
    if as_alias:
        client.create_alias("others", "clothes")
    with pytest.raises(CatalogueError, match="something else; choose another name"):
        push_catalogue(made, lite(tmp_path), files=str(tmp_path / "files"), grace=0)
    assert client.list_collections() == ["others" if as_alias else "clothes"]
    with pytest.raises(CatalogueError, match=r"no catalogue|something else"):
        Collection.open(lite(tmp_path))


def test_a_damaged_or_missing_file_is_named(tmp_path: Path, made: Catalogue, copy_of: Callable[[Path], Path]) -> None:
    push_catalogue(made, lite(tmp_path), files=str(tmp_path / "files"), grace=0)
    collection = Collection.open(lite(tmp_path))
    thumb = collection.thumb(3)
    thumb.write_bytes(thumb.read_bytes()[:-1])
    for broken in (collection.thumb, lambda _: check_collection(collection)):
        with pytest.raises(CatalogueError, match=f"{thumb.name}: damaged"):
            broken(3)
    facts = folder_of(collection) / collection.name / "facts.json"
    facts.write_text(facts.read_text().replace('"count": 400', '"count": 399'))
    with pytest.raises(CatalogueError, match=r"facts\.json: damaged"):
        Collection.open(lite(tmp_path))
    facts.unlink()
    with pytest.raises(CatalogueError, match=r"facts\.json: missing"):
        Collection.open(lite(tmp_path))


def test_files_may_be_anywhere(tmp_path: Path, made: Catalogue) -> None:
    push_catalogue(made, lite(tmp_path), files="memory://anywhere", grace=0)
    collection = Collection.open(lite(tmp_path))
    check_collection(collection)
    assert collection.thumb(3).read_bytes() == made.thumb(3).read_bytes()
    assert collection.files.address.startswith("memory://anywhere/clothes-")
    assert len(collection.files.sizes("thumbs")) == 1, "all look the same"
    assert Searcher.over(collection).extractor.weights.digest == made.weights_digest


def test_passwords_are_not_stored(tmp_path: Path, made: Catalogue) -> None:
    with pytest.raises(CatalogueError, match="would be stored") as caught:
        push_catalogue(made, lite(tmp_path), files="sftp://me:secret@host/files")
    assert "secret" not in str(caught.value)


def test_a_run_whose_files_go_elsewhere_begins_anew(tmp_path: Path, states: list[Catalogue]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        stop_at(patch, "flush", after=True)
        with pytest.raises(Killed):
            push_catalogue(states[0], lite(tmp_path), files=str(tmp_path / "here"), grace=0)
    push_catalogue(states[0], lite(tmp_path), files=str(tmp_path / "there"), grace=0)
    check_collection(Collection.open(lite(tmp_path)))


def test_catalogues_that_share_a_place_keep_their_files(states: list[Catalogue], tmp_path: Path) -> None:
    """Of another name, and of the same name in another Milvus, with the same content."""
    former, later = states
    (tmp_path / "other").mkdir()
    shared = [lite(tmp_path), lite(tmp_path, "hats"), lite(tmp_path / "other")]
    for address in shared:
        push_catalogue(former, address, files=str(tmp_path / "files"), grace=0)
    push_catalogue(later, shared[0], files=str(tmp_path / "files"), grace=0)
    places = [Collection.open(address) for address in shared]
    assert [len(collection.records) for collection in places] == [90, 60, 60]
    for collection in places:
        check_collection(collection)
    assert len({folder_of(collection) for collection in places}) == 3
    left = {path.name for path in folder_of(places[0]).iterdir()}
    assert left == {places[0].name, "thumbs"}, "what only the former one needs is gone"


def test_files_of_earlier_versions_are_read_and_left_alone(
    states: list[Catalogue], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They lie at the place itself, where those of other catalogues may be."""
    former, later = states
    place = str(tmp_path / "files")
    with monkeypatch.context() as patch:
        patch.setattr("cbir.collection.transfer.files_of", lambda *_: place)
        push_catalogue(former, lite(tmp_path), grace=0)
    assert Collection.open(lite(tmp_path)).files.address == place
    (tmp_path / "files" / "thumbs" / "of another.jpg").write_bytes(b"another's")
    files = {path: path.read_bytes() for path in (tmp_path / "files").rglob("*") if path.is_file()}
    with monkeypatch.context() as patch:
        stop_at(patch, "flush", after=True)
        with pytest.raises(Killed):
            push_catalogue(later, lite(tmp_path), grace=0)
    assert push_catalogue(former, lite(tmp_path), grace=0) == (False, 0)
    push_catalogue(later, lite(tmp_path), grace=0)
    now = Collection.open(lite(tmp_path))
    check_collection(now)
    assert len(now.records) == 90 and folder_of(now).parent == tmp_path / "files"
    assert {path: path.read_bytes() for path in files if path.exists()} == files


def test_thumbnails_are_asked_for_in_the_order_of_the_rows(
    index: Callable[[], Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows are read with those after them, which serves nobody in another order."""
    index()
    asked, real = list[int](), Collection.thumb_digest

    def note(self: Collection, row: int) -> bytes:
        asked.append(row)
        return real(self, row)

    monkeypatch.setattr(Collection, "thumb_digest", note)
    index()
    assert asked == sorted(asked) and len(asked) == 24


def test_a_push_of_the_same_content_writes_what_is_lost(
    tmp_path: Path, made: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    address = lite(tmp_path)
    push_catalogue(made, address, files=str(tmp_path / "files"), index="HNSW", grace=0)
    collection = Collection.open(address)
    own = folder_of(collection) / collection.name
    collection.thumb(0).unlink()
    for name in ("facts.json", "recall.json"):
        (own / name).unlink()
    (own / "example-001.jpg").write_bytes(b"half")
    with pytest.raises(CatalogueError, match=r"facts\.json: missing; push the catalogue again"):
        Collection.open(address)
    push.run(argparse.Namespace(index=str(made.folder), address=str(address), files=None, type=None))
    assert "it was up to date, but 4 of its files were missing or damaged" in capsys.readouterr().out
    now = Collection.open(address)
    check_collection(now)
    assert now.name == collection.name and now.recall is not None
    assert push_catalogue(made, address, grace=0) == (False, 0)


def test_a_damaged_file_is_written_when_it_is_removed(tmp_path: Path, made: Catalogue) -> None:
    push_catalogue(made, lite(tmp_path), files=str(tmp_path / "files"), index="HNSW", grace=0)
    collection = Collection.open(lite(tmp_path))
    own = folder_of(collection) / collection.name
    for path in (own / "recall.json", own / "facts.json"):
        content = path.read_bytes()
        path.write_bytes(bytes(len(content)))
        with pytest.raises(CatalogueError, match=rf"{path.name}: damaged.*; remove it and push the catalogue again"):
            Collection.open(lite(tmp_path))
        path.unlink()
        assert push_catalogue(made, lite(tmp_path), grace=0) == (False, 1)
    check_collection(Collection.open(lite(tmp_path)))


def test_rows_that_changed_are_not_taken_over(index: Callable[[], Report], tmp_path: Path) -> None:
    index()
    spoil(Collection.open(lite(tmp_path)), 3, vector=[0.0] * 1024)
    with pytest.raises(CatalogueError, match=r"vectors are not as promised; .*under another name"):
        index()


def test_a_choice_for_folders_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["index", str(tmp_path), "--out", str(lite(tmp_path)), "--rebuild"]) == 1
    assert "--rebuild is for catalogues in folders; leave it out" in capsys.readouterr().err

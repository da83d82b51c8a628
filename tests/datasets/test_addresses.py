"""Folders at addresses: read as local ones are, and told apart where they cannot be."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fsspec.registry import _registry

from cbir.datasets.photo import PhotoSet
from cbir.datasets.reader import read_photos
from cbir.errors import DatasetError
from cbir.system import remote
from tests.support.stores import STORES, break_listing, break_reads, in_memory, in_zip

mirrored = pytest.mark.parametrize("mirror", STORES.values(), ids=STORES)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits between tries, which are left out."""
    waits: list[float] = []
    monkeypatch.setattr(remote, "sleep", waits.append)
    return waits


def write(root: Path, *names: str, **texts: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(name.encode())
    for name, text in texts.items():
        (root / f"{name}.csv").write_text(text)
    return root


def told(found: PhotoSet) -> dict[str, object]:
    """All that a set says, but for where its files are."""
    photos = [photo._replace(file=Path()) for photo in found.photos]
    return {**found._asdict(), "photos": photos, "examples": [path.name for path in found.examples]}


@mirrored
def test_a_folder_of_labels_is_read_as_a_local_one(tmp_path: Path, mirror: Callable[[Path], str]) -> None:
    names = ("b/2.jpg", "b/10.JPG", "a-b/1.png", "a/deep/er/1.jpg", "train/hat/1.jpg", "top.webp", "a/notes.txt", "a/b")
    litter = ("@eaDir/a.jpg", "a/Thumbs.db", "a/.hidden.jpg", ".trash/b.jpg", "lost+found/x.jpg")
    catalogues = ("a/old/manifest.json", "a/old/records.jsonl", "a/old/1.jpg", "new/versions/lock", "new/thumbs/2.jpg")
    ordinary = ("other/versions/3.jpg", "other/manifest.json")
    root = write(tmp_path / "set", *names, *litter, *catalogues, *ordinary)
    found = read_photos(mirror(root), anywhere=True)
    assert told(found) == told(read_photos(root)) and len(found.photos) == 7 and len(found.litter) == 5
    for photo in found.photos:
        assert photo.file.read_bytes() == photo.name.encode()
        assert photo.file.stat().st_size == len(photo.name.encode())


@mirrored
def test_a_table_is_read_as_a_local_one(tmp_path: Path, mirror: Callable[[Path], str]) -> None:
    table = (
        "photo;label;size;link\na.jpg;Hat;M;https://shop.example/1\nsub\\b.jpg; Coat ;;\n./photos/a.jpg;Cap;;\n"
        "Größe.jpg;Dress;S;nonsense\ngone.jpg;Hat;;\n/a.jpg;Hat;;\nsub/../a.jpg;Hat;;\n ;Hat;;\nx.jpg;Top;;\n"
    )
    photos = ("photos/a.jpg", "photos/sub/b.jpg", "photos/Gro\u0308ße.jpg", "x.jpg", "labels/y.png")
    root = write(tmp_path / "set", *photos, "examples/2.jpg", "examples/1.png", "examples/deep/3.jpg", photos=table)
    found = read_photos(mirror(root), anywhere=True)
    expected = told(read_photos(root))
    assert told(found) == expected
    assert [photo.label for photo in found.photos] == ["Hat", "Coat", "Dress", "Top"]
    assert len(found.examples) == 3 and found.missing and found.refused and found.warnings


def test_what_lies_outside_is_not_found(tmp_path: Path) -> None:
    write(tmp_path, "outside.jpg", "set/photos/a.jpg")
    root = write(tmp_path / "set", photos="photo\n../outside.jpg\n../set/photos/a.jpg\n../../a.jpg\na.jpg\n")
    in_memory(tmp_path)
    found = read_photos(f"memory:/{root}", anywhere=True)
    assert [photo.name for photo in found.photos] == ["photos/a.jpg"]
    assert found.missing == ["../outside.jpg", "../set/photos/a.jpg", "../../a.jpg"]


def test_each_folder_is_listed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "".join(f"hat/{number}.jpg\nhat/gone{number}.jpg\n" for number in range(5))
    root = write(tmp_path / "set", *(f"photos/hat/{number}.jpg" for number in range(5)), photos=f"photo\n{rows}")
    address = in_memory(root)
    asked = break_listing(monkeypatch, "", ConnectionError())
    assert len(read_photos(address, anywhere=True).photos) == 5
    assert sorted(asked) == ["hat", "photos", "set"]


def test_acs_is_read_from_this_machine_alone(tmp_path: Path) -> None:
    root = write(tmp_path / "set", "images/1/n01/1.jpg", "train.txt")
    with pytest.raises(DatasetError, match=r"layout of ACS.*copy it first"):
        read_photos(in_memory(root), anywhere=True)


def test_sets_for_training_are_read_from_this_machine_alone(tmp_path: Path) -> None:
    address = in_memory(write(tmp_path / "set", "a.jpg"))
    with pytest.raises(DatasetError, match="an address; only `index` reads from there, so copy it first"):
        read_photos(address)
    with pytest.raises(DatasetError, match=r"a\.jpg: not on this machine"):
        _ = read_photos(address, anywhere=True).photos[0].path


def test_a_folder_that_fails_to_be_listed_is_tried_again_and_then_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: list[float]
) -> None:
    address = in_memory(write(tmp_path / "set", "hat/a.jpg", "scarf/b.jpg"))
    with monkeypatch.context() as patch:
        asked = break_listing(patch, "hat", TimeoutError("slow"), times=2)
        assert len(read_photos(address, anywhere=True).photos) == 2 and asked.count("hat") == 3
    assert at_once == sorted(at_once) and len(at_once) == 2
    break_listing(monkeypatch, "hat", TimeoutError("slow"))
    found = read_photos(address, anywhere=True)
    assert [photo.name for photo in found.photos] == ["scarf/b.jpg"]
    [(name, reason)] = found.unreachable
    assert name == "hat" and reason.startswith("cannot be read there now (slow); check the connection")


def test_a_table_in_a_folder_that_fails_is_told_once_for_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write(tmp_path / "set", "photos/hat/a.jpg", "photos/b.jpg", photos="photo\nhat/a.jpg\nhat/c.jpg\nb.jpg\n")
    asked = break_listing(monkeypatch, "hat", PermissionError("no"))
    found = read_photos(in_memory(root), anywhere=True)
    assert [photo.name for photo in found.photos] == ["photos/b.jpg"]
    assert [name for name, _ in found.unreachable] == ["photos/hat/a.jpg", "photos/hat/c.jpg"]
    assert asked.count("hat") == 1


def test_a_read_that_breaks_off_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [photo] = read_photos(in_memory(write(tmp_path / "set", "a.jpg")), anywhere=True).photos
    with monkeypatch.context() as patch:
        asked = break_reads(patch, "a.jpg", ConnectionError("reset"), times=3)
        assert photo.file.read_bytes() == b"a.jpg" and len(asked) == 4
    failures = ((ConnectionError("reset"), 4, "reset"), (PermissionError("no"), 1, "no"))
    for error, tries, told in (*failures, (FileNotFoundError("x"), 1, "not there any more")):
        with monkeypatch.context() as patch:
            asked = break_reads(patch, "a.jpg", error)
            with pytest.raises(OSError, match=told):
                photo.file.read_bytes()
            assert len(asked) == tries


def test_what_comes_short_of_its_size_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [photo] = read_photos(in_memory(write(tmp_path / "set", "a.jpg")), anywhere=True).photos
    asked = []

    def cut_off(*_: object, **__: object) -> bytes:
        asked.append(1)
        return b"a.jpg"[: len(asked)]

    monkeypatch.setattr("fsspec.implementations.memory.MemoryFileSystem.cat_file", cut_off)
    with pytest.raises(OSError, match="4 bytes came of 5"):
        photo.file.read_bytes()
    assert photo.file.read_bytes() == b"a.jpg"


def test_a_path_reads_its_file_in_another_process(tmp_path: Path) -> None:
    root = write(tmp_path / "set", "hat/a.jpg", *(f"hat/{number:03}.jpg" for number in range(100)))
    photo, *_ = read_photos(in_zip(root), anywhere=True).photos
    sent = pickle.dumps(photo.file)
    assert len(sent) < 2_000
    found = pickle.loads(sent)
    assert str(found) == str(photo.file) and found.read_bytes() == b"hat/000.jpg"


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("memory://nowhere/at/all", "nothing is there; check the address"),
        ("memory:/{root}/a.jpg", "a file; give a folder"),
        ("zip://::{root}/a.jpg", "cannot be listed .* check address and connection"),
        ("zip://::{root}/none.zip", "nothing is there"),
        ("file://{root}/none", "no such folder"),
        ("https://host.example/photos", "folders are not listed there"),
        ("strange://host/photos", "cannot be listed .Protocol not known: strange"),
    ],
)
def test_what_cannot_be_opened_is_told(tmp_path: Path, address: str, message: str) -> None:
    in_memory(write(tmp_path, "a.jpg"))
    with pytest.raises(DatasetError, match=message):
        read_photos(address.format(root=tmp_path), anywhere=True)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (PermissionError("Forbidden"), r"access is refused \(Forbidden\); set up the credentials"),
        (ConnectionError("no route\nto host"), r"cannot be listed \(no route\); check address and connection"),
        (ValueError(), r"cannot be listed \(ValueError\)"),
    ],
)
def test_why_a_store_refuses_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, message: str
) -> None:
    address = in_memory(write(tmp_path / "set", "a.jpg"))
    break_listing(monkeypatch, "set", error)
    with pytest.raises(DatasetError, match=message):
        read_photos(address, anywhere=True)


def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)  # as if it was not installed
    monkeypatch.delitem(_registry, "s3", raising=False)
    with pytest.raises(DatasetError, match=r"^s3://bucket/photos: its driver is missing .*pip install s3fs$"):
        read_photos("s3://bucket/photos", anywhere=True)


def test_no_secret_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    address = "memory://anna:secret@host/photos"
    break_listing(monkeypatch, "photos", ConnectionError(f"no answer from {address}?sig=secret&x=secret"))
    with pytest.raises(DatasetError) as caught:
        read_photos(address, anywhere=True)
    assert "secret" not in str(caught.value) and "anna:***@host" in str(caught.value)


@pytest.mark.parametrize(
    "address",
    ["zip://photos::sftp://bob:secret@host/x.zip", "ftp://bob:se@secret@host/x", "abfs://b/x?se=1&sig=secret"],
)
def test_secrets_of_any_address_are_hidden(address: str) -> None:
    assert remote.is_address(address)
    assert "secret" not in remote.hide_secrets(address) and "se@" not in remote.hide_secrets(address)

"""Folders as they are found: links, pipes, places that cannot be read, and what systems put there."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cbir.datasets.photo import PhotoSet
from cbir.datasets.reader import read_photos
from cbir.errors import DatasetError
from tests.support.obstacles import IRREGULAR, break_folder, within


def touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def names(found: PhotoSet) -> list[str]:
    return [photo.name for photo in found.photos]


@pytest.mark.parametrize("make", IRREGULAR.values(), ids=IRREGULAR)
def test_what_is_no_file_is_refused_and_the_rest_read(tmp_path: Path, make: Callable[[Path], None]) -> None:
    touch(tmp_path, "hat/a.jpg", "hat/c.jpg")
    make(tmp_path / "hat" / "b.jpg")
    with within(20):
        found = read_photos(tmp_path)
    assert names(found) == ["hat/a.jpg", "hat/c.jpg"]
    [(name, reason)] = found.refused
    assert name == "hat/b.jpg" and reason.startswith(("a pipe, not", "a socket, not", "a device, not"))
    assert found.left_out == [(name, reason)] and not found.unreachable


@pytest.mark.parametrize("code", [errno.EACCES, errno.EIO, errno.ESTALE, errno.ETIMEDOUT])
def test_a_folder_that_cannot_be_listed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    touch(tmp_path, "hat/a.jpg", "nas/deep/b.jpg", "scarf/c.jpg")
    break_folder(monkeypatch, tmp_path / "nas", code)
    found = read_photos(tmp_path)
    assert names(found) == ["hat/a.jpg", "scarf/c.jpg"]
    [(name, reason)] = found.unreachable
    assert name == "nas" and os.strerror(code) in reason
    break_folder(monkeypatch, tmp_path, code)
    with pytest.raises(DatasetError, match=f"cannot be read .{os.strerror(code)}"):
        read_photos(tmp_path)


def test_a_folder_whose_path_is_too_long_is_told(tmp_path: Path) -> None:
    """Made from within, as a program does that changes into each folder: its whole path is beyond the system's."""
    touch(tmp_path, "a.jpg")
    before = Path.cwd()
    os.chdir(tmp_path)
    try:
        for _ in range(20):
            Path("d" * 250).mkdir()
            os.chdir("d" * 250)
        Path("b.jpg").touch()
    finally:
        os.chdir(before)
    found = read_photos(tmp_path)
    shutil.rmtree(tmp_path / ("d" * 250))  # others look below the folder that tests share
    assert names(found) == ["a.jpg"]
    [(name, reason)] = found.unreachable
    assert set(name) == {"d", "/"} and os.strerror(errno.ENAMETOOLONG) in reason


@pytest.mark.parametrize("name", ["hat/b.jpg", "hat/folder", "elsewhere"])
@pytest.mark.parametrize("target", ["gone", "itself"])
def test_links_that_lead_nowhere_are_told(tmp_path: Path, name: str, target: str) -> None:
    touch(tmp_path, "hat/a.jpg")
    (tmp_path / name).symlink_to(tmp_path / name if target == "itself" else tmp_path / "gone")
    found = read_photos(tmp_path)
    assert names(found) == ["hat/a.jpg"]
    [(told, reason)] = found.unreachable
    assert told == name and ";" in reason


def test_linked_folders_are_followed(tmp_path: Path) -> None:
    touch(tmp_path, "nas/deep/a.jpg", "nas/b.jpg", "set/hat/c.jpg")
    (tmp_path / "set" / "scarf").symlink_to(tmp_path / "nas")
    found = read_photos(tmp_path / "set")
    assert [(photo.name, photo.label) for photo in found.photos] == [
        ("hat/c.jpg", "hat"),
        ("scarf/b.jpg", "scarf"),
        ("scarf/deep/a.jpg", "scarf"),
    ]
    assert all(photo.path.is_file() for photo in found.photos)


@pytest.mark.parametrize("target", [".", "hat", "hat/deep", "..", "../.."])
def test_links_that_lead_back_end(tmp_path: Path, target: str) -> None:
    root = tmp_path / "outer" / "set"
    touch(root, "hat/deep/a.jpg", "b.jpg")
    touch(tmp_path, "outer/stranger.jpg")
    (root / "hat" / "deep" / "back").symlink_to((root / target).resolve())
    with within(20):
        found = read_photos(root)
    assert names(found) == ["b.jpg", "hat/deep/a.jpg"]
    assert [name for name, _ in found.refused] == (["hat/deep/back"] if ".." in target else [])


def test_a_folder_linked_twice_counts_once(tmp_path: Path) -> None:
    touch(tmp_path, "nas/a.jpg", "set/photo.jpg")
    for name in ("c", "b", "d"):
        (tmp_path / "set" / name).symlink_to(tmp_path / "nas")
    assert names(read_photos(tmp_path / "set")) == ["b/a.jpg", "photo.jpg"]


def test_a_folder_counts_under_its_own_name_rather_than_a_links(tmp_path: Path) -> None:
    touch(tmp_path, "z/deep/a.jpg")
    (tmp_path / "a").symlink_to(tmp_path / "z")
    (tmp_path / "b").symlink_to(tmp_path / "z" / "deep")
    assert names(read_photos(tmp_path)) == ["z/deep/a.jpg"]


def test_links_to_folders_that_link_to_each_other_end(tmp_path: Path) -> None:
    touch(tmp_path, "one/a.jpg", "two/b.jpg", "set/c.jpg")
    (tmp_path / "one" / "other").symlink_to(tmp_path / "two")
    (tmp_path / "two" / "other").symlink_to(tmp_path / "one")
    (tmp_path / "set" / "one").symlink_to(tmp_path / "one")
    with within(20):
        assert names(read_photos(tmp_path / "set")) == ["c.jpg", "one/a.jpg", "one/other/b.jpg"]


def test_linked_photos_are_photos(tmp_path: Path) -> None:
    touch(tmp_path, "elsewhere/x.jpg", "set/a.jpg")
    for name in ("b.jpg", "c.png"):
        (tmp_path / "set" / name).symlink_to(tmp_path / "elsewhere" / "x.jpg")
    assert names(read_photos(tmp_path / "set")) == ["a.jpg", "b.jpg", "c.png"]


LITTER = (
    *("@eaDir", "@EADIR", "#recycle", "@Recycle", "#snapshot", "@Recently-Snapshot", "$RECYCLE.BIN", "$Recycle.Bin"),
    *("System Volume Information", "__MACOSX", "lost+found", "Network Trash Folder", "@tmp", "~snapshot"),
)


@pytest.mark.parametrize("litter", LITTER)
def test_what_systems_put_there_is_left_out(tmp_path: Path, litter: str) -> None:
    touch(tmp_path, "hat/a.jpg", f"hat/{litter}/a.jpg/SYNOPHOTO_THUMB_M.jpg", f"{litter}/deep/b.jpg", "Thumbs.db")
    found = read_photos(tmp_path)
    assert names(found) == ["hat/a.jpg"]
    assert sorted(found.litter) == sorted(["Thumbs.db", litter, f"hat/{litter}"]) and not found.others


def test_hidden_ones_are_left_out(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "._a.jpg", ".@__thumb/b.jpg", ".Trash-1000/files/c.jpg", ".DS_Store")
    found = read_photos(tmp_path)
    assert names(found) == ["a.jpg"]
    assert found.left_out == [] and found.litter == [".@__thumb"] and not found.others


@pytest.mark.parametrize("ordinary", ["recycled", "thumbs", "snapshots", "ea", "tmp", "versions", "unfinished"])
def test_ordinary_names_are_not_taken_for_litter(tmp_path: Path, ordinary: str) -> None:
    touch(tmp_path, f"{ordinary}/a.jpg")
    assert names(read_photos(tmp_path)) == [f"{ordinary}/a.jpg"]


@pytest.mark.parametrize(
    ("folder", "marks"),
    [
        ("old", ("manifest.json", "records.jsonl", "thumbs/x.jpg")),
        ("new", ("versions/current", "versions/0f3a/manifest.json", "versions/0f3a/thumbs/x.jpg")),
        ("unfinished", ("versions/lock", "versions/unfinished/thumbs/x.jpg")),
        ("out.building", ("lock", "thumbs/x.jpg")),
    ],
)
def test_other_catalogues_are_left_out(tmp_path: Path, folder: str, marks: tuple[str, ...]) -> None:
    touch(tmp_path, "hat/a.jpg", *(f"hat/{folder}/{mark}" for mark in marks))
    found = read_photos(tmp_path)
    assert names(found) == ["hat/a.jpg"] and found.litter == [f"hat/{folder}"]


def test_a_folder_to_leave_out_is_known_through_a_link(tmp_path: Path) -> None:
    touch(tmp_path, "set/a.jpg", "out/x.jpg")
    (tmp_path / "set" / "link").symlink_to(tmp_path / "out")
    found = read_photos(tmp_path / "set", skip=[tmp_path / "out"])
    assert names(found) == ["a.jpg"] and found.left_out == [] and found.litter == []


def test_files_of_other_kinds_are_counted(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "b.MOV", "hat/c.mov", "hat/d.xmp", "hat/README")
    found = read_photos(tmp_path)
    assert names(found) == ["a.jpg"] and found.others == {".mov": 2, ".xmp": 1, "": 1}


def test_names_that_are_no_utf_8_are_names(tmp_path: Path) -> None:
    touch(tmp_path, os.fsdecode(b"caf\xe9/h\xfct.JPG"))
    [photo] = read_photos(tmp_path).photos
    assert os.fsencode(photo.name) == b"caf\xe9/h\xfct.JPG" and photo.path.is_file()
    assert photo.label is not None and os.fsencode(photo.label) == b"caf\xe9"

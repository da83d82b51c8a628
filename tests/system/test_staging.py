"""Folders put together from files of several places."""

from __future__ import annotations

from pathlib import Path

import pytest

from cbir.errors import CbirError
from cbir.system.staging import Share, check_vacant, find_files, measure_folders, write_files


def fill(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return folder


def test_what_programs_leave_behind_is_not_found(tmp_path: Path) -> None:
    left = ("__pycache__/a.txt", "web/__pycache__/b.txt", "a.pyc", "weights.pth.part", ".env", ".git/config", "b/.c/d")
    folder = fill(tmp_path / "program", "a.py", "web/page.css", "web/texts/en.json", "part", "no suffix", *left)
    assert find_files(folder, "cbir") == {
        f"cbir/{name}": folder / name for name in ("a.py", "no suffix", "part", "web/page.css", "web/texts/en.json")
    }


def test_folders_are_measured_by_what_is_directly_in_them(tmp_path: Path) -> None:
    folder = fill(tmp_path, "four", "sub/five5")
    sources: dict[str, Path | bytes] = {"four": folder / "four", "a/d": folder / "sub/five5"}
    sources |= {"empty": b"", "a/b/c": b"12345678", "e/f": b"12"}
    expected = [("a/", 1, len("sub/five5")), ("a/b/", 1, 8), ("./", 2, len("four")), ("e/", 1, 2)]
    assert measure_folders(sources) == [Share(*share) for share in expected]


def test_files_are_written_from_both_kinds_of_source(tmp_path: Path) -> None:
    source = fill(tmp_path / "source", "photo")
    write_files({"a/b/photo": source / "photo", "text": b"made"}, tmp_path / "target")
    written = {path: path.read_bytes() for path in (tmp_path / "target").rglob("*") if path.is_file()}
    assert written == {tmp_path / "target/a/b/photo": b"photo", tmp_path / "target/text": b"made"}


def test_a_vacant_folder_is_empty_or_absent(tmp_path: Path) -> None:
    check_vacant(tmp_path)
    check_vacant(tmp_path / "absent")
    fill(tmp_path, "file")
    for taken in (tmp_path, tmp_path / "file"):
        with pytest.raises(CbirError, match="empty or not there yet"):
            check_vacant(taken)

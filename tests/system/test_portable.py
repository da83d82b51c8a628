"""What Windows has, as far as it can be tried elsewhere, is enough."""

from __future__ import annotations

import json
import ntpath
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cbir.datasets.table import read_table
from cbir.errors import DatasetError
from tests.support.drawings import draw_garment, fill_folder

PROJECT = Path(__file__).parents[2]
PROGRAM = """
import pkgutil, runpy, sys
from importlib import import_module
from pathlib import Path
from tests.support.windows import lack_unix
lack_unix()

import cbir
for module in pkgutil.walk_packages(cbir.__path__, "cbir."):
    import_module(module.name)
runpy.run_path("app.py", run_name="app")

photos, weights, out = sys.argv[1:]
main = import_module("cbir.commands.parser").main
searcher = None
for command in (["index", photos, "--out", out, "--weights", weights], ["remove", out, "hat/001.jpg"]):
    assert main(command) == 0, command
    searcher = searcher or cbir.Searcher.open(out)  # reads the first version while the second takes its place
assert main(["index", photos, "--out", out]) == 0
assert main(["search", str(Path(photos, "dress", "000.jpg")), "--index", out, "--json"]) == 0
"""


def test_photos_are_indexed_and_searched_without_what_windows_lacks(tmp_path: Path, weights_file: Path) -> None:
    photos = fill_folder(tmp_path / "photos", 8)
    command = [sys.executable, "-c", PROGRAM, *map(str, (photos, weights_file, tmp_path / "catalogue"))]
    run = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    answer = json.loads(run.stdout.splitlines()[-1])
    assert answer["matches"][0]["photo"] == "dress/000.jpg" and answer["catalogue_size"] == 8


def test_a_table_names_photos_with_forward_slashes_where_paths_have_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_table(tmp_path)
    relpath = os.path.relpath
    monkeypatch.setattr(os, "sep", "\\")
    monkeypatch.setattr(os.path, "relpath", lambda path, start: relpath(path, start).replace("/", "\\"))
    assert [photo.name for photo in read_table(tmp_path).photos] == ["photos/hat.jpg"]


def test_a_photo_on_another_drive_lies_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_table(tmp_path)
    monkeypatch.setattr(os.path, "relpath", lambda path, start: ntpath.relpath(f"D:{path}", f"C:{start}"))
    with pytest.raises(DatasetError, match=r"line 2: 'hat\.jpg' lies outside the folder"):
        read_table(tmp_path)


def write_table(folder: Path) -> None:
    """A photos.csv with one photo."""
    (folder / "photos").mkdir()
    draw_garment(1, "hat").save(folder / "photos" / "hat.jpg")
    (folder / "photos.csv").write_text("photo,label\nhat.jpg,hat\n", encoding="utf-8")


@pytest.mark.slow
def test_types_are_right_for_windows(tmp_path: Path) -> None:
    """mypy knows what each module of Python has on which system."""
    command = [sys.executable, "-m", "mypy", "--platform", "win32", "--cache-dir", str(tmp_path), "app.py", "cbir"]
    run = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout

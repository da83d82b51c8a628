"""Commands where folders are read-only or absent: who only reads needs none to be written to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from cbir.catalogue.build import index_photos
from cbir.network.extractor import FeatureExtractor
from tests.support.disks import bound, read_only
from tests.support.serving import PROJECT, served
from tests.web.test_health import ask
from tests.web.test_uploads import META, call_endpoint, upload


@pytest.fixture(scope="module")
def fixed(photos: Path, extractor: FeatureExtractor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A catalogue with versions that nobody can write to."""
    folder = tmp_path_factory.mktemp("fixed") / "index"
    index_photos(photos, folder, extractor)
    with read_only(folder):
        yield folder


@pytest.fixture
def locked_folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "locked").mkdir()
    with read_only(tmp_path / "locked") as folder:
        yield folder


def files_in(folder: Path) -> set[Path]:
    return {*folder.rglob("*")}


SURROUNDINGS: dict[str, Callable[[Path], dict[str, str]]] = {
    "all read-only": lambda folder: {"HOME": str(folder), "TMPDIR": str(folder)},
    "absent": lambda folder: {"HOME": str(folder / "absent"), "TMPDIR": str(folder / "absent")},
}


SCRIPT = """
import json, sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from cbir.__main__ import main
told = []
for arguments in json.loads(sys.argv[1]):
    with redirect_stdout(StringIO()) as output, redirect_stderr(StringIO()) as errors:
        status = main(arguments)
    told.append((status, output.getvalue(), errors.getvalue()))
print(json.dumps(told))
"""


class Told(NamedTuple):
    """What a command told."""

    status: int
    output: str
    errors: str


def run(*commands: list[str], **variables: str) -> list[Told]:
    """Each command in turn, in a process that permission bits bind."""
    command = [*bound(), sys.executable, "-c", SCRIPT, json.dumps(commands)]
    done = subprocess.run(command, cwd=PROJECT, env=os.environ | variables, stdout=subprocess.PIPE, check=True)
    return [Told(*one) for one in json.loads(done.stdout)]


@pytest.mark.parametrize("surroundings", SURROUNDINGS.values(), ids=SURROUNDINGS)
def test_a_search(
    fixed: Path, locked_folder: Path, photos: Path, surroundings: Callable[[Path], dict[str, str]]
) -> None:
    before = files_in(fixed)
    command = ["search", str(photos / "hat/001.jpg"), "--index", str(fixed), "-k", "1"]
    (found,) = run(command, **surroundings(locked_folder))
    assert (found.status, found.errors) == (0, "")
    assert "hat/001.jpg" in found.output and "Proven" in found.output
    assert files_in(fixed) == before


@pytest.mark.slow
@pytest.mark.parametrize("surroundings", SURROUNDINGS.values(), ids=SURROUNDINGS)
def test_the_page(
    fixed: Path, locked_folder: Path, photos: Path, tmp_path: Path, surroundings: Callable[[Path], dict[str, str]]
) -> None:
    command = [*bound(), sys.executable, "app.py", "--index", str(fixed)]
    variables = surroundings(locked_folder) | {"GRADIO_TEMP_DIR": str(tmp_path / "uploads")}
    with served(fixed, project=PROJECT, command=command, **variables) as page:
        assert ask(page.address)[0] == 200
        photo = {"path": upload(page.address, photos / "hat/001.jpg")} | META
        assert '"photo": "hat/001.jpg"' in call_endpoint(page.address, photo)
        assert "Traceback" not in page.errors.read_text()


def test_who_may_not_write_is_told(fixed: Path, locked_folder: Path, photos: Path) -> None:
    before, photo, new = files_in(fixed), str(photos / "hat/001.jpg"), locked_folder / "new"
    *changes, begun, page = run(
        ["index", str(photos), "--out", str(fixed), "--weights", str(fixed)],
        ["add", str(fixed), photo],
        ["remove", str(fixed), "hat/001.jpg"],
        ["index", str(photos), "--out", str(new), "--weights", str(fixed)],
        ["page", "--index", str(fixed)],
        GRADIO_TEMP_DIR=str(locked_folder),  # as where another user of the machine had a page first
    )
    assert [one.status for one in (*changes, begun, page)] == [1] * 5
    for told, folder in [*((one, fixed) for one in changes), (begun, new)]:
        refusal = "cannot be written to (Permission denied); choose another folder, or get the right to write there"
        assert told.errors.splitlines()[-1] == f"error: {folder}: {refusal}"
    last = page.errors.splitlines()[-1]
    assert last.startswith("error: uploads cannot be kept: ") and str(locked_folder) in last
    assert last.endswith("set GRADIO_TEMP_DIR to a folder that can be written to")
    assert files_in(fixed) == before

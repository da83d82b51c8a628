"""What is installed is all of the project, and works in any folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import urllib.request
from pathlib import Path
from zipfile import ZipFile

import pytest

import cbir
from cbir.web.health import ADDRESS, digest_program
from tests.support.serving import served

PROJECT = Path(__file__).parents[1]
BUILT_FROM = ("pyproject.toml", "README.md", "LICENSE", "requirements.txt", "cbir", "index")
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
QUERY = PROJECT / "index" / "examples" / "001.jpg"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy: building leaves files beside what it builds."""
    place = tmp_path_factory.mktemp("packaging")
    source = place / "source"
    source.mkdir()
    leave_out = shutil.ignore_patterns("__pycache__", "versions")
    for name in BUILT_FROM:
        if (PROJECT / name).is_dir():
            shutil.copytree(PROJECT / name, source / name, ignore=leave_out)
        else:
            shutil.copy(PROJECT / name, source)
    subprocess.run(
        [*PIP, "wheel", source, "--no-deps", "--no-build-isolation", "--wheel-dir", place / "wheels"], check=True
    )
    return next((place / "wheels").iterdir())


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel installed in it."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([*PIP, "install", "--no-deps", "--no-index", "--target", folder, wheel], check=True)
    return folder


def search_path(installed: Path) -> str:
    """$PYTHONPATH for the installed package and the packages that it needs.

    Those of the environment come second: a project that is installed in it is not the one that is run.
    """
    return os.pathsep.join((str(installed), sysconfig.get_path("purelib")))


def run(installed: Path, place: Path, *command: str) -> str:
    """What Python prints in another folder, of the installed package."""
    environment = {name: value for name, value in os.environ.items() if name != "CBIR_INDEX"}
    environment["PYTHONPATH"] = search_path(installed)
    program = [sys.executable, *command]
    done = subprocess.run(program, cwd=place, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_package_is_listed() -> None:
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    there = {path.parent.relative_to(PROJECT).as_posix() for path in (PROJECT / "cbir").rglob("__init__.py")}
    assert set(settings["packages"]) == {name.replace("/", ".") for name in there} | {"cbir.index"}


@pytest.mark.slow
@pytest.mark.skipif(not (PROJECT / ".git").exists(), reason="git tells what the project holds")
def test_the_wheel_holds_what_the_project_does(wheel: Path) -> None:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "cbir", "index"]
    listing = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True)
    kept = {f"cbir/{name}" if name.startswith("index/") else name for name in listing.stdout.split("\0") if name}
    with ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
        metadata = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        lines = archive.read(metadata).decode().splitlines()
    assert held == kept
    needed = (PROJECT / "requirements.txt").read_text(encoding="utf-8").split()
    requires = [line.removeprefix("Requires-Dist: ") for line in lines if line.startswith("Requires-Dist: ")]
    assert [one for one in requires if "extra ==" not in one] == needed
    assert {one.partition("extra == ")[2] for one in requires} == {"", '"milvus"', '"ray"'}
    assert {"Name: cbir", "Requires-Python: >=3.11", "License-File: LICENSE"} <= set(lines)


@pytest.mark.slow
def test_the_installed_package_searches_its_own_catalogue(installed: Path, tmp_path: Path) -> None:
    told = json.loads(run(installed, tmp_path, "-m", "cbir", "search", str(QUERY), "--json"))
    own = cbir.Searcher.open(PROJECT / "index").search(QUERY).as_json()
    assert [match["photo"] for match in told["matches"]] == [match["photo"] for match in own["matches"]]
    assert told["catalogue_size"] == own["catalogue_size"]


@pytest.mark.slow
def test_the_command_is_the_module(installed: Path, tmp_path: Path) -> None:
    command = str(installed / "bin" / "cbir")
    assert run(installed, tmp_path, command, "--help") == run(installed, tmp_path, "-m", "cbir", "--help")


@pytest.mark.slow
def test_the_installed_page_is_that_of_the_project(installed: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "cbir", "page"]
    variables = {"PYTHONPATH": search_path(installed), "CBIR_INDEX": ""}
    with (
        served(tmp_path, project=tmp_path, command=command, **variables) as (address, *_),
        urllib.request.urlopen(f"{address}{ADDRESS}") as answer,
    ):
        told = json.load(answer)
    assert told["status"] == "ok" and told["version"] == digest_program()


@pytest.mark.slow
def test_the_installed_doctor_knows_what_is_needed(installed: Path, tmp_path: Path) -> None:
    code = "from cbir.commands.doctor import list_requirements; print(*list_requirements(), sep='\\n')"
    assert run(installed, tmp_path, "-c", code) == (PROJECT / "requirements.txt").read_text(encoding="utf-8")

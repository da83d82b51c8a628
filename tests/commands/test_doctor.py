"""The doctor: one line a check, status 1 if something is missing, and no package is needed for it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cbir.commands import doctor
from cbir.commands.parser import main
from cbir.system.doctor import MISSING, OK, Check

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def healthy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which nothing is missing, whatever this one is."""
    for name in ("check_python", "check_memory", "check_temporary", "check_port"):
        monkeypatch.setattr(doctor, name, lambda: Check(OK, "this machine", "fine"))
    monkeypatch.setattr(doctor, "check_packages", lambda _: [Check(OK, "packages", "there")])
    monkeypatch.setattr(doctor, "check_pair", lambda *_: Check(OK, "pair", "fits"))


@pytest.mark.usefixtures("healthy")
def test_nothing_is_missing(catalogue: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--index", str(catalogue)]) == 0
    told = capsys.readouterr()
    lines = told.out.splitlines()
    assert f"ok      catalogue: {catalogue}: 24 photos" in lines and told.err == ""
    assert lines[-1].startswith("note    webcam: ") and "localhost" in lines[-1]


@pytest.mark.usefixtures("healthy")
def test_a_catalogue_that_is_absent_or_damaged(
    tmp_path: Path, catalogue: Path, copy_of: Callable[[Path], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--index", str(tmp_path)]) == 1
    told = capsys.readouterr()
    assert f"MISSING catalogue: {tmp_path}: no catalogue; build one with: python -m cbir index" in told.out
    assert told.err == "error: missing: catalogue\n"
    folder = copy_of(catalogue)
    (folder / "records.jsonl").write_text("damaged")
    assert main(["doctor", "--index", str(folder)]) == 1
    assert "records.jsonl: damaged" in capsys.readouterr().out


def test_packages_that_cannot_be_loaded_are_not_needed(catalogue: Path) -> None:
    code = (
        "import runpy, sys\n"
        "sys.modules.update(dict.fromkeys(['torch', 'torchvision', 'gradio', 'hnswlib', 'numpy', 'PIL', 'tqdm']))\n"
        f"sys.argv[1:] = ['doctor', '--json', '--index', {str(catalogue)!r}]\n"
        "runpy.run_module('cbir', run_name='__main__')\n"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False)
    states = {check["subject"]: check["state"] for check in json.loads(run.stdout)["checks"]}
    assert {states["torch"], states["gradio"], states["catalogue"]} == {OK}


def test_without_any_package_all_are_named() -> None:
    command = [sys.executable, "-S", "-m", "cbir", "doctor"]
    run = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert run.returncode == 1 and "Traceback" not in run.stderr
    for line in (PROJECT / "requirements.txt").read_text().splitlines():
        name = re.split("[=>]", line)[0]
        assert f'{MISSING} {name}: not installed; pip install "{line}"\n' in run.stdout
    assert "as filelock is not installed; install it" in run.stdout

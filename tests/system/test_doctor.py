"""What is missing on a machine is told with its remedy."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest

from cbir.system.doctor import (
    MISSING,
    NOTE,
    OK,
    TOOLS,
    check_compiled,
    check_memory,
    check_package,
    check_packages,
    check_pair,
    check_port,
    check_python,
    check_temporary,
    satisfies,
    split_requirement,
)

INSTALLED = {"torch": "2.15.0+cpu", "torchvision": "0.29.2", "gradio": "6.31.0"}
NEEDS = {"torchvision": ["numpy", "torch (>=2.15.0) ; python_version > '3'", "scipy ; extra == 'scipy'"]}


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The packages that there are, to be changed."""
    packages = dict(INSTALLED)

    def version(name: str) -> str:
        if name not in packages:
            raise metadata.PackageNotFoundError(name)
        return packages[name]

    monkeypatch.setattr(metadata, "version", version)
    monkeypatch.setattr(metadata, "requires", NEEDS.get)
    return packages


@pytest.mark.parametrize(
    ("version", "conditions", "expected"),
    [
        ("2.15.0", ">=2.15", True),
        ("2.15.0+cu130", "==2.15", True),
        ("2.9", ">=2.15", False),
        ("10.0", ">=9.5", True),
        ("6.31.1", "==6.31.0", False),
        ("2.0rc1", ">=2.0", True),
        ("3.1", ">=2, <3", False),
        ("2.1", "!=2.1", False),
        ("2.1", "<=2.1,>2.0", True),
        ("1.0", "", True),
    ],
)
def test_versions(version: str, conditions: str, expected: bool) -> None:
    assert satisfies(version, conditions) is expected


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        ("pillow-heif>=1.8.1", ("pillow-heif", ">=1.8.1")),
        ("torch (>=2.14.0)", ("torch", ">=2.14.0")),
        ("numpy", ("numpy", "")),
        ("scipy<2,>=1 ; extra == 'scipy'", ("scipy", "<2,>=1")),
    ],
)
def test_requirements(requirement: str, expected: tuple[str, str]) -> None:
    assert split_requirement(requirement) == expected


def test_packages() -> None:
    old, fine, absent = check_packages(["gradio==6.30.0", "torch>=2.15", "walrus>=1"])
    assert str(old) == 'MISSING gradio: 6.31.0, but ==6.30.0 is needed; pip install "gradio==6.30.0"'
    assert str(fine) == "ok      torch: 2.15.0+cpu"
    assert str(absent) == 'MISSING walrus: not installed; pip install "walrus>=1"'


def test_a_pair_that_does_not_match(installed: dict[str, str]) -> None:
    assert check_pair("torchvision", "torch").state == OK
    installed["torch"] = "2.14.0"
    unfit = check_pair("torchvision", "torch")
    assert unfit[::2] == (MISSING, "torch 2.14.0, but >=2.15.0 is needed")
    assert unfit.remedy == 'pip install "torch>=2.15.0"'
    del installed["torch"]
    assert "torch is not installed" in str(check_pair("torchvision", "torch"))


def test_what_is_compiled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert check_compiled("hnswlib==0.8.0").state == OK
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(returncode=-4))
    monkeypatch.setenv("CXX", f"{sys.executable} -O2")
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(tmp_path))
    assert check_compiled("hnswlib==0.8.0")[::3] == (MISSING, TOOLS)
    (tmp_path / "Python.h").touch()
    can_be = check_compiled("hnswlib==0.8.0")
    assert can_be.state == MISSING and can_be.remedy.endswith(" hnswlib==0.8.0") and sys.executable in can_be.found
    monkeypatch.setenv("CXX", "no-such-compiler")
    assert check_compiled("hnswlib==0.8.0")[::3] == (MISSING, TOOLS)


def test_python() -> None:
    assert check_python().state == OK
    assert str(check_python((3, 9, 2))) == "MISSING Python: 3.9.2; install 3.11 or newer"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("MemTotal: 9 kB\nMemAvailable:  4194304 kB\n", (OK, "4.0 GB free")),
        ("MemAvailable: 524288 kB\n", (MISSING, "0.5 GB free, but 1.0 GB are needed")),
        ("", (NOTE, "not told by this system; the page needs 1.0 GB")),
    ],
)
def test_memory(tmp_path: Path, told: str, expected: tuple[str, str]) -> None:
    (tmp_path / "meminfo").write_text(told)
    assert check_memory(tmp_path / "meminfo")[::2] == expected
    assert check_memory(tmp_path / "absent").state == NOTE


def test_temporary_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "not made" / "yet"))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=2**31))
    assert check_temporary()[::2] == (OK, "2.0 GB free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=2**20))
    assert check_temporary().state == MISSING

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("read-only")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    assert check_temporary()[::3] == (MISSING, "set GRADIO_TEMP_DIR to a folder that can be")


def test_the_port(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        monkeypatch.setenv("GRADIO_SERVER_PORT", port)
        assert check_port().state == NOTE
    assert check_port()[::2] == (OK, f"{port} is free")
    for wrong in ("", "x", "0", "70000"):
        monkeypatch.setenv("GRADIO_SERVER_PORT", wrong)
        assert check_port().state == MISSING


def test_a_requirement_without_conditions_is_any_version() -> None:
    assert check_package("gradio") == (OK, "gradio", "6.31.0", "")

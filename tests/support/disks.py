"""A small disk that can be filled, and folders that nobody may write to."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

BOUND = "-dac_override,-dac_read_search"
"""What root is above permission bits by."""


@contextmanager
def small_disk(place: Path, size: int) -> Iterator[Path]:
    """A disk of its own of so many bytes, mounted on a new folder; skips the test where that is not allowed."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("a small disk is mounted by root of Linux")
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"nothing can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@contextmanager
def filled(disk: Path, free: int) -> Iterator[None]:
    """All of a disk is taken but so many bytes, while the block lasts."""
    ballast = disk / "ballast"
    try:
        with ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(disk).free - free)
        yield
    finally:
        ballast.unlink()


@contextmanager
def read_only(folder: Path) -> Iterator[Path]:
    """A folder and all in it can be read alone, by whom permission bits bind (`bound`)."""
    modes = {path: path.stat().st_mode for path in (folder, *folder.rglob("*"))}
    for path in modes:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        yield folder
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


def bound() -> list[str]:
    """What comes before a command for permission bits to bind it; they do not bind root, but for this."""
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("root is above permission bits, and there is no setpriv")
    return [setpriv, f"--bounding-set={BOUND}", f"--inh-caps={BOUND}"]

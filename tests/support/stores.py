"""Folders mirrored where fsspec reaches them, without any driver that is not part of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from fsspec.implementations.memory import MemoryFileSystem


def in_memory(folder: Path) -> str:
    """The files of a folder in the memory of this process, below its path."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            MemoryFileSystem().pipe_file(str(path), path.read_bytes())
    return f"memory:/{folder}"


def in_zip(folder: Path) -> str:
    """The files of a folder in a zip file beside it, below a folder of its name."""
    packed = folder.with_name(f"{folder.name}.zip")
    with ZipFile(packed, "w") as archive:
        for path in sorted(folder.rglob("*"), reverse=True):
            if path.is_file():
                archive.write(path, path.relative_to(folder.parent))
    return f"zip://{folder.name}::{packed}"


def on_disk(folder: Path) -> str:
    """The folder itself, by an address."""
    return f"file://{folder}"


STORES: dict[str, Callable[[Path], str]] = {"memory": in_memory, "zip": in_zip, "file": on_disk}


def break_reads(patch: pytest.MonkeyPatch, name: str, error: Exception, *, times: int = 10**9) -> list[str]:
    """Let files of this name in memory fail to be read, at first or for ever; the names of all that is read."""
    read, asked = MemoryFileSystem.cat_file, list[str]()

    def read_unless_broken(self: MemoryFileSystem, path: str, **limits: int) -> bytes:
        asked.append(path.rpartition("/")[2])
        if asked[-1] == name and asked.count(name) <= times:
            raise error
        return bytes(read(self, path, **limits))

    patch.setattr(MemoryFileSystem, "cat_file", read_unless_broken)
    return asked


def break_listing(patch: pytest.MonkeyPatch, folder: str, error: Exception, *, times: int = 10**9) -> list[str]:
    """Let a folder of this name in memory fail to be listed, at first or for ever; the names of all that are listed."""
    listing, asked = MemoryFileSystem.ls, list[str]()

    def list_unless_broken(self: MemoryFileSystem, path: str, **options: bool) -> object:
        asked.append(path.rstrip("/").rpartition("/")[2])
        if asked[-1] == folder and asked.count(folder) <= times:
            raise error
        return listing(self, path, **options)

    patch.setattr(MemoryFileSystem, "ls", list_unless_broken)
    return asked

"""Files that are whole or not there: digests, atomic writes and swaps, locks."""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cbir.errors import CatalogueError


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to, which takes the place of `path` in one step at the end, or is removed on an error."""
    part = path.with_name(path.name + ".part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def link_or_copy(source: Path, target: Path) -> None:
    """The same content at another path, without taking room twice where the file system can do that."""
    if target.exists():
        return
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def swap_folders(new: Path, target: Path) -> None:
    """Put folder `new` at `target`; what stood at `target` is then at `new`, if anything did.

    A reader sees the old folder or the new one at every moment, except on file systems that cannot exchange two
    folders (some network shares): there is an instant with none.
    """
    if not target.exists():
        new.rename(target)
    elif not _exchange(new, target):
        aside = target.with_name(target.name + ".old")
        target.rename(aside)
        new.rename(target)
        aside.rename(new)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two paths in one step, by renameat2(2) or renamex_np(2); False where the system cannot."""
    paths = os.fsencode(one), os.fsencode(other)
    swap = 2  # RENAME_EXCHANGE of Linux and RENAME_SWAP of macOS
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            return library.renamex_np(paths[0], paths[1], swap) == 0
        here = -100  # AT_FDCWD
        return library.renameat2(here, paths[0], here, paths[1], swap) == 0
    except (AttributeError, OSError, TypeError):
        return False


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file, which the system drops when this process ends, however it ends.

    Raises CatalogueError if another process holds it.
    """
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CatalogueError(f"{path.parent}: another run is writing there; wait for it to end") from error
        yield

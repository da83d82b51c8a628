"""A folder whose content is replaced as a whole while others read it.

    versions/current       the name of the version to read
    versions/NAME/         a version, complete, never changed
    versions/in-use/       a lock file for each reader, called after the version that it reads
    versions/unfinished/   what the next version is made from
    versions/lock          held by the run that writes

A folder without versions/current is plain: it is its own only version. Its first update leaves it where it is, as long
as somebody reads it, and puts the new version beside it.

Readers without the right to write there hold no lock. Their version may be removed by the next update; reading from it
then fails, and `Lease.is_current` tells why.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import TypeVar
from uuid import uuid4
from weakref import finalize

from filelock import FileLock, Timeout

from cbir.errors import CbirError
from cbir.system.files import make_lock, replacing, sync, sync_tree

VERSIONS, CURRENT, IN_USE, WORK, LOCK = "versions", "current", "in-use", "unfinished", "lock"
PLAIN = "plain"
"""What the locks of a plain folder's readers are called after."""
NAME = re.compile(r"[0-9a-f]{16}(-\d+)?")

Content = TypeVar("Content")


class Lease:
    """A version that stays for as long as this object lives and is not released."""

    def __init__(self, place: Path, folder: Path) -> None:
        """place: the folder with the versions, or a plain one. folder: that of the version."""
        self._place, self._folder = place, folder
        lock = make_lock(place / VERSIONS / IN_USE / f"{_name(place, folder)}.{uuid4().hex}")
        with suppress(OSError):  # no right to write there, or no locks
            lock.acquire()
        self._release = finalize(self, _drop, lock, os.getpid())

    @property
    def is_current(self) -> bool:
        """Whether this is still the version to read."""
        return current_version(self._place) == self._folder

    def release(self) -> None:
        """Let the version go."""
        self._release()


def current_version(place: Path) -> Path:
    """The folder of the version to read. It is there, unless it was replaced since or nothing was ever written."""
    try:
        name = (place / VERSIONS / CURRENT).read_text(encoding="utf-8", errors="replace").strip()
    except (FileNotFoundError, NotADirectoryError):
        return place
    return place / VERSIONS / name if NAME.fullmatch(name) else place


def lies_in_version(path: Path) -> bool:
    """Whether a file is of a version, and so on disk for sure."""
    return any(folder.parent.name == VERSIONS and NAME.fullmatch(folder.name) for folder in path.parents)


def read_current(place: Path, read: Callable[[Path], Content]) -> Content:
    """What a function reads from the current version's folder, again if another took its place meanwhile."""
    while True:
        folder = current_version(place)
        try:
            content = read(folder)
        except (CbirError, OSError):
            if current_version(place) == folder:
                raise
        else:
            # A lease taken by `read` holds: whoever replaces the version later looks for leases after that.
            if current_version(place) == folder:
                return content


def publish(place: Path, new: Path, digest: str) -> None:
    """Make the folder `new`, which is complete, the current version; all of it is on disk then.

    digest: names the version. To be called by the holder of the lock.
    """
    sync_tree(new)
    names = (digest[:16] + (f"-{number}" if number > 1 else "") for number in count(1))
    name = next(name for name in names if not (place / VERSIONS / name).exists())
    new.rename(place / VERSIONS / name)
    sync(place / VERSIONS)
    with replacing(place / VERSIONS / CURRENT) as part:
        part.write_text(name + "\n", encoding="utf-8")


def remove_unused(place: Path, plain: Sequence[str]) -> None:
    """Remove versions that are not current and that nobody reads; what cannot be removed is left to another time.

    plain: names of what a plain folder holds, its manifest, which is removed last, at the end. To be called by the
    holder of the lock.
    """
    current, used = current_version(place), _names_in_use(place)
    for folder in (place / VERSIONS).iterdir():
        if NAME.fullmatch(folder.name) and folder != current and folder.name not in used:
            shutil.rmtree(folder, ignore_errors=True)
    *others, manifest = (place / name for name in plain)
    if current != place and PLAIN not in used and manifest.exists():
        with suppress(OSError):
            for path in others:
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
            sync(place)
            manifest.unlink()


def strange_files(place: Path) -> list[Path]:
    """What is in versions/ and was not put there by this module."""
    folder = place / VERSIONS
    if not folder.is_dir():
        return [folder] if folder.exists() else []
    known = {CURRENT, f"{CURRENT}.part", IN_USE, WORK, LOCK}
    return [path for path in folder.iterdir() if path.name not in known and not NAME.fullmatch(path.name)]


def _name(place: Path, folder: Path) -> str:
    return PLAIN if folder == place else folder.name


def _names_in_use(place: Path) -> set[str]:
    """Names of the versions that somebody reads. Lock files of readers that ended without a word are removed."""
    names = set()
    for path in (place / VERSIONS / IN_USE).glob("*"):
        lock = make_lock(path)
        try:
            lock.acquire(blocking=False)
        except (Timeout, OSError):  # a reader's, or of another user and not to be told
            names.add(path.name.partition(".")[0])
        else:
            # Removed while it is held: who is about to lock it sees that and makes another.
            with suppress(OSError):
                path.unlink()
            lock.release()
    return names


def _drop(lock: FileLock, process: int) -> None:
    """Release a reader's lock, but not in a fork of the reader."""
    if os.getpid() == process:
        lock.release()
        with suppress(OSError):
            Path(lock.lock_file).unlink()

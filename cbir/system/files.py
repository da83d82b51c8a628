"""Files that are whole or not there, also after a power loss: digests, sizes, atomic writes, syncs, locks."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from cbir.errors import CatalogueError
from cbir.system.pool import worker_pool

NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP})
"""What a file system without locks answers."""
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
"""What a disk answers that has no room left, or none for this user."""
FORBIDDEN = frozenset({errno.EACCES, errno.EPERM})
"""What the system answers to who may not do something."""


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def writing_to(folder: Path) -> Iterator[None]:
    """Let a block write to a folder. Raises CatalogueError, with a remedy, if its disk is full or it is read-only."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            remedy = "free some space and run the same command again"
            raise CatalogueError(f"{folder}: its disk is full ({error.strerror}); {remedy}") from error
        if error.errno == errno.EROFS or (error.errno in FORBIDDEN and not _may_write(folder)):
            remedy = "choose another folder, or get the right to write there"
            raise CatalogueError(f"{folder}: cannot be written to ({error.strerror}); {remedy}") from error
        raise


def _may_write(folder: Path) -> bool:
    """Whether this process may write to a folder, or make it."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return os.access(there, os.W_OK | os.X_OK)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to, which takes the place of `path` in one step at the end, or is removed on an error.

    After the block the new content is on disk; a power loss before leaves the old one.
    """
    part = path.with_name(path.name + ".part")
    try:
        yield part
        sync(part)
        part.replace(path)
        sync(path.parent)
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


def sync(path: Path) -> None:
    """Bring a file's content, or a folder's list of names, to disk; Windows does the latter by itself."""
    if os.name == "nt" and path.is_dir():
        return
    # Windows syncs only what is open for writing; elsewhere a file that nobody may write is synced as well.
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # said of folders by file systems that cannot sync them
            raise
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Bring all that is in a folder, the folder included, to disk.

    Files that `link_or_copy` linked have another name in a version that was brought there; of many, each would cost a
    wait for the disk.
    """
    with worker_pool() as pool:  # several at once share a write of the file system's journal
        for _ in pool.map(sync, [folder, *(path for path in folder.rglob("*") if not _is_linked(path))]):
            pass


def _is_linked(path: Path) -> bool:
    return path.is_file() and path.stat().st_nlink > 1


def make_folder(path: Path) -> None:
    """A folder and those above it, as far as they are not there, on disk."""
    if not path.is_dir():
        make_folder(path.parent)
        path.mkdir(exist_ok=True)
        sync(path.parent)


def make_lock(path: Path) -> FileLock:
    """A lock file, not held yet; any thread may release it, and the system does when this process ends."""
    return FileLock(path, thread_local=False, fallback_to_soft=False)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file.

    Raises CatalogueError if another run holds it, or if the file system has no locks.
    """
    lock = make_lock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout as error:
        raise CatalogueError(f"{path.parent}: another run is writing there; wait for it to end") from error
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
        reason = f"its file system has no locks ({error.strerror}); choose a folder on another disk"
        raise CatalogueError(f"{path.parent}: {reason}") from error
    try:
        yield
    finally:
        lock.release()


def measure_folder(folder: Path) -> int:
    """Bytes of the files below a folder, as far as they are there when they are looked at."""
    size = 0
    for place, _, names in os.walk(folder):  # passes over folders that vanish
        for name in names:
            with suppress(OSError):
                size += Path(place, name).stat().st_size
    return size

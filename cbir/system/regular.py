"""Regular files, told apart from what only looks like one: opening a pipe waits, and a device may never end."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from cbir.system.remote import RemotePath

KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
GONE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG})
"""Errors of a path at which nothing is; others mean that something may be there and cannot be reached now."""


class NotAFileError(OSError):
    """A folder, pipe, socket or device in place of a file; its strerror says which."""


def kind_of(mode: int) -> str:
    """What a file is by its st_mode, in words; empty for a regular one."""
    return "" if stat.S_ISREG(mode) else KINDS.get(stat.S_IFMT(mode), "something else")


def read_regular(path: str | os.PathLike[str] | RemotePath) -> bytes:
    """All bytes of a regular file, or of the one behind a link, or of the one at an address.

    Raises NotAFileError at once if something else is there, and OSError if it cannot be read.
    """
    if isinstance(path, RemotePath):
        return path.read_bytes()
    _refuse_other(path, Path(path).stat().st_mode)
    # What is there may have changed since: without blocking, and looked at once more.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as file:
        _refuse_other(path, os.fstat(descriptor).st_mode)
        return file.read()


def _refuse_other(path: str | os.PathLike[str], mode: int) -> None:
    if kind := kind_of(mode):
        raise NotAFileError(errno.EINVAL, f"{kind}, not a file", os.fspath(path))

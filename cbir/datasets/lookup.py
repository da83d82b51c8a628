"""Files by the names that a list has for them, however the list spells those."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

from cbir.datasets.walk import describe_other, describe_unreachable
from cbir.system.regular import GONE, kind_of
from cbir.system.remote import PhotoPath, RemotePath


class Found(NamedTuple):
    """What is at a name."""

    path: PhotoPath
    reason: str = ""
    """Why it cannot be read, and what to do; empty for a regular file."""
    unreachable: bool = False
    """It may be a photo, but cannot be read now."""
    identity: tuple[int, int] = (0, 0)
    """Device and inode: the same for two paths of one file."""


class Lookup:
    """Finds files in folders, and tells those that are gone from those that cannot be read now.

    A name may be in composed or decomposed Unicode whichever the disk has, have backslashes for slashes, and have
    spaces around it.
    """

    def __init__(self, *folders: PhotoPath) -> None:
        self._folders = folders
        self._listings: dict[PhotoPath, dict[str, str]] = {}

    def find(self, name: str) -> Found | None:
        """The file of a name, in the first folder that has it; None if there is nothing, nor can be."""
        second: Found | None = None
        for path in self._spellings(name):
            found = look_at(path)
            if found and not found.reason:
                return found
            second = second or found
        return second

    def _spellings(self, name: str) -> Iterator[PhotoPath]:
        names = [spelled for spelled in dict.fromkeys((name, name.strip(), name.strip().replace("\\", "/"))) if spelled]
        for spelled in names:
            yield from (folder / spelled for folder in self._folders)
        for spelled in names:
            if not spelled.isascii():
                yield from (self._as_on_disk(folder, spelled) for folder in self._folders)

    def _as_on_disk(self, folder: PhotoPath, name: str) -> PhotoPath:
        """The path of a name, each part of it as the folder there spells it."""
        path = folder
        for part in Path(name).parts:
            path /= self._listing(path).get(normalize("NFC", part), part)
        return path

    def _listing(self, folder: PhotoPath) -> dict[str, str]:
        """Names in a folder by their composed form."""
        if folder not in self._listings:
            try:
                names = sorted(_list_names(folder))
            except (OSError, ValueError):
                names = []
            self._listings[folder] = {normalize("NFC", name): name for name in names}
        return self._listings[folder]


def _list_names(folder: PhotoPath) -> list[str]:
    if isinstance(folder, RemotePath):
        return [entry.name for entry in folder.scan()]
    return os.listdir(folder)  # noqa: PTH208 - names alone, without a Path each


def look_at(path: PhotoPath) -> Found | None:
    """What is at a path, behind a link if it is one; None if there is nothing, nor can be."""
    try:
        stat = path.stat()
    except ValueError:  # a name with a NUL
        return None
    except OSError as error:
        if error.errno in GONE and not (isinstance(path, Path) and _ends_in_lost_link(path)):
            return None
        return Found(path, describe_unreachable(error), unreachable=True)
    identity = (stat.st_dev, stat.st_ino)
    kind = kind_of(stat.st_mode)
    return Found(path, describe_other(kind), identity=identity) if kind else Found(path, identity=identity)


def _ends_in_lost_link(path: Path) -> bool:
    """Whether all that is there of a path at which nothing is ends in a link, to a place that is gone or away."""
    there = next(part for part in (path, *path.parents) if os.path.lexists(part))
    return not os.path.exists(there)  # noqa: PTH110 - Path's raises for what may not be looked at

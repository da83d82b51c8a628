"""Files by the names that a list has for them, however the list spells those."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

from cbir.datasets.walk import describe_other, describe_unreachable
from cbir.system.regular import GONE, kind_of


class Found(NamedTuple):
    """What is at a name."""

    path: Path
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

    def __init__(self, *folders: Path) -> None:
        self._folders = folders
        self._listings: dict[Path, dict[str, str]] = {}

    def find(self, name: str) -> Found | None:
        """The file of a name, in the first folder that has it; None if there is nothing, nor can be."""
        second: Found | None = None
        for path in self._spellings(name):
            found = look_at(path)
            if found and not found.reason:
                return found
            second = second or found
        return second

    def _spellings(self, name: str) -> Iterator[Path]:
        names = [spelled for spelled in dict.fromkeys((name, name.strip(), name.strip().replace("\\", "/"))) if spelled]
        for spelled in names:
            yield from (folder / spelled for folder in self._folders)
        for spelled in names:
            if not spelled.isascii():
                yield from (self._as_on_disk(folder, spelled) for folder in self._folders)

    def _as_on_disk(self, folder: Path, name: str) -> Path:
        """The path of a name, each part of it as the folder there spells it."""
        path = folder
        for part in Path(name).parts:
            path /= self._listing(path).get(normalize("NFC", part), part)
        return path

    def _listing(self, folder: Path) -> dict[str, str]:
        """Names in a folder by their composed form."""
        if folder not in self._listings:
            try:
                names = sorted(os.listdir(folder))  # noqa: PTH208 - names alone, without a Path each
            except (OSError, ValueError):
                names = []
            self._listings[folder] = {normalize("NFC", name): name for name in names}
        return self._listings[folder]


def look_at(path: Path) -> Found | None:
    """What is at a path, behind a link if it is one; None if there is nothing, nor can be."""
    try:
        stat = path.stat()
    except ValueError:  # a name with a NUL
        return None
    except OSError as error:
        if error.errno in GONE and not _ends_in_lost_link(path):
            return None
        return Found(path, describe_unreachable(error), unreachable=True)
    identity = (stat.st_dev, stat.st_ino)
    kind = kind_of(stat.st_mode)
    return Found(path, describe_other(kind), identity=identity) if kind else Found(path, identity=identity)


def _ends_in_lost_link(path: Path) -> bool:
    """Whether all that is there of a path at which nothing is ends in a link, to a place that is gone or away."""
    there = next(part for part in (path, *path.parents) if os.path.lexists(part))
    return not os.path.exists(there)  # noqa: PTH110 - Path's raises for what may not be looked at

"""The pictures below a folder, and what else is there: links followed once, nothing waited for, nothing left untold."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Sequence
from heapq import heappop, heappush
from pathlib import Path
from typing import NamedTuple

from cbir.errors import DatasetError
from cbir.photos.formats import SUFFIXES
from cbir.system.regular import kind_of
from cbir.system.remote import PhotoPath, RemoteError, RemotePath, parts_below

LITTER = frozenset(
    name.casefold()
    for name in (
        # Synology, QNAP and NetApp
        *("@eaDir", "@tmp", "#recycle", "#snapshot", "@Recycle", "@Recently-Snapshot", ".@__thumb", "~snapshot"),
        *("@SynoResource", "@SynoEAStream", "@sharebin"),
        # Windows
        *("$RECYCLE.BIN", "System Volume Information", "Thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini"),
        # macOS, in archives and on network shares
        *("__MACOSX", "Network Trash Folder", "Temporary Items", "TheVolumeSettingsFolder", "Icon\r"),
        # Linux
        "lost+found",
    )
)
"""What systems put among photos: thumbnails, waste and snapshots. Hidden names are left out without being listed."""


class Walk(NamedTuple):
    """What lies below a folder. Names are paths below it, with forward slashes."""

    photos: list[PhotoPath]
    """Regular files, or links to some, with the suffix of a photo, in the order of their names."""
    refused: list[tuple[str, str]]
    """Pipes, sockets, devices and links that lead back: name, and the reason with what to do."""
    unreachable: list[tuple[str, str]]
    """Folders and links that are there but cannot be read now: name, and the reason with what to do."""
    litter: list[str]
    """What systems put there (LITTER), and catalogues."""
    others: Counter[str]
    """Regular files of other kinds, counted by suffix in small letters."""


def walk_photos(root: PhotoPath, *, skip: Collection[Path] = ()) -> Walk:
    """All that lies below a folder, hidden files and folders apart.

    A linked folder is followed unless its photos are there already: a folder counts under its own name rather than
    under a link's, and else under the name that sorts first. skip: folders to leave out without a word.

    Raises DatasetError if the folder itself cannot be read.
    """
    walk = Walk([], [], [], [], Counter())
    seen = {identity for path in skip if (identity := _identify(path))}
    waiting: list[tuple[int, tuple[str, ...]]] = [(0, ())]
    while waiting:
        links, parts = heappop(waiting)
        name, folder = "/".join(parts), root.joinpath(*parts)
        try:
            stat = folder.stat()
            if (stat.st_dev, stat.st_ino) in seen:
                continue
            if links and _leads_back(folder):
                walk.refused.append((name, "a link to a folder that it lies in; link to a folder of photos"))
                continue
            entries = sorted(_scan(folder), key=lambda entry: entry.name)
        except OSError as error:
            if not parts:
                raise DatasetError(f"{root}: cannot be read ({error.strerror}); check its permissions") from error
            walk.unreachable.append((name, describe_unreachable(error)))
            continue
        seen.add((stat.st_dev, stat.st_ino))
        if parts and _is_catalogue(folder, {entry.name for entry in entries}):
            walk.litter.append(name)
            continue
        for entry in entries:
            if _sort_in(walk, entry, (*parts, entry.name)):
                heappush(waiting, (links + entry.is_symlink(), (*parts, entry.name)))
    walk.photos.sort(key=lambda path: parts_below(root, path))
    return walk


def describe_unreachable(error: OSError) -> str:
    """Why something that is there cannot be read, and what to do."""
    if isinstance(error, RemoteError):
        return f"cannot be read there now ({error.strerror}); check the connection and what you may read, and run again"
    if isinstance(error, FileNotFoundError):
        if Path(error.filename or "").is_symlink():
            return "links to a place that is not there now; bring that back, or remove the link"
        return "is gone since the folder was read; bring it back, or run again without it"
    return f"cannot be opened ({error.strerror}); check its permissions and its disk"


def describe_other(kind: str) -> str:
    """Why a pipe, socket, device or folder is refused, and what to do."""
    return f"{kind}, not a file; put the photo in its place, or remove it"


def _scan(folder: PhotoPath) -> Sequence[os.DirEntry[str] | RemotePath]:
    """What is in a folder."""
    if isinstance(folder, RemotePath):
        return folder.scan()
    with os.scandir(folder) as listing:
        return list(listing)


def _leads_back(folder: PhotoPath) -> bool:
    """Whether a linked folder is one that the link lies in."""
    return isinstance(folder, Path) and folder.parent.resolve().is_relative_to(folder.resolve())


def _sort_in(walk: Walk, entry: os.DirEntry[str] | RemotePath, parts: tuple[str, ...]) -> bool:
    """Put an entry where it belongs; True if it is a folder, to be walked."""
    name, suffix = "/".join(parts), Path(entry.name).suffix.lower()
    if entry.name.casefold() in LITTER:
        walk.litter.append(name)
        return False
    if entry.name.startswith("."):
        return False
    try:
        if entry.is_dir():
            return True
        if not entry.is_file():
            walk.refused.append((name, describe_other(kind_of(entry.stat().st_mode))))
        elif suffix in SUFFIXES:
            walk.photos.append(entry if isinstance(entry, RemotePath) else Path(entry.path))
        else:
            walk.others[suffix] += 1
    except OSError as error:
        walk.unreachable.append((name, describe_unreachable(error)))
    return False


def _identify(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino


def _is_catalogue(folder: PhotoPath, names: set[str]) -> bool:
    """Whether a folder with these names in it is a catalogue, plain or of versions, or the unfinished work of one."""
    versions = "versions" in names and any(_is_there(folder / "versions" / name) for name in ("current", "lock"))
    return versions or {"manifest.json", "records.jsonl"} <= names or (folder.suffix == ".building" and "lock" in names)


def _is_there(path: PhotoPath) -> bool:
    """Whether something is at a path, if only a link that leads nowhere."""
    if isinstance(path, Path):
        return os.path.lexists(path)
    try:
        path.stat()
    except OSError:
        return False
    return True

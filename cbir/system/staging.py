"""A folder put together from files of several places: what is to be in it, how large that is, and writing it."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, TypeAlias

from cbir.errors import CbirError

Files: TypeAlias = Mapping[str, Path | bytes]
"""Where each file's content comes from, by its path in the folder, with forward slashes."""
CACHES = "__pycache__"
UNFINISHED = (".pyc", ".pyo", ".part")


class Share(NamedTuple):
    """What a folder has directly in it."""

    folder: str
    """With a slash at the end; "./" is the top."""
    files: int
    size: int
    """Bytes."""


def find_files(folder: Path, below: str) -> dict[str, Path]:
    """All files in a folder, by their paths below another name; hidden and unfinished ones and caches are left out."""
    found = {}
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        kept = not any(part.startswith(".") or part == CACHES for part in inside.parts)
        if kept and path.suffix not in UNFINISHED and path.is_file():
            found[f"{below}/{inside.as_posix()}"] = path
    return found


def measure_folders(files: Files) -> list[Share]:
    """How much each folder holds, the largest first."""
    counts, sizes = defaultdict[str, int](int), defaultdict[str, int](int)
    for name, source in files.items():
        folder = name.rpartition("/")[0] or "."
        counts[folder] += 1
        sizes[folder] += len(source) if isinstance(source, bytes) else source.stat().st_size
    shares = [Share(f"{folder}/", counts[folder], sizes[folder]) for folder in counts]
    return sorted(shares, key=lambda share: (-share.size, share.folder))


def check_vacant(folder: Path) -> None:
    """Raise CbirError unless a folder is empty or not there."""
    if folder.is_dir():
        if any(folder.iterdir()):
            raise CbirError(f"{folder}: not empty; name a folder that is empty or not there yet")
    elif folder.exists():
        raise CbirError(f"{folder}: not a folder; name one that is empty or not there yet")


def write_files(files: Files, folder: Path) -> None:
    """Copy all files into a folder, which is made if it is not there; every user may read them."""
    for name, source in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(source, bytes):
            target.write_bytes(source)
        else:
            shutil.copyfile(source, target)
    # An image keeps the rights, and the user who runs the page in it is another one than who wrote them.
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)

"""A folder of photos: its first sub-folders name labels, or a split."""

from __future__ import annotations

import os
from pathlib import Path

from cbir.datasets.photo import Photo, PhotoSet
from cbir.photos.formats import SUFFIXES

SPLITS = {"train": "train", "validation": "validation", "val": "validation", "test": "test"}


def read_folder(root: Path, skip: set[Path]) -> PhotoSet:
    """All pictures below a folder, hidden ones apart. skip: resolved paths of folders to leave out."""
    return PhotoSet([_from_folder(root, path) for path in walk_photos(root, skip)], [])


def walk_photos(root: Path, skip: set[Path]) -> list[Path]:
    """Pictures below root, in the order of their names; hidden files and folders left out."""
    found = []
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        folders[:] = [name for name in folders if name[0] != "." and (here / name).resolve() not in skip]
        found += [here / name for name in files if name[0] != "." and Path(name).suffix.lower() in SUFFIXES]
    return sorted(found, key=lambda path: path.relative_to(root).parts)


def _from_folder(root: Path, path: Path) -> Photo:
    parts = path.relative_to(root).parts
    split = SPLITS.get(parts[0].lower()) if len(parts) > 1 else None
    folders = parts[1:-1] if split else parts[:-1]
    return Photo("/".join(parts), path, label=folders[0] if folders else None, split=split)

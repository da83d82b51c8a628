"""A folder of photos: its first sub-folders name labels, or a split."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from cbir.datasets.photo import Photo, PhotoSet
from cbir.datasets.walk import walk_photos
from cbir.system.remote import PhotoPath, parts_below

SPLITS = {"train": "train", "validation": "validation", "val": "validation", "test": "test"}


def read_folder(root: PhotoPath, *, skip: Collection[Path] = ()) -> PhotoSet:
    """All pictures below a folder, hidden ones apart. skip: folders to leave out."""
    walk = walk_photos(root, skip=skip)
    return PhotoSet(
        [_from_folder(root, path) for path in walk.photos],
        [],
        refused=walk.refused,
        unreachable=walk.unreachable,
        litter=walk.litter,
        others=walk.others,
    )


def _from_folder(root: PhotoPath, path: PhotoPath) -> Photo:
    parts = parts_below(root, path)
    split = SPLITS.get(parts[0].lower()) if len(parts) > 1 else None
    folders = parts[1:-1] if split else parts[:-1]
    return Photo("/".join(parts), path, label=folders[0] if folders else None, split=split)

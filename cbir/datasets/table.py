"""A photos.csv: photos in a table."""

from __future__ import annotations

import csv
import os
from pathlib import Path

from cbir.datasets.folder import walk_photos
from cbir.datasets.photo import Photo, PhotoSet
from cbir.errors import DatasetError

TEXTS = ("label", "contributor", "description", "colour", "pattern")
"""Columns of a photos.csv that are taken as they are."""


def read_table(root: Path) -> PhotoSet:
    """The photos of photos.csv, in its order. Raises DatasetError for a table that cannot be read."""
    table = root / "photos.csv"
    photos, missing = [], []
    try:
        with table.open(newline="", encoding="utf-8-sig") as lines:
            rows = csv.DictReader(lines)
            if "photo" not in (rows.fieldnames or ()):
                raise DatasetError(f"{table}: no column 'photo'; its first line must name the columns")
            for row in rows:
                name = row["photo"] or ""
                path = next((p for p in (root / name, root / "photos" / name) if name and p.is_file()), None)
                if path is None:
                    missing.append(name)
                    continue
                below = os.path.relpath(path, root).replace(os.sep, "/")
                if below.startswith("../"):
                    raise DatasetError(f"{table}: {name!r} lies outside the folder; copy it there")
                label_map = root / "labels" / f"{path.stem}.png"
                photos.append(
                    Photo(
                        below,
                        path,
                        **{name: row.get(name) or None for name in TEXTS},
                        tags=tuple((row.get("tags") or "").split()),
                        label_map=label_map if label_map.is_file() else None,
                    )
                )
    except (UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"{table}: not a table of comma-separated UTF-8 text ({error})") from error
    return PhotoSet(photos, missing, walk_photos(root / "examples", set()))

"""A photos.csv: photos in a table."""

from __future__ import annotations

import os
from pathlib import Path

from cbir.datasets.link import find_fault, safe_link
from cbir.datasets.lookup import Lookup, look_at
from cbir.datasets.photo import Photo, PhotoSet
from cbir.datasets.spreadsheet import read_rows
from cbir.datasets.walk import walk_photos
from cbir.errors import DatasetError
from cbir.system.remote import PhotoPath, RemotePath, parts_below

TEXTS = ("label", "contributor", "description", "colour", "pattern")
"""Columns of a photos.csv that are taken as they are, but for spaces around."""
KIND = "kind"
KIND_IS_TAKEN = f"its column {KIND!r} is left out, since filters call the label so; give it another name"
OWN = frozenset(("photo", "label", "contributor", "description", "tags", "link", KIND, ""))
"""Columns that are not kept as they are: those with a meaning of their own, KIND, and those without a name."""


def read_table(root: PhotoPath) -> PhotoSet:
    """The photos of photos.csv, in its order; a file that it lists again is one photo, as the first row has it.

    Raises DatasetError for a table that cannot be read.
    """
    table = root / "photos.csv"
    lookup = Lookup(root, root / "photos")
    photos: dict[tuple[int, int], Photo] = {}
    missing: list[str] = []
    refused: list[tuple[str, str]] = []
    unreachable: list[tuple[str, str]] = []
    rows = list(read_rows(table, key="photo"))
    warnings = [("photos.csv", KIND_IS_TAKEN)] if rows and KIND in rows[0][1] else []
    for line, row in rows:
        name = row["photo"]
        if not name.strip():
            refused.append((f"photos.csv, line {line}", "names no photo; fill the cell or remove the line"))
            continue
        found = lookup.find(name)
        if found is None:
            missing.append(name)
            continue
        below = _name_below(root, found.path)
        if below is None:
            raise DatasetError(f"{table}: line {line}: {name!r} lies outside the folder; copy it there")
        if found.reason:
            (unreachable if found.unreachable else refused).append((below, found.reason))
            continue
        photo, link = _from_row(root, below, found.path, row), row.get("link", "").strip()
        first = photos.setdefault(found.identity, photo)
        if first is not photo:
            refused.append((name, _describe_repeated(line, photo, first)))
        elif link and not photo.link:
            warnings.append((below, f"its link in line {line} {find_fault(link)}; it is left out"))
    examples = _read_examples(root / "examples", refused)
    return PhotoSet(
        list(photos.values()), missing, examples, refused=refused, unreachable=unreachable, warnings=warnings
    )


def _name_below(root: PhotoPath, path: PhotoPath) -> str | None:
    """The path below a folder, with forward slashes; None if it lies elsewhere."""
    if isinstance(root, RemotePath) or isinstance(path, RemotePath):
        return "/".join(parts_below(root, path))
    try:
        name = os.path.relpath(path, root).replace(os.sep, "/")
    except ValueError:  # on another drive of Windows
        return None
    return None if name.startswith("../") else name


def _from_row(root: PhotoPath, name: str, path: PhotoPath, row: dict[str, str]) -> Photo:
    label_map = look_at(root / "labels" / f"{path.stem}.png")
    cells = {column: cell.strip() for column, cell in row.items() if cell.strip()}
    return Photo(
        name,
        path,
        **{column: cells.get(column) for column in TEXTS},
        tags=tuple(cells.get("tags", "").split()),
        label_map=label_map.path if label_map and not label_map.reason and isinstance(label_map.path, Path) else None,
        columns={column: cell for column, cell in cells.items() if column not in OWN},
        link=safe_link(cells.get("link")),
    )


def _read_examples(folder: PhotoPath, refused: list[tuple[str, str]]) -> list[PhotoPath]:
    """The pictures of examples/, if it is there; what cannot be read of it joins `refused`."""
    if not look_at(folder):
        return []
    try:
        walk = walk_photos(folder)
    except DatasetError as error:
        refused.append(("examples", str(error).removeprefix(f"{folder}: ")))
        return []
    refused += [(f"examples/{name}", reason) for name, reason in (*walk.refused, *walk.unreachable)]
    return walk.photos


def _describe_repeated(line: int, photo: Photo, first: Photo) -> str:
    where = f"listed again in line {line}" + (f", as {first.name} before" if photo.name != first.name else "")
    if photo.label == first.label:
        return f"{where}; remove that line"
    labels = [f"label {one.label!r}" if one.label else "no label" for one in (photo, first)]
    return f"{where}, with {labels[0]}; the first line counts, with {labels[1]}; remove one"

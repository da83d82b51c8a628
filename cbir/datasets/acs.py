"""The layout of ACS (Bossard et al., ACCV 2012)."""

from __future__ import annotations

import os
from pathlib import Path

from cbir.datasets.lookup import look_at
from cbir.datasets.photo import Photo, PhotoSet
from cbir.datasets.spreadsheet import read_text
from cbir.errors import DatasetError
from cbir.system.remote import parts_below

ACS_CLASSES = (
    "blouse",
    "cloak",
    "coat",
    "jacket",
    "long dress",
    "polo shirt",
    "robe",
    "shirt",
    "short dress",
    "suit",
    "sweater",
    "T-shirt",
    "undergarment",
    "uniform",
    "vest",
)


def read_acs(root: Path) -> PhotoSet:
    """CLASS/SYNSET/ID lines of train.txt and test.txt; a SYNSET folder may carry a name behind its id.

    A photo that is listed again is one photo, as the first line has it. Raises DatasetError for a list that cannot be
    read.
    """
    folders: dict[tuple[str, str], Path] = {}
    for folder in sorted((root / "images").glob("*/*")):
        if os.path.isdir(folder):  # noqa: PTH112 - Path's raises for a folder that may not be looked at
            folders.setdefault((folder.parent.name, folder.name.partition("_")[0]), folder)
    photos: dict[str, Photo] = {}
    missing: list[str] = []
    refused: list[tuple[str, str]] = []
    unreachable: list[tuple[str, str]] = []
    for split in ("train", "test"):
        table = root / f"{split}.txt"
        for line in read_text(table).split() if look_at(table) else ():
            parts = line.split("/")
            if len(parts) != 3 or not parts[0].isdecimal() or int(parts[0]) >= len(ACS_CLASSES):
                raise DatasetError(f"{table}: {line!r} is not CLASS/SYNSET/ID with a class from 0 to 14")
            number, synset, identity = parts
            folder = folders.get((number, synset.partition("_")[0]), root / "images" / number / synset)
            found = look_at(folder / f"{identity}.jpg")
            if found is None:
                missing.append(line)
                continue
            name = "/".join(parts_below(root, found.path))
            if found.reason:
                (unreachable if found.unreachable else refused).append((name, found.reason))
                continue
            # ID ends in the number of the crop: crops of one ImageNet picture belong together.
            picture = identity.rpartition("_")[0] or identity
            photo = Photo(name, found.path, ACS_CLASSES[int(number)], picture, split)
            first = photos.setdefault(name, photo)
            if first is not photo:
                refused.append(
                    (line, f"listed again in {table.name}; the line in {first.split}.txt counts; remove one")
                )
    return PhotoSet(list(photos.values()), missing, refused=refused, unreachable=unreachable)

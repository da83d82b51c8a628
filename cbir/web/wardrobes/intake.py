"""Files that were brought to a wardrobe, photos and zips of some, made ready to be indexed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple
from zipfile import is_zipfile

from cbir.catalogue.records import Record
from cbir.datasets.photo import Photo
from cbir.datasets.zipped import unpack_photos
from cbir.errors import DatasetError
from cbir.system.files import file_digest
from cbir.system.text import printable

LONGEST = 120
"""Characters of a photo's name, at most."""
LONGEST_SUFFIX = 10
"""Characters of a suffix, at most; what is longer is none."""
MANY = 100_000
"""Photos that are taken of a zip where a wardrobe holds any number."""
FULL = "there is no room for it: a wardrobe holds {:,} photos; take some out first"
TWICE = "the same file as {}; it is there once"


class Brought(NamedTuple):
    """A file that was brought."""

    name: str
    """What the visitor calls it, which may be anything."""
    path: Path


class Intake(NamedTuple):
    """What is to be indexed of files that were brought."""

    photos: list[Photo]
    refused: list[tuple[str, str]]
    """What is left out: name, and the reason with what to do."""


def take_in(
    files: Sequence[Brought], folder: Path, records: Iterable[Record], *, most: int | None, most_bytes: int
) -> Intake:
    """The photos among files and in zips among them, each once and under a name of its own.

    folder: where zips are unpacked. records: those that the wardrobe has. most: photos that it may hold, with those;
    None: any number. most_bytes: what the zips may unpack to.
    """
    photos: list[Photo] = []
    refused: list[tuple[str, str]] = []
    left = most_bytes
    for number, file in enumerate(files):
        name = tidy(file.name)
        if is_zipfile(file.path):
            below = folder / f"{number:06}"
            below.mkdir(parents=True)
            try:
                unpacked = unpack_photos(file.path, below, most=most or MANY, most_bytes=left, name=name)
            except DatasetError as error:
                refused.append((name, str(error).removeprefix(f"{name}: ")))
                continue
            left -= sum(photo.path.stat().st_size for photo in unpacked.photos)
            photos += unpacked.photos
            refused += unpacked.refused
        else:
            photos.append(Photo(name, file.path))
    return _choose(photos, refused, records, most)


def _choose(
    photos: Sequence[Photo], refused: list[tuple[str, str]], records: Iterable[Record], most: int | None
) -> Intake:
    chosen = []
    there = [(record.sha256, record.photo) for record in records]
    known, names = dict(there), {name for _, name in there}
    for photo in photos:
        sha256 = file_digest(photo.path)
        if sha256 in known:
            refused.append((photo.name, TWICE.format(known[sha256])))
        elif most is not None and len(names) >= most:
            refused.append((photo.name, FULL.format(most)))
        else:
            known[sha256] = make_unique(photo.name, names)
            names.add(known[sha256])
            chosen.append(photo._replace(name=known[sha256]))
    return Intake(chosen, refused)


def tidy(name: object) -> str:
    """A name that can be shown and is not too long. name: what a browser sent, which may be anything."""
    sent = name if isinstance(name, str) else ""
    stem, suffix = _split(sent.replace("\\", "/").rpartition("/")[2].strip())
    # Cut before it is escaped, which takes seconds for megabytes.
    stem, suffix = printable(stem[:LONGEST]), printable(suffix)
    return (stem[: LONGEST - len(suffix)] or "photo") + suffix


def _split(name: str) -> tuple[str, str]:
    """A name without its suffix, and the suffix."""
    suffix = Path(name).suffix
    return (name.removesuffix(suffix), suffix) if len(suffix) <= LONGEST_SUFFIX else (name, "")


def make_unique(name: str, others: Collection[str]) -> str:
    """A name that no other photo has.

    >>> make_unique("image.jpg", ["image.jpg", "image (2).jpg"])
    'image (3).jpg'
    """
    stem, suffix = _split(name)
    number, unique = 1, name
    while unique in others:
        number += 1
        unique = f"{stem} ({number}){suffix}"
    return unique

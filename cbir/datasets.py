"""Readers of photo sets: a folder per class, a photos.csv, or the layout of ACS (Bossard et al., ACCV 2012)."""

from __future__ import annotations

import csv
import os
import random
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from cbir.errors import DatasetError, PhotoError
from cbir.images import SUFFIXES, load_image

SPLITS = {"train": "train", "validation": "validation", "val": "validation", "test": "test"}
TEXTS = ("label", "contributor", "description", "colour", "pattern")
"""Columns of a photos.csv that are taken as they are."""
ATTRIBUTES = Path(__file__).with_name("attributes.csv")
"""Colour and pattern of photos of the public clothing dataset, named by a vision model that looked at each."""
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


class Photo(NamedTuple):
    """One photo of a set. What the set does not say is None."""

    name: str
    """Path below the set's folder, with forward slashes."""
    path: Path
    label: str | None = None
    contributor: str | None = None
    """Whose camera or source picture it is; photos of one contributor stay on one side of a split."""
    split: str | None = None
    """"train", "validation" or "test", where the set itself says so."""
    description: str | None = None
    """The garment in a few words."""
    colour: str | None = None
    pattern: str | None = None
    tags: tuple[str, ...] = ()
    """All that a person in the photo wears."""
    label_map: Path | None = None
    """A picture of the photo's size whose pixels are numbers of `label_names.txt`."""


class PhotoSet(NamedTuple):
    """Photos in a fixed order."""

    photos: list[Photo]
    missing: list[str]
    """Names of those that the set lists but that are not there."""
    examples: Sequence[Path] = ()
    """Pictures that are no part of the set, for a page to offer as queries."""


def read_photos(folder: str | os.PathLike[str], *, skip: Collection[Path] = ()) -> PhotoSet:
    """The photos of a folder, in the order of their names, or of photos.csv.

    A photos.csv has a column `photo` (a path below the folder or its sub-folder photos/) and may have `label`,
    `contributor`, `description`, `colour`, `pattern` and `tags` (parted by spaces). Beside it, examples/ may hold
    pictures to offer as queries, and labels/ a label map, STEM.png, of some photos. ACS is known by train.txt and
    images/. Otherwise every picture below the folder counts, hidden ones apart, and its first sub-folder names its
    label; sub-folders train, validation (or val) and test name a split.

    skip: folders to leave out. Raises DatasetError if the folder or a file that it needs cannot be read.
    """
    root = Path(folder)
    if not root.is_dir():
        raise DatasetError(f"{root}: no such folder; give a folder of photos")
    if (root / "photos.csv").is_file():
        return _read_csv(root)
    if (root / "train.txt").is_file() and (root / "images").is_dir():
        return _read_acs(root)
    return PhotoSet([_from_folder(root, path) for path in _walk(root, {path.resolve() for path in skip})], [])


def name_attributes(photos: Sequence[Photo], table: Path = ATTRIBUTES) -> list[Photo]:
    """Photos with the colours and patterns that a table has for their file names; others stay as they are."""
    with table.open(newline="", encoding="utf-8") as lines:
        known = {row["photo"]: (row["colour"], row["pattern"]) for row in csv.DictReader(lines)}
    named = []
    for photo in photos:
        colour, pattern = known.get(photo.path.name, (photo.colour, photo.pattern))
        named.append(photo._replace(colour=colour, pattern=pattern))
    return named


def refuse_unreadable(
    photos: list[Photo], *, progress: Callable[[int], object] = lambda _: None
) -> tuple[list[Photo], list[tuple[str, str]]]:
    """The photos that can be decoded, and of the others the name and the reason.

    progress: called with the number of photos looked at.
    """
    readable, refused = [], []
    with ThreadPoolExecutor() as pool:
        for done, (photo, reason) in enumerate(zip(photos, pool.map(_why_unreadable, photos)), start=1):
            if reason:
                refused.append((photo.name, reason))
            else:
                readable.append(photo)
            progress(done)
    return readable, refused


def _why_unreadable(photo: Photo) -> str:
    try:
        load_image(photo.path, short_side=1)
    except PhotoError as error:
        return str(error).removeprefix(f"{photo.path}: ")
    return ""


def split_photos(
    photos: list[Photo], *, validation: float = 0.1, test: float = 0.1, seed: int = 0
) -> dict[str, list[Photo]]:
    """Photos as "train", "validation" and "test", with every contributor wholly on one side.

    Where the set marks a photo's split that holds. Shares that it leaves open are filled with contributors in an
    order drawn from the seed, those too large for the room left staying in train.
    """
    sides: dict[str, list[Photo]] = {"train": [], "validation": [], "test": []}
    for photo in photos:
        if photo.split and photo.split != "train":
            sides[photo.split].append(photo)
    rest = [photo for photo in photos if photo.split in (None, "train")]
    sizes = Counter(_group(photo) for photo in rest)
    order = sorted(sizes)
    random.Random(seed).shuffle(order)
    chosen: dict[str, str] = {}
    for side, share in (("test", test), ("validation", validation)):
        room = 0 if sides[side] else round(share * len(photos))
        for group in order:
            if group not in chosen and sizes[group] <= room:
                chosen[group] = side
                room -= sizes[group]
    for photo in rest:
        sides[chosen.get(_group(photo), "train")].append(photo)
    return sides


def _group(photo: Photo) -> str:
    return photo.contributor if photo.contributor is not None else photo.name


def _walk(root: Path, skip: set[Path]) -> list[Path]:
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


def _read_csv(root: Path) -> PhotoSet:
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
    return PhotoSet(photos, missing, _walk(root / "examples", set()))


def _read_acs(root: Path) -> PhotoSet:
    """CLASS/SYNSET/ID lines of train.txt and test.txt; a SYNSET folder may carry a name behind its id."""
    folders: dict[tuple[str, str], Path] = {}
    for folder in (root / "images").glob("*/*"):
        if folder.is_dir():
            folders[folder.parent.name, folder.name.partition("_")[0]] = folder
    photos, missing = [], []
    for split in ("train", "test"):
        table = root / f"{split}.txt"
        lines = table.read_text(encoding="utf-8").split() if table.is_file() else []
        for line in lines:
            parts = line.split("/")
            if len(parts) != 3 or not parts[0].isdigit() or int(parts[0]) >= len(ACS_CLASSES):
                raise DatasetError(f"{table}: {line!r} is not CLASS/SYNSET/ID with a class from 0 to 14")
            number, synset, identity = parts
            folder = folders.get((number, synset.partition("_")[0]), root / "images" / number / synset)
            path = folder / f"{identity}.jpg"
            if not path.is_file():
                missing.append(line)
                continue
            # ID ends in the number of the crop: crops of one ImageNet picture belong together.
            picture = identity.rpartition("_")[0] or identity
            name = path.relative_to(root).as_posix()
            photos.append(Photo(name, path, ACS_CLASSES[int(number)], picture, split))
    return PhotoSet(photos, missing)

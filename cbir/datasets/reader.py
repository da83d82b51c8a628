"""One reader for every layout: a folder per class, a photos.csv, or ACS."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from cbir.datasets.acs import read_acs
from cbir.datasets.folder import read_folder
from cbir.datasets.lookup import look_at
from cbir.datasets.photo import PhotoSet
from cbir.datasets.table import read_table
from cbir.errors import DatasetError
from cbir.system.remote import PhotoPath, RemotePath, hide_secrets, is_address, open_address


def read_photos(folder: str | os.PathLike[str], *, skip: Collection[Path] = (), anywhere: bool = False) -> PhotoSet:
    """The photos of a folder, in the order of their names, or of photos.csv.

    A photos.csv has a column `photo` (a path below the folder or its sub-folder photos/) and may have `label`,
    `contributor`, `description`, `colour`, `pattern`, `tags` (parted by spaces) and `link` (the address of the
    garment's own page, of http or https). All other columns, and colour and pattern as well, are kept in
    `Photo.columns`. `read_rows` tells which separators and encodings it may have. A file that it lists again is one
    photo, as the first row has it. Beside the table, examples/ may hold pictures to offer as queries, and labels/ a
    label map, STEM.png, of some photos.

    ACS is known by train.txt and images/. Otherwise every picture below the folder counts, hidden ones apart, and its
    first sub-folder names its label; sub-folders train, validation (or val) and test name a split. Linked folders are
    followed, each once.

    skip: folders to leave out. anywhere: a folder may be at an address that fsspec knows, as s3://bucket/photos; its
    photos are read by whoever asks for them. ACS, and sets that are read more than once, are to be on this machine.

    Raises DatasetError if the folder or a file that it needs cannot be read.
    """
    root = _open_root(folder, anywhere)
    if look_at(root / "photos.csv"):
        return read_table(root)
    if look_at(root / "train.txt") and look_at(root / "images") and (root / "images").is_dir():
        if isinstance(root, RemotePath):
            raise DatasetError(f"{root}: a set in the layout of ACS, which is read from this machine; copy it first")
        return read_acs(root)
    return read_folder(root, skip=skip)


def _open_root(folder: str | os.PathLike[str], anywhere: bool) -> PhotoPath:
    if is_address(folder):
        if not anywhere:
            raise DatasetError(f"{hide_secrets(folder)}: an address; only `index` reads from there, so copy it first")
        root = open_address(os.fspath(folder))
    else:
        root = Path(folder)
    if not root.is_dir():
        raise DatasetError(f"{root}: no such folder; give a folder of photos")
    return root

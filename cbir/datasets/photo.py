"""A photo of a set, and what the set says about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from cbir.errors import DatasetError, PhotoError
from cbir.photos.decode import load_image
from cbir.system.pool import worker_pool
from cbir.system.remote import PhotoPath, RemotePath


class Photo(NamedTuple):
    """One photo of a set. What the set does not say is None."""

    name: str
    """Path below the set's folder, with forward slashes."""
    file: PhotoPath
    """Where it is: on this machine, or at an address."""
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
    columns: Mapping[str, str] = MappingProxyType({})
    """What else a table says of it, by the column's name, casefolded; no value is empty."""
    link: str | None = None
    """Address of the garment's own page, of http or https (link.py)."""

    @property
    def path(self) -> Path:
        """Where it is on this machine. Raises DatasetError for one at an address."""
        if isinstance(self.file, RemotePath):
            raise DatasetError(f"{self.file}: not on this machine, where it is needed; copy it first")
        return self.file


class PhotoSet(NamedTuple):
    """Photos in a fixed order."""

    photos: list[Photo]
    missing: list[str]
    """Names of those that the set lists but that are not there."""
    examples: Sequence[PhotoPath] = ()
    """Pictures that are no part of the set, for a page to offer as queries."""
    refused: Sequence[tuple[str, str]] = ()
    """What is there and cannot be a photo of the set: name, and the reason with what to do."""
    unreachable: Sequence[tuple[str, str]] = ()
    """Photos, or folders of some, that are there and cannot be read now: name, and the reason with what to do."""
    litter: Sequence[str] = ()
    """Names of what systems put among photos, and of catalogues."""
    others: Mapping[str, int] = MappingProxyType({})
    """Files of other kinds, counted by suffix."""
    warnings: Sequence[tuple[str, str]] = ()
    """What is wrong with photos, or with the table, that are taken all the same: name, and what."""

    @property
    def left_out(self) -> list[tuple[str, str]]:
        """All that is missing, refused or unreachable: name, and the reason with what to do."""
        missing = [(name, "listed, but not there; copy it or take it off the list") for name in self.missing]
        return [*missing, *self.refused, *self.unreachable]


def split_readable(
    photos: list[Photo], *, progress: Callable[[int], object] = lambda _: None
) -> tuple[list[Photo], list[tuple[str, str]]]:
    """The photos that can be decoded, and of the others the name and the reason.

    progress: called with the number of photos looked at.
    """
    readable, refused = [], []
    with worker_pool() as pool:
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

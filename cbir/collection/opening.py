"""A catalogue of either kind, opened; and whether the one that was opened is still the current one."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path

from cbir.catalogue.api import Searchable
from cbir.catalogue.catalogue import Catalogue
from cbir.collection.address import Address
from cbir.collection.collection import Collection
from cbir.system.versions import current_version


def open_catalogue(place: Path | Address) -> Searchable:
    """The catalogue of a folder or an address. Raises CatalogueError if there is none that can be used."""
    return Collection.open(place) if isinstance(place, Address) else Catalogue.open(place)


def identify(opened: Searchable) -> Hashable:
    """What tells the version that was opened from others, also from one that was copied over it."""
    return opened.name if isinstance(opened, Collection) else _identify_version(opened.folder)


def identify_current(place: Path | Address, opened: Searchable | None = None) -> Hashable:
    """What tells the current version at a place from others; None if there is none, or nothing to ask.

    opened: what was opened there before, whose connection is used. Raises CatalogueError if Milvus does not answer.
    """
    if isinstance(place, Address):
        return opened.rows.engine.find_current() if isinstance(opened, Collection) else None
    return _identify_version(current_version(place))


def _identify_version(version: Path) -> Hashable:
    try:
        stat = (version / "manifest.json").stat()
    except OSError:
        return None
    return version, stat.st_ino, stat.st_mtime_ns

"""Addresses of collections: http://host:19530/clothes, or a file of Milvus Lite, clothes.db/clothes."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from cbir.errors import CatalogueError
from cbir.system.remote import hide_secrets

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}")
EXAMPLE = "http://host:19530/clothes"
LITE = ".db"
"""How the name of a file or folder of Milvus Lite ends."""


class Address(NamedTuple):
    """Where a collection is."""

    engine: str
    """What the client connects to; it may have a password in it."""
    name: str
    """Of the alias that stands for the current collection."""

    def __str__(self) -> str:
        """What may be shown: without its password."""
        return f"{hide_secrets(self.engine)}/{self.name}"


def parse_place(place: str | os.PathLike[str]) -> Path | Address:
    """The path of a folder, or the address of a collection.

    Raises CatalogueError for an address that names no collection, or that is of another kind.
    """
    text = os.fspath(place)
    scheme, found, _ = text.partition("://")
    if found and scheme.isalnum():
        if scheme not in ("http", "https"):
            raise CatalogueError(f"{hide_secrets(text)}: no catalogue; give a folder, or an address such as {EXAMPLE}")
        parts = urlsplit(text)
        name = parts.path.strip("/")
        if not parts.hostname or not NAME.fullmatch(name):
            what = "names no collection of letters, digits and underscores"
            raise CatalogueError(f"{hide_secrets(text)}: {what}; give an address such as {EXAMPLE}")
        return Address(f"{scheme}://{parts.netloc}", name)
    path = Path(text)
    if path.parent.suffix == LITE and NAME.fullmatch(path.name) and not path.exists():
        return Address(str(path.parent), path.name)
    return path

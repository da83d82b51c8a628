"""Where a collection's files and a run's unfinished work are, if nobody says."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from cbir.collection.address import Address
from cbir.collection.collection import find_files
from cbir.collection.engine import Engine
from cbir.errors import CatalogueError
from cbir.system.remote import hide_secrets


def files_of(engine: Engine, wanted: str | None) -> str:
    """The address of the files of a collection: as it is wanted, or as it is, or a folder of this user's.

    Raises CatalogueError if a password is in it: it would be stored.
    """
    if wanted:
        if (shown := hide_secrets(wanted)) != wanted:
            raise CatalogueError(f"{shown}: has a password in it, which would be stored; give it to the driver instead")
        return wanted if "://" in wanted else str(Path(wanted).resolve())
    current = engine.find_current()
    return find_files(engine, current).address if current else str(default_files(engine.address))


def default_files(address: Address) -> Path:
    """The folder on this machine for the files of a collection that has none yet."""
    return _base("XDG_DATA_HOME", ".local/share") / f"{address.name}-{_digest(address)}"


def work_folder(address: Address) -> Path:
    """The folder on this machine for the unfinished work of a run."""
    return _base("XDG_CACHE_HOME", ".cache") / f"{address.name}-{_digest(address)}"


def _base(variable: str, below_home: str) -> Path:
    return Path(os.environ.get(variable) or Path.home() / below_home) / "cbir"


def _digest(address: Address) -> str:
    engine = str(address) if "://" in address.engine else str(Path(address.engine).resolve())
    return hashlib.sha256(engine.encode()).hexdigest()[:12]

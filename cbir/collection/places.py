"""Where a collection's files and a run's unfinished work are, if nobody says."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from uuid import uuid4

from cbir.collection.address import Address
from cbir.collection.collection import find_files
from cbir.collection.engine import Engine
from cbir.errors import CatalogueError
from cbir.system.remote import hide_secrets

OWN = r"(?<=/){}-[0-9a-f]{{32}}$"
"""How the address of a folder ends that one catalogue has to itself, for the name of its alias."""


def files_of(engine: Engine, wanted: str | None) -> str:
    """The address of the files that a run writes: a folder of this catalogue's own, below where they are wanted, or
    where they are, or a folder of this user's.

    Catalogues that share such a place remove no file of each other. Those of earlier versions lie at the place itself,
    and their next update writes to a folder of its own.

    Raises CatalogueError if a password is in it: it would be stored.
    """
    if wanted:
        if (shown := hide_secrets(wanted)) != wanted:
            raise CatalogueError(f"{shown}: has a password in it, which would be stored; give it to the driver instead")
        wanted = wanted if "://" in wanted else str(Path(wanted).resolve())
    current = engine.find_current()
    used = [find_files(engine, current).address] if current else []
    used += [engine.find_files(name) for name in engine.names_of_alias()]
    alias = engine.address.name
    place = _shared_part(wanted or next(iter(used), str(default_files(engine.address))), alias)
    own = (one for one in used if is_own(one, alias) and _shared_part(one, alias) == place)
    return next(own, f"{place}{alias}-{uuid4().hex}")


def is_own(files: str, alias: str) -> bool:
    """Whether an address is one that `files_of` made for one catalogue alone, and not of an earlier version."""
    return re.search(OWN.format(re.escape(alias)), files) is not None


def _shared_part(files: str, alias: str) -> str:
    """An address with a slash at its end, without the folder that a catalogue has to itself."""
    place = re.sub(OWN.format(re.escape(alias)), "", files)
    return place if place.endswith("/") else f"{place}/"


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

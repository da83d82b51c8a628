"""Where things are when nobody names them."""

from __future__ import annotations

import os
from pathlib import Path

from cbir.collection.address import Address, parse_place
from cbir.errors import CbirError

PACKAGE = Path(__file__).parents[1]
INSTALLED = (PACKAGE / "index").is_dir()
"""Whether this is an installed package, which has the catalogue in it; in the project that lies beside the package."""
SHIPPED = (PACKAGE if INSTALLED else PACKAGE.parent) / "index"
"""What comes along with the project: the network, and a catalogue if there is one."""
REQUIREMENTS = None if INSTALLED else PACKAGE.parent / "requirements.txt"
"""The file of the packages that are needed; an installed package has them in its metadata."""


def default_folder() -> str:
    """Where a catalogue is looked for when none is named: $CBIR_INDEX, or SHIPPED."""
    return os.environ.get("CBIR_INDEX") or str(SHIPPED)


def need_folder(place: str) -> Path:
    """The folder of a catalogue. Raises CbirError for the address of one in Milvus."""
    folder = parse_place(place)
    if isinstance(folder, Address):
        raise CbirError(f"{folder}: only searches and the page read it there; python -m cbir pull {folder} DIR first")
    return folder

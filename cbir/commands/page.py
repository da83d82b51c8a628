"""Open a web page over a catalogue.

example:
  python -m cbir page --index catalogue/
  python -m cbir page --index catalogue/ --edit --host 0.0.0.0
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from cbir.commands.defaults import SHIPPED, default_folder
from cbir.commands.terminal import say, warn
from cbir.errors import CbirError
from cbir.system.port import LARGEST, VARIABLE, asked_port

if TYPE_CHECKING:
    from cbir.collection.address import Address


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The catalogue, and who may do what."""
    parser.add_argument("--index", default=default_folder(), metavar="DIR", help="the catalogue (default: %(default)s)")
    parser.add_argument("--edit", action="store_true", help="let all who can reach the page change the catalogue")
    parser.add_argument("--host", metavar="ADDRESS", help="where the page is reached; 0.0.0.0: from anywhere")


def run(options: argparse.Namespace) -> None:
    """Serve the page until stopped, over what is wrong with the catalogue as well: the page tells that."""
    if asked_port() is None:
        raise CbirError(f"{VARIABLE}={os.environ[VARIABLE]}: no port; set it to a number up to {LARGEST}, or unset it")
    from cbir.collection.address import Address, parse_place

    place = parse_place(options.index)
    if isinstance(place, Address) and options.edit:
        raise CbirError(f"{place}: is changed by its owner's runs of python -m cbir index; leave --edit out")
    try:
        place, count = look_at(place)
        say(f"{place}: {count:,} photos{', which all who can reach the page can change' if options.edit else ''}")
    except CbirError as error:
        warn(str(error))

    from cbir.web.background import start_download
    from cbir.web.page import build_page
    from cbir.web.serving import LOCAL, serve
    from cbir.web.uploads import make_upload_folder

    make_upload_folder()
    download = None if options.edit or isinstance(place, Address) else start_download(place, SHIPPED)
    host = options.host or (LOCAL if options.edit else None)
    serve(build_page(place, download, edit=options.edit), host=host)


def look_at(place: Path | Address) -> tuple[Path | Address, int]:
    """The catalogue, unpacked if it is packed, and how many photos it has. Raises CatalogueError if it is none."""
    from cbir.catalogue.manifest import read_manifest
    from cbir.catalogue.pack import unpack_catalogue
    from cbir.collection.address import Address
    from cbir.collection.collection import Collection
    from cbir.system.versions import read_current

    if isinstance(place, Address):
        return place, len(Collection.open(place).records)
    folder = unpack_catalogue(place)
    return folder, read_current(folder, read_manifest)["count"]

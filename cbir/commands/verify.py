"""Check every promise of a catalogue.

example:
  python -m cbir verify catalogue/
"""

from __future__ import annotations

import argparse

from cbir.commands.defaults import default_folder
from cbir.commands.terminal import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The catalogue."""
    parser.add_argument("index", nargs="?", default=default_folder(), metavar="DIR", help="default: %(default)s")


def run(options: argparse.Namespace) -> None:
    """Check it and say so."""
    from cbir.catalogue.catalogue import Catalogue
    from cbir.catalogue.records import count_garments
    from cbir.catalogue.verify import check_catalogue

    catalogue = Catalogue.open(options.index)
    check_catalogue(catalogue)
    count = f"{len(catalogue.records):,} photos"
    if catalogue.by_garment:
        count = str(count_garments(catalogue.records))
    say(f"{options.index}: {count}; files, vectors, proof and thumbnails are as promised")

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
    from cbir.collection.address import Address, parse_place
    from cbir.collection.collection import Collection
    from cbir.collection.verify import check_collection

    place = parse_place(options.index)
    if isinstance(place, Address):
        collection = Collection.open(place)
        check_collection(collection)
        say(f"{place}: {len(collection.records):,} records; vectors, files and thumbnails are as promised")
        return
    catalogue = Catalogue.open(place)
    check_catalogue(catalogue)
    count = f"{len(catalogue.records):,} photos"
    if catalogue.by_garment:
        count = str(count_garments(catalogue.records))
    say(f"{options.index}: {count}; files, vectors, proof and thumbnails are as promised")

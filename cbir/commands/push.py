"""Carry a catalogue from a folder to a collection of Milvus.

example:
  python -m cbir push catalogue/ http://localhost:19530/clothes
  python -m cbir push catalogue/ http://localhost:19530/clothes --files s3://bucket/clothes --type HNSW
"""

from __future__ import annotations

import argparse

from cbir.commands.collections import add_choices, need_address
from cbir.commands.defaults import need_folder
from cbir.commands.terminal import say
from cbir.system.progress import Bars


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The catalogue, and where it goes."""
    parser.add_argument("index", metavar="DIR", help="the catalogue")
    parser.add_argument("address", metavar="URL", help="such as http://host:19530/clothes")
    add_choices(parser)


def run(options: argparse.Namespace) -> None:
    """Carry it there; again to go on after a run that was broken off."""
    from cbir.catalogue.catalogue import Catalogue
    from cbir.collection.transfer import push_catalogue

    catalogue, address = Catalogue.open(need_folder(options.index)), need_address(options.address)
    with Bars() as bars:
        written = push_catalogue(catalogue, address, files=options.files, index=options.type, progress=bars.update)
    state = "" if written.changed else "; it was up to date"
    if written.repaired:
        state += f", but {written.repaired:,} of its files were missing or damaged, and are written again"
    say(f"{address}: {len(catalogue.records):,} records{state}")

"""Carry a catalogue from a collection of Milvus to a folder.

example:
  python -m cbir pull http://localhost:19530/clothes catalogue/
"""

from __future__ import annotations

import argparse
from pathlib import Path

from cbir.commands.collections import need_address
from cbir.commands.terminal import say
from cbir.system.progress import Bars


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The collection, and the folder."""
    parser.add_argument("address", metavar="URL", help="such as http://host:19530/clothes")
    parser.add_argument("out", type=Path, metavar="DIR", help="where the catalogue goes")


def run(options: argparse.Namespace) -> None:
    """Carry it there."""
    from cbir.collection.collection import Collection
    from cbir.collection.transfer import pull_catalogue

    collection = Collection.open(need_address(options.address))
    with Bars() as bars:
        pull_catalogue(collection, options.out, progress=bars.update)
    say(f"{options.out}: {len(collection.records):,} records")

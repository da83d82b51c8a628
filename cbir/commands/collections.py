"""What commands that write to Milvus ask for."""

from __future__ import annotations

import argparse

from cbir.collection.address import EXAMPLE, Address, parse_place
from cbir.collection.indexes import INDEXES
from cbir.errors import CbirError


def add_choices(parser: argparse.ArgumentParser) -> None:
    """Where files go, and how Milvus searches."""
    parser.add_argument(
        "--files",
        metavar="ADDRESS",
        help="where thumbnails and network of a catalogue in Milvus go: a folder, or an address that fsspec knows, "
        "such as s3://bucket/clothes, which every page over it can reach (default: as it is, at first a folder here)",
    )
    parser.add_argument(
        "--type",
        choices=INDEXES,
        help="how Milvus searches: FLAT compares all vectors, and its answers are proven; the others miss some, and "
        "how many is measured (default: as it is, at first FLAT)",
    )


def need_address(text: str) -> Address:
    """The address of a collection. Raises CbirError for a folder."""
    place = parse_place(text)
    if not isinstance(place, Address):
        raise CbirError(f"{text}: no address of a collection; give one such as {EXAMPLE}")
    return place

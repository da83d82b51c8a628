"""Colours and patterns of photos of the public clothing dataset."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from cbir.datasets.photo import Photo

ATTRIBUTES = Path(__file__).with_name("attributes.csv")
"""Colour and pattern of photos of the public clothing dataset, named by a vision model that looked at each."""


def name_attributes(photos: Sequence[Photo], table: Path = ATTRIBUTES) -> list[Photo]:
    """Photos with the colours and patterns that a table has for their file names; others stay as they are."""
    with table.open(newline="", encoding="utf-8") as lines:
        known = {row["photo"]: (row["colour"], row["pattern"]) for row in csv.DictReader(lines)}
    named = []
    for photo in photos:
        colour, pattern = known.get(photo.path.name, (photo.colour, photo.pattern))
        named.append(photo._replace(colour=colour, pattern=pattern))
    return named

"""Photos with a table that describes them."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.support.drawings import LABELS, draw_garment

COLOURS = ("blue", "Blue", "red", "green ", "")
SIZES = ("M", "L", "XL")
Row = dict[str, str]


def describe_photos(count: int = 24) -> list[Row]:
    """Rows of a photos.csv: values in any capitals, spaces around some, and empty cells."""
    return [
        {
            "photo": f"{number:03}.jpg",
            "label": LABELS[number % len(LABELS)].capitalize(),
            "description": f"number {number}",
            "Colour": COLOURS[number % len(COLOURS)],
            "size": SIZES[number % len(SIZES)],
            "price": f"{number} EUR",
            "link": f"https://shop.example/{number}?a=1&b=2" if number % 2 else "",
        }
        for number in range(count)
    ]


def write_table(folder: Path, rows: list[Row]) -> Path:
    """The folder, with a photos.csv of these rows."""
    folder.mkdir(exist_ok=True)
    with (folder / "photos.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows(rows)
    return folder


def fill_described(folder: Path, count: int = 24) -> Path:
    """A folder of drawings with a photos.csv that describes them."""
    rows = describe_photos(count)
    write_table(folder, rows)
    for number, row in enumerate(rows):
        draw_garment(number, row["label"].lower()).save(folder / row["photo"], quality=90)
    return folder


def numbers_with(colour: str | None = None, *, sizes: tuple[str, ...] = SIZES, count: int = 24) -> list[int]:
    """Numbers of the photos of a colour, in small letters, and of sizes."""
    rows = enumerate(describe_photos(count))
    return [number for number, row in rows if colour in (None, row["Colour"].strip().lower()) and row["size"] in sizes]

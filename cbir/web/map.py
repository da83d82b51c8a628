"""The map of a catalogue: one picture of all garments, a link over each, and names of kinds over their islands."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from html import escape
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from cbir.photos.decode import load_image
from cbir.photos.region import WHOLE, cut_out
from cbir.report.words import name_photo
from cbir.system.text import printable
from cbir.web.texts import Texts
from cbir.web.trail import key_of, row_of

if TYPE_CHECKING:
    from cbir.catalogue.api import Searchable
    from cbir.catalogue.map import Map
    from cbir.web.pictures import Pictures

TILE, GAP = 48, 4
"""Pixels of the side of a garment's place on the sheet, and how many of these keep it apart from the next."""
NAMED = 3
"""Garments on the map from which on the name of their kind stands on it."""
NEAR = 2.5
"""Cells within which garments of a kind count as one place."""
LETTER, MARGIN, LINE = 7.5, 16.0, 22.0
"""Width of a letter of a name, of what is about a name, and its height, in pixels."""
WIDTH, LEAST_CELL = 1182.0, 14.0
"""Pixels of the map's width where there is room, and of a cell at least, as page.css has it; on phones it has more."""


class Name(NamedTuple):
    """The name of a kind, and where its middle stands on the map."""

    kind: str
    column: float
    line: float
    half: float
    """Half of its width. All in cells, from the left and the top of the map."""

    def covers(self, other: Name, height: float) -> bool:
        """Whether a part of one stands on the other, both of this height."""
        return abs(self.column - other.column) < self.half + other.half and abs(self.line - other.line) < height


class MapDrawer:
    """Draws the map of a catalogue. Its sheet is made once for each, whoever asks first."""

    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures
        self._making = Lock()
        self._made: tuple[Searchable, bytes] | None = None

    def prepare(self, catalogue: Searchable, on_map: Map) -> bytes:
        """The sheet, a WebP: raises CatalogueError if a thumbnail is damaged."""
        with self._making:
            if self._made is None or self._made[0] is not catalogue:
                self._made = catalogue, _draw_sheet(catalogue, on_map)
            return self._made[1]

    def draw(self, catalogue: Searchable, on_map: Map, say: Texts) -> str:
        """HTML of the map. Raises CatalogueError if a thumbnail is damaged."""
        sheet = self._pictures.put_file(self.prepare(catalogue, on_map), "map.webp")
        columns, lines = on_map.size
        links = "".join(_draw_links(catalogue, on_map, say))
        names = "".join(
            f"<i style='--x:{name.column:.2f};--y:{name.line:.2f}'>{escape(printable(name.kind))}</i>"
            for name in place_names(on_map, [catalogue.records[row].label for row in on_map.rows])
        )
        shown, count = len(on_map.rows), len(catalogue.records)
        some = say("map_some", shown=shown, count=count) if shown < count else ""
        return (
            f"<p class='note'>{say('map_note', some=some)} <span class='by-pointer'>{say('by_pointer')}</span>"
            f"<span class='by-touch'>{say('by_touch')}</span></p>"
            f"<div class='map' style='--columns:{columns};--lines:{lines};--sheet:url({escape(sheet, quote=True)})'>"
            f"<div class='view'><nav class='ground' aria-label='{escape(say('map_label'), quote=True)}'>"
            f"{links}{names}</nav></div>"
            "<a class='peek' tabindex='-1' aria-hidden='true' hidden><i><img alt=''></i><b></b><span></span></a></div>"
        )

    def show(self, catalogue: Searchable, key: object) -> str:
        """Address of the picture of a photo of the catalogue. Raises CatalogueError for a key that is none."""
        row = row_of(key, catalogue.records)
        return self._pictures.put_thumb(catalogue.thumb(row), catalogue.records[row].region)


def _draw_sheet(catalogue: Searchable, on_map: Map) -> bytes:
    """A WebP of the whole map, clear where no garment is; of a garment in a photo, its part of the photo."""
    columns, lines = on_map.size
    sheet, side = Image.new("RGBA", (TILE * columns, TILE * lines)), TILE - GAP
    shape = Image.new("L", (side, side))
    ImageDraw.Draw(shape).rounded_rectangle((0, 0, side - 1, side - 1), GAP, 255)
    for row, (column, line) in zip(on_map.rows.tolist(), on_map.cells.tolist()):
        region = catalogue.records[row].region
        thumb = load_image(catalogue.thumb(row), short_side=None if region else TILE)
        corner = TILE * column + GAP // 2, TILE * line + GAP // 2
        sheet.paste(cut_out(thumb, region or WHOLE, side), corner, shape)
    encoded = io.BytesIO()
    sheet.save(encoded, "WEBP", quality=85)
    return encoded.getvalue()


def _draw_links(catalogue: Searchable, on_map: Map, say: Texts) -> Iterator[str]:
    """A link for each garment, line by line; Tab leads to the first alone."""
    order = np.lexsort(on_map.cells.T)
    for place, (row, (column, line)) in enumerate(zip(on_map.rows[order].tolist(), on_map.cells[order].tolist())):
        record = catalogue.records[row]
        name = escape(name_photo(record.photo, record.label, unnamed=say("photo")), quote=True)
        about = f" aria-description='{escape(printable(record.description), quote=True)}'" if record.description else ""
        yield (
            f"<a href='./?photo={key_of(row, record)}' style='--x:{column};--y:{line}' tabindex='{-(place > 0)}'"
            f" aria-label='{name}'{about}></a>"
        )


def place_names(on_map: Map, labels: Sequence[str | None]) -> list[Name]:
    """The names of kinds, each where most of its garments are near each other; those of many garments come first.

    A name that would cover another moves to the next place, and is left out if there is none.

    labels: of each garment on the map.
    """
    rows: dict[str, list[int]] = {}
    for number, label in enumerate(labels):
        if label:
            rows.setdefault(label, []).append(number)
    columns, _ = on_map.size
    cell = max(WIDTH / columns, LEAST_CELL)
    placed: list[Name] = []
    for kind, numbers in sorted(rows.items(), key=lambda item: -len(item[1])):
        cells = on_map.cells[numbers].astype(np.float64)
        half = (LETTER * len(printable(kind)) + MARGIN) / 2 / cell
        if len(cells) < NAMED or 2 * half > columns:
            continue
        near = np.hypot(*(axis[:, None] - axis for axis in cells.T)) <= NEAR
        for garment in np.argsort(-near.sum(axis=1), kind="stable"):
            column, line = cells[near[garment]].mean(axis=0) + 0.5
            name = Name(kind, min(max(column, half), columns - half), line, half)
            if not any(name.covers(other, LINE / cell) for other in placed):
                placed.append(name)
                break
    return placed

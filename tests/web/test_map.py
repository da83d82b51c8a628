"""The map of the catalogue: what a browser gets of it, and what a hostile one sends."""

from __future__ import annotations

import dataclasses
import io
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from cbir.catalogue.catalogue import Catalogue
from cbir.catalogue.map import Map
from cbir.catalogue.records import Record
from cbir.photos.region import Region
from cbir.web import map as web_map
from cbir.web.browse import Browser
from cbir.web.map import TILE, MapDrawer, place_names
from cbir.web.pictures import Pictures
from cbir.web.reloading import LiveSearcher
from cbir.web.trail import key_of


@pytest.fixture
def browser(catalogue: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Browser:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "served"))
    return Browser(LiveSearcher(lambda: catalogue), Pictures(set()))


def open_map(browser: Browser) -> str:
    return browser.turn(gr.EventData(None, {"choice": "map"}))


def file_of(address: str) -> Path:
    return Path(unquote(address.removeprefix("gradio_api/file=")))


def sheet_of(html: str) -> Path:
    found = re.search(r"--sheet:url\(([^)]+)\)", html)
    assert found
    return file_of(found[1])


def test_the_map_has_a_link_for_each_garment(browser: Browser, catalogue: Path) -> None:
    opened = Catalogue.open(catalogue)
    assert opened.map is not None
    first = browser.open()
    assert "aria-pressed='true'>By kind<" in first and "aria-pressed='false'>Map<" in first and "--sheet" not in first
    html = open_map(browser)
    assert "aria-pressed='true'>Map<" in html
    links = re.findall(r"photo=([0-9a-f-]+)' style='--x:(\d+);--y:(\d+)' tabindex='(-?\d)' aria-label='(\w+)'", html)
    cells = dict(zip(opened.map.rows.tolist(), map(tuple, opened.map.cells.tolist())))
    keys = [key_of(row, record) for row, record in enumerate(opened.records)]
    assert sorted(key for key, *_ in links) == sorted(keys)
    for key, column, line, _, name in links:
        row = keys.index(key)
        assert (int(column), int(line)) == cells[row] and name == opened.records[row].label
    assert [place for *_, place, _ in links] == ["0"] + ["-1"] * 23
    assert re.findall(r"<i style[^>]*>(\w+)<", html) == ["dress", "hat", "scarf", "shirt"]


def test_the_sheet_shows_each_garment_in_its_cell(browser: Browser, catalogue: Path) -> None:
    opened, sheet = Catalogue.open(catalogue), Image.open(sheet_of(open_map(browser)))
    assert opened.map is not None and sheet.size == tuple(TILE * side for side in opened.map.size)
    clear = np.asarray(sheet.getchannel("A"))[TILE // 2 :: TILE, TILE // 2 :: TILE] == 0
    assert (~clear).sum() == 24 and not clear[opened.map.cells[:, 1], opened.map.cells[:, 0]].any()
    for row, (column, line) in zip(opened.map.rows.tolist(), opened.map.cells.tolist()):
        thumb = Image.open(opened.thumb(row)).convert("RGB")
        middle = min(thumb.size) // 2
        box = (
            thumb.width // 2 - middle,
            thumb.height // 2 - middle,
            thumb.width // 2 + middle,
            thumb.height // 2 + middle,
        )
        expected = thumb.crop(box).resize((4, 4), Image.Resampling.BOX)
        cell = (TILE * column + 2, TILE * line + 2, TILE * (column + 1) - 2, TILE * (line + 1) - 2)
        found = sheet.convert("RGB").crop(cell).resize((4, 4), Image.Resampling.BOX)
        assert np.abs(np.asarray(found, float) - np.asarray(expected, float))[1:3, 1:3].max() < 20


def test_a_garment_in_a_photo_shows_its_part_of_it(catalogue: Path) -> None:
    opened = Catalogue.open(catalogue)
    record, region = opened.records[3], Region(0.4, 0.4, 0.6, 0.6)
    records = [record, record._replace(region=region, kind="hat")]
    on_map = Map(np.array([0, 1]), np.array([[0, 0], [1, 0]]))
    worn = SimpleNamespace(records=records, thumb=lambda _: opened.thumb(3))
    sheet = Image.open(io.BytesIO(MapDrawer(Pictures(set())).prepare(worn, on_map))).convert("RGB")
    thumb = Image.open(opened.thumb(3)).convert("RGB")
    width, height = thumb.size
    part = thumb.crop((round(0.38 * width), round(0.38 * height), round(0.62 * width), round(0.62 * height)))
    expected = np.asarray(part.resize((1, 1), Image.Resampling.BOX), float)
    middle = sheet.crop((TILE + 12, 12, 2 * TILE - 12, TILE - 12)).resize((1, 1), Image.Resampling.BOX)
    assert np.abs(np.asarray(middle, float) - expected).max() < 25


def test_the_sheet_is_made_once_and_put_again_when_it_was_swept(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, draw = list[Catalogue](), web_map._draw_sheet

    def count(catalogue: Catalogue, on_map: Map) -> bytes:
        made.append(catalogue)
        return draw(catalogue, on_map)

    monkeypatch.setattr(web_map, "_draw_sheet", count)
    with ThreadPoolExecutor(4) as pool:
        pages = list(pool.map(lambda _: open_map(browser), range(4)))
    browser.warm_up()
    assert len(set(pages)) == len(made) == 1
    sheet = sheet_of(pages[0])
    before = sheet.read_bytes()
    sheet.unlink()
    assert open_map(browser) == pages[0] and sheet.read_bytes() == before and len(made) == 1


def test_a_picture_is_given_for_a_key_and_nothing_else(browser: Browser, catalogue: Path) -> None:
    opened = Catalogue.open(catalogue)
    key = key_of(5, opened.records[5])
    assert file_of(browser.show(key)).read_bytes() == opened.thumb(5).read_bytes()
    for junk in ("", "5", key + " ", key[:-1], "../" + key, "/etc/passwd", "9" * 5000, 5, None, [key], {"a": key}):
        assert browser.show(junk) == ""


def test_an_older_catalogue_shows_no_map(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = browser.live.catalogue()
    assert isinstance(catalogue, Catalogue)
    older = dataclasses.replace(catalogue, map=None)
    monkeypatch.setattr(browser.live, "catalogue", lambda: older)
    browser.warm_up()
    assert "Map" not in browser.open() and open_map(browser) == browser.open()


def test_a_damaged_thumbnail_is_told(catalogue: Path, copy_of: Callable[[Path], Path]) -> None:
    folder = copy_of(catalogue)
    Catalogue.open(folder).thumb(3).write_bytes(b"not a picture")
    browser = Browser(LiveSearcher(lambda: folder), Pictures(set()))
    browser.warm_up()
    assert "role='alert'" in (html := open_map(browser)) and "damaged" in html


def test_names_stand_over_their_kinds_and_not_on_each_other() -> None:
    columns, lines = np.meshgrid(np.arange(40), np.arange(25))
    cells = np.column_stack([columns.ravel(), lines.ravel()])
    on_map = Map(np.arange(1000), cells)
    labels = [
        "coat" if column < 10 else "a long name of a kind" if column < 30 and line < 2 else "hat" if line < 12 else None
        for column, line in cells
    ]
    labels[999] = "lonely"
    names = place_names(on_map, labels)
    assert [name.kind for name in names] == ["hat", "coat", "a long name of a kind"]
    for name in names:
        assert labels[int(name.line) * 40 + int(name.column)] == name.kind
        assert name.half <= name.column <= 40 - name.half
    assert not any(one.covers(other, 0.7) for one in names for other in names if one is not other)
    # All kinds in one place: as many names as there is room for.
    many = [f"{number % 300} is a long name" for number in range(900)]
    assert 30 < len(place_names(Map(np.arange(900), cells[:900]), many)) < 200


def test_names_of_any_origin_are_escaped(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = browser.live.catalogue()
    assert isinstance(catalogue, Catalogue)
    hostile = "<script>'\"\u202e"
    records = [record._replace(label=hostile, description=hostile) for record in catalogue.records]
    bad = dataclasses.replace(catalogue, records=records)  # type: ignore[arg-type]
    monkeypatch.setattr(browser.live, "catalogue", lambda: bad)
    html = open_map(browser)
    assert "<script" not in html and "\u202e" not in html and "&lt;script&gt;&#x27;&quot;" in html
    assert isinstance(records[0], Record)

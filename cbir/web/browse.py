"""The catalogue to look through: its kinds with their counts, and a page of garments at a time; or its map."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from html import escape
from typing import TYPE_CHECKING

import gradio as gr

from cbir.catalogue.kinds import Kind
from cbir.errors import CbirError
from cbir.report.words import name_photo
from cbir.system.text import printable
from cbir.web.answers import hide_server_path, notice
from cbir.web.choices import read_choice
from cbir.web.map import MapDrawer
from cbir.web.reloading import LiveSearcher
from cbir.web.texts import Texts, texts_for
from cbir.web.trail import key_of

if TYPE_CHECKING:
    from cbir.catalogue.api import Searchable
    from cbir.web.pictures import Pictures

PER_PAGE = 24
CHOICE = re.compile(r"(\d{1,6})\.(\d{1,9})", re.ASCII)


class Browser:
    """The handlers of the page that shows the catalogue."""

    def __init__(self, live: LiveSearcher, pictures: Pictures) -> None:
        self.live, self.pictures = live, pictures
        self._maps = MapDrawer(pictures)
        self._sorted: tuple[Searchable, list[Kind]] | None = None

    def open(self, request: gr.Request | None = None) -> str:
        """HTML of the first garments of all kinds."""
        return self._draw(0, 0, texts_for(request))

    def turn(self, event: gr.EventData, request: gr.Request | None = None) -> str:
        """HTML of what was chosen: the map, or a page of a kind. What is none is taken for the nearest there is."""
        say = texts_for(request)
        choice = read_choice(event)
        if choice == "map":
            return self._draw_map(say)
        found = CHOICE.fullmatch(choice) if isinstance(choice, str) else None
        return self._draw(int(found[1]), int(found[2]), say) if found else self._draw(0, 0, say)

    def show(self, key: object) -> str:
        """Address of the picture of a garment, by its key, which may be anything; empty if there is none."""
        try:
            return self._maps.show(self.live.catalogue(), key)
        except CbirError:
            return ""

    def warm_up(self) -> None:
        """Make what the map is drawn with while nobody waits for it."""
        with suppress(CbirError):  # the page tells
            catalogue = self.live.catalogue()
            if catalogue.map is not None:
                self._maps.prepare(catalogue, catalogue.map)

    def _draw_map(self, say: Texts) -> str:
        try:
            catalogue = self.live.catalogue()
            if catalogue.map is None:
                return self._draw(0, 0, say)
            return f"{_draw_views(say, on_map=True)}{self._maps.draw(catalogue, catalogue.map, say)}"
        except CbirError as error:
            return notice(hide_server_path(error))

    def _draw(self, number: int, page: int, say: Texts) -> str:
        try:
            catalogue = self.live.catalogue()
            kinds = self._kinds(catalogue)
            number, page, shown = turn_to(kinds, number, page, PER_PAGE)
            items = "".join(self._item(catalogue, row, say, focus=page > 0 and row == shown[0]) for row in shown)
        except CbirError as error:
            return notice(hide_server_path(error))
        views = _draw_views(say, on_map=False) if catalogue.map is not None else ""
        pages = draw_pages(number, page, len(kinds[number].rows), say, per_page=PER_PAGE)
        shelf = f"<ol class='cards shelf'>{items}</ol>{pages}"
        return f"{views}{draw_kinds(kinds, number, say)}{shelf}"

    def _kinds(self, catalogue: Searchable) -> list[Kind]:
        if self._sorted is None or self._sorted[0] is not catalogue:
            self._sorted = catalogue, catalogue.kinds()
        return self._sorted[1]

    def _item(self, catalogue: Searchable, row: int, say: Texts, *, focus: bool) -> str:
        record = catalogue.records[row]
        picture = self.pictures.put_thumb(catalogue.thumb(row), record.region)
        about = f"<span class='about'>{escape(printable(record.description))}</span>" if record.description else ""
        name = escape(name_photo(record.photo, record.label, unnamed=say("photo")))
        return (
            f"<li><a class='pick' href='./?photo={key_of(row, record)}'{' data-focus' * focus}><span class='picture'>"
            f"<img src='{escape(picture, quote=True)}' alt='' loading='lazy'></span>"
            f"<span class='caption'><b>{name}</b>{about}</span>"
            f"<span class='unseen'>{say('search_this')}</span></a></li>"
        )


def turn_to(kinds: Sequence[Kind], number: int, page: int, per_page: int) -> tuple[int, int, Sequence[int]]:
    """The nearest kind and page of it that there are, and the rows on that page."""
    number = min(number, len(kinds) - 1)
    rows = kinds[number].rows
    page = min(page, max(0, len(rows) - 1) // per_page)
    return number, page, rows[page * per_page : (page + 1) * per_page]


def _draw_views(say: Texts, *, on_map: bool) -> str:
    buttons = "".join(
        f"<button type='button' data-choice='{choice}' aria-pressed='{str(pressed).lower()}'>{name}</button>"
        for choice, name, pressed in (("kinds", say("by_kind"), not on_map), ("map", say("map"), on_map))
    )
    return f"<div class='choices views' role='group' aria-label='{escape(say('view'), quote=True)}'>{buttons}</div>"


def draw_kinds(kinds: Sequence[Kind], chosen: int, say: Texts) -> str:
    """HTML of a button for each kind. chosen: number of the one that is shown."""
    buttons = "".join(
        f"<button type='button' data-choice='{number}.0' aria-pressed='{str(number == chosen).lower()}'>"
        f"{say('all') if kind.name is None else escape(printable(kind.name))}"
        f" <small>{say.number(len(kind.rows))}</small></button>"
        for number, kind in enumerate(kinds)
    )
    return f"<div class='choices' role='group' aria-label='{escape(say('kind'), quote=True)}'>{buttons}</div>"


def draw_pages(number: int, page: int, count: int, say: Texts, *, per_page: int) -> str:
    """HTML of buttons to the pages before and after one of a kind, by its number; nothing if there is one page."""
    last = max(0, count - 1) // per_page
    if last == 0:
        return ""
    former, further = (
        f"<button type='button' class='more' data-choice='{number}.{to}'{' disabled' * (not 0 <= to <= last)}>{name}"
        "</button>"
        for to, name in ((page - 1, say("back")), (page + 1, say("next")))
    )
    place = f"<span role='status'>{say('page_of', page=page + 1, count=last + 1)}</span>"
    return f"<nav class='pages' aria-label='{escape(say('pages'), quote=True)}'>{former}{place}{further}</nav>"

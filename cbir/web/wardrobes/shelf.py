"""HTML of a wardrobe: what is in it, how the work on it stands, and what was refused. Nothing of Gradio."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from cbir.catalogue.kinds import Kind
from cbir.report.words import name_photo
from cbir.system.text import printable
from cbir.web.browse import draw_kinds, draw_pages
from cbir.web.texts import Texts
from cbir.web.wardrobes.status import Status

PER_PAGE = 24
KINDS = 16
"""Kinds that can be looked at by themselves, at most: the commonest."""
LISTED = 8
"""Refusals that are shown at once, at most; the others are folded."""


class Item(NamedTuple):
    """A garment on the shelf."""

    key: str
    photo: str
    label: str | None
    picture: str
    """Address of its thumbnail."""


class Shelf(NamedTuple):
    """A page of a wardrobe."""

    items: Sequence[Item]
    kinds: Sequence[Kind]
    """All garments first, as `sort_by_kind` gives them."""
    kind: int
    """Number of the kind that is shown."""
    page: int
    """From 0, of that kind."""
    by_garment: bool
    offered: Sequence[str]
    """Names of kinds to choose from."""
    kept: bool
    """It is a catalogue that stays, and not a visitor's."""


def draw_shelf(shelf: Shelf, say: Texts) -> str:
    """HTML of the garments, each with a field for its kind and a button to take it out."""
    whole, shown = (len(shelf.kinds[number].rows) for number in (0, shelf.kind))
    if not whole:
        return draw_empty(say)
    items = "".join(_item(item, say) for item in shelf.items)
    kinds = "".join(f"<option value='{escape(kind, quote=True)}'>" for kind in shelf.offered)
    count = say("shelf_garments" if shelf.by_garment else "shelf_photos", count=whole)
    pages = draw_pages(shelf.kind, shelf.page, shown, say, per_page=PER_PAGE)
    return (
        f"<div class='head'><h2>{count}</h2><a class='more main' href='./'>{say('wardrobe_search')}</a>"
        f"{'' if shelf.kept else _draw_rest(say)}</div>"
        f"{draw_kinds(shelf.kinds[: 1 + KINDS], shelf.kind, say) if whole > PER_PAGE else ''}"
        f"<datalist id='kinds'>{kinds}</datalist><ol class='cards shelf own'>{items}</ol>{pages}"
    )


def draw_empty(say: Texts) -> str:
    """HTML in place of garments, as long as there are none."""
    return f"<p class='nothing'>{say('wardrobe_empty')}</p>"


def _draw_rest(say: Texts) -> str:
    """What else can be done with a visitor's wardrobe."""
    return (
        f"<button type='button' class='more' data-choice='download'>{say('wardrobe_download')}</button>"
        f"<details class='end'><summary class='more'>{say('wardrobe_end')}</summary>"
        f"<button type='button' class='more' data-choice='end'>{say('wardrobe_end_sure')}</button></details>"
    )


def _item(item: Item, say: Texts) -> str:
    key, name = escape(item.key, quote=True), escape(name_photo(item.photo, None, unnamed=say("photo")), quote=True)
    label = escape(printable(item.label or ""), quote=True)
    kind_of, remove = (escape(say(text, name=name_of(item)), quote=True) for text in ("kind_of", "take_out"))
    return (
        f"<li><a class='pick' href='./?photo={key}' title='{name}'><span class='picture'>"
        f"<img src='{escape(item.picture, quote=True)}' alt='{name}' loading='lazy'></span>"
        f"<span class='unseen'>{say('search_this')}</span></a>"
        f"<input type='text' list='kinds' maxlength='60' value='{label}' placeholder='{say('kind')}'"
        f" aria-label='{kind_of}' data-kind='{key}'>"
        f"<button type='button' class='clear' data-choice='out:{key}' aria-label='{remove}' title='{remove}'>✕</button>"
        "</li>"
    )


def name_of(item: Item) -> str:
    """What a garment is called where it is spoken of."""
    return printable(item.label or item.photo)


def draw_work(status: Status, before: int, say: Texts) -> str:
    """HTML of how the work stands; nothing if there is none. before: others whose turn is first."""
    if not status.stage:
        return ""
    if status.stage == "waiting":
        text = say("work_waits", count=before) if before else say("work_begins")
    elif status.stage == "photos":
        text = say("work_photos", done=status.done, total=status.total)
    else:
        text = say("work_ends")
    if status.left is not None:
        text += " " + (say("seconds_left", count=max(1, round(status.left))))
    value = f" value='{status.done}' max='{max(1, status.total)}'" if status.stage == "photos" else ""
    return f"<p role='status'>{text}</p><progress{value} aria-label='{escape(text, quote=True)}'></progress>"


def draw_refused(refused: Sequence[tuple[str, str]], say: Texts) -> str:
    """HTML of what was left out, and why; nothing if all was taken."""
    if not refused:
        return ""
    items = [f"<li><b>{escape(printable(name))}</b> {escape(printable(reason))}</li>" for name, reason in refused]
    rest = "".join(items[LISTED:])
    if rest:
        rest = f"<details><summary>{say('more_refused', count=len(items) - LISTED)}</summary><ul>{rest}</ul></details>"
    lead = say("refused", count=len(refused))
    return f"<section class='refused'><p role='alert'>{lead}</p><ul>{''.join(items[:LISTED])}</ul>{rest}</section>"

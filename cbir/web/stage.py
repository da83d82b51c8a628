"""HTML of what is searched: the photo with its garments, outlines to tap on, buttons, and rows of what else is in it.

Nothing of Gradio. `choose.js` and `stage.js` tell the page which of them was chosen, as `data-choice`: a garment's
number, "whole", or "clear"; or four fractions, if a box was drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from cbir.photos.region import WHOLE, Region
from cbir.report.words import name_match
from cbir.system.text import printable
from cbir.web.cards import Card, draw_link
from cbir.web.texts import Texts

if TYPE_CHECKING:
    from cbir.network.garments import Garment
    from cbir.results import Match

UNITS = 1000
"""Width and height of the drawing over the photo, whatever the photo's shape."""


class OtherLook(NamedTuple):
    """A garment that is not searched now, and its matches, to be shown in a row."""

    choice: int
    kind: str
    crop: str
    """Address of its picture."""
    matches: Sequence[tuple[str, Match]]
    """Address of the thumbnail, and match."""


def draw_stage(photo: str, garments: Sequence[Garment], chosen: Region, say: Texts) -> str:
    """The photo with outlines, what is searched now, and a button for each thing to search for.

    photo: its address. chosen: what is searched now.
    """
    number = next((number for number, garment in enumerate(garments) if garment.box == chosen), None)
    shapes = "".join(
        f"<path class='garment{' chosen' * (place == number)}' data-choice='{place}' d='{_path(garment)}'>"
        f"<title>{escape(say.garment(garment.kind))}</title></path>"
        for place, garment in enumerate(garments)
    )
    tags = "".join(
        f"<span class='tag{' chosen' * (place == number)}' style='left:{_percent(_middle(garment.box)[0])};"
        f"top:{_percent(_middle(garment.box)[1])}'>{escape(say.garment(garment.kind))}</span>"
        for place, garment in enumerate(garments)
    )
    drawn = ""
    if number is None and chosen != WHOLE:
        left, upper, right, lower = (round(edge * UNITS) for edge in chosen)
        drawn = f"<rect class='box' x='{left}' y='{upper}' width='{right - left}' height='{lower - upper}'/>"
    names = _names(garments, say)
    buttons = [_button("whole", say("whole_photo"), chosen == WHOLE)]
    buttons += [_button(str(place), name, place == number) for place, name in enumerate(names)]
    return (
        "<div class='stage'><div class='canvas'>"
        f"<img src='{escape(photo, quote=True)}' alt='{escape(say('your_photo'), quote=True)}' draggable='false'>"
        f"<svg viewBox='0 0 {UNITS} {UNITS}' preserveAspectRatio='none' aria-hidden='true'>{shapes}{drawn}"
        "<rect class='box drawing' width='0' height='0'/></svg>"
        f"{tags}{_draw_clear(say)}</div>"
        f"<div class='choices' role='group' aria-label='{escape(say('what_to_search'), quote=True)}'>{''.join(buttons)}"
        f"<button type='button' class='draw' aria-pressed='false'>{say('draw_box')}</button></div></div>"
    )


def draw_indexed(card: Card, say: Texts) -> str:
    """A photo of the catalogue, in place of one that was brought."""
    name, description = escape(name_match(card.match, unnamed=say("photo")), quote=True), card.match.description
    origin = escape(say("from_catalogue"), quote=True)
    about = f" <span class='about'>{escape(printable(description))}</span>" if description else ""
    return (
        "<div class='stage'><div class='canvas still'>"
        f"<img src='{escape(card.picture, quote=True)}' alt='{name}. {origin}' draggable='false'>"
        f"{_draw_clear(say)}</div>"
        f"<p class='what'><small>{origin}</small><b>{name}</b>{about}{draw_link(card.link, say)}</p></div>"
    )


def draw_others(looks: Sequence[OtherLook], say: Texts) -> str:
    """A row for each further garment: its picture and its nearest matches; nothing if there is none."""
    if not looks:
        return ""
    rows = "".join(
        f"<button type='button' class='look' data-choice='{look.choice}'>"
        f"<span class='what'><img src='{escape(look.crop, quote=True)}' alt=''>{escape(say.garment(look.kind))}</span>"
        + "".join(
            f"<span class='like'><img src='{escape(address, quote=True)}' alt='' loading='lazy'>"
            f"<span>{escape(name_match(match, unnamed=say('photo')))}"
            f"<small>{say.number(match.distance, '.3f')}</small></span></span>"
            for address, match in look.matches
        )
        + "</button>"
        for look in looks
    )
    return f"<section class='others'><h2>{say('also_here')}</h2>{rows}</section>"


def _draw_clear(say: Texts) -> str:
    name = escape(say("remove"), quote=True)
    return f"<button type='button' class='clear' data-choice='clear' aria-label='{name}'>✕</button>"


def _button(choice: str, name: str, pressed: bool) -> str:
    state = str(pressed).lower()
    return f"<button type='button' data-choice='{choice}' aria-pressed='{state}'>{escape(printable(name))}</button>"


def _names(garments: Sequence[Garment], say: Texts) -> list[str]:
    """Kinds, numbered where there are several of one."""
    kinds = [say.garment(garment.kind) for garment in garments]
    return [
        f"{kind} {kinds[: place + 1].count(kind)}" if kinds.count(kind) > 1 else kind
        for place, kind in enumerate(kinds)
    ]


def _path(garment: Garment) -> str:
    """A garment's outline in the units of the drawing, its corners rounded: curves between the middles of its edges."""
    parts = []
    for polygon in garment.outline:
        corners = [(UNITS * x, UNITS * y) for x, y in polygon]
        middles = [((x + u) / 2, (y + v) / 2) for (x, y), (u, v) in zip(corners, corners[1:] + corners[:1])]
        curves = (f"Q{x:.0f} {y:.0f} {u:.0f} {v:.0f}" for (x, y), (u, v) in zip(corners, middles))
        parts.append(f"M{middles[-1][0]:.0f} {middles[-1][1]:.0f}{''.join(curves)}Z")
    return "".join(parts)


def _middle(box: Region) -> tuple[float, float]:
    return (box.left + box.right) / 2, (box.upper + box.lower) / 2


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.1f}%"

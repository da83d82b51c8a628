"""HTML of the matches: a card for each, which can be searched for in its turn, and where they look alike."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from cbir.report.words import name_match
from cbir.system.text import printable
from cbir.web.answers import name_closeness
from cbir.web.texts import Texts
from cbir.web.trail import COUNTS

if TYPE_CHECKING:
    from cbir.results import Match

EMPTY = "<div class='empty'><i></i><i></i><i></i></div>"
"""In place of matches, as long as there are none."""


class Card(NamedTuple):
    """A match as it is shown."""

    match: Match
    picture: str
    """Address of its thumbnail."""
    key: str
    """What the browser sends to search for it."""
    link: str | None = None
    """Address of the garment's own page, which is safe to offer."""
    pair: str | None = None
    """Address of a picture of query and match side by side, with heat where they look alike."""
    copies: Sequence[Card] = ()
    """Copies of it, as far as they are shown."""


def draw_cards(cards: Sequence[Card], say: Texts, *, note: str = "", more: bool = False, fresh: int = 0) -> str:
    """A list of cards, nearest first.

    note: what stands above them where they have pairs of pictures. more: whether a button below asks for more.
    fresh: cards that were shown before; the keyboard goes on after them.
    """
    if not cards:
        return EMPTY
    shape = " many" * (len(cards) > COUNTS[0]) + " explained" * (cards[0].pair is not None)
    items = "".join(_card(card, say, focus=0 < fresh == place) for place, card in enumerate(cards))
    button = f"<button type='button' class='more' data-choice='more'>{say('show_more')}</button>" if more else ""
    above = f"<p class='note'>{escape(note)}</p>" if cards[0].pair else ""
    return f"{above}<ol class='cards{shape}'>{items}</ol>{button}"


def _card(card: Card, say: Texts, *, focus: bool) -> str:
    match = card.match
    about = f"<span class='about'>{escape(printable(match.description))}</span>" if match.description else ""
    alt = escape(say("pair"), quote=True)
    pair = f"<img class='pair' src='{escape(card.pair, quote=True)}' alt='{alt}'>" if card.pair else ""
    return (
        f"<li><button type='button' class='pick' data-choice='photo:{escape(card.key, quote=True)}'"
        f"{' data-focus' * focus}><span class='picture'>"
        f"<img src='{escape(card.picture, quote=True)}' alt='' draggable='false'></span>{pair}"
        f"<span class='caption'><b>{match.rank}. {escape(name_match(match, unnamed=say('photo')))}</b>{about}"
        f"<small>{draw_closeness(match, say)}{say('distance', distance=match.distance)}</small></span>"
        f"<span class='unseen'>{say('search_this')}</span></button>"
        f"{draw_link(card.link, say)}{_draw_copies(card, say)}</li>"
    )


def _draw_copies(card: Card, say: Texts) -> str:
    """How many copies of a match are folded into it, and some of them, to be opened; nothing if there are none."""
    count = len(card.match.copies)
    if not count:
        return ""
    shown = "".join(_copy(copy, say) for copy in card.copies)
    rest = f"<small>{say('more_copies', count=count - len(card.copies))}</small>" if count > len(card.copies) else ""
    return f"<details class='copies'><summary>{say('copies', count=count)}</summary><div>{shown}{rest}</div></details>"


def _copy(card: Card, say: Texts) -> str:
    name = escape(f"{printable(card.match.photo)}, {say('distance', distance=card.match.distance)}", quote=True)
    return (
        f"<button type='button' data-choice='photo:{escape(card.key, quote=True)}' title='{name}'>"
        f"<img src='{escape(card.picture, quote=True)}' alt='{name}' draggable='false'></button>"
    )


def draw_closeness(match: Match, say: Texts) -> str:
    """What a distance says, in a word or two before it; nothing where that was not measured."""
    if match.closeness is None:
        return ""
    return f"<i class='word'>{name_closeness(match.closeness.word, say)}</i> · "


def draw_link(link: str | None, say: Texts) -> str:
    """A link to the garment's own page, in a window of its own that learns nothing of this one; nothing if None."""
    if link is None:
        return ""
    return (
        f"<a class='link' href='{escape(link, quote=True)}' target='_blank' rel='noopener noreferrer nofollow'>"
        f"{say('open_link')}<span class='unseen'>{say('new_tab')}</span></a>"
    )

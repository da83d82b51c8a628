"""HTML of how an answer came about, in five steps. Nothing of Gradio."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cbir.nearest.exact import SCAN_BELOW
from cbir.photos.drawing import COLOURS, STOPS
from cbir.web.answers import claim, name_closeness
from cbir.web.texts import Texts

if TYPE_CHECKING:
    from cbir.results import SearchResult
    from cbir.web.quality import Figure

STAGES = (
    ("pixels", 224, 3),
    ("convolution", 112, 64),
    ("convolutions", 56, 192),
    ("inception3", 28, 480),
    ("inception4", 14, 832),
    ("inception5", 7, 1024),
    ("average", 1, 1024),
)
"""What goes through GoogLeNet (Szegedy et al. 2014, table 1): layers, and side and channels of what they give."""
SIDE = 32
"""Numbers of a feature in a row of their picture."""


class Neighbour(NamedTuple):
    """A match on the line of distances."""

    picture: str
    name: str
    distance: float


class Band(NamedTuple):
    """Distances that say the same."""

    word: str
    since: float
    until: float


class Explained(NamedTuple):
    """A query and its answer, with what led from one to the other. Pictures are addresses."""

    photo: str
    """What was brought, with a frame about what is searched."""
    seen: str
    """That, as the network sees it."""
    whole: bool
    """No part of the photo was meant."""
    indexed: bool
    """The query is a photo of the catalogue."""
    kinds: int
    """Labels of the layer that is taken off."""
    feature: NDArray[np.float32]
    """(1024,) unit length."""
    pair: str | None
    """Query and nearest match side by side, bright where they look alike."""
    neighbours: Sequence[Neighbour]
    bands: Sequence[Band]
    """From 0 to the end of the line; none if they were not measured."""
    result: SearchResult
    quality: Sequence[Figure]
    """How well the network works; none if it is not the one that ships."""
    example: bool = False
    """It is an example's: nothing was searched."""


def draw_explained(told: Explained, say: Texts) -> str:
    """HTML of the five steps, and how well it works."""
    link = f"<a href='./'>{say('search_yours' if told.example else 'back_to_it')}</a>"
    lead = say("no_search" if told.example else "last_search", link=link)
    steps = (
        (say("step_photo"), _draw_photo(told, say)),
        (say("step_network"), _draw_network(told, say)),
        (say("step_numbers"), _draw_feature(told, say)),
        (say("step_nearest"), _draw_line(told, say)),
        (say("step_proof"), _draw_proof(told.result, say)),
    )
    items = "".join(f"<li><h2>{title}</h2>{content}</li>" for title, content in steps)
    return f"<p class='lead'>{lead}</p><ol class='steps'>{items}</ol>{_draw_quality(told.quality, say)}"


def _draw_photo(told: Explained, say: Texts) -> str:
    part = say("central_square" if told.whole else "in_frame")
    what = say("what_garment" if told.indexed else "what_example" if told.example else "what_photo")
    return (
        f"<p>{say('seen', what=what, part=part)}</p>"
        f"<div class='pictures'>{_figure(told.photo, say('the_photo'))}<span class='arrow' aria-hidden='true'>→</span>"
        f"{_figure(told.seen, say('network_sees'))}</div>"
    )


def _draw_network(told: Explained, say: Texts) -> str:
    blocks = "".join(_draw_stage(*stage, say) for stage in STAGES)
    off = (
        f"<li class='off'><span class='block'><s>{told.kinds}</s></span><b><s>{say('classifier')}</s></b>"
        f"<small>{say('taken_off')}</small></li>"
    )
    learnt = f" {say('learnt')}" if told.quality else ""
    return f"<p>{say('network', count=told.kinds)}{learnt}</p><ol class='stages'>{blocks}{off}</ol>"


def _draw_stage(key: str, side: int, channels: int, say: Texts) -> str:
    height, width = 8 + 64 * (side / 224) ** 0.5, 6 + 46 * (channels / 1024) ** 0.5
    size = f"{side} × {side} × {say.number(channels)}" if side > 1 else say("numbers", count=channels)
    return (
        f"<li><span class='block'><i style='height:{height:.0f}px;width:{width:.0f}px'></i></span>"
        f"<b>{say(key)}</b><small>{size}</small></li>"
    )


def _draw_feature(told: Explained, say: Texts) -> str:
    zeros, largest = int((told.feature == 0).sum()), float(told.feature.max())
    picture = _figure(draw_numbers(told.feature), say("the_numbers"), kind="numbers")
    alike = _figure(told.pair, say("where_alike"), kind="pair") if told.pair else ""
    kind = told.result.kind
    expanded = f" {say('expanded', kind=escape(say.garment(kind)))}" if kind else ""
    words = f"{say('feature', count=zeros, largest=largest)}{expanded}"
    return f"<p>{words}</p><div class='pictures'>{picture}{alike}</div>"


def draw_numbers(feature: NDArray[np.float32]) -> str:
    """A picture of a feature, (n,) with n a multiple of SIDE, as a data address: a pixel a number, dark for 0."""
    relative = np.sqrt(feature.clip(0) / max(float(feature.max()), 1e-12)).reshape(-1, SIDE)
    ramp = np.stack([np.interp(relative, STOPS, channel) for channel in COLOURS.T], axis=-1)
    file = io.BytesIO()
    Image.fromarray(ramp.round().astype(np.uint8)).save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def _draw_line(told: Explained, say: Texts) -> str:
    end = told.bands[-1].until if told.bands else 1.42
    row = [Neighbour(told.seen, say("searched"), 0.0), *told.neighbours]
    marks = "".join(
        f"<li class='{'before' * (2 * one.distance > end)}' style='--at:{_share(one.distance, end)};--row:{place}'>"
        f"<img src='{escape(one.picture, quote=True)}' alt=''>"
        f"<span><b>{escape(one.name)}</b><small>{say.number(one.distance, '.3f')}</small></span></li>"
        for place, one in enumerate(row)
    )
    ticks = "".join(
        f"<span style='--at:{_share(tick / 5, end)}'>{say.number(tick / 5, 'g')}</span>" for tick in range(8)
    )
    bands = "".join(
        f"<span style='--at:{_share(band.since, end)};--wide:{_share(band.until - band.since, end)}'"
        f" class='band{number}' title='{name_closeness(band.word, say)}'>{name_closeness(band.word, say)}</span>"
        for number, band in enumerate(told.bands)
    )
    below = f"<div class='bands'>{bands}</div>" if bands else ""
    judged = f" {say('judged')}" if bands else ""
    return (
        f"<p>{say('line', most=math.sqrt(2))}{judged}</p>"
        f"<div class='line' style='--rows:{len(row)}'><ol>{marks}</ol><div class='axis'>{ticks}</div>{below}</div>"
    )


def _share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f}%"


def _draw_proof(result: SearchResult, say: Texts) -> str:
    size, measured, shown = result.subset_size, result.num_exact_distances, len(result.matches)
    unit = "garments" if result.by_garment else "photos"
    last = say.number(result.matches[-1].distance, ".3f") if result.matches else say("no_distance")
    if measured == size:
        cards = [(size, say(f"{unit}_searched")), (measured, say("measured")), (shown, say("nearest_shown"))]
        how = say("scanned", count=SCAN_BELOW)
    else:
        cards = [
            (size, say(f"{unit}_compared")),
            (size - measured, say("ruled_out", last=last)),
            (measured, say("left")),
            (shown, say("nearest_shown")),
        ]
        how = say("graph_found" if result.graph_exact else "graph_alone")
    numbers = "".join(f"<li><b>{say.number(number)}</b><small>{words}</small></li>" for number, words in cards)
    mark = "<span class='proven'>✓</span> " if result.exact else ""
    return f"<p>{mark}<b>{escape(claim(result, say))}</b> {how}</p><ol class='counts'>{numbers}</ol>"


def _draw_quality(figures: Sequence[Figure], say: Texts) -> str:
    if not figures:
        return ""
    items = "".join(_draw_figure(one, say) for one in figures)
    return (
        f"<section class='quality'><h2>{say('quality')}</h2><p>{say('quality_lead')}</p>"
        f"<ul class='counts'>{items}</ul></section>"
    )


def _draw_figure(figure: Figure, say: Texts) -> str:
    size = say("interval", count=figure.size, low=100 * figure.low, high=100 * figure.high)
    before = f"; {say('imagenet', share=100 * figure.before)}" if figure.before is not None else ""
    share = f"{100 * figure.value:.0f}&nbsp;%"
    return f"<li><b>{share}</b><span>{say(figure.sentence)}</span><small>{size}{before}</small></li>"


def _figure(address: str, caption: str, *, kind: str = "") -> str:
    return (
        f"<figure class='{kind}'><img src='{escape(address, quote=True)}' alt='{escape(caption, quote=True)}'>"
        f"<figcaption>{caption}</figcaption></figure>"
    )

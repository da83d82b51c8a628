"""HTML of how an answer came about, in five steps. Nothing of Gradio."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cbir.nearest.exact import SCAN_BELOW
from cbir.network.closeness import NOT_ALIKE
from cbir.photos.drawing import COLOURS, STOPS
from cbir.system.text import printable

if TYPE_CHECKING:
    from cbir.results import SearchResult
    from cbir.web.quality import Figure

STAGES = (
    ("pixels", 224, 3),
    ("convolution", 112, 64),
    ("2 convolutions", 56, 192),
    ("inception 3a–b", 28, 480),
    ("inception 4a–e", 14, 832),
    ("inception 5a–b", 7, 1024),
    ("average", 1, 1024),
)
"""What goes through GoogLeNet (Szegedy et al. 2014, table 1): layers, and side and channels of what they give."""
WORDS = {NOT_ALIKE: "not alike"}
"""Shorter words for what distances say."""
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


def draw_explained(told: Explained) -> str:
    """HTML of the five steps, and how well it works."""
    lead = (
        "Nothing was searched in this tab yet, so this is an example. <a href='./'>Search with a photo of yours</a>, "
        "and see what became of it here."
        if told.example
        else "This is your last search, with its own pictures and numbers. <a href='./'>Back to it</a>."
    )
    steps = (
        ("The photo", _draw_photo(told)),
        ("The network", _draw_network(told)),
        ("1,024 numbers", _draw_feature(told)),
        ("The nearest", _draw_line(told)),
        ("The proof", _draw_proof(told.result)),
    )
    items = "".join(f"<li><h2>{title}</h2>{content}</li>" for title, content in steps)
    return f"<p class='lead'>{lead}</p><ol class='steps'>{items}</ol>{_draw_quality(told.quality)}"


def _draw_photo(told: Explained) -> str:
    part = "its central square" if told.whole else "the part in the frame, with some air about it"
    what = "this garment of the catalogue" if told.indexed else "this example" if told.example else "your photo"
    return (
        f"<p>The network sees 224 × 224 pixels of {what}: {part}. What is outside does not count.</p>"
        f"<div class='pictures'>{_figure(told.photo, 'the photo')}<span class='arrow' aria-hidden='true'>→</span>"
        f"{_figure(told.seen, 'what the network sees')}</div>"
    )


def _draw_network(told: Explained) -> str:
    blocks = "".join(_draw_stage(*stage) for stage in STAGES)
    off = (
        f"<li class='off'><span class='block'><s>{told.kinds}</s></span><b><s>classifier</s></b>"
        "<small>taken off</small></li>"
    )
    learnt = ", which learnt from ImageNet and then from photos of clothes" if told.quality else ""
    return (
        f"<p>GoogLeNet{learnt}. Stage by stage the map of the photo gets smaller (a lower block) and says more of each "
        f"place (a wider one). The last layer, which would choose one of {told.kinds} kinds, is taken off: what comes "
        "before it describes the garment.</p>"
        f"<ol class='stages'>{blocks}{off}</ol>"
    )


def _draw_stage(name: str, side: int, channels: int) -> str:
    height, width = 8 + 64 * (side / 224) ** 0.5, 6 + 46 * (channels / 1024) ** 0.5
    size = f"{side} × {side} × {channels:,}" if side > 1 else f"{channels:,} numbers"
    return (
        f"<li><span class='block'><i style='height:{height:.0f}px;width:{width:.0f}px'></i></span>"
        f"<b>{name}</b><small>{size}</small></li>"
    )


def _draw_feature(told: Explained) -> str:
    zeros, largest = int((told.feature == 0).sum()), float(told.feature.max())
    picture = _figure(draw_numbers(told.feature), "the 1,024 numbers", kind="numbers")
    alike = ""
    if told.pair:
        alike = _figure(told.pair, "where the nearest match is like it: bright places add most", kind="pair")
    return (
        "<p>All places are averaged, and the numbers are scaled to length 1. They are the feature of the photo: all "
        f"that is compared. The {zeros:,} darkest are 0, the brightest is {largest:.3f}. A feature is an "
        f"average over places, so it can be told where two photos are alike.</p><div class='pictures'>{picture}{alike}"
        "</div>"
    )


def draw_numbers(feature: NDArray[np.float32]) -> str:
    """A picture of a feature, (n,) with n a multiple of SIDE, as a data address: a pixel a number, dark for 0."""
    relative = np.sqrt(feature.clip(0) / max(float(feature.max()), 1e-12)).reshape(-1, SIDE)
    ramp = np.stack([np.interp(relative, STOPS, channel) for channel in COLOURS.T], axis=-1)
    file = io.BytesIO()
    Image.fromarray(ramp.round().astype(np.uint8)).save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def _draw_line(told: Explained) -> str:
    end = told.bands[-1].until if told.bands else 1.42
    row = [Neighbour(told.seen, "what is searched", 0.0), *told.neighbours]
    marks = "".join(
        f"<li class='{'before' * (2 * one.distance > end)}' style='--at:{_share(one.distance, end)};--row:{place}'>"
        f"<img src='{escape(one.picture, quote=True)}' alt=''>"
        f"<span><b>{escape(one.name)}</b><small>{one.distance:.3f}</small></span></li>"
        for place, one in enumerate(row)
    )
    ticks = "".join(f"<span style='--at:{_share(tick / 5, end)}'>{tick / 5:g}</span>" for tick in range(8))
    bands = "".join(
        f"<span style='--at:{_share(band.since, end)};--wide:{_share(band.until - band.since, end)}'"
        f" class='band{number}' title='{escape(band.word)}'>{escape(WORDS.get(band.word, band.word))}</span>"
        for number, band in enumerate(told.bands)
    )
    below = f"<div class='bands'>{bands}</div>" if bands else ""
    judged = (
        " The words below the line were measured: at such distances from a photo like this one, how many answers were "
        "of its kind."
        if bands
        else ""
    )
    return (
        "<p>Two photos are as alike as their numbers are near: the Euclidean distance is 0 for the same photo, and at "
        f"most 1.414.{judged}</p><div class='line' style='--rows:{len(row)}'><ol>{marks}</ol>"
        f"<div class='axis'>{ticks}</div>{below}</div>"
    )


def _share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f}%"


def _draw_proof(result: SearchResult) -> str:
    size, measured, shown = result.subset_size, result.num_exact_distances, len(result.matches)
    unit = "garments" if result.by_garment else "photos"
    last = f"{result.matches[-1].distance:.3f}" if result.matches else "no distance"
    if measured == size:
        cards = [(size, f"{unit} searched"), (measured, "measured exactly, in float64"), (shown, "nearest, shown")]
        how = f"All were measured. Where there are more than {SCAN_BELOW:,}, short codes rule most of them out first."
    else:
        cards = [
            (size, f"{unit} compared by short int8 codes, each of which gives a lower bound"),
            (size - measured, f"ruled out: even their lower bound is above {last}"),
            (measured, "left, measured exactly in float64"),
            (shown, "nearest, shown"),
        ]
        graph = "had found them, too" if result.graph_exact else "alone would have missed one"
        how = f"hnswlib's graph proposed candidates for the upper bound, and {graph}."
    numbers = "".join(f"<li><b>{number:,}</b><small>{words}</small></li>" for number, words in cards)
    mark = "<span class='proven'>✓</span> " if result.exact else ""
    claim = result.proof.partition(" (")[0].rstrip(".")
    return f"<p>{mark}<b>{escape(printable(claim))}.</b> {how}</p><ol class='counts'>{numbers}</ol>"


def _draw_quality(figures: Sequence[Figure]) -> str:
    if not figures:
        return ""
    items = "".join(
        f"<li><b>{100 * one.value:.0f}&nbsp;%</b><span>{one.sentence}</span><small>{one.size:,} photos, "
        f"95&nbsp;% interval {100 * one.low:.0f} to {100 * one.high:.0f}&nbsp;%"
        + (f"; ImageNet's network: {100 * one.before:.0f}&nbsp;%" if one.before is not None else "")
        + "</small></li>"
        for one in figures
    )
    return (
        "<section class='quality'><h2>How well it works</h2><p>Measured with photos that the network was not trained "
        f"on, by people none of whose photos it knew.</p><ul class='counts'>{items}</ul></section>"
    )


def _figure(address: str, caption: str, *, kind: str = "") -> str:
    return (
        f"<figure class='{kind}'><img src='{escape(address, quote=True)}' alt='{caption}'>"
        f"<figcaption>{caption}</figcaption></figure>"
    )

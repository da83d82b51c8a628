"""Pictures of answers: a query beside its matches, and heat where two photos look alike."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, ImageOps

from cbir.photos.decode import PhotoSource, load_image
from cbir.system.text import printable


class DrawnMatch(Protocol):
    """What is drawn of a match."""

    @property
    def rank(self) -> int: ...
    @property
    def photo(self) -> str: ...
    @property
    def label(self) -> str | None: ...
    @property
    def distance(self) -> float: ...
    @property
    def thumb(self) -> Path: ...


def draw_matches(query: PhotoSource, matches: Sequence[DrawnMatch], *, side: int = 320) -> Image.Image:
    """A picture of the query beside its matches, each with rank, label and distance below it.

    side: width and height in pixels of the square that holds each photo.
    """
    panels = [("query", "", load_image(query, short_side=side))]
    for match in matches:
        title = f"{match.rank}. {printable(match.label or Path(match.photo).stem)}"
        panels.append((title, f"distance {match.distance:.3f}", load_image(match.thumb)))
    margin, text, first_gap = side // 16, side // 12, side // 8
    width = len(panels) * (side + margin) + margin + first_gap
    picture = Image.new("RGB", (width, side + 2 * margin + 3 * text), "white")
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(text)
    for column, (title, below, image) in enumerate(panels):
        left = margin + column * (side + margin) + (first_gap if column else 0)
        fitted = ImageOps.contain(image, (side, side), Image.Resampling.LANCZOS)
        picture.paste(fitted, (left + (side - fitted.width) // 2, margin + (side - fitted.height) // 2))
        for line, (words, colour) in enumerate(((title, "black"), (below, "#666666"))):
            draw.text((left + side / 2, 1.5 * margin + side + 1.3 * line * text), words, colour, font, anchor="ma")
    rule = 2 * margin + side + (first_gap - margin) // 2
    draw.line((rule, margin, rule, side + margin), "#cccccc", 2)
    return picture


FULL_HEAT = 4.0
"""Evidence, relative to an even spread, that is drawn in full heat; fixed, so that pictures can be compared."""
STOPS = np.array([0.0, 0.3, 0.65, 1.0])
COLOURS = np.array([(38, 42, 54), (122, 48, 90), (236, 110, 52), (255, 226, 110)])
"""From no evidence to full heat, at STOPS between."""
GAP = 8
"""Pixels between the two photos of a pair."""


def draw_pair(
    query: PhotoSource,
    match: PhotoSource,
    on_query: NDArray[np.float64],
    on_match: NDArray[np.float64],
    *,
    side: int = 320,
) -> Image.Image:
    """Query and match side by side, each with its evidence as heat: 2 * side + GAP pixels wide, side high."""
    picture = Image.new("RGB", (2 * side + GAP, side), "white")
    for left, photo, split in ((0, query, on_query), (side + GAP, match, on_match)):
        picture.paste(draw_heat(photo, split, side=side), (left, 0))
    return picture


def draw_heat(photo: PhotoSource, evidence: NDArray[np.float64], *, side: int = 320) -> Image.Image:
    """What the network sees of a photo, in grey, with heat where its evidence lies: side x side pixels, RGB."""
    image = ImageOps.fit(load_image(photo, short_side=side), (side, side), Image.Resampling.BICUBIC)
    relative = evidence.clip(0) * evidence.size / max(float(evidence.sum()), 1e-12)
    small = Image.fromarray((relative / FULL_HEAT).astype(np.float32))
    heat = np.asarray(small.resize((side, side), Image.Resampling.BICUBIC)).clip(0, 1)
    ramp = np.stack([np.interp(heat, STOPS, channel) for channel in COLOURS.T], axis=-1)
    grey = np.asarray(ImageOps.grayscale(image), np.float32)[..., None]
    strength = (0.3 + 0.4 * np.sqrt(heat))[..., None]
    return Image.fromarray((grey * (1 - strength) + ramp * strength).round().astype(np.uint8))

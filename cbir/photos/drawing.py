"""What is drawn on photos: frames, outlines of garments, and heat where two photos look alike."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, ImageOps

from cbir.photos.decode import PhotoSource, load_image
from cbir.photos.region import Region
from cbir.system.text import printable


class DrawnMatch(Protocol):
    """What is seen of a match."""

    @property
    def thumb(self) -> Path: ...
    @property
    def region(self) -> Region | None: ...


def draw_thumb(match: DrawnMatch) -> Image.Image:
    """The thumbnail of a match, with a frame about the region that matches."""
    thumb = load_image(match.thumb)
    return thumb if match.region is None else frame_region(thumb, match.region)


def frame_region(photo: Image.Image, region: Region) -> Image.Image:
    """The photo with a frame about a region."""
    picture = photo.copy()
    left, upper, right, lower = region
    box = (left * photo.width, upper * photo.height, right * photo.width - 1, lower * photo.height - 1)
    thick = max(2, round(min(photo.size) / 100))
    draw = ImageDraw.Draw(picture)
    draw.rectangle(box, outline="white", width=2 * thick)
    draw.rectangle(box, outline=LINES[0], width=thick)
    return picture


class DrawnGarment(Protocol):
    """What is drawn of a garment that was found in a photo."""

    @property
    def kind(self) -> str: ...
    @property
    def score(self) -> float: ...
    @property
    def box(self) -> Region: ...
    @property
    def outline(self) -> Sequence[Sequence[tuple[float, float]]]: ...


LINES = ("#0f766e", "#b45309", "#6d28d9", "#be123c", "#1d4ed8", "#4d7c0f")
"""Colours of outlines, one garment after the other."""


def draw_garments(photo: Image.Image, garments: Sequence[DrawnGarment]) -> Image.Image:
    """The photo with the outline and the kind of each garment."""
    picture = photo.copy()
    draw = ImageDraw.Draw(picture)
    thick = max(2, round(min(photo.size) / 160))
    font = ImageFont.load_default(max(11, min(photo.size) // 28))
    for number, garment in enumerate(garments):
        for polygon in garment.outline:
            path = [(x * photo.width, y * photo.height) for x, y in polygon]
            for width, colour in ((2 * thick, "white"), (thick, LINES[number % len(LINES)])):
                draw.line([*path, path[0]], colour, width, joint="curve")
    for number, garment in enumerate(garments):
        at = (garment.box.left * photo.width, garment.box.upper * photo.height)
        words = f" {printable(garment.kind)} "
        draw.rectangle(draw.textbbox(at, words, font), fill=LINES[number % len(LINES)])
        draw.text(at, words, "white", font)
    return picture


FULL_HEAT = 4.0
"""Evidence, relative to an even spread, that is drawn in full heat; fixed, so that pictures can be compared."""
STOPS = np.array([0.0, 0.3, 0.65, 1.0])
COLOURS = np.array([(38, 42, 54), (122, 48, 90), (236, 110, 52), (255, 226, 110)])
"""From no evidence to full heat, at STOPS between."""
PAIR_SIDE = 320
"""Pixels of the side of each photo of a pair."""
GAP = 8
"""Pixels between the two photos of a pair."""


def draw_pair(
    query: PhotoSource,
    match: PhotoSource,
    on_query: NDArray[np.float64],
    on_match: NDArray[np.float64],
    *,
    side: int = PAIR_SIDE,
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

"""Answers as one picture: what is searched at the left, its matches as cards, and below them what was proven."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont, ImageOps

from cbir.photos.decode import load_image
from cbir.photos.drawing import draw_thumb, frame_region
from cbir.photos.region import WHOLE
from cbir.report.words import PROJECT, Answered, name_closeness, name_match, name_unlike
from cbir.system.text import printable

if TYPE_CHECKING:
    from cbir.results import Match

# All lengths are in pixels of the picture, two for each of a page: screens of double density show it sharp.
MARGIN, GAP, RADIUS, PAD = 64, 32, 24, 24
QUERY = 640
"""Width of what is searched."""
WIDE, NARROW = 440, 320
"""Width of a card where there are few, and where there are many."""
TITLE, TEXT, SMALL = 34, 26, 24
"""Sizes of the font."""
LINE = 1.35
"""Height of a line, as a multiple of the font's size."""
ABOUT = 2
"""Lines of a description, at most."""
LONGEST = 300
"""Characters of a text that are looked at."""
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
PAPER, CARD, GROUND, EDGE = "#fafaf9", "#ffffff", "#f5f5f4", "#e7e5e4"
INK, MUTED, ACCENT = "#1c1917", "#57534e", "#0f766e"
BOLD = 0.6
"""Pixels that a stroke is thickened by on each side."""
FALLBACKS = ("DejaVuSans.ttf", "Arial Unicode.ttf", "NotoSans-Regular.ttf", "arial.ttf")
"""Fonts of systems for what Pillow's own font lacks: all but ASCII."""


def draw_answers(answers: Sequence[Answered]) -> Image.Image:
    """One answer or more, one below the other, in RGB. A frame shows what of a photo is searched, or matches.

    With many matches, cards stand in rows of four or six. Texts that are too long end in an ellipsis. Raises PhotoError
    if a photo cannot be read.
    """
    columns = _count_columns(max(len(one.result.matches) for one in answers))
    rows = [_draw_answer(one, columns) for one in answers]
    picture = Image.new("RGB", (rows[0].width, sum(row.height for row in rows) + MARGIN), PAPER)
    upper = MARGIN
    for row in rows:
        picture.paste(row, (0, upper))
        upper += row.height
    at = (picture.width - MARGIN, picture.height - MARGIN // 2)
    _write(ImageDraw.Draw(picture), at, PROJECT, SMALL, MUTED, anchor="rs")
    return picture


def _draw_answer(answered: Answered, columns: int) -> Image.Image:
    query, matches = _draw_query(answered), answered.result.matches
    card = WIDE if columns <= 3 else NARROW
    lines = TITLE + SMALL + any(match.description for match in matches) * ABOUT * TEXT
    height = card + round(lines * LINE) + 2 * PAD
    rows = -(-len(matches) // columns)
    inside = max(query.height, rows * (height + GAP) - GAP)
    left = MARGIN + QUERY + 2 * GAP
    size = (left + columns * (card + GAP) - GAP + MARGIN, inside + GAP + round(TITLE * LINE) + GAP)
    picture = Image.new("RGB", size, PAPER)
    picture.paste(query, (MARGIN, 0))
    for place, match in enumerate(matches):
        at = (left + place % columns * (card + GAP), place // columns * (height + GAP))
        _paste_rounded(picture, _draw_card(match, card, height), at)
    _draw_proof(picture, answered, inside + GAP)
    return picture


def _draw_query(answered: Answered) -> Image.Image:
    """What is searched, with its name below it."""
    photo = load_image(answered.photo, short_side=QUERY)
    framed = photo if answered.region == WHOLE else frame_region(photo, answered.region)
    shown = ImageOps.contain(framed, (QUERY, round(1.2 * QUERY)), Image.Resampling.LANCZOS)
    query = Image.new("RGB", (QUERY, shown.height + round(TITLE * LINE) + PAD), PAPER)
    _paste_rounded(query, shown, ((QUERY - shown.width) // 2, 0))
    name = f"Searched: {answered.name}" if answered.name else "Searched"
    _write(ImageDraw.Draw(query), (QUERY // 2, shown.height + PAD), name, TEXT, MUTED, width=QUERY, anchor="ma")
    return query


def _draw_card(match: Match, width: int, height: int) -> Image.Image:
    card = Image.new("RGB", (width, height), CARD)
    thumb = ImageOps.contain(draw_thumb(match), (width, width), Image.Resampling.LANCZOS)
    card.paste(GROUND, (0, 0, width, width))
    card.paste(thumb, ((width - thumb.width) // 2, (width - thumb.height) // 2))
    draw, upper, inside = ImageDraw.Draw(card), width + PAD - TITLE // 8, width - 2 * PAD
    _write(draw, (PAD, upper), f"{match.rank}. {name_match(match)}", TITLE, INK, width=inside, bold=True)
    upper += round(TITLE * LINE)
    for line in _wrap(match.description or "", TEXT, inside):
        _write(draw, (PAD, upper), line, TEXT, INK, width=inside)
        upper += round(TEXT * LINE)
    word, lower = name_closeness(match), height - PAD - round(SMALL * LINE)
    distance = f"distance {match.distance:.3f}" if width == WIDE else f"{match.distance:.3f}"
    _write(draw, (PAD, lower), word, SMALL, MUTED if word == "not alike" else ACCENT)
    _write(draw, (width - PAD if word else PAD, lower), distance, SMALL, MUTED, anchor="ra" if word else "la")
    return card


def _draw_proof(picture: Image.Image, answered: Answered, upper: int) -> None:
    """What was proven, behind a check mark if it was."""
    draw, left, result = ImageDraw.Draw(picture), MARGIN, answered.result
    if result.exact and result.matches:
        points = [(left, upper + 20), (left + 10, upper + 30), (left + 28, upper + 6)]
        draw.line(points, ACCENT, 5, joint="curve")
        left += 44
    words = " ".join(filter(None, (name_unlike(result), result.claim)))
    _write(draw, (left, upper), words, TITLE - 4, INK, width=picture.width - left - MARGIN)


def _count_columns(count: int) -> int:
    if count <= 4:
        return max(1, count)
    return 4 if count <= 12 else 6


def _paste_rounded(picture: Image.Image, card: Image.Image, at: tuple[int, int]) -> None:
    """Put a picture on another with round corners and a thin edge."""
    edge = Image.new("RGB", card.size, EDGE)
    picture.paste(edge, at, _round_mask(card.size, 0))
    picture.paste(card, at, _round_mask(card.size, 2))


@lru_cache(maxsize=16)
def _round_mask(size: tuple[int, int], inset: int) -> Image.Image:
    fine = 4  # as many times as large, scaled down for smooth corners
    mask = Image.new("L", (fine * size[0], fine * size[1]))
    box = (fine * inset, fine * inset, fine * (size[0] - inset) - 1, fine * (size[1] - inset) - 1)
    ImageDraw.Draw(mask).rounded_rectangle(box, fine * (RADIUS - inset), fill=255)
    return mask.resize(size, Image.Resampling.BOX)


def _write(
    draw: ImageDraw.ImageDraw,
    at: tuple[int, int],
    text: str,
    size: int,
    colour: str,
    *,
    width: int | None = None,
    bold: bool = False,
    anchor: str = "la",
) -> None:
    """Write a line. width: in pixels, beyond which it ends in an ellipsis."""
    font = _load_font(size, text.isascii())
    text = _shorten(printable(text[:LONGEST]), font, width)
    draw.text(at, text, colour, font, anchor=anchor, stroke_width=BOLD if bold else 0)


def _wrap(text: str, size: int, width: int) -> list[str]:
    """A text in ABOUT lines at most, the last of which may be too wide."""
    lines, font = [""], _load_font(size, text.isascii())
    for word in text[:LONGEST].split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and len(lines) < ABOUT and font.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _shorten(text: str, font: Font, width: int | None) -> str:
    if width is None or font.getlength(text) <= width:
        return text
    kept = next((end for end in range(len(text), 0, -1) if font.getlength(f"{text[:end].rstrip()}...") <= width), 0)
    return f"{text[:kept].rstrip()}..."


@lru_cache(maxsize=16)
def _load_font(size: int, ascii_alone: bool) -> Font:
    for name in () if ascii_alone else FALLBACKS:
        with suppress(OSError):
            return ImageFont.truetype(name, size)
    return ImageFont.load_default(size)

"""Pictures with no garment in them: drawn ones, and what street photos show beside the garments."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from cbir.datasets.photo import Photo
from cbir.datasets.street import read_label_map, read_label_names
from cbir.datasets.vocabulary import BODY
from cbir.photos.decode import load_image

SIDE = 320
"""Pixels of a drawn picture's side."""
EACH = 20
"""Drawn pictures of each sort."""
SMALLEST = 64
"""Least side of a square cut from a street photo, in pixels of its label map."""
CLEAN = 0.02
"""Share of a square cut from a street photo that may show something worn, at most."""
FACE = 0.08
"""Share of hair, and of skin, from which on a square is a face."""
WORDS = "the of and to in that was for with his they this have from word but what some we can out other were all there"

Draw = Callable[[np.random.Generator], Image.Image]


def draw_distractors(count: int = EACH, *, seed: int = 0) -> dict[str, list[Image.Image]]:
    """Drawn pictures without a garment, `count` of each sort, RGB: noise, gradients, documents, plots, mazes, ...

    The same seed gives the same pictures.
    """
    return {
        sort: [draw(np.random.default_rng((seed, number))) for number in range(count)] for sort, draw in DRAW.items()
    }


def cut_distractors(photos: Sequence[Photo]) -> dict[str, list[Image.Image]]:
    """The largest square of background, and the largest of a face, of each photo with a label map that has one."""
    found: dict[str, list[Image.Image]] = {"background": [], "face": []}
    for photo in photos:
        if photo.label_map is None:
            continue
        labels, names = read_label_map(photo), read_label_names(photo.label_map.parent.parent)
        nothing, skin, hair = (labels == names.index(name) for name in BODY)
        worn = ~(nothing | skin | hair)
        image = load_image(photo.path)
        for sort, wanted, share in (("background", [nothing], 1.0 - CLEAN), ("face", [skin, hair], FACE)):
            if box := _largest_square(wanted, worn, share):
                scale = image.width / labels.shape[1]
                found[sort].append(image.crop(tuple(round(scale * edge) for edge in box)))
    return found


def _largest_square(
    wanted: Sequence[NDArray[np.bool_]], worn: NDArray[np.bool_], share: float
) -> tuple[int, int, int, int] | None:
    """The largest of a few sizes of squares with so much of each thing wanted, and next to nothing that is worn."""
    sums = [np.pad(mask.astype(np.int64).cumsum(0).cumsum(1), ((1, 0), (1, 0))) for mask in (*wanted, worn)]
    side = min(worn.shape)
    while side >= SMALLEST:
        *good, bad = (
            (one[side:, side:] - one[:-side, side:] - one[side:, :-side] + one[:-side, :-side]) / side**2
            for one in sums
        )
        score = np.where(bad <= CLEAN, np.minimum.reduce(good), 0.0)
        row, column = np.unravel_index(score.argmax(), score.shape)
        if score[row, column] >= share:
            return int(column), int(row), int(column) + side, int(row) + side
        side = round(0.85 * side)
    return None


def _noise(rng: np.random.Generator) -> Image.Image:
    """Grains of any size, grey or coloured."""
    cells = round(4 * (SIDE / 4) ** rng.random())
    grains = rng.integers(0, 256, (cells, cells, 3 if rng.random() < 0.5 else 1), np.uint8)
    return Image.fromarray(np.broadcast_to(grains, (cells, cells, 3)).copy()).resize(
        (SIDE, SIDE), Image.Resampling.BICUBIC if rng.random() < 0.5 else Image.Resampling.NEAREST
    )


def _gradient(rng: np.random.Generator) -> Image.Image:
    """From one colour to another, along a line or from a point."""
    x, y = np.meshgrid(*(np.linspace(-1, 1, SIDE),) * 2)
    angle = rng.uniform(0, 2 * math.pi)
    along = x * math.cos(angle) + y * math.sin(angle) if rng.random() < 0.5 else np.hypot(x - math.cos(angle), y) - 1
    first, last = rng.integers(0, 256, (2, 3))
    share = ((along + 1.5) / 3).clip(0, 1)[..., None]
    return Image.fromarray((first + share * (last - first)).astype(np.uint8))


def _document(rng: np.random.Generator) -> Image.Image:
    """A page of text, with a title, perhaps a table."""
    page, draw = _paper(rng)
    ink = tuple(rng.integers(0, 90, 3).tolist())
    size, left = int(rng.integers(9, 17)), int(rng.integers(15, 50))
    y = int(rng.integers(15, 40))
    draw.text((left, y), _words(rng, 3).title(), fill=ink, font=ImageFont.load_default(1.7 * size))
    y += 3 * size
    while y < SIDE - 2 * size:
        if rng.random() < 0.8:
            draw.text((left, y), _words(rng, 20)[: int(1.7 * (SIDE - 2 * left) / size)], fill=ink, font=_font(size))
        y += round(1.5 * size)
    if rng.random() < 0.4:
        for line in np.linspace(SIDE / 2, 0.9 * SIDE, 6):
            draw.line((left, line, SIDE - left, line), fill=ink)
    return page


def _plot(rng: np.random.Generator) -> Image.Image:
    """Axes with curves, bars or dots."""
    page, draw = _paper(rng)
    left, right, top, bottom = 40, SIDE - 20, 25, SIDE - 35
    draw.line((left, top, left, bottom, right, bottom), fill="black", width=2)
    for tick in range(6):
        y = bottom - tick * (bottom - top) / 6
        draw.text((12, y - 6), str(tick * 10), fill="black", font=_font(11))
        draw.line((left, y, right, y), fill=(225, 225, 225))
    sort, count = rng.choice(["curve", "bars", "dots"]), int(rng.integers(6, 30))
    x = np.linspace(left + 10, right - 10, count)
    for _ in range(1 if sort == "bars" else int(rng.integers(1, 4))):
        colour = tuple(rng.integers(0, 220, 3).tolist())
        heights = bottom - (bottom - top) * (0.5 + np.cumsum(rng.normal(0, 0.12, count))).clip(0.03, 0.97)
        points = list(zip(x.tolist(), heights.tolist()))
        if sort == "curve":
            draw.line(points, fill=colour, width=3)
        for across, down in points:
            if sort == "bars":
                draw.rectangle((across - 90 / count, down, across + 90 / count, bottom), fill=colour)
            elif sort == "dots":
                draw.ellipse((across - 4, down - 4, across + 4, down + 4), fill=colour)
    draw.text((SIDE / 3, 5), _words(rng, 2), fill="black", font=_font(14))
    return page


def _maze(rng: np.random.Generator) -> Image.Image:
    """A maze: of each cell, the wall on the right or the one below."""
    page, draw = _paper(rng)
    cells, width = int(rng.integers(8, 26)), int(rng.integers(1, 5))
    step = SIDE / cells
    for row in range(cells):
        for column in range(cells):
            x, y = (column + 1) * step, (row + 1) * step
            start = (x, y - step) if rng.random() < 0.5 else (x - step, y)
            draw.line((*start, x, y), fill="black", width=width)
    return page


def _screenshot(rng: np.random.Generator) -> Image.Image:
    """A web page: a bar, a menu, headings, cards and buttons."""
    page, draw = _paper(rng)
    accent = tuple(rng.integers(0, 200, 3).tolist())
    draw.rectangle((0, 0, SIDE, 28), fill=accent)
    draw.text((8, 7), _words(rng, 4), fill="white", font=_font(12))
    left = int(rng.choice([10, 80]))
    if left > 10:
        draw.rectangle((0, 28, left - 10, SIDE), fill=(240, 240, 240))
        for line in range(8):
            draw.text((6, 40 + 22 * line), _words(rng, 1), fill=accent, font=_font(11))
    columns = int(rng.integers(1, 4))
    width = (SIDE - left) / columns
    for row in range(3):
        for column in range(columns):
            x, y = left + column * width, 40 + row * 92
            shade = tuple(rng.integers(150, 256, 3).tolist())
            draw.rounded_rectangle((x, y, x + width - 8, y + 84), 6, outline=(190, 190, 190), fill="white")
            draw.rectangle((x + 5, y + 5, x + width - 13, y + 38), fill=shade)
            draw.text((x + 6, y + 42), _words(rng, 6)[: int(width / 6)], fill=(60, 60, 60), font=_font(10))
            draw.rounded_rectangle((x + 6, y + 60, x + 50, y + 76), 4, fill=accent)
    return page


def _landscape(rng: np.random.Generator) -> Image.Image:
    """Sky, sun, ridges of mountains one before the other, grainy as a photo."""
    sky, ground = rng.integers(120, 256, 3), rng.integers(20, 140, 3)
    y = np.linspace(0, 1, SIDE)[:, None, None]
    pixels = np.broadcast_to(sky + y * (255 - sky) * 0.6, (SIDE, SIDE, 3)).copy()
    x, ridges = np.arange(SIDE), int(rng.integers(2, 6))
    down, across = np.mgrid[:SIDE, :SIDE]
    pixels[np.hypot(down - rng.uniform(20, 120), across - rng.uniform(20, 300)) < rng.uniform(8, 25)] = (255, 240, 200)
    for ridge in range(ridges):
        waves = [rng.uniform(5, 30) / n * np.sin(n * x / rng.uniform(20, 60) + rng.uniform(0, 6)) for n in (1, 2, 4, 9)]
        height = SIDE * (0.35 + 0.6 * ridge / ridges) + np.sum(waves, axis=0)
        share = (ridge + 1) / ridges
        pixels[down > height[None]] = share * ground + (1 - share) * sky
    return Image.fromarray((pixels + rng.normal(0, 8, pixels.shape)).clip(0, 255).astype(np.uint8))


def _drawing(rng: np.random.Generator) -> Image.Image:
    """Rings, boxes and scribbles, as of a child or in a diagram."""
    page, draw = _paper(rng)
    for _ in range(int(rng.integers(3, 12))):
        colour, width = tuple(rng.integers(0, 256, 3).tolist()), int(rng.integers(1, 6))
        corners = np.sort(rng.integers(0, SIDE, (2, 2)), axis=0).ravel().tolist()
        sort = int(rng.integers(4))
        if sort == 0:
            draw.ellipse(corners, outline=colour, width=width, fill=colour if rng.random() < 0.3 else None)
        elif sort == 1:
            draw.rectangle(corners, outline=colour, width=width, fill=colour if rng.random() < 0.3 else None)
        else:
            steps = np.cumsum(rng.normal(0, 25, (20, 2)), axis=0) + SIDE / 2
            draw.line([tuple(point) for point in steps.tolist()], fill=colour, width=width)
    return page


DRAW: dict[str, Draw] = {
    "noise": _noise,
    "gradient": _gradient,
    "document": _document,
    "plot": _plot,
    "maze": _maze,
    "screenshot": _screenshot,
    "landscape": _landscape,
    "drawing": _drawing,
}


def _paper(rng: np.random.Generator) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    page = Image.new("RGB", (SIDE, SIDE), tuple(rng.integers(235, 256, 3).tolist()))
    return page, ImageDraw.Draw(page)


def _words(rng: np.random.Generator, count: int) -> str:
    return " ".join(rng.choice(WORDS.split(), count))


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)

"""Garments that the tests draw themselves."""

from __future__ import annotations

import math
import random
from pathlib import Path

from PIL import Image, ImageDraw

LABELS = ("dress", "hat", "scarf", "shirt")


def draw_garment(number: int, label: str, *, size: tuple[int, int] = (320, 400)) -> Image.Image:
    """A plain drawing, the same for the same number: a shape for the label, colours and stripes from the number."""
    numbers = random.Random(number)
    width, height = size
    cloth, stripe = (tuple(numbers.randrange(256) for _ in range(3)) for _ in range(2))
    image = Image.new("RGB", size, tuple(numbers.randrange(200, 256) for _ in range(3)))
    draw = ImageDraw.Draw(image)
    outlines = {
        "dress": [(0.4, 0.1), (0.6, 0.1), (0.6, 0.4), (0.85, 0.9), (0.15, 0.9), (0.4, 0.4)],
        "hat": [(0.35, 0.3), (0.65, 0.3), (0.7, 0.6), (0.95, 0.7), (0.05, 0.7), (0.3, 0.6)],
        "scarf": [(0.42, 0.05), (0.58, 0.05), (0.6, 0.95), (0.4, 0.95)],
        "shirt": [
            (0.3, 0.15),
            (0.7, 0.15),
            (0.95, 0.4),
            (0.75, 0.5),
            (0.72, 0.9),
            (0.28, 0.9),
            (0.25, 0.5),
            (0.05, 0.4),
        ],
    }
    draw.polygon([(x * width, y * height) for x, y in outlines[label]], fill=cloth, outline=stripe)
    gap = numbers.randrange(15, 60)
    for y in range(int(0.3 * height), int(0.85 * height), gap):
        draw.line((0.4 * width, y, 0.6 * width, y + 10 * math.sin(number)), fill=stripe, width=numbers.randrange(2, 9))
    return image


def fill_folder(folder: Path, count: int, *, labels: tuple[str, ...] = LABELS) -> Path:
    """Write `count` drawings as JPEGs, a sub-folder per label."""
    for number in range(count):
        label = labels[number % len(labels)]
        path = folder / label / f"{number:03}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        draw_garment(number, label).save(path, quality=90)
    return folder

"""A part of a photo: what a person draws, or a garment lies in, and the picture of it that is searched."""

from __future__ import annotations

import math
from typing import NamedTuple

from PIL import Image

from cbir.errors import RegionError


class Region(NamedTuple):
    """A box in a photo: its edges as fractions, 0 to 1, of the width and height of the upright photo."""

    left: float
    upper: float
    right: float
    lower: float

    def __str__(self) -> str:
        return ",".join(f"{edge:.3f}" for edge in self)


WHOLE = Region(0.0, 0.0, 1.0, 1.0)
AIR = 1.2
"""Width and height of what is searched of a region, as multiples of the region's."""
GREY = (123, 117, 104)
"""What stands about a region that is not square: the mean colour of ImageNet, which the network takes for nothing."""
SMALLEST = 0.01
"""Shortest side of a region, as a fraction of the photo's."""


def check_region(edges: object) -> Region:
    """The region of four numbers in any sequence, cut off at the photo's edges.

    Raises RegionError unless they are numbers in the order left, upper, right, lower, and leave at least SMALLEST.
    """
    try:
        numbers = [float(edge) for edge in edges]  # type: ignore[attr-defined]
    except (TypeError, ValueError) as error:
        raise RegionError(f"{_shorten(edges)}: no region; {FORM}") from error
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
        raise RegionError(f"{_shorten(edges)}: no region; {FORM}")
    region = Region(*(min(max(number, 0.0), 1.0) for number in numbers))
    if min(region.right - region.left, region.lower - region.upper) < SMALLEST:
        raise RegionError(
            f"{_shorten(edges)}: encloses nothing of the photo; left must be below right and upper below lower, "
            f"{SMALLEST:g} apart or more"
        )
    return region


def enclosing_region(box: tuple[float, float, float, float], width: int, height: int) -> Region:
    """The region of a box: its left, upper, right and lower edge in pixels of a picture of that size."""
    left, upper, right, lower = box
    return Region(left / width, upper / height, right / width, lower / height)


FORM = "give left, upper, right and lower edge as fractions of the photo, such as 0.25,0.1,0.75,0.6"


def parse_region(text: str) -> Region:
    """The region of four numbers between commas. Raises RegionError as `check_region`."""
    return check_region(text.split(","))


def cut_out(image: Image.Image, region: Region, side: int, *, air: float = AIR) -> Image.Image:
    """A square picture, `side` pixels wide, of a region with some air about it; of a whole picture, its central square.

    air: width and height of what is shown, as multiples of the region's, as far as the picture reaches. What is not
    square stands in the middle, between grey.
    """
    width, height = image.size
    if region == WHOLE:
        left, upper = (width - min(image.size)) / 2, (height - min(image.size)) / 2
        box = (left, upper, left + min(image.size), upper + min(image.size))
        return image.resize((side, side), Image.Resampling.BICUBIC, box=box)
    across, down = ((air - 1) / 2 * (last - first) for first, last in (region[::2], region[1::2]))
    box = (
        max(region.left - across, 0) * width,
        max(region.upper - down, 0) * height,
        min(region.right + across, 1) * width,
        min(region.lower + down, 1) * height,
    )
    return fit_square(image, box, side)


def fit_square(
    image: Image.Image, box: tuple[float, float, float, float], side: int, *, ground: tuple[int, ...] | int = GREY
) -> Image.Image:
    """A square picture, `side` pixels wide, with what lies in a box in its middle, as large as it can be, on a ground.

    box: left, upper, right and lower edge in pixels, inside the picture. ground: a colour of the picture's mode.
    """
    scale = side / max(box[2] - box[0], box[3] - box[1])
    size = max(1, round(scale * (box[2] - box[0]))), max(1, round(scale * (box[3] - box[1])))
    square = Image.new(image.mode, (side, side), ground)
    square.paste(image.resize(size, Image.Resampling.BICUBIC, box=box), ((side - size[0]) // 2, (side - size[1]) // 2))
    return square


def _shorten(value: object) -> str:
    text = ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."

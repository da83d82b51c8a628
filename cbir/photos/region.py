"""A part of a photo: what a person draws, or a garment lies in, and the picture of it that is searched."""

from __future__ import annotations

import math
from typing import NamedTuple

from cbir.errors import RegionError


class Region(NamedTuple):
    """A box in a photo: its edges as fractions, 0 to 1, of the width and height of the upright photo."""

    left: float
    upper: float
    right: float
    lower: float

    def __str__(self) -> str:
        return ",".join(f"{edge:.3f}" for edge in self)


Square = tuple[float, float, float, float]
"""Left, upper, right and lower edge of a square in a picture, in pixels."""
WHOLE = Region(0.0, 0.0, 1.0, 1.0)
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


FORM = "give left, upper, right and lower edge as fractions of the photo, such as 0.25,0.1,0.75,0.6"


def parse_region(text: str) -> Region:
    """The region of four numbers between commas. Raises RegionError as `check_region`."""
    return check_region(text.split(","))


def square_about(region: Region, size: tuple[int, int], *, air: float = 1.0) -> Square:
    """The square about a region of a picture of `size`, `air` times its longer side, as far as the picture allows.

    A square that would reach beyond the picture is moved inside; one that is larger is cut to the picture's short side.
    So nothing in it is made up, and of the whole picture it is the central square.
    """
    width, height = size
    left, upper, right, lower = region.left * width, region.upper * height, region.right * width, region.lower * height
    side = max(1.0, min(air * max(right - left, lower - upper), width, height))
    x, y = (
        min(max((first + last - side) / 2, 0.0), room - side)
        for first, last, room in ((left, right, width), (upper, lower, height))
    )
    return x, y, x + side, y + side


def _shorten(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."

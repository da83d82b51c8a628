"""Large pictures to small ones, a band of rows at a time, so that memory stays small beside that of the picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Values = NDArray[np.float32]
"""Numbers of pictures, 0 to 1 but where something else is said."""

FACTORS = (8, 4, 2, 1)
"""What sides are divided by: what a JPEG can be decoded at."""
BAND_PIXELS = 2**22
"""Pixels of a band, about."""


def choose_factor(size: tuple[int, int], short_side: int | None) -> int:
    """The largest of FACTORS that leaves at least `short_side` pixels of the shorter side; 1 for None."""
    if short_side is None:
        return 1
    return next((factor for factor in FACTORS if min(size) // factor >= short_side), 1)


def shrink_picture(image: Image.Image, factor: int, convert: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """What `convert` makes of a picture, each side divided by the factor and rounded up.

    convert: to a mode of 8 bits that can be averaged; given bands of all columns.
    """
    rows = factor * max(1, BAND_PIXELS // (factor * image.width))
    if factor == 1 and image.height <= rows:
        return convert(image)
    small: Image.Image | None = None
    for number, part in enumerate(_cut(image, rows)):
        band = convert(part)
        if factor > 1:
            band = band.reduce(factor)
        if small is None:
            small = Image.new(band.mode, (band.width, -(-image.height // factor)))
        small.paste(band, (0, number * rows // factor))
    assert small is not None
    return small


def bands_of(image: Image.Image) -> Iterator[NDArray[Any]]:
    """(n, w, c): the numbers of a picture as Pillow holds them, some rows at a time."""
    for part in _cut(image, max(1, BAND_PIXELS // image.width)):
        band = np.asarray(part)
        yield band.reshape(*band.shape[:2], -1)


def _cut(image: Image.Image, rows: int) -> Iterator[Image.Image]:
    """Parts of so many rows each, the last one of fewer."""
    for top in range(0, image.height, rows):
        yield image.crop((0, top, image.width, min(top + rows, image.height)))


def shrink_values(bands: Iterable[NDArray[Any]], factor: int) -> Values:
    """Means of factor x factor pixels of a picture that comes in bands, (n, w, c): (h / factor, w / factor, c), rounded
    up.
    """
    small, rest = [], None
    for band in bands:
        rows = band if rest is None else np.concatenate([rest, band])
        whole = len(rows) // factor * factor
        if whole:
            small.append(_average(rows[:whole], factor))
        rest = rows[whole:] if whole < len(rows) else None
    if rest is not None:
        small.append(_average(rest, factor))
    return np.concatenate(small)


def _average(values: NDArray[Any], factor: int) -> Values:
    if factor == 1:
        return values.astype(np.float32)
    height, width, channels = values.shape
    rows, columns = -(-height // factor), -(-width // factor)
    if (rows * factor, columns * factor) != (height, width):
        values = np.pad(values, ((0, rows * factor - height), (0, columns * factor - width), (0, 0)), mode="edge")
    # Whole rows are added first: that is several times as fast as both ways at once.
    sums = values.reshape(rows, factor, -1).sum(axis=1, dtype=np.float32).reshape(rows, columns, factor, channels)
    means: Values = sums.sum(axis=2) / np.float32(factor * factor)
    return means

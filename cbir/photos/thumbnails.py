"""Small JPEGs of photos."""

from __future__ import annotations

import io

from PIL import Image

THUMB_SIDE = 400
"""Longer side of a thumbnail in pixels."""


def make_thumb(image: Image.Image, *, side: int = THUMB_SIDE) -> bytes:
    """A JPEG of an RGB picture, its longer side at most `side` pixels."""
    small = image.copy()
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    encoded = io.BytesIO()
    small.save(encoded, "JPEG", quality=78)
    return encoded.getvalue()


def same_pixels(one: bytes, other: bytes) -> bool:
    """Whether two JPEGs show the same, to the pixel."""
    if one == other:
        return True
    pictures = [Image.open(io.BytesIO(data), formats=("JPEG",)) for data in (one, other)]
    return pictures[0].size == pictures[1].size and pictures[0].tobytes() == pictures[1].tobytes()

"""Which way up a photo is: the one tag of EXIF that counts here, read by itself.

Nothing else of an EXIF block is looked at, so nothing else in it can go wrong (EXIF 2.32, section 4.6.2; TIFF 6.0,
section 2).
"""

from __future__ import annotations

import struct

from PIL import Image

ORIENTATION = 0x0112
WHOLE_NUMBERS = {1: "B", 3: "H", 4: "I"}
"""Types of TIFF numbers that an orientation may have, and how `struct` names them."""
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What brings a picture of each orientation upright."""


def read_orientation(exif: bytes) -> int:
    """The orientation of an EXIF block, 1 to 8; 1 if it has none that can be read.

    exif: with or without "Exif" and two zeros before it; damaged, cut off, or no EXIF at all.
    """
    block = exif.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    try:
        if order is None or struct.unpack_from(order + "H", block, 2)[0] != 42:
            return 1
        (first,) = struct.unpack_from(order + "I", block, 4)
        (count,) = struct.unpack_from(order + "H", block, first)
        for place in range(first + 2, first + 2 + 12 * count, 12):
            tag, kind, length = struct.unpack_from(order + "HHI", block, place)
            if tag == ORIENTATION and kind in WHOLE_NUMBERS and length >= 1:
                (value,) = struct.unpack_from(order + WHOLE_NUMBERS[kind], block, place + 8)
                return value if value in TURNS else 1
    except struct.error:  # the block ends before what was looked for
        pass
    return 1


def turn_upright(image: Image.Image, orientation: int) -> Image.Image:
    """The picture as it is to be seen."""
    return image.transpose(TURNS[orientation]) if orientation in TURNS else image

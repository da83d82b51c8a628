"""JPEG files: what stands beside the picture, and pictures whose end is missing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from PIL import Image, ImageFile

from cbir.photos.joined import Kept, Piece, join

START_OF_SCAN, END = 0xDA, b"\xff\xd9"
FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC9, 0xCA})
"""Markers of a header with the size of the picture and its components."""
ADOBE = 0xEE
DROPPED = frozenset(range(0xE1, 0xF0)) - {ADOBE} | {0xFE}
"""Segments beside the picture: EXIF, profile, further pictures, comments. Adobe's tells how colours are coded."""
EXIF, ICC = b"Exif\0\0", b"ICC_PROFILE\0"
MAX_SEGMENTS = 2**14
"""Segments before the first scan, at most; those of photos are some tens."""
MARK: dict[str, int | tuple[int, ...]] = {"L": 3, "RGB": (1, 254, 2), "CMYK": (1, 254, 2, 253)}
"""Colours that no row of a photo is filled with."""


class JpegFile(NamedTuple):
    """A JPEG taken apart."""

    picture: list[Piece]
    """A JPEG without what stands beside the picture, in pieces."""
    exif: bytes
    profile: bytes
    components: frozenset[int]
    """Ids of the colour components."""
    unit_height: int
    """Rows of pixels that are coded together."""


class CutOff(Exception):
    """Too little of a picture is there."""


def take_apart(data: bytes) -> JpegFile:
    """The parts of a JPEG. Segments before the first scan are read; a broken one is left to the decoder, with all that
    follows. Raises ValueError for more than MAX_SEGMENTS.
    """
    kept = Kept(data)
    kept.add(0, 2)
    exif, profiles = b"", dict[int, bytes]()
    components, unit_height = frozenset[int](), 8
    place, count = 2, 0
    while (segment := _find_segment(data, place)) is not None:
        marker, start, end = segment
        if marker == START_OF_SCAN:
            break
        if (count := count + 1) > MAX_SEGMENTS:
            raise ValueError(f"more than {MAX_SEGMENTS:,} segments")
        content = data[start + 4 : end]
        if marker == 0xE1 and content.startswith(EXIF):
            exif = exif or content
        elif marker == 0xE2 and content.startswith(ICC) and len(content) > len(ICC) + 2:
            profiles[content[len(ICC)]] = content[len(ICC) + 2 :]
        elif marker in FRAMES and len(content) >= 6:
            parts = [content[at : at + 3] for at in range(6, len(content) - 2, 3)]
            components = frozenset(part[0] for part in parts)
            unit_height = 8 * max((part[1] & 15 for part in parts), default=1)
        if marker not in DROPPED:
            kept.add(start, end)
        place = end
    profile = b"".join(profiles[number] for number in sorted(profiles))
    return JpegFile([*kept.pieces, memoryview(data)[place:]], exif, profile, components, unit_height)


def _find_segment(data: bytes, place: int) -> tuple[int, int, int] | None:
    """Marker, start and end of the segment at or after a place; None if there is no whole one."""
    start = data.find(b"\xff", place)
    while data[start + 1 : start + 2] == b"\xff":
        start += 1
    if start < 0 or start + 4 > len(data):
        return None
    end = start + 2 + int.from_bytes(data[start + 2 : start + 4])
    return (data[start + 1], start, end) if start + 4 <= end <= len(data) else None


def open_jpeg(picture: Sequence[Piece]) -> ImageFile.ImageFile:
    """A JPEG that is not loaded yet."""
    return Image.open(join(picture), formats=("JPEG",))


def reduce_jpeg(image: ImageFile.ImageFile, short_side: int | None) -> None:
    """Have a JPEG loaded at 1/2, 1/4 or 1/8 of its size where `short_side` pixels suffice."""
    if short_side is not None:
        image.draft("RGB", (short_side, short_side))


def load_cut_off(file: JpegFile, short_side: int | None) -> tuple[ImageFile.ImageFile, str | None]:
    """The picture of a JPEG whose end is missing, and a warning if pixels are missing, too.

    At least half the rows must be there; the decoder fills the rest with grey. A picture that comes in
    several scans (progressive JPEG) is there, if coarsely, once each colour had its first scan.

    Raises CutOff, with how much is there, if that is less.
    """
    coded = file.picture[-1]
    scans = [match.start() for match in re.finditer(rb"\xff\xda", coded)]
    warning = None
    if len(scans) > 1:
        if not file.components <= _first_scans(coded, scans[:-1]):
            raise CutOff("its first scans are not all there")
        warning = "cut off: its finest details may be missing"
    else:
        height, scale, rows = _count_rows(file.picture, short_side)
        if 2 * rows < height:
            raise CutOff(f"{100 * rows // height} % of it is there")
        # The decoder holds back up to two rows of units until it has seen what follows them.
        if (height - rows) * scale > 2 * file.unit_height:
            warning = f"cut off: {100 - 100 * rows // height} % of it is missing, at the bottom"
    image = open_jpeg([*file.picture, END])
    reduce_jpeg(image, short_side)
    image.load()
    return image, warning


def _first_scans(coded: Piece, scans: list[int]) -> set[int]:
    """Ids of the components whose first, coarse scan begins at one of these places."""
    found = set[int]()
    for place in scans:
        count = coded[place + 4]
        ids = coded[place + 5 : place + 5 + 2 * count : 2]
        spectrum_start, _, precision = coded[place + 5 + 2 * count : place + 8 + 2 * count]
        if spectrum_start == 0 and precision >> 4 == 0:
            found |= set(ids)
    return found


def _count_rows(picture: Sequence[Piece], short_side: int | None) -> tuple[int, float, int]:
    """Rows of a cut off picture as it is loaded, rows of the full picture for each of these, and how many came."""
    image = open_jpeg(picture)
    full_height = image.height
    reduce_jpeg(image, short_side)
    untouched = Image.new(image.mode, (image.width, 1), MARK[image.mode]).tobytes()
    image.im = Image.new(image.mode, image.size, MARK[image.mode]).im  # what the decoder writes over
    with suppress(OSError):
        image.load()
    image.tile = []
    rows = image.height
    while rows and image.crop((0, rows - 1, image.width, rows)).tobytes() == untouched:
        rows -= 1
    return image.height, full_height / image.height, rows

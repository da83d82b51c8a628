"""The tags of TIFF files.

Pillow trips over malformed tags that have nothing to do with the picture, so tags are read here, and Pillow gets those
that it needs (TIFF 6.0, section 2; BigTIFF).
"""

from __future__ import annotations

import io
import struct
from typing import NamedTuple

from cbir.photos.joined import join
from cbir.photos.orientation import ORIENTATION

NUMBERS = {1: "B", 3: "H", 4: "I", 16: "Q"}
"""Types of whole numbers, and how `struct` names them."""
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Bytes of a value of each type."""
WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 256, 257, 258, 259, 262
STRIP_OFFSETS, SAMPLES, ROWS_PER_STRIP, STRIP_SIZES, PLANAR, PREDICTOR = 273, 277, 278, 279, 284, 317
TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS, TILE_SIZES, EXTRA, SAMPLE_FORMAT, ICC = 322, 323, 324, 325, 338, 339, 34675
FILL_ORDER, SUB_IFDS, DNG_VERSION, REDUCED = 266, 330, 50706, 254
NEEDED = frozenset(
    {*range(256, 260), 262, 266, 273, 277, 278, 279, 284, 292, 293, 317, 320, *range(322, 326), 338, 339, 347}
    | {*range(512, 522), *range(529, 533), ICC}
)
"""Tags that a picture needs: size, samples, compression, strips, tiles, palette, tables of JPEG, profile."""
CAMERA_RAW = frozenset({32803, 34892})
MAX_SIZE = 2**24
"""Bytes of a tag that are read at most."""


class Directory(NamedTuple):
    """The tags of the first picture of a TIFF."""

    order: str
    """How `struct` names the order of bytes: "<" or ">"."""
    big: bool
    place: int
    entries: dict[int, bytes]
    """The 12 bytes of each tag's entry; 20 in a BigTIFF."""

    def values(self, data: bytes, tag: int, default: tuple[int, ...] = ()) -> tuple[int, ...]:
        """The whole numbers of a tag; the default where it has none, or they cannot be read."""
        kind, content = self._content(data, tag)
        if kind not in NUMBERS or not content:
            return default
        return struct.unpack(f"{self.order}{len(content) // SIZES[kind]}{NUMBERS[kind]}", content)

    def value(self, data: bytes, tag: int, default: int) -> int:
        """The first number of a tag."""
        return self.values(data, tag, (default,))[0]

    def profile(self, data: bytes) -> bytes:
        """The ICC profile, empty if there is none."""
        return self._content(data, ICC)[1]

    def _content(self, data: bytes, tag: int) -> tuple[int, bytes]:
        """Type and bytes of a tag; type 0 and no bytes if they cannot be read."""
        entry = self.entries.get(tag)
        if entry is None:
            return 0, b""
        kind, count = struct.unpack_from(self.order + ("HQ" if self.big else "HI"), entry, 2)
        size = count * SIZES.get(kind, 0)
        if not 0 < size <= MAX_SIZE:
            return 0, b""
        field = 8 if self.big else 4
        place = len(entry) - field
        if size > field:
            (place,) = struct.unpack_from(self.order + ("Q" if self.big else "I"), entry, place)
            entry = data
        content = entry[place : place + size]
        return (kind, content) if len(content) == size else (0, b"")


def read_directory(data: bytes) -> Directory:
    """The tags of the first picture. Raises ValueError or struct.error where there is none."""
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None:
        raise ValueError("no TIFF")
    big = struct.unpack_from(order + "H", data, 2)[0] == 43
    (place,) = struct.unpack_from(order + "Q", data, 8) if big else struct.unpack_from(order + "I", data, 4)
    (count,) = struct.unpack_from(order + ("Q" if big else "H"), data, place)
    size, start = (20, place + 8) if big else (12, place + 2)
    entries: dict[int, bytes] = {}
    for at in range(start, min(start + size * min(count, 2**16), len(data) - size + 1), size):
        entries.setdefault(struct.unpack_from(order + "H", data, at)[0], data[at : at + size])
    return Directory(order, big, place, entries)


def is_raw(data: bytes, directory: Directory) -> bool:
    """Whether it is a raw file of a camera, such as a DNG or NEF, whose first picture is a small preview, if any."""
    preview = SUB_IFDS in directory.entries and directory.value(data, REDUCED, 0) == 1
    canon = data[8:10] == b"CR"
    return canon or DNG_VERSION in directory.entries or preview or directory.value(data, PHOTOMETRIC, 1) in CAMERA_RAW


def read_tiff_orientation(data: bytes, directory: Directory) -> int:
    """1 to 8; 1 if there is none that can be read."""
    value = directory.value(data, ORIENTATION, 1)
    return value if 1 <= value <= 8 else 1


def open_for_pillow(data: bytes, directory: Directory) -> io.BufferedReader:
    """The file with one picture and the tags that it needs, and no other."""
    kept = [entry for tag, entry in sorted(directory.entries.items()) if tag in NEEDED]
    count = struct.pack(directory.order + ("Q" if directory.big else "H"), len(kept))
    tags = count + b"".join(kept) + bytes(8 if directory.big else 4)  # no further picture
    return join([memoryview(data)[: directory.place], tags, memoryview(data)[directory.place + len(tags) :]])

"""PNG files: what stands beside the picture, taken out of the decoder's way."""

from __future__ import annotations

import re
import struct
import zlib
from typing import NamedTuple

from cbir.photos.joined import Kept, Piece

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CRITICAL = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
MAX_SIDE_CHUNK = 2**24
"""Bytes of a profile or an EXIF block, unpacked, beyond which it is not looked at."""
MAX_CHUNKS = 2**18
"""Chunks of a file, at most; photos have one for each 4 KB or more."""
RAW_PROFILE = re.compile(rb"Raw profile type (?:exif|APP1)\0")
"""Where ImageMagick keeps EXIF."""


class PngFile(NamedTuple):
    """A PNG taken apart."""

    picture: list[Piece]
    """A PNG without what stands beside the picture, in pieces."""
    depth: int
    """Bits per sample."""
    exif: bytes = b""
    profile: bytes = b""
    gamma: float | None = None
    """Exponent of the file's numbers: shade = light ** gamma. None if sRGB holds, or nothing was said."""
    primaries: tuple[float, ...] | None = None
    """x and y of white, red, green and blue (CIE 1931); None as for gamma."""
    code_points: tuple[int, int] | None = None
    """Colour primaries and transfer function by number (ITU-T H.273)."""


def take_apart(data: bytes) -> PngFile:
    """The parts of a PNG. Side chunks with a wrong checksum are left out, as browsers do; other faults are left to the
    decoder. Raises ValueError for more than MAX_CHUNKS.
    """
    view, kept, side = memoryview(data), Kept(data), dict[bytes, bytes]()
    place, count = len(SIGNATURE), 0
    kept.add(0, place)
    while place + 8 <= len(data):
        if (count := count + 1) > MAX_CHUNKS:
            raise ValueError(f"more than {MAX_CHUNKS:,} chunks")
        length, kind = struct.unpack_from(">I4s", data, place)
        end = place + 12 + length
        if kind in CRITICAL or end > len(data):
            kept.add(place, end)
        elif struct.unpack_from(">I", data, end - 4)[0] == zlib.crc32(view[place + 4 : end - 4]):
            content = data[place + 8 : end - 4]
            if kind == b"tRNS":
                kept.add(place, end)
            elif kind in (b"tEXt", b"zTXt", b"iTXt"):
                if RAW_PROFILE.match(content) and b"raw" not in side:
                    side[b"raw"] = _read_raw_profile(kind, content)
            else:
                side.setdefault(kind, content)
        place = end
        if kind == b"IEND":
            break
    depth = data[24] if len(data) > 24 else 8
    file = PngFile(kept.pieces, depth, side.get(b"eXIf") or side.get(b"raw", b""))
    return _with_colours(file, side)


def _with_colours(file: PngFile, side: dict[bytes, bytes]) -> PngFile:
    """What side chunks tell of colours, by their precedence (PNG 3, section 4.3)."""
    if len(points := side.get(b"cICP", b"")) == 4 and points[2:] == b"\0\1":
        return file._replace(code_points=(points[0], points[1]))
    if profile := _unpack(side.get(b"iCCP", b"").partition(b"\0")[2][1:]):
        return file._replace(profile=profile)
    if b"sRGB" in side:
        return file
    if len(gamma := side.get(b"gAMA", b"")) == 4 and 0.1 < (value := struct.unpack(">I", gamma)[0] / 1e5) < 10:
        file = file._replace(gamma=value)
    if len(chromaticities := side.get(b"cHRM", b"")) == 32:
        file = file._replace(primaries=tuple(number / 1e5 for number in struct.unpack(">8I", chromaticities)))
    return file


def _unpack(packed: bytes) -> bytes:
    """Deflated bytes; none if they are damaged or too many."""
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(packed, MAX_SIDE_CHUNK)
    except zlib.error:
        return b""
    return data if unpacker.eof else b""


def _read_raw_profile(kind: bytes, content: bytes) -> bytes:
    """EXIF in a text chunk: a newline, a name, its length, then hexadecimal digits."""
    text = content.partition(b"\0")[2]
    if kind == b"zTXt":
        text = _unpack(text[1:])
    elif kind == b"iTXt":
        packed = text[:1] == b"\1"
        text = text[2:].partition(b"\0")[2].partition(b"\0")[2]
        text = _unpack(text) if packed else text
    digits = b"".join(text.split()[2:])
    try:
        return bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        return b""

"""Zip files byte by byte, so that any of them can lie."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from typing import NamedTuple

STORED, DEFLATED, BZIP2, LZMA = 0, 8, 12, 14
UTF8 = 1 << 11
DOS, UNIX = 0, 3


class Entry(NamedTuple):
    """An entry; what is None is as it should be."""

    name: bytes
    content: bytes = b"a photo"
    method: int = STORED
    flags: int = 0
    system: int = UNIX
    mode: int = 0o100644
    size: int | None = None
    """Bytes that it claims to unpack to."""
    packed_size: int | None = None
    crc: int | None = None
    offset: int | None = None
    """Where it claims to begin."""
    comment: bytes = b""


def build_zip(entries: Iterable[Entry], *, zip64: bool = False) -> bytes:
    """A zip file of entries, in this order. zip64: end it as those of more than 4 GB end."""
    body, directory, count = bytearray(), bytearray(), 0
    for entry in entries:
        packed = _deflate(entry.content) if entry.method == DEFLATED else entry.content
        described = struct.pack(
            "<HHHHHIIIH",
            20,
            entry.flags,
            entry.method,
            0,
            33,  # 1 January 1980
            zlib.crc32(entry.content) if entry.crc is None else entry.crc,
            len(packed) if entry.packed_size is None else entry.packed_size,
            len(entry.content) if entry.size is None else entry.size,
            len(entry.name),
        )
        offset = len(body) if entry.offset is None else entry.offset
        directory += struct.pack("<4sBB", b"PK\x01\x02", 20, entry.system) + described
        directory += struct.pack("<HHHHII", 0, len(entry.comment), 0, 0, entry.mode << 16, offset)
        directory += entry.name + entry.comment
        body += b"PK\x03\x04" + described + b"\0\0" + entry.name + packed
        count += 1
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count % 2**16, count % 2**16, len(directory), len(body), 0)
    if zip64:
        sizes = struct.pack("<QQQQ", count, count, len(directory), len(body))
        at = len(body) + len(directory)
        end = struct.pack("<4sQHHII", b"PK\x06\x06", 44, 45, 45, 0, 0) + sizes
        end += struct.pack("<4sIQI", b"PK\x06\x07", 0, at, 1)
        end += struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, *[2**16 - 1] * 2, *[2**32 - 1] * 2, 0)
    return bytes(body + directory + end)


def _deflate(content: bytes) -> bytes:
    packing = zlib.compressobj(wbits=-15)
    return packing.compress(content) + packing.flush()

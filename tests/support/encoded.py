"""Photos as cameras, phones, scanners and editors write them, made by hand where Pillow cannot."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image, ImageCms

RED, GREEN, BLUE, GREY = (220, 30, 30), (30, 200, 40), (30, 40, 220), (128, 128, 128)
EXIF = b"Exif\0\0"
UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""What a picture is stored as, by the orientation that turns it back."""


def corners(size: tuple[int, int] = (60, 40)) -> Image.Image:
    """A picture with another colour in each corner."""
    colours = np.array([[RED, GREEN], [BLUE, GREY]], np.uint8)
    return Image.fromarray(colours).resize(size, Image.Resampling.NEAREST)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """A file of a picture, by Pillow."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def assert_like(image: Image.Image, expected: Image.Image, *, tolerance: float = 12) -> None:
    """The same size, and colours that differ by no more than codecs make them."""
    assert image.mode == "RGB"
    assert image.size == expected.size
    difference = np.abs(np.asarray(image, float) - np.asarray(expected.convert("RGB"), float))
    assert np.median(difference) <= tolerance and difference.mean() <= tolerance


def exif_block(
    orientation: int, *, order: str = "<", before: bytes = b"", entries: bytes = b"", kind: int = 3
) -> bytes:
    """A TIFF block with an orientation after other entries, each of 12 bytes."""
    value = struct.pack(order + {1: "B3x", 3: "H2x", 4: "I"}[kind], orientation)
    tag = struct.pack(order + "HHI", 0x0112, kind, 1) + value
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8)
    return head + struct.pack(order + "H", len(entries) // 12 + 1) + entries + tag + bytes(4)


def with_jpeg_segment(photo: bytes, marker: int, content: bytes) -> bytes:
    """A JPEG with another segment at its start."""
    return photo[:2] + struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content + photo[2:]


def png_chunk(kind: bytes, content: bytes, *, wrong: bool = False) -> bytes:
    """A chunk of a PNG; wrong: with another checksum."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content) ^ wrong)


def with_png_chunk(photo: bytes, chunk: bytes) -> bytes:
    """A PNG with another chunk before its pixels."""
    return photo[:33] + chunk + photo[33:]


def deep_png(values: NDArray[np.uint16], *chunks: bytes) -> bytes:
    """A PNG of 16 bits: (h, w) grey, (h, w, 2) with alpha, (h, w, 3) RGB or (h, w, 4) RGBA."""
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[values.reshape(*values.shape[:2], -1).shape[2]]
    height, width = values.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0))
    pixels = png_chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + pixels + png_chunk(b"IEND", b"")


def with_webp_chunk(photo: bytes, kind: bytes, content: bytes) -> bytes:
    """A WebP in the extended format with a chunk, such as EXIF."""
    image = Image.open(io.BytesIO(photo))
    flags = {b"EXIF": 8, b"ICCP": 32}[kind]
    size = struct.pack("<I", image.width - 1)[:3] + struct.pack("<I", image.height - 1)[:3]
    extended = b"VP8X" + struct.pack("<I", 10) + bytes([flags, 0, 0, 0]) + size
    chunk = kind + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)
    body = b"WEBP" + extended + (chunk + photo[12:] if kind == b"ICCP" else photo[12:] + chunk)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def tiff(values: NDArray[Any], **options: Any) -> bytes:
    """A TIFF of an array, by tifffile."""
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, values, metadata=None, **options)
    return buffer.getvalue()


def packed_tiff(
    values: NDArray[np.integer], bits: int, *, order: str = "<", photometric: int = 1, **tags: int
) -> bytes:
    """A grey TIFF of any number of bits per sample, rows padded to whole bytes. tags: further ones, as t254=1."""
    height, width = values.shape
    shifts = np.arange(bits - 1, -1, -1)
    rows = np.packbits((values[..., None] >> shifts & 1).astype(np.uint8).reshape(height, -1), axis=1).tobytes()
    known = {256: width, 257: height, 258: bits, 259: 1, 262: photometric, 273: 8, 277: 1, 278: height, 279: len(rows)}
    known |= {int(name[1:]): value for name, value in tags.items()}
    entries = b"".join(struct.pack(order + "HHII", tag, 4, 1, value) for tag, value in sorted(known.items()))
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8 + len(rows))
    return head + rows + struct.pack(order + "H", len(known)) + entries + bytes(4)


Points = tuple[tuple[float, float], ...]
Lab = tuple[int, int, int]


def rgb_profile(
    primaries: Points, gamma: float, white: tuple[float, float] = (0.3127, 0.329), *, table: Sequence[int] = ()
) -> bytes:
    """An ICC profile of primaries (x, y of red, green and blue) and a gamma, white adapted to D50.

    table: a curve in place of the gamma, 16 bits a number.
    """
    bradford = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])

    def xyz(x: float, y: float) -> NDArray[np.float64]:
        return np.array([x / y, 1, (1 - x - y) / y])

    columns = np.stack([xyz(*primary) for primary in primaries], axis=1)
    to_xyz = columns * np.linalg.solve(columns, xyz(*white))
    gains = bradford @ np.array([0.9642, 1, 0.8249]) / (bradford @ xyz(*white))
    to_d50 = np.linalg.solve(bradford, gains[:, None] * bradford) @ to_xyz

    def numbers(vector: NDArray[np.float64]) -> bytes:
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(65536 * float(part)) for part in vector))

    numbers_of_curve = table or (round(256 * gamma),)
    curve = b"curv\0\0\0\0" + struct.pack(f">I{len(numbers_of_curve)}H", len(numbers_of_curve), *numbers_of_curve)
    tags = {name: numbers(to_d50[:, column]) for column, name in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))}
    return _profile(b"mntr", b"RGB ", b"XYZ ", tags | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve))


def grey_profile(gamma: float) -> bytes:
    """An ICC profile of grey with a gamma."""
    return _profile(b"mntr", b"GRAY", b"XYZ ", {b"kTRC": b"curv\0\0\0\0" + struct.pack(">IH2x", 1, round(256 * gamma))})


def ink_profile(paper: Lab, ink: Lab, black: Lab = (0, 0, 0)) -> bytes:
    """An ICC profile of CMYK in which no ink gives one colour, any full ink but black another, and black a third.

    Colours: L of 0 to 100, a and b.
    """

    def lab(colour: Lab) -> bytes:
        return bytes([round(2.55 * colour[0]), colour[1] + 128, colour[2] + 128])

    identity = bytes(range(256))
    grid = lab(paper) + lab(black) + 7 * (lab(ink) + lab(black))
    matrix = struct.pack(">9i", *(65536 * (row == column) for row in range(3) for column in range(3)))
    to_lab = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + matrix + 4 * identity + grid + 3 * identity
    inks = 4 * bytes([0, 0, 0, 255]) + 4 * bytes(4)  # of black, then of white
    to_ink = b"mft1\0\0\0\0" + bytes([3, 4, 2, 0]) + matrix + 3 * identity + inks + 4 * identity
    tables = {b"A2B0": to_lab, b"A2B1": to_lab, b"B2A0": to_ink, b"B2A1": to_ink}
    return _profile(b"prtr", b"CMYK", b"Lab ", tables)


def _profile(use: bytes, space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    description = b"desc\0\0\0\0" + struct.pack(">I", 6) + b"tests\0" + bytes(78 + 2)
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
    tags = {b"desc": description, b"cprt": b"text\0\0\0\0made for tests\0", b"wtpt": white, **tags}
    table, content = struct.pack(">I", len(tags)), b""
    for name, tag in tags.items():
        table += struct.pack(">4sII", name, 132 + 12 * len(tags) + len(content), len(tag))
        content += tag + bytes(-len(tag) % 4)
    size = 128 + len(table + content)
    head = struct.pack(">I4sI4s4s4s12x4s", size, b"lcms", 0x02400000, use, space, connection, b"acsp")
    return head + bytes(28) + white[8:] + bytes(128 - len(head) - 28 - 12) + table + content


ADOBE = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
P3 = ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06))
PROPHOTO = ((0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001))
SRGB = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
PROFILES = {
    "Display P3": rgb_profile(P3, 2.2),
    "Adobe RGB": rgb_profile(ADOBE, 2.19921875),
    "ProPhoto": rgb_profile(PROPHOTO, 1.8, (0.3457, 0.3585)),
    "linear": rgb_profile(SRGB, 1.0),
}


def in_space(image: Image.Image, profile: bytes) -> Image.Image:
    """An sRGB picture with its colours in the numbers of a profile, by LittleCMS."""
    converted = ImageCms.profileToProfile(
        image,
        ImageCms.createProfile("sRGB"),
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        "RGB",
    )
    assert converted is not None
    converted.info.clear()
    return converted

"""PNGs: what stands beside the picture, depths, transparent shades, gamma and primaries."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cbir.errors import PhotoError
from cbir.photos.decode import load_image
from tests.support.encoded import (
    BLUE,
    GREEN,
    GREY,
    P3,
    PROFILES,
    RED,
    SRGB,
    assert_like,
    corners,
    deep_png,
    encoded,
    exif_block,
    in_space,
    png_chunk,
    rgb_profile,
    with_png_chunk,
)

MODES = ["RGB", "RGBA", "L", "P", "1"]
MEGABYTES = bytes(3 * 2**20)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "chunk",
    [
        png_chunk(b"zTXt", b"history\0\0" + zlib.compress(MEGABYTES)),
        png_chunk(b"iTXt", b"history\0\1\0\0\0" + zlib.compress(MEGABYTES)),
        png_chunk(b"tEXt", b"history\0" + b"x" * len(MEGABYTES)),
        png_chunk(b"iCCP", b"large\0\0" + zlib.compress(MEGABYTES)),
        png_chunk(b"iCCP", b"huge\0\0" + zlib.compress(bytes(2**25))),
        png_chunk(b"iCCP", b"junk\0\0not deflated"),
        png_chunk(b"eXIf", b"junk"),
        png_chunk(b"gAMA", b""),
        png_chunk(b"gAMA", bytes(4)),
        png_chunk(b"cHRM", bytes(32)),
        png_chunk(b"acTL", b"\xff" * 8),
        png_chunk(b"tEXt", b"comment\0 with a wrong checksum", wrong=True),
        png_chunk(b"gAMA", struct.pack(">I", 100_000), wrong=True),
        png_chunk(b"iCCP", b"profile\0\0" + zlib.compress(PROFILES["ProPhoto"]), wrong=True),
        png_chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(b"\nexif\n 4\nzzzz\n")),
    ],
)
def test_side_chunks_do_no_harm(mode: str, chunk: bytes) -> None:
    expected = corners().convert(mode).convert("RGB")
    assert_like(load_image(with_png_chunk(encoded(corners().convert(mode), "PNG"), chunk)), expected, tolerance=2)


def test_of_many_blocks_of_exif_the_first_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each could unpack to 16 MB."""
    unpacked = []

    def unpack(kind: bytes, content: bytes) -> bytes:
        unpacked.append(content)
        return b""

    monkeypatch.setattr("cbir.photos.png._read_raw_profile", unpack)
    chunk = png_chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(b"\nexif\n 4\n00000000\n"))
    assert_like(load_image(with_png_chunk(encoded(corners(), "PNG"), chunk * 50)), corners(), tolerance=0)
    assert len(unpacked) == 1


def test_too_many_chunks_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cbir.photos.png.MAX_CHUNKS", 20)
    photo, chunk = encoded(corners(), "PNG"), png_chunk(b"tEXt", b"a\0b")
    assert_like(load_image(with_png_chunk(photo, chunk * 10)), corners(), tolerance=0)
    with pytest.raises(PhotoError, match="more than 20 chunks"):
        load_image(with_png_chunk(photo, chunk * 20))


def test_a_wrong_checksum_of_the_picture_itself_is_damage() -> None:
    photo = bytearray(encoded(corners(), "PNG"))
    photo[30] ^= 1
    with pytest.raises(PhotoError, match="damaged"):
        load_image(bytes(photo))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_orientation_in_each_of_its_places(order: str, mode: str) -> None:
    photo = encoded(corners().convert(mode).transpose(Image.Transpose.ROTATE_90), "PNG")
    block = exif_block(6, order=order)
    raw = b"\nexif\n%8d\n%s\n" % (len(block) + 6, (b"Exif\0\0" + block).hex().encode())
    for chunk in (
        png_chunk(b"eXIf", block),
        png_chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(raw)),
        png_chunk(b"tEXt", b"Raw profile type APP1\0" + raw),
        png_chunk(b"iTXt", b"Raw profile type exif\0\0\0\0\0" + raw),
        png_chunk(b"iTXt", b"Raw profile type exif\0\1\0en\0exif\0" + zlib.compress(raw)),
    ):
        assert_like(load_image(with_png_chunk(photo, chunk)), corners().convert(mode), tolerance=1)


def test_sixteen_bit_colour() -> None:
    values = np.broadcast_to(np.array([65535, 32768, 0], np.uint16), (3, 4, 3))
    assert_like(load_image(deep_png(values)), Image.new("RGB", (4, 3), (255, 128, 0)), tolerance=1)


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_transparent_shades_of_grey(depth: int) -> None:
    top = 2**depth - 1
    values = np.round(np.asarray(corners().convert("L")) / 255 * top).astype(np.uint16)
    shade = png_chunk(b"tRNS", struct.pack(">H", int(values[0, 0])))
    if depth == 16:
        photo = deep_png(values, shade)
    else:
        bits = (values[..., None] >> np.arange(depth - 1, -1, -1) & 1).astype(np.uint8).reshape(40, -1)
        rows = b"".join(b"\0" + row.tobytes() for row in np.packbits(bits, axis=1))
        header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", 60, 40, depth, 0, 0, 0, 0))
        pixels = png_chunk(b"IDAT", zlib.compress(rows))
        photo = b"\x89PNG\r\n\x1a\n" + header + shade + pixels + png_chunk(b"IEND", b"")
    expected = np.where(values == values[0, 0], 255, np.round(values / top * 255)).astype(np.uint8)
    assert_like(load_image(photo), Image.fromarray(expected), tolerance=1)


@pytest.mark.parametrize("profile", [None, "Display P3"])
def test_transparent_shade_of_sixteen_bit_colour(profile: str | None) -> None:
    values = np.asarray(corners()).astype(np.uint16) * 256 + 77
    shade = png_chunk(b"tRNS", struct.pack(">3H", *(256 * part + 77 for part in RED)))
    chunks = [png_chunk(b"iCCP", b"p\0\0" + zlib.compress(PROFILES[profile]))] if profile else []
    expected = load_image(deep_png(values, *chunks))
    expected.paste("white", (0, 0, 30, 20))
    assert_like(load_image(deep_png(values, *chunks, shade)), expected, tolerance=1)


def test_sixteen_bit_transparency() -> None:
    values = (
        np.concatenate([np.asarray(corners()), np.full((40, 60, 1), 255, np.uint8)], axis=2).astype(np.uint16) * 257
    )
    values[:20, :30, 3] = 0
    expected = corners()
    expected.paste("white", (0, 0, 30, 20))
    assert_like(load_image(deep_png(values)), expected, tolerance=1)
    profile = png_chunk(b"iCCP", b"p\0\0" + zlib.compress(PROFILES["Adobe RGB"]))
    assert load_image(deep_png(values, profile)).getpixel((5, 5)) == (255, 255, 255)
    grey = np.stack([values[..., 0], values[..., 3]], axis=2)
    assert load_image(deep_png(grey)).getpixel((5, 5)) == (255, 255, 255)


def gamma_chunks(gamma: float, primaries: tuple[tuple[float, float], ...] | None) -> bytes:
    chunk = png_chunk(b"gAMA", struct.pack(">I", round(1e5 / gamma)))
    if primaries is None:
        return chunk
    numbers = [round(1e5 * number) for point in ((0.3127, 0.329), *primaries) for number in point]
    return chunk + png_chunk(b"cHRM", struct.pack(">8I", *numbers))


@pytest.mark.parametrize("gamma", [1.0, 1.8, 2.2])
@pytest.mark.parametrize("primaries", [None, SRGB, P3])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "deep"])
def test_gamma_and_primaries(gamma: float, primaries: Any, mode: str) -> None:
    """They mean what an ICC profile of the same numbers means to LittleCMS."""
    stored = in_space(corners(), rgb_profile(primaries or SRGB, gamma))
    chunks = gamma_chunks(gamma, primaries)
    if mode == "deep":
        photo = deep_png(np.asarray(stored).astype(np.uint16) * 257, chunks)
    else:
        photo = with_png_chunk(encoded(stored.quantize(4) if mode == "P" else stored.convert(mode), "PNG"), chunks)
    assert_like(load_image(photo), corners(), tolerance=3)
    image = load_image(photo)
    for place, colour in (((5, 5), RED), ((50, 5), GREEN), ((5, 35), BLUE), ((50, 35), GREY)):
        assert np.abs(np.array(image.getpixel(place), int) - colour).max() <= 5


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_gamma_of_grey(mode: str) -> None:
    photo = encoded(Image.new("L", (8, 6), 55).convert(mode), "PNG")
    assert load_image(with_png_chunk(photo, gamma_chunks(1.0, None))).getpixel((2, 2)) == (128, 128, 128)


def test_which_chunk_counts() -> None:
    """cICP before iCCP before sRGB before gAMA."""
    plain = encoded(corners(), "PNG")
    linear = gamma_chunks(1.0, None)
    assert_like(load_image(with_png_chunk(plain, png_chunk(b"sRGB", b"\0") + linear)), corners(), tolerance=0)
    adobe = encoded(in_space(corners(), PROFILES["Adobe RGB"]), "PNG")
    profile = png_chunk(b"iCCP", b"p\0\0" + zlib.compress(PROFILES["Adobe RGB"]))
    assert_like(load_image(with_png_chunk(adobe, profile + linear)), corners(), tolerance=2)
    display = encoded(in_space(corners(), rgb_profile(P3, 2.2)), "PNG")
    points = png_chunk(b"cICP", bytes([12, 13, 0, 1]))
    assert_like(load_image(with_png_chunk(display, points + profile + linear)), corners(), tolerance=4)


def test_deep_linear_photos_keep_their_dark_shades() -> None:
    """Of 8 linear bits the darkest sRGB shades would be 0 and 13, and nothing between."""
    shades = np.arange(256).reshape(16, 16)
    light = np.where(shades / 255 <= 0.04045, shades / 255 / 12.92, ((shades / 255 + 0.055) / 1.055) ** 2.4)
    values = np.repeat(np.round(light * 65535).astype(np.uint16)[..., None], 3, axis=2)
    profile = png_chunk(b"iCCP", b"p\0\0" + zlib.compress(PROFILES["linear"]))
    for chunk in (gamma_chunks(1.0, None), profile):
        assert np.abs(np.asarray(load_image(deep_png(values, chunk)))[..., 0].astype(int) - shades).max() <= 1

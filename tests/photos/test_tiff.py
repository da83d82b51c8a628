"""TIFFs of every depth, kind of number and layout; tifffile writes them and says what is in them."""

from __future__ import annotations

import io
import random
import struct
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from cbir.errors import PhotoError
from cbir.photos.decode import load_image
from tests.support.encoded import (
    ADOBE,
    PROFILES,
    UNDO,
    assert_like,
    corners,
    encoded,
    in_space,
    packed_tiff,
    rgb_profile,
    tiff,
)

LUMA = np.asarray(corners().convert("L"))
COLOURS = np.asarray(corners())
BYTE_ORDERS = ("<", ">")


def deepen(values: NDArray[np.uint8], kind: str) -> NDArray[Any]:
    """8-bit numbers in another kind of number, full depth as full depth."""
    dtype = np.dtype(kind)
    if dtype.kind == "f":
        return (values / 255).astype(dtype)
    return np.round(values / 255 * np.iinfo(dtype).max).astype(dtype)


def assert_grey(photo: bytes, expected: NDArray[np.uint8] = LUMA) -> None:
    assert_like(load_image(photo), Image.fromarray(expected), tolerance=1)


@pytest.mark.parametrize("order", BYTE_ORDERS)
@pytest.mark.parametrize("kind", ["u1", "u2", "u4", "u8", "f2", "f4", "f8"])
@pytest.mark.parametrize("photometric", ["minisblack", "miniswhite"])
def test_grey_of_every_depth(order: str, kind: str, photometric: Any) -> None:
    values = deepen(LUMA if photometric == "minisblack" else 255 - LUMA, kind)
    assert_grey(tiff(values, byteorder=order, photometric=photometric))


@pytest.mark.parametrize("order", BYTE_ORDERS)
@pytest.mark.parametrize("kind", ["u1", "u2", "u4", "f2", "f4", "f8"])
@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("options", [{}, {"compression": "zlib"}, {"compression": "lzw", "predictor": True}])
def test_colours_of_every_depth_and_layout(order: str, kind: str, planar: Any, options: dict[str, Any]) -> None:
    values = deepen(COLOURS, kind)
    if kind == "f8" and "predictor" in options:
        options = {"compression": "lzw"}
    stored = np.moveaxis(values, 2, 0) if planar == "separate" else values
    photo = tiff(stored, byteorder=order, photometric="rgb", planarconfig=planar, **options)
    assert_like(load_image(photo), corners(), tolerance=1)


@pytest.mark.parametrize("kind", ["u1", "u2", "f4"])
@pytest.mark.parametrize("compression", [None, "zlib", "lzw", "packbits", "zstd", "lzma"])
@pytest.mark.parametrize("pieces", [{"rowsperstrip": 7}, {"tile": (16, 32)}, {"rowsperstrip": 7, "bigtiff": True}])
def test_strips_tiles_and_compressions(kind: str, compression: str | None, pieces: dict[str, Any]) -> None:
    values = deepen(np.asarray(corners((75, 50))), kind)
    predicted = compression not in (None, "packbits")
    photo = tiff(values, photometric="rgb", compression=compression, predictor=predicted, **pieces)
    assert np.array_equal(tifffile.imread(io.BytesIO(photo)), values)
    assert_like(load_image(photo), corners((75, 50)), tolerance=1)
    assert_like(load_image(photo, short_side=12), corners((75, 50)).reduce(4), tolerance=1)


@pytest.mark.parametrize("order", BYTE_ORDERS)
@pytest.mark.parametrize("bits", [1, 2, 3, 4, 6, 8, 10, 12, 14, 16, 24, 32])
def test_packed_samples(order: str, bits: int) -> None:
    top = 2**bits - 1
    values = np.round(np.asarray(corners((61, 41)).convert("L")) / 255 * top).astype(np.int64)
    expected = (values / top * 255 + 0.5).astype(np.uint8)
    if bits in (3, 6):  # refused, or read right
        try:
            load_image(packed_tiff(values, bits, order=order))
        except PhotoError:
            return
    assert_grey(packed_tiff(values, bits, order=order), expected)
    assert_grey(packed_tiff(top - values, bits, order=order, photometric=0), expected)


@pytest.mark.parametrize("kind", ["i1", "i2", "i4"])
def test_signed_numbers_count_from_zero(kind: str) -> None:
    assert_grey(tiff(deepen(LUMA, kind), photometric="minisblack"))
    values = deepen(LUMA, kind)
    values[0, 0] = -5
    with pytest.raises(PhotoError, match="signed numbers, some of them below 0"):
        load_image(tiff(values, photometric="minisblack"))


def test_floats_are_clipped_at_one_whatever_the_highlights() -> None:
    values = deepen(LUMA, "f4")
    for peak in (1.001, 40.0, np.inf, np.nan):
        values[3, 3] = peak
        expected = LUMA.copy()
        expected[3, 3] = 0 if np.isnan(peak) else 255
        assert np.abs(np.asarray(load_image(tiff(values)))[..., 0].astype(int) - expected).max() <= 1
    with pytest.raises(PhotoError, match="floats most of which are above 1"):
        load_image(tiff(LUMA.astype(np.float32)))


def test_depth_is_that_of_the_file_and_not_of_its_values() -> None:
    """A dark photo stays dark."""
    dark = Image.new("RGB", (6, 4), (1, 1, 1))
    assert_like(load_image(tiff(np.full((4, 6), 257, np.uint16))), dark, tolerance=0)
    assert_like(load_image(tiff(np.full((4, 6), 200, np.uint16))), dark, tolerance=0)
    assert_like(load_image(tiff(np.full((4, 6), 0x01010101, np.uint32))), dark, tolerance=0)


@pytest.mark.parametrize("kind", ["u1", "u2", "f4"])
@pytest.mark.parametrize("extra", ["unassalpha", "assocalpha", "unspecified"])
def test_transparency(kind: str, extra: Any) -> None:
    alpha = np.full((40, 60, 1), 255, np.uint8)
    alpha[:20, :30], alpha[20:, :30] = 0, 128
    colours = np.round(COLOURS * (alpha / 255)).astype(np.uint8) if extra == "assocalpha" else COLOURS
    photo = tiff(deepen(np.concatenate([colours, alpha], axis=2), kind), photometric="rgb", extrasamples=[extra])
    shown = COLOURS if extra == "unspecified" else COLOURS * (alpha / 255) + 255 - alpha
    assert_like(load_image(photo), Image.fromarray(np.round(shown).astype(np.uint8)), tolerance=2)


@pytest.mark.parametrize("kind", ["u1", "u2"])
def test_print_colours(kind: str) -> None:
    inks = np.asarray(corners().convert("CMYK"))
    assert_like(load_image(tiff(deepen(inks, kind), photometric="separated")), corners(), tolerance=2)


@pytest.mark.parametrize("kind", ["u1", "u2", "f4"])
@pytest.mark.parametrize("name", PROFILES)
def test_profiles(kind: str, name: str) -> None:
    values = deepen(np.asarray(in_space(corners(), PROFILES[name])), kind)
    assert_like(load_image(tiff(values, photometric="rgb", iccprofile=PROFILES[name])), corners(), tolerance=4)


def test_deep_linear_photos_keep_their_dark_shades() -> None:
    """Of 8 linear bits the darkest sRGB shades would be 0 and 13, and nothing between."""
    shades = np.arange(256, dtype=np.uint8).reshape(16, 16)
    light = np.where(shades / 255 <= 0.04045, shades / 255 / 12.92, ((shades / 255 + 0.055) / 1.055) ** 2.4)
    for values in (np.round(light * 65535).astype(np.uint16), light.astype(np.float32)):
        photo = tiff(np.repeat(values[..., None], 3, axis=2), photometric="rgb", iccprofile=PROFILES["linear"])
        assert np.abs(np.asarray(load_image(photo))[..., 0].astype(int) - shades).max() <= 1


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["u1", "u2"])
def test_orientation(orientation: int, kind: str) -> None:
    stored = corners().transpose(UNDO[orientation]) if orientation > 1 else corners()
    photo = tiff(deepen(np.asarray(stored), kind), photometric="rgb", extratags=[(274, 3, 1, orientation, True)])
    assert_like(load_image(photo), corners(), tolerance=1)


MALFORMED: dict[str, list[tuple[Any, ...]]] = {
    "text for a resolution": [(282, 2, 5, "many", True), (283, 2, 5, "many", True)],
    "text for an orientation": [(274, 2, 4, "six", True)],
    "an EXIF pointer to nowhere": [(34665, 4, 1, 2**31, True), (34853, 4, 1, 2**30, True)],
    "NaN for a rational": [(282, 11, 1, float("nan"), True), (37386, 5, 1, (0, 0), True)],
    "a private tag of many bytes": [(65000, 7, 5000, b"\xff" * 5000, True)],
}


@pytest.mark.parametrize("kind", ["u1", "u2"])
@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_tags_beside_the_picture(kind: str, name: str) -> None:
    photo = tiff(deepen(COLOURS, kind), photometric="rgb", extratags=MALFORMED[name])
    assert_like(load_image(photo), corners(), tolerance=1)


def test_malformed_tags_and_an_orientation() -> None:
    stored = corners().transpose(Image.Transpose.ROTATE_90)
    tags = [*MALFORMED["text for a resolution"], *MALFORMED["an EXIF pointer to nowhere"], (274, 3, 1, 6, True)]
    assert_like(load_image(tiff(np.asarray(stored), photometric="rgb", extratags=tags)), corners(), tolerance=1)


def test_further_pages_are_left_alone() -> None:
    pages = [corners(), Image.new("RGB", (9, 9)), Image.new("L", (4, 4))]
    assert_like(load_image(encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:])), corners(), tolerance=0)


def test_raw_files_of_cameras_are_named() -> None:
    preview = np.zeros((12, 16), np.uint8)
    for photo in (
        packed_tiff(preview, 8, t50706=0x00000401),
        packed_tiff(preview, 8, order=">", t254=1, t330=8),
        packed_tiff(preview, 14, photometric=32803),
        packed_tiff(preview, 16, photometric=34892),
    ):
        with pytest.raises(PhotoError, match="a raw file of a camera"):
            load_image(photo)


@pytest.mark.parametrize("kind", ["u2", "f4"])
def test_cut_off_files_are_refused(kind: str) -> None:
    for options in ({}, {"compression": "zlib"}, {"tile": (16, 16)}):
        photo = tiff(deepen(COLOURS, kind), photometric="rgb", **options)
        with pytest.raises(PhotoError, match=r"damaged or incomplete|cut off"):
            load_image(photo[:300] + photo[300 : len(photo) // 2])


def test_what_is_not_read_is_refused_in_words() -> None:
    lab = tiff(np.zeros((8, 8, 3), np.uint16), photometric="cielab")
    with pytest.raises(PhotoError, match=r"not a photo that can be read \(a TIFF of .*16 bits"):
        load_image(lab)


@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_what_unpacks_at_once_is_bounded(planar: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiles may be far higher than the picture, and each of them small when packed."""
    values = deepen(COLOURS, "u2")
    stored = np.moveaxis(values, 2, 0) if planar == "separate" else values
    photo = tiff(stored, photometric="rgb", planarconfig=planar, tile=(64, 16), compression="zlib")
    needed = 64 * 64 * 3 * 2
    monkeypatch.setattr("cbir.photos.samples.MAX_ROW", needed)
    assert_like(load_image(photo), corners(), tolerance=1)
    monkeypatch.setattr("cbir.photos.samples.MAX_ROW", needed - 1)
    with pytest.raises(PhotoError, match="a TIFF packed in pieces of over"):
        load_image(photo)


def test_a_profile_with_a_curve_that_has_no_slope_is_no_damage() -> None:
    flat = b"para\0\0\0\0" + struct.pack(">HxxIII", 1, 2 * 65536, 0, 65536)
    profile = rgb_profile(ADOBE, 0, table=range(0, 65536, 8192))
    at = profile.index(b"curv")
    photo = tiff(deepen(COLOURS, "u2"), photometric="rgb", iccprofile=profile[:at] + flat + profile[at + len(flat) :])
    assert load_image(photo).size == (60, 40)


def test_no_changed_byte_brings_anything_but_a_picture_or_a_refusal() -> None:
    rng = random.Random(0)
    photos = [
        tiff(deepen(COLOURS, kind), photometric="rgb", byteorder=order, **options)
        for kind in ("u1", "u2", "f4")
        for order in BYTE_ORDERS
        for options in ({}, {"compression": "lzw", "predictor": True}, {"tile": (16, 16), "bigtiff": True})
    ]
    for photo in photos:
        for _ in range(25):
            changed = bytearray(photo)
            for _ in range(rng.randint(1, 6)):
                changed[rng.randrange(min(len(changed), 400))] = rng.randrange(256)
            with suppress(PhotoError):
                assert load_image(bytes(changed), short_side=20).mode == "RGB"

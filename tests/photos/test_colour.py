"""Colours of every space come out as sRGB; LittleCMS makes the numbers, and says what they are."""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from cbir.photos.colour import decode_srgb
from cbir.photos.decode import load_image
from tests.support.encoded import (
    BLUE,
    GREEN,
    GREY,
    PROFILES,
    RED,
    SRGB,
    assert_like,
    corners,
    encoded,
    grey_profile,
    in_space,
    ink_profile,
    rgb_profile,
)

FORMATS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 97, "subsampling": 0},
    "PNG": {},
    "TIFF": {},
    "WEBP": {"lossless": True},
    "AVIF": {"quality": 97, "subsampling": "4:4:4"},
    "HEIF": {"quality": 97, "chroma": 444},
    "MPO": {"quality": 97, "subsampling": 0},
}


def assert_corners(image: Image.Image, *, tolerance: int = 7) -> None:
    width, height = image.size
    for (x, y), colour in zip(((1, 1), (3, 1), (1, 3), (3, 3)), (RED, GREEN, BLUE, GREY)):
        found = image.getpixel((x * width // 4, y * height // 4))
        assert np.abs(np.array(found, int) - colour).max() <= tolerance, (found, colour)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("short_side", [None, 100])
def test_profiles_in_every_format(kind: str, name: str, short_side: int | None) -> None:
    stored = in_space(corners((480, 320)), PROFILES[name])
    photo = encoded(stored, kind, icc_profile=PROFILES[name], **FORMATS[kind])
    # One step of ProPhoto's or linear numbers can be many of sRGB's, and codecs err by a step or two.
    coarse, exact = name in ("ProPhoto", "linear"), kind in ("PNG", "TIFF", "WEBP")
    tolerance = 7 if exact else 25 if coarse else 12
    assert_corners(load_image(photo, short_side=short_side), tolerance=tolerance)


@pytest.mark.parametrize("mode", ["RGBA", "P"])
def test_profiles_and_transparency(mode: str) -> None:
    clear = in_space(corners(), PROFILES["Display P3"]).convert("RGBA")
    clear.paste((0, 0, 0, 0), (0, 0, 20, 20))
    stored = clear if mode == "RGBA" else clear.quantize(8)
    image = load_image(encoded(stored, "PNG", icc_profile=PROFILES["Display P3"]))
    assert image.getpixel((3, 3)) == (255, 255, 255)
    for place, colour in (((25, 5), RED), ((50, 5), GREEN), ((5, 35), BLUE), ((50, 35), GREY)):
        assert np.abs(np.array(image.getpixel(place), int) - colour).max() <= 4


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_grey_profiles(kind: str) -> None:
    light = round(255 * ((128 / 255 + 0.055) / 1.055) ** 2.4)
    photo = encoded(Image.new("L", (16, 16), light), kind, icc_profile=grey_profile(1.0))
    assert_like(load_image(photo), Image.new("RGB", (16, 16), GREY), tolerance=2)
    with_colours = encoded(Image.new("L", (16, 16), light), kind, icc_profile=PROFILES["linear"])
    assert_like(load_image(with_colours), Image.new("RGB", (16, 16), GREY), tolerance=2)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_print_colours_by_their_profile(kind: str) -> None:
    """Without its profile, full cyan would be (0, 255, 255)."""
    profile = ink_profile((100, 0, 0), (54, 80, 67))
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    red = ImageCms.profileToProfile(Image.new("LAB", (16, 16), (138, 208, 195)), lab, srgb, outputMode="RGB")
    assert red is not None
    photo = encoded(Image.new("CMYK", (16, 16), (255, 0, 0, 0)), kind, icc_profile=profile)
    assert_like(load_image(photo), red, tolerance=3)
    paper = encoded(Image.new("CMYK", (16, 16)), kind, icc_profile=profile)
    assert_like(load_image(paper), Image.new("RGB", (16, 16), "white"), tolerance=2)


def test_the_blackest_ink_is_black() -> None:
    """Black ink on paper is dark grey; a screen shows its black (black point compensation)."""
    profile = ink_profile((100, 0, 0), (54, 80, 67), (18, 0, 0))
    photo = encoded(Image.new("CMYK", (16, 16), (0, 0, 0, 255)), "TIFF", icc_profile=profile)
    assert_like(load_image(photo), Image.new("RGB", (16, 16), "black"), tolerance=3)


def test_lab() -> None:
    srgb, space = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    lab = ImageCms.profileToProfile(corners(), srgb, space, outputMode="LAB")
    assert lab is not None
    lab.info.clear()
    assert_corners(load_image(encoded(lab, "TIFF")))


@pytest.mark.parametrize("kind", FORMATS)
def test_profiles_that_mean_nothing_change_nothing(kind: str) -> None:
    plain = load_image(encoded(corners(), kind, **FORMATS[kind]))
    good, of_ink = PROFILES["Adobe RGB"], ink_profile((100, 0, 0), (54, 80, 67))
    for profile in (b"junk", good[:100], good[:300], bytes(500), of_ink, grey_profile(1.0)):
        assert load_image(encoded(corners(), kind, icc_profile=profile, **FORMATS[kind])).tobytes() == plain.tobytes()


def test_srgb_profiles_change_no_pixel() -> None:
    """Most photos carry one; rounding must not move their pixels."""
    ramp = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8))
    light = decode_srgb(np.linspace(0, 1, 24, dtype=np.float32))
    tabled = rgb_profile(SRGB, 0, table=np.round(65535 * light).astype(int).tolist())
    for profile in (ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), tabled):
        assert load_image(encoded(ramp, "PNG", icc_profile=profile)).tobytes() == ramp.tobytes()


@pytest.mark.parametrize("kind", ["AVIF", "HEIF"])
@pytest.mark.parametrize(("primaries", "name"), [(12, "Display P3"), (1, None), (9, None)])
def test_code_points_where_there_is_no_profile(kind: str, primaries: int, name: str | None) -> None:
    stored = in_space(corners((240, 160)), PROFILES[name]) if name else corners((240, 160))
    photo = encoded(stored, kind, **FORMATS[kind])
    assert len(re.findall(rb"colrnclx", photo)) == 1
    changed = re.sub(rb"(colrnclx)....", rb"\1\0" + bytes([primaries]) + b"\0\x0d", photo)
    image = load_image(changed)
    if primaries == 9:
        green = np.array(image.getpixel((180, 40)), int)
        assert green[0] < 10 and green[1] > GREEN[1], "more saturated than in sRGB, and so clipped"
    else:
        assert_corners(image, tolerance=12)


def test_pictures_of_pil_have_profiles_too() -> None:
    photo = encoded(in_space(corners(), PROFILES["Adobe RGB"]), "PNG", icc_profile=PROFILES["Adobe RGB"])
    assert load_image(Image.open(io.BytesIO(photo))).tobytes() == load_image(photo).tobytes()
    opened = Image.open(io.BytesIO(photo))
    load_image(opened)
    assert opened.info["icc_profile"] == PROFILES["Adobe RGB"], "the caller's own is left as it is"
    assert load_image(opened).info == {} and load_image(corners()).info == {}
    again = load_image(load_image(photo))
    assert again.tobytes() == load_image(photo).tobytes(), "what was converted says so"

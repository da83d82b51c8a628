"""Parts of photos: which ones there are, and the picture of them that is searched."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cbir.errors import RegionError
from cbir.photos.region import GREY, SMALLEST, WHOLE, Region, check_region, cut_out, parse_region
from tests.support.settings import QUICK

edges = st.floats(0, 1)


def ramp(width: int, height: int) -> Image.Image:
    """Red grows from left to right, green from top to bottom; blue is full, which GREY's is not."""
    pixels = np.full((height, width, 3), 255, np.uint8)
    pixels[..., 0] = np.linspace(0, 255, width).round()[None]
    pixels[..., 1] = np.linspace(0, 255, height).round()[:, None]
    return Image.fromarray(pixels)


def test_a_region_is_read_as_it_is_written() -> None:
    assert parse_region("0.25, 0.1,0.75,1") == Region(0.25, 0.1, 0.75, 1.0)
    assert parse_region(str(Region(0.125, 0.25, 0.5, 1))) == Region(0.125, 0.25, 0.5, 1)


def test_what_reaches_beyond_the_photo_is_cut_off() -> None:
    assert check_region([-3, 0.5, 0.5, 7]) == Region(0, 0.5, 0.5, 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1,2",
        "0,0,1,1,1",
        "a,b,c,d",
        "0,0,nan,1",
        "0,0,inf,1",
        "0.5,0,0.5,1",
        "0.6,0,0.4,1",
        "1.2,0,1.5,1",
        "x" * 9000,
    ],
)
def test_what_is_no_region_is_refused(text: str) -> None:
    with pytest.raises(RegionError) as error:
        parse_region(text)
    assert len(str(error.value)) < 250


@pytest.mark.parametrize("sent", [None, 7, {"left": 0}, [[0], 0, 1, 1], [0, 0, 1, {}], "0,0,1,1"])
def test_whatever_is_sent_in_place_of_numbers_is_refused(sent: object) -> None:
    with pytest.raises(RegionError):
        check_region(sent)


def test_of_a_whole_photo_its_central_square_is_seen() -> None:
    pixels = np.asarray(cut_out(ramp(400, 200), WHOLE, 100))
    assert pixels.shape == (100, 100, 3) and (pixels[..., 2] == 255).all()
    assert abs(int(pixels[50, 0, 0]) - 64) <= 2 and abs(int(pixels[50, -1, 0]) - 191) <= 2
    assert pixels[0, 50, 1] <= 2 and pixels[-1, 50, 1] >= 253


def test_a_region_stands_in_the_middle_between_grey() -> None:
    """Three times as high as wide, without air: a third of the square shows it, and all of it is there."""
    pixels = np.asarray(cut_out(ramp(300, 300), Region(0.4, 0.05, 0.7, 0.95), 90, air=1.0))
    assert (pixels[:, [0, 29, 60, 89]] == GREY).all() and (pixels[:, 30:60, 2] == 255).all()
    assert abs(int(pixels[45, 30, 0]) - 0.4 * 255) <= 4 and abs(int(pixels[45, 59, 0]) - 0.7 * 255) <= 4
    assert abs(int(pixels[0, 45, 1]) - 0.05 * 255) <= 4 and abs(int(pixels[-1, 45, 1]) - 0.95 * 255) <= 4


def test_air_is_about_a_region_as_far_as_the_photo_reaches() -> None:
    shown = np.asarray(cut_out(ramp(200, 200), Region(0.0, 0.4, 0.2, 0.6), 110, air=2.0))
    # 0.1 more at each side, but nothing at the left: 0.3 wide and 0.4 high.
    covered = (shown != GREY).any(2)
    assert covered.any(0).sum() in (82, 83) and covered.any(1).all()
    assert abs(int(shown[0, 55, 1]) - 0.3 * 255) <= 4 and abs(int(shown[-1, 55, 1]) - 0.7 * 255) <= 4


@QUICK
@given(edges, edges, edges, edges, st.integers(1, 40), st.integers(1, 40))
def test_every_region_of_every_photo_has_a_picture(
    left: float, upper: float, right: float, lower: float, width: int, height: int
) -> None:
    left, right, upper, lower = min(left, right), max(left, right), min(upper, lower), max(upper, lower)
    if right - left < SMALLEST or lower - upper < SMALLEST:
        return
    picture = cut_out(Image.new("RGB", (width, height), "red"), check_region((left, upper, right, lower)), 32)
    assert picture.size == (32, 32)
    assert (np.asarray(picture) == (255, 0, 0)).all(2).any()

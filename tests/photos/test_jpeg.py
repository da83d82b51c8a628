"""JPEGs: what stands beside the picture does no harm, and a missing end is told."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cbir.errors import PhotoError
from cbir.photos.decode import decode_photo, load_image
from cbir.photos.jpeg import MAX_SEGMENTS
from tests.support.encoded import EXIF, assert_like, corners, encoded, exif_block, with_jpeg_segment

KINDS: list[dict[str, Any]] = [
    {"quality": 90},
    {"quality": 80, "subsampling": 0},
    {"quality": 80, "restart_marker_rows": 1},
    {"quality": 90, "dpi": (72, 72)},
]


def noise(size: tuple[int, int] = (320, 240), *, mode: str = "RGB") -> Image.Image:
    """A picture no row of which is like another, so that bytes and rows go together."""
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8)).convert(mode)


@pytest.mark.parametrize("options", KINDS)
@pytest.mark.parametrize(
    "block", [b"", b"II", b"junk" * 9, b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff", exif_block(1)[:-9]]
)
def test_a_block_that_is_no_exif(options: dict[str, Any], block: bytes) -> None:
    assert_like(load_image(with_jpeg_segment(encoded(corners(), "JPEG", **options), 0xE1, EXIF + block)), corners())


@pytest.mark.parametrize("options", KINDS)
def test_an_orientation_beside_a_broken_block(options: dict[str, Any]) -> None:
    photo = encoded(corners().transpose(Image.Transpose.ROTATE_90), "JPEG", **options)
    assert_like(load_image(with_jpeg_segment(photo, 0xE1, EXIF + exif_block(6))), corners())
    two = with_jpeg_segment(with_jpeg_segment(photo, 0xE1, EXIF + b"junk"), 0xE1, EXIF + exif_block(6))
    assert_like(load_image(two), corners())


@pytest.mark.parametrize("marker", [0xE2, 0xE4, 0xED, 0xEF, 0xFE])
def test_segments_of_all_kinds_beside_the_picture(marker: int) -> None:
    for content in (
        b"",
        b"ICC_PROFILE\0",
        b"ICC_PROFILE\0\1\1" + bytes(60_000),
        b"MPF\0junk",
        b"Photoshop 3.0\0" + bytes(99),
    ):
        assert_like(load_image(with_jpeg_segment(encoded(corners(), "JPEG", quality=90), marker, content)), corners())


def test_too_many_segments_are_refused() -> None:
    photo = encoded(corners(), "JPEG", quality=90)
    few, many = (photo[:2] + b"\xff\xe0\0\2\xff\xe4\0\2" * count + photo[2:] for count in (500, MAX_SEGMENTS // 2))
    assert_like(load_image(few), corners())
    with pytest.raises(PhotoError, match="more than 16,384 segments"):
        load_image(many)


def test_the_first_of_several_pictures_in_one_file() -> None:
    others = [Image.new("RGB", (60, 40), "red"), Image.new("RGB", (60, 40), "blue")]
    assert_like(load_image(encoded(corners(), "MPO", save_all=True, append_images=others, quality=90)), corners())


@pytest.mark.parametrize("size", [(60, 40), (320, 240), (1601, 1203)])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("options", KINDS[:3])
def test_no_end_marker_but_every_pixel(size: tuple[int, int], mode: str, options: dict[str, Any]) -> None:
    photo = encoded(corners(size).convert(mode), "JPEG", **options)
    assert photo.endswith(b"\xff\xd9")
    for short_side in (None, 30):
        whole, without = (decode_photo(data, short_side=short_side) for data in (photo, photo[:-2]))
        assert without.warning is None
        assert without.image.tobytes() == whole.image.tobytes()


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("options", [{"quality": 90}, {"quality": 75, "subsampling": 0}])
@pytest.mark.parametrize("short_side", [None, 50])
def test_a_cut_off_photo_shows_what_came(mode: str, options: dict[str, Any], short_side: int | None) -> None:
    photo = encoded(noise((320, 640), mode=mode), "JPEG", **options)
    start = photo.index(b"\xff\xda")
    whole = decode_photo(photo, short_side=short_side).image
    for share, rows in ((0.9, 0.8), (0.7, 0.6)):
        read = decode_photo(photo[: start + int(share * (len(photo) - start))], short_side=short_side)
        assert read.warning is not None
        missing = int(re.findall(r"cut off: (\d+) % of it is missing", read.warning)[0])
        assert 100 * (1 - share) - 1 <= missing <= 100 * (1 - share) + 15
        assert read.image.size == whole.size
        there = int(rows * whole.height)
        assert np.array_equal(np.asarray(read.image)[:there], np.asarray(whole)[:there])


@pytest.mark.parametrize("short_side", [None, 50])
def test_the_border_is_half_the_rows(short_side: int | None) -> None:
    """One row of units after the other: the first length at which a photo is shown is that where half came."""
    photo = encoded(noise((320, 640)), "JPEG", quality=90, restart_marker_rows=1)
    start = photo.index(b"\xff\xda")
    ends = [found.start() for found in re.finditer(rb"\xff[\xd0-\xd7]", photo[start:])]
    assert len(ends) == 39
    shown = []
    for rows, end in enumerate(ends, start=1):
        try:
            load_image(photo[: start + end], short_side=short_side)
            shown.append(True)
        except PhotoError:
            shown.append(False)
        assert rows >= 20 or not shown[-1]
    # The decoder is up to two rows of units late.
    assert shown == sorted(shown) and 20 <= shown.index(True) + 1 <= 23


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("subsampling", [0, 2])
def test_a_cut_off_progressive_photo_is_coarse(mode: str, subsampling: int) -> None:
    picture = noise((160, 120)).resize((640, 480), Image.Resampling.BICUBIC).convert(mode)
    photo = encoded(picture, "JPEG", quality=90, progressive=True, subsampling=subsampling)
    scans = [found.start() for found in re.finditer(rb"\xff\xda", photo)]
    whole = load_image(photo)
    for end in (scans[1] + 40, scans[-1] + 40, len(photo) - 300):
        read = decode_photo(photo[:end])
        assert read.warning == "cut off: its finest details may be missing"
        assert_like(read.image.reduce(16), whole.reduce(16), tolerance=6)
    for end in (scans[0] + 30, scans[1] - 40):
        with pytest.raises(PhotoError, match=r"incomplete \(cut off: .*\); copy it again"):
            load_image(photo[:end])


def test_three_scans_that_are_not_progressive() -> None:
    """One for each colour: without all three it has no colours that could be shown."""
    head = encoded(Image.new("RGB", (16, 16)), "JPEG", subsampling=0)
    head = head[: head.index(b"\xff\xda")]
    # Blocks without change and without detail, in the Huffman codes of the standard: grey.
    blocks = {1: b"\0\x28\xa2\x8a", 2: b"\x11\0\0", 3: b"\x11\0\0"}
    scans = [
        b"\xff\xda\0\x08\1" + bytes([number]) + some[:1] + b"\0\x3f\0" + some[1:] for number, some in blocks.items()
    ]
    assert_like(load_image(head + b"".join(scans) + b"\xff\xd9"), Image.new("RGB", (16, 16), "#808080"), tolerance=1)
    for there in (1, 2):
        with pytest.raises(PhotoError, match="cut off"):
            load_image(head + b"".join(scans[:there]))


def test_colours_that_are_coded_as_they_are() -> None:
    """Adobe's segment says that the three are not luma and chroma."""
    photo = encoded(corners(), "JPEG", keep_rgb=True, quality=95)
    photo = photo.replace(b"R\x11\0G\x11\0B\x11\0", b"\1\x11\0\2\x11\0\3\x11\0").replace(
        b"\3R\0G\0B\0", b"\3\1\0\2\0\3\0"
    )
    assert_like(load_image(photo), corners(), tolerance=3)


def test_other_damage_is_still_damage() -> None:
    photo = encoded(noise(), "JPEG")
    for data in (photo[:100], photo[: photo.index(b"\xff\xda")], photo[: photo.index(b"\xff\xc0") + 6]):
        with pytest.raises(PhotoError, match=r"copy it again|not a photo that can be read"):
            load_image(data)

"""A reader for each format: bytes in, pixels out as they are stored, and what is needed to show them right."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import pillow_heif
from PIL import Image, ImageFile

from cbir.photos import jpeg, png, tiff
from cbir.photos.colour import Space, space_of_code_points, space_of_gamma
from cbir.photos.joined import Piece, join
from cbir.photos.orientation import read_orientation
from cbir.photos.samples import DeepPicture, NotRead, is_deep, read_deep
from cbir.photos.shrink import FACTORS, bands_of, choose_factor, shrink_values

pillow_heif.register_heif_opener()

EXIF_ITEM = re.compile(rb"(infe[\0-\3]...(?:..|....)..)Exif", re.DOTALL)
"""Where a HEIC or AVIF says that it has an EXIF block."""
CODE_POINTS = re.compile(rb"colrnclx(..)(..)", re.DOTALL)
JPEG2000_PROFILE = re.compile(rb"(....)colr[\2\3]..", re.DOTALL)
MAX_HEAD = 2**20
"""Bytes in which boxes that describe a picture are looked for."""
Claim = Callable[[tuple[int, int]], None]
"""Called with the width and height before pixels are decoded; it raises if they are too many."""


class StoredPicture(NamedTuple):
    """A picture as a file holds it."""

    pixels: Image.Image | DeepPicture
    factor: int = 1
    """What its sides are still to be divided by."""
    orientation: int = 1
    profile: bytes = b""
    """ICC profile of its colours."""
    space: Space | None = None
    """What they are where there is no profile; None is sRGB."""
    warning: str | None = None


def read_jpeg(data: bytes, short_side: int | None, claim: Claim) -> StoredPicture:
    """JPEG, the first picture of an MPO included; also one whose end is missing (`jpeg.load_cut_off`)."""
    file = jpeg.take_apart(data)
    image = jpeg.open_jpeg(file.picture)
    claim(image.size)
    jpeg.reduce_jpeg(image, short_side)
    pixels, warning = image, None
    try:
        image.load()
    except OSError:
        pixels, warning = jpeg.load_cut_off(file, short_side)
    return StoredPicture(pixels, 1, read_orientation(file.exif), file.profile, warning=warning)


def read_png(data: bytes, short_side: int | None, claim: Claim) -> StoredPicture:
    """PNG, the default picture of an animated one."""
    file = png.take_apart(data)
    image = _open("PNG", *file.picture)
    claim(image.size)
    factor = choose_factor(image.size, short_side)
    space = space_of_gamma(file.gamma, file.primaries)
    if file.code_points:
        space = space_of_code_points(*file.code_points)
    pixels: Image.Image | DeepPicture = image
    coloured = image.mode in ("RGB", "RGBA") and (space or file.profile)
    if file.depth == 16 and coloured and "transparency" not in image.info:
        pixels, factor = _read_deep_png(file.picture, factor), 1
    else:
        image.load()
        _scale_transparent_shade(image, file.depth)
    return StoredPicture(pixels, factor, read_orientation(file.exif), file.profile, space)


def _scale_transparent_shade(image: Image.Image, depth: int) -> None:
    """Bring a transparent shade of a PNG from its depth to that of Pillow's pixels."""
    shade = image.info.get("transparency")
    if depth == 16 and image.mode == "RGB" and isinstance(shade, tuple):
        image.info["transparency"] = tuple(number >> 8 for number in shade)
    elif depth < 8 and image.mode in ("1", "L") and isinstance(shade, int):
        image.info["transparency"] = shade * 255 // (2**depth - 1)


def _read_deep_png(picture: Sequence[Piece], factor: int) -> DeepPicture:
    """A PNG of 16 bits and colour. Pillow keeps the upper halves, or the lower if it takes them for the first."""
    halves = []
    for order in "BL":
        image = _open("PNG", *picture)
        raw = str(image.tile[0].args)
        if not raw.endswith(";16B"):
            raise NotRead(f"a PNG of samples of {raw}")
        image.tile = [image.tile[0]._replace(args=raw[:-1] + order)]
        halves.append(shrink_values(bands_of(image), factor))
    values = (halves[0] * 256 + halves[1]) / np.float32(65535)
    alpha = values[..., 3] if values.shape[2] == 4 else None
    return DeepPicture("RGB", values[..., :3], alpha)


def read_tiff(data: bytes, short_side: int | None, claim: Claim) -> StoredPicture:
    """TIFF and BigTIFF, the first picture."""
    directory = tiff.read_directory(data)
    if tiff.is_raw(data, directory):
        raise NotRead("a raw file of a camera")
    orientation = tiff.read_tiff_orientation(data, directory)
    if is_deep(data, directory):
        claim((directory.value(data, tiff.WIDTH, 0), directory.value(data, tiff.HEIGHT, 0)))
        return StoredPicture(read_deep(data, directory, short_side), 1, orientation, directory.profile(data))
    image = Image.open(tiff.open_for_pillow(data, directory), formats=("TIFF",))
    claim(image.size)
    image.load()
    return StoredPicture(image, choose_factor(image.size, short_side), orientation, directory.profile(data))


def read_jpeg2000(data: bytes, short_side: int | None, claim: Claim) -> StoredPicture:
    """JPEG 2000, at the least of its resolutions that suffices."""
    image = _open("JPEG2000", data)
    claim(image.size)
    factor = choose_factor(image.size, short_side)
    for wanted in [one for one in FACTORS if one <= factor]:
        image = _open("JPEG2000", data)
        setattr(image, "reduce", wanted.bit_length() - 1)  # noqa: B010 - in this format a property, elsewhere a method
        try:
            image.load()
        except OSError:
            if wanted == 1:
                raise
            continue
        break
    profile = b""
    if found := JPEG2000_PROFILE.search(data[:MAX_HEAD]):
        profile = data[found.end() : found.start() + struct.unpack(">I", found[1])[0]]
    return StoredPicture(image, factor // wanted, profile=profile)


def read_boxes(name: str, data: bytes, short_side: int | None, claim: Claim) -> StoredPicture:
    """HEIC and AVIF. Boxes say how they are turned; EXIF does not count (ISO/IEC 23008-12, section 6.5.10)."""
    stored = read_plain(name, EXIF_ITEM.sub(rb"\1none", data), short_side, claim)
    points = CODE_POINTS.search(data[:MAX_HEAD])
    if stored.profile or not points:
        return stored
    return stored._replace(space=space_of_code_points(*(int.from_bytes(number) for number in points.groups())))


def read_plain(name: str, data: bytes, short_side: int | None, claim: Claim) -> StoredPicture:
    """What Pillow reads without help: the first frame of GIF and WebP, BMP, PBM to PFM."""
    image = _open(name, data)
    claim(image.size)
    image.load()
    exif, profile = image.info.get("exif") or b"", image.info.get("icc_profile") or b""
    return StoredPicture(image, choose_factor(image.size, short_side), read_orientation(exif), profile)


def _open(name: str, *pieces: Piece) -> ImageFile.ImageFile:
    return Image.open(join(pieces) if len(pieces) > 1 else io.BytesIO(pieces[0]), formats=(name,))


READERS: dict[str, Callable[[bytes, int | None, Claim], StoredPicture]] = {
    "AVIF": partial(read_boxes, "AVIF"),
    "BMP": partial(read_plain, "BMP"),
    "GIF": partial(read_plain, "GIF"),
    "HEIF": partial(read_boxes, "HEIF"),
    "JPEG": read_jpeg,
    "JPEG2000": read_jpeg2000,
    "PNG": read_png,
    "PPM": partial(read_plain, "PPM"),
    "TIFF": read_tiff,
    "WEBP": partial(read_plain, "WEBP"),
}
"""By the names that `formats.recognise` gives."""

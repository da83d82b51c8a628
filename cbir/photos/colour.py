"""Colours of every kind to sRGB: by ICC profile, or by gamma and primaries."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from cbir.photos.shrink import Values

SRGB_WHITE = (0.3127, 0.3290)
SRGB = (*SRGB_WHITE, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
"""x and y of white, red, green and blue (CIE 1931)."""
D50 = np.array([0.9642, 1.0, 0.8249])
"""XYZ of the white of every ICC profile."""
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
"""XYZ to the responses of cones in which whites are adapted (ICC.1:2022, annex E)."""
CODED_PRIMARIES = {
    1: SRGB,
    9: (*SRGB_WHITE, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    12: (*SRGB_WHITE, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
}
"""Of BT.709, BT.2020 and Display P3, by their numbers in ITU-T H.273."""
CODED_GAMMAS = {4: 1 / 2.2, 5: 1 / 2.8, 8: 1.0}
SRGB_CURVES = frozenset({1, 6, 13, 14, 15})
"""Transfer functions of ITU-T H.273 that are sRGB's, or so near that screens show them as sRGB."""
MODES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab ": "LAB"}
"""Colour spaces of ICC profiles, and Pillow's modes of pictures in them."""
UNCHANGED = 2
"""A profile that changes no colour by more, of 255, is sRGB."""


class Space(NamedTuple):
    """An RGB colour space: a curve for each number, then a matrix."""

    to_light: tuple[Callable[[Values], Values], ...]
    """Of red, green and blue: a file's numbers to amounts of light."""
    to_srgb: NDArray[np.floating]
    """(3, 3): light of its primaries to light of sRGB's."""


def convert_values(values: Values, space: Space) -> Values:
    """(h, w, 3) numbers of a space to numbers of sRGB, both 0 to 1; colours beyond sRGB are clipped."""
    light = np.stack([curve(values[..., channel]) for channel, curve in enumerate(space.to_light)], axis=-1)
    return encode_srgb(np.clip(light @ space.to_srgb.T.astype(np.float32), 0, 1))


def decode_srgb(shades: Values) -> Values:
    """Numbers of sRGB to amounts of light (IEC 61966-2-1)."""
    light: Values = np.where(shades <= 0.04045, shades / 12.92, ((shades + 0.055) / 1.055) ** 2.4)
    return light


def encode_srgb(light: Values) -> Values:
    """Amounts of light to numbers of sRGB (IEC 61966-2-1)."""
    shades: Values = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return shades


def space_of_gamma(gamma: float | None, primaries: tuple[float, ...] | None) -> Space | None:
    """The space of a PNG's gamma and primaries; None if that is sRGB, or none that can be.

    gamma: exponent of the file's numbers, about 0.4545 for sRGB; None stands for sRGB's curve. primaries: as SRGB; None
        stands for sRGB's.
    """
    like_srgb = gamma is None or abs(gamma - 1 / 2.2) < 0.01
    if primaries is not None and np.allclose(primaries, SRGB, atol=0.002):
        primaries = None
    if like_srgb and primaries is None:
        return None
    to_d50, srgb_to_d50 = _light_to_d50(primaries or SRGB), _light_to_d50(SRGB)
    if to_d50 is None or srgb_to_d50 is None:
        return None
    curve = decode_srgb if gamma is None else _power(1 / gamma)
    return Space((curve,) * 3, np.linalg.solve(srgb_to_d50, to_d50))


def space_of_code_points(primaries: int, transfer: int) -> Space | None:
    """The space of numbers of ITU-T H.273; None if that is sRGB, or not known here."""
    if primaries not in CODED_PRIMARIES or not (transfer in SRGB_CURVES or transfer in CODED_GAMMAS):
        return None
    return space_of_gamma(CODED_GAMMAS.get(transfer), CODED_PRIMARIES[primaries])


def _power(exponent: float) -> Callable[[Values], Values]:
    return lambda shades: shades ** np.float32(exponent)


def _light_to_d50(primaries: tuple[float, ...]) -> NDArray[np.float64] | None:
    """(3, 3): light of primaries to XYZ under D50; None if they span no space."""
    x, y = np.array(primaries).reshape(4, 2).T
    if (y <= 0).any():
        return None
    white, *colours = np.stack([x / y, np.ones(4), (1 - x - y) / y], axis=1)
    columns = np.stack(colours, axis=1)
    if abs(np.linalg.det(columns)) < 1e-6:
        return None
    to_d50: NDArray[np.float64] = _adapt_to_d50(white) @ (columns * np.linalg.solve(columns, white))
    return to_d50


def _adapt_to_d50(white: NDArray[np.float64]) -> NDArray[np.float64]:
    """(3, 3): XYZ under a white to XYZ under D50."""
    gains = (BRADFORD @ D50) / (BRADFORD @ white)
    return np.linalg.solve(BRADFORD, gains[:, None] * BRADFORD)


def space_of_profile(profile: bytes) -> Space | None:
    """The space of an ICC profile made of curves and a matrix; None of any other, or a damaged one.

    (ICC.1:2022, sections 7.2, 9.2, 10.6, 10.18 and 10.31.)
    """
    try:
        if profile[16:20] != b"RGB " or profile[20:24] != b"XYZ ":
            return None
        (count,) = struct.unpack_from(">I", profile, 128)
        tags = {}
        for number in range(min(count, 200)):
            name, offset, size = struct.unpack_from(">4sII", profile, 132 + 12 * number)
            tags[name] = profile[offset : offset + size]
        if b"A2B0" in tags:
            return None
        curves = tuple(_read_curve(tags[name]) for name in (b"rTRC", b"gTRC", b"bTRC"))
        columns = [struct.unpack_from(">3i", tags[name], 8) for name in (b"rXYZ", b"gXYZ", b"bXYZ")]
    except (struct.error, KeyError, IndexError, ValueError):
        return None
    srgb_to_d50 = _light_to_d50(SRGB)
    assert srgb_to_d50 is not None
    return Space(curves, np.linalg.solve(srgb_to_d50, np.array(columns, float).T / 65536))


def _read_curve(tag: bytes) -> Callable[[Values], Values]:
    """The curve of a "curv" or "para" tag. Raises ValueError, KeyError or struct.error for another."""
    if tag[:4] == b"curv":
        (count,) = struct.unpack_from(">I", tag, 8)
        if count == 0:
            return lambda shades: shades
        numbers = np.frombuffer(tag, ">u2", count, 12).astype(np.float64)
        if count == 1:
            return _power(float(numbers[0]) / 256)
        places = np.linspace(0, 1, count)
        return lambda shades: np.interp(shades, places, numbers / 65535).astype(np.float32)
    if tag[:4] != b"para":
        raise ValueError(f"{tag[:4]!r} is no curve")
    (kind,) = struct.unpack_from(">H", tag, 8)
    count = {0: 1, 1: 3, 2: 4, 3: 5, 4: 7}[kind]
    parameters = struct.unpack_from(f">{count}i", tag, 12) + (0,) * (7 - count)
    gamma, a, b, c, d, e, f = (parameter / 65536 for parameter in parameters)
    if kind == 0:
        return _power(gamma)
    if kind in (1, 2) and not a:
        raise ValueError("a curve without a slope")
    if kind in (1, 2):  # zero, or c, below -b / a
        c, d, e, f = 0.0, -b / a, c, c

    def curve(shades: Values) -> Values:
        light = np.where(shades >= d, np.maximum(a * shades + b, 0) ** gamma + e, c * shades + f)
        return light.astype(np.float32)

    return curve


def convert_picture(image: Image.Image, profile: bytes) -> Image.Image:
    """An 8-bit picture with an ICC profile, as sRGB. A profile that is damaged or does not fit changes nothing.

    image: L, RGB, RGBA, CMYK or LAB; an RGBA keeps its alpha, others become RGB unless they stay as they are. Colours
    beyond sRGB are clipped; black stays black (relative colorimetric, with black point compensation).
    """
    mode = MODES.get(profile[16:20].decode("latin-1"))
    colours = image.convert("RGB") if image.mode == "L" and mode == "RGB" else image
    if mode != {"RGBA": "RGB"}.get(colours.mode, colours.mode):
        return image
    transform = _transform_of(profile, colours.mode)
    if transform is None:
        return image
    converted = ImageCms.applyTransform(colours, transform)
    assert converted is not None
    return converted


@lru_cache(maxsize=16)
def _transform_of(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """From a profile to sRGB, for pictures of a mode; None if it is damaged, or sRGB itself."""
    target = "RGBA" if mode == "RGBA" else "RGB"
    try:
        transform = ImageCms.buildTransform(
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            mode,
            target,
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    if mode in ("CMYK", "LAB"):
        return transform
    shades = np.linspace(0, 255, 6).astype(np.uint8)
    probe = Image.fromarray(np.stack(np.meshgrid(shades, shades, shades), axis=-1).reshape(6, 36, 3)).convert(mode)
    converted = ImageCms.applyTransform(probe, transform)
    assert converted is not None
    before, after = (np.asarray(picture.convert("RGB"), np.int16) for picture in (probe, converted))
    return transform if np.abs(after - before).max() > UNCHANGED else None


def convert_lab(image: Image.Image) -> Image.Image:
    """A LAB picture as sRGB."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    return convert_picture(image, profile)

"""Stored pixels of every kind to an upright 8-bit sRGB picture."""

from __future__ import annotations

import numpy as np
from PIL import Image

from cbir.photos.colour import convert_lab, convert_picture, convert_values, space_of_profile
from cbir.photos.orientation import turn_upright
from cbir.photos.readers import StoredPicture
from cbir.photos.samples import DeepPicture
from cbir.photos.shrink import Values, bands_of, shrink_picture, shrink_values

DEPTHS = {"I": 65535, "F": 1}
"""Full depth of Pillow's modes of whole numbers and floats; that of I;16 and the like is 65,535."""


def finish(stored: StoredPicture) -> Image.Image:
    """The picture as it is to be seen: RGB, smaller by its factor, colours as sRGB, transparency on white."""
    pixels = stored.pixels
    if isinstance(pixels, Image.Image) and pixels.mode.startswith(("I", "F")):
        pixels = _deepen(pixels, stored.factor)
    seen = _finish_deep(pixels, stored) if isinstance(pixels, DeepPicture) else _finish_plain(pixels, stored)
    return turn_upright(seen, stored.orientation)


def _finish_plain(image: Image.Image, stored: StoredPicture) -> Image.Image:
    small = shrink_picture(image, stored.factor, _to_plain)
    if stored.profile:
        small = convert_picture(small, stored.profile)
    elif stored.space is not None:
        colours = np.asarray(small.convert("RGB"), np.float32) / np.float32(255)
        converted = _to_image(convert_values(colours, stored.space))
        if small.mode == "RGBA":
            converted.putalpha(small.getchannel("A"))
        small = converted
    if small.mode == "LAB":
        small = convert_lab(small)
    if small.mode == "RGBA":
        small = Image.alpha_composite(Image.new("RGBA", small.size, "white"), small)
    seen = small.convert("RGB")
    seen.info.clear()  # what is known of the file no longer holds of it
    return seen


def _to_plain(band: Image.Image) -> Image.Image:
    """L, RGB, RGBA, CMYK or LAB."""
    if band.mode == "1":
        band = band.convert("L")
    if band.has_transparency_data:
        return band.convert("RGBA")
    return band if band.mode in ("L", "RGB", "CMYK", "LAB") else band.convert("RGB")


def _deepen(image: Image.Image, factor: int) -> DeepPicture:
    """A picture of whole numbers or floats, one for each pixel; floats are clipped at 1."""
    depth, shade = DEPTHS.get(image.mode, 65535), image.info.get("transparency")
    values = np.clip(np.nan_to_num(shrink_values(bands_of(image), factor) / np.float32(depth)), 0, 1)
    if shade is None:
        return DeepPicture("L", values)
    opaque = shrink_values(((band != shade).astype(np.float32) for band in bands_of(image)), factor)
    return DeepPicture("L", values, opaque[..., 0])


def _finish_deep(picture: DeepPicture, stored: StoredPicture) -> Image.Image:
    """Colours are converted before numbers are rounded to 8 bits, where the space is known."""
    space = stored.space or space_of_profile(stored.profile)
    if picture.mode != "CMYK" and space is not None:
        colours = convert_values(np.broadcast_to(picture.values, (*picture.values.shape[:2], 3)), space)
    else:
        rounded = _to_image(picture.values)
        if stored.profile:
            rounded = convert_picture(rounded, stored.profile)
        colours = np.asarray(rounded.convert("RGB"), np.float32) / np.float32(255)
    if picture.alpha is not None:
        alpha = picture.alpha[..., None]
        colours = colours * alpha + (1 - alpha)
    return _to_image(colours)


def _to_image(values: Values) -> Image.Image:
    """(h, w, 1, 3 or 4) numbers of 0 to 1 to L, RGB or CMYK."""
    eight_bits = (values * 255 + 0.5).astype(np.uint8)
    channels = [Image.fromarray(np.ascontiguousarray(eight_bits[..., channel])) for channel in range(values.shape[2])]
    return Image.merge({1: "L", 3: "RGB", 4: "CMYK"}[values.shape[2]], channels)

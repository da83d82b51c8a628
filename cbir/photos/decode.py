"""The one decoder, for catalogue and query alike: any photo in, an upright 8-bit RGB picture out."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pillow_heif
from PIL import Image, ImageOps, UnidentifiedImageError

from cbir.errors import PhotoError

MAX_PIXELS = 120_000_000
DECODE_SIDE = 350
"""Short side in pixels to which photos are decoded, for features and thumbnails alike: an eighth of a camera's 3,000
suffices, which its JPEG gives fastest."""
SUFFIXES = frozenset(
    ".avif .bmp .gif .heic .heif .hif .jfif .jp2 .jpe .jpeg .jpg .mpo .png .ppm .tif .tiff .webp".split()
)
FORMATS = ("AVIF", "BMP", "GIF", "HEIF", "JPEG", "JPEG2000", "PNG", "PPM", "TIFF", "WEBP")
"""Pillow's names of what is decoded. Pillow knows more, and for some of those, such as EPS, starts other programs."""
PhotoSource = str | os.PathLike[str] | bytes | BinaryIO | Image.Image


pillow_heif.register_heif_opener()


def load_image(source: PhotoSource, *, short_side: int | None = None) -> Image.Image:
    """Decode a photo to an upright RGB picture.

    EXIF orientation is applied, transparency is laid on white, an animation gives its first frame, and grey,
    palette, CMYK and 16-bit photos become 8-bit RGB.

    source: path, bytes, binary file object or PIL image.
    short_side: pixels that suffice. A larger JPEG is then decoded at 1/2, 1/4 or 1/8 of its size, never to less
        than this; other formats, and `None`, give every pixel.

    Raises PhotoError, naming the file, if there is no photo, or one that is empty, truncated or over MAX_PIXELS.
    """
    if isinstance(source, Image.Image):
        _refuse_too_large(source, "the picture")
        return _to_rgb(ImageOps.exif_transpose(source))
    data, name = _read(source)
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _refuse_too_large(image, name)
            if short_side is not None:
                image.draft("RGB", (short_side, short_side))
            image.load()
            return _to_rgb(ImageOps.exif_transpose(image))
    except PhotoError:
        raise
    except Image.DecompressionBombError as error:
        raise PhotoError(f"{name}: larger than {MAX_PIXELS // 10**6} megapixels; scale it down first") from error
    except UnidentifiedImageError as error:
        raise PhotoError(f"{name}: not a photo that can be read; save it as JPEG, PNG, WebP or HEIC") from error
    except Exception as error:  # Pillow's decoders raise many kinds on broken data: OSError, SyntaxError, struct.error
        raise PhotoError(f"{name}: the photo is damaged or incomplete ({error}); copy it again") from error


def _read(source: str | os.PathLike[str] | bytes | BinaryIO) -> tuple[bytes, str]:
    """All bytes of a source, and a name for messages about it."""
    if isinstance(source, bytes):
        data, name = source, "the photo"
    elif isinstance(source, (str, os.PathLike)):
        name = os.fspath(source)
        try:
            data = Path(source).read_bytes()
        except OSError as error:
            raise PhotoError(f"{name}: cannot be opened ({error.strerror}); check the path") from error
    else:
        data, name = source.read(), str(getattr(source, "name", "the photo"))
    if not data:
        raise PhotoError(f"{name}: the file is empty; copy it again")
    return data, name


def _refuse_too_large(image: Image.Image, name: str) -> None:
    pixels = image.width * image.height
    if pixels > MAX_PIXELS:
        raise PhotoError(f"{name}: {pixels / 1e6:.0f} megapixels, more than {MAX_PIXELS // 10**6}; scale it down first")


def _to_rgb(image: Image.Image) -> Image.Image:
    """8-bit RGB, transparency laid on white."""
    if image.mode.startswith(("I", "F")):
        image = _to_eight_bits(image)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return image.convert("RGB")


def _to_eight_bits(image: Image.Image) -> Image.Image:
    """Grey of 16 bits, 32 bits or floats to 8 bits. Floats up to 1 count as 0..1, larger numbers by their range."""
    grey = np.nan_to_num(np.asarray(image, dtype=np.float64))
    top = grey.max(initial=0.0)
    if image.mode == "F" and top <= 1.0:
        full = 1.0
    elif image.mode.startswith("I;16") or top > 255:
        full = 65535.0
    else:
        full = 255.0
    return Image.fromarray(np.clip(grey * (255.0 / full) + 0.5, 0, 255).astype(np.uint8))

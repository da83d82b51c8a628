"""The one decoder, for catalogue and query alike: any photo in, an upright 8-bit sRGB picture out."""

from __future__ import annotations

import os
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from threading import RLock
from typing import BinaryIO, NamedTuple

from PIL import Image, UnidentifiedImageError

from cbir.errors import PhotoError
from cbir.photos.finish import finish
from cbir.photos.formats import name_strange, recognise
from cbir.photos.jpeg import CutOff
from cbir.photos.orientation import ORIENTATION, read_orientation
from cbir.photos.readers import READERS, StoredPicture
from cbir.photos.samples import NotRead
from cbir.system.regular import read_regular

PREPROCESSING = 2
"""Version of how a photo becomes pixels, raised when its pixels change. Version 1 took all colours for sRGB."""
MAX_PIXELS = 120_000_000
"""Pixels of a photo, at most."""
MOST_PIXELS = {"AVIF": 67_000_000, "WEBP": 56_000_000}
"""The same where the decoder holds a picture several times in memory."""
MAX_BYTES = 2**29
"""Bytes of a file, at most."""
DECODE_SIDE = 350
"""Short side in pixels to which photos are decoded, for features and thumbnails alike: an eighth of a camera's 3,000
suffices, which its JPEG gives fastest."""
LARGE_PIXELS, LARGE_BYTES = 2**25, 2**26
"""Pixels, and bytes of a file, from which on photos are worked on one at a time, so that memory does not add up."""
PhotoSource = str | os.PathLike[str] | bytes | BinaryIO | Image.Image

large_photo = RLock()
"""Held by the thread that works on a large photo."""


class DecodedPhoto(NamedTuple):
    """A photo as it is to be seen."""

    image: Image.Image
    """Upright, RGB of 8 bits, sRGB."""
    format: str | None
    """Its format, by Pillow's name; None for a PIL image that was made and not read."""
    warning: str | None = None
    """What is not as it should be, where a photo is shown all the same."""


def load_image(source: PhotoSource, *, short_side: int | None = None) -> Image.Image:
    """The picture of `decode_photo`."""
    return decode_photo(source, short_side=short_side).image


def decode_photo(source: PhotoSource, *, short_side: int | None = None) -> DecodedPhoto:
    """Decode a photo to an upright sRGB picture.

    EXIF orientation is applied, and nothing else of EXIF is looked at. Colours are converted by the ICC profile, or a
    PNG's gamma and primaries. Transparency is laid on white, an animation gives its first frame, and grey, palette,
    CMYK, Lab and deeper samples become 8-bit RGB. A JPEG whose end is missing is shown with a warning if half of its
    rows, or in a progressive one the first scans, are there.

    source: path, bytes, binary file object or PIL image.
    short_side: pixels that suffice. A larger photo is then given at 1/2, 1/4 or 1/8 of its size, never to less than
        this; `None` gives every pixel.

    Raises PhotoError, naming the file, if there is no photo, or one that is empty, damaged, cut off, of a kind that is
    not read, over MAX_PIXELS or MAX_BYTES, or too large for the memory there is.
    """
    if isinstance(source, Image.Image):
        return _decode_picture(source)
    data, name = _read(source)
    kind = recognise(data)
    if kind is None:
        raise _not_read(name, name_strange(data))
    with ExitStack() as stack:

        def claim(size: tuple[int, int]) -> None:
            _refuse_too_large(size, name, MOST_PIXELS.get(kind, MAX_PIXELS))
            if size[0] * size[1] >= LARGE_PIXELS:
                stack.enter_context(large_photo)

        try:
            stored = READERS[kind](data, short_side, claim)
            return DecodedPhoto(finish(stored), kind, stored.warning)
        except PhotoError:
            raise
        except Image.DecompressionBombError as error:
            raise PhotoError(f"{name}: over {MAX_PIXELS // 10**6} megapixels; scale it down first") from error
        except NotRead as error:
            raise _not_read(name, error) from error
        except UnidentifiedImageError as error:
            raise _not_read(name, f"a {kind} file, damaged or of an unusual kind") from error
        except MemoryError as error:
            raise PhotoError(f"{name}: too little memory for so large a photo; scale it down first") from error
        except CutOff as error:
            raise PhotoError(f"{name}: the photo is damaged or incomplete (cut off: {error}); copy it again") from error
        except Exception as error:  # decoders raise many kinds on broken data: OSError, struct.error, ValueError
            raise PhotoError(f"{name}: the photo is damaged or incomplete ({error}); copy it again") from error


def read_again(photo: BinaryIO) -> BytesIO:
    """A file object's bytes, to be decoded more than once, under its name."""
    kept = BytesIO(photo.read())
    kept.name = str(getattr(photo, "name", "the photo"))
    return kept


def _decode_picture(image: Image.Image) -> DecodedPhoto:
    """A PIL image, opened from a file or made."""
    _refuse_too_large(image.size, "the picture")
    image.load()
    try:
        orientation = int(image.getexif().get(ORIENTATION, 1))
    except Exception:  # Pillow raises many kinds on a malformed tag, whichever it is
        orientation = read_orientation(image.info.get("exif") or b"")
    profile = image.info.get("icc_profile") or b""
    return DecodedPhoto(finish(StoredPicture(image, 1, orientation, profile)), image.format)


def _not_read(name: str, what: object) -> PhotoError:
    """The error for what is no photo, or of a kind that is not read; `what` it is, where that is known."""
    known = f" ({what})" if what else ""
    return PhotoError(f"{name}: not a photo that can be read{known}; save it as JPEG, PNG, WebP or HEIC")


def _read(source: str | os.PathLike[str] | bytes | BinaryIO) -> tuple[bytes, str]:
    """All bytes of a source, and a name for messages about it."""
    if isinstance(source, bytes):
        data, name = source, "the photo"
    elif isinstance(source, (str, os.PathLike)):
        name = os.fspath(source)
        try:
            refuse_too_long(Path(source).stat().st_size, name)
            data = read_regular(source)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise PhotoError(f"{name}: cannot be opened ({reason}); check the path") from error
    else:
        data, name = source.read(), str(getattr(source, "name", "the photo"))
    if not data:
        raise PhotoError(f"{name}: the file is empty; copy it again")
    refuse_too_long(len(data), name)
    return data, name


def refuse_too_long(size: int, name: str) -> None:
    """Raise PhotoError for a file of more than MAX_BYTES, before it is read."""
    if size > MAX_BYTES:
        raise PhotoError(f"{name}: {size / 2**20:.0f} MB, more than {MAX_BYTES // 2**20}; save it as JPEG")


def _refuse_too_large(size: tuple[int, int], name: str, most: int = MAX_PIXELS) -> None:
    pixels = size[0] * size[1]
    if pixels > most:
        raise PhotoError(f"{name}: {pixels / 1e6:.0f} megapixels, more than {most // 10**6}; scale it down first")

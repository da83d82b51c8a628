"""Pictures to files, in the format that the name asks for."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from cbir.errors import PhotoError
from cbir.photos.formats import KNOWN, SUFFIXES
from cbir.system.files import replacing


def save_picture(picture: Image.Image, path: Path) -> None:
    """Write an RGB picture, whole or not at all; raises PhotoError as `picture_format` does."""
    name = picture_format(path)
    with replacing(path) as part:
        picture.save(part, name)


def picture_format(path: Path) -> str:
    """Pillow's name of the format that a file's suffix stands for, one of those that photos are read from.

    Raises PhotoError for any other suffix, and for none.
    """
    suffix = path.suffix.lower()
    name = Image.registered_extensions().get(suffix)
    if name is not None and name in KNOWN and suffix in SUFFIXES:
        return name
    raise PhotoError(f"{path}: {suffix or 'no suffix'} stands for no picture; end the name in .png, .jpg or .webp")

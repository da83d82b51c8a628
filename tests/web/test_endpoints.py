"""What the page shows of a photo is what a browser can show, whatever the file is called."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from cbir.web.pictures import shown_by_browsers
from tests.support.encoded import assert_like, corners, encoded


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF"])
def test_what_browsers_show_is_shown_as_it_is(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(encoded(corners((240, 160)), kind))
    assert shown_by_browsers(str(path)) == str(path)


@pytest.mark.parametrize("kind", ["HEIF", "TIFF", "JPEG2000", "PPM"])
@pytest.mark.parametrize("name", ["photo.jpg", "photo.png", "photo.heic"])
def test_a_picture_of_what_they_do_not_show(kind: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(encoded(corners((240, 160)), kind))
    shown = shown_by_browsers(str(path))
    assert isinstance(shown, Image.Image)
    assert_like(shown, corners((240, 160)), tolerance=14)


def test_a_name_from_which_browsers_guess_no_picture(tmp_path: Path) -> None:
    path = tmp_path / "photo.tif"
    path.write_bytes(encoded(corners(), "PNG"))
    assert isinstance(shown_by_browsers(str(path)), Image.Image)

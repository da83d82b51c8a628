"""One decoder for every photo that people and phones make."""

from __future__ import annotations

import io
import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from cbir.errors import PhotoError
from cbir.photos.decode import MAX_PIXELS, load_image
from tests.support.encoded import BLUE, GREEN, GREY, UNDO, assert_like, corners, encoded


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_orientation_is_applied(orientation: int, kind: str) -> None:
    stored = corners().transpose(UNDO[orientation]) if orientation > 1 else corners()
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert_like(load_image(encoded(stored, kind, exif=exif)), corners())


def test_orientation_survives_decoding_at_reduced_scale() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = corners().resize((1200, 800), 0).transpose(Image.Transpose.ROTATE_90)
    image = load_image(encoded(stored, "JPEG", exif=exif), short_side=100)
    assert image.size == (150, 100)
    assert_like(image, corners().resize((150, 100), 0))


def test_reduced_scale_never_goes_below_what_is_asked() -> None:
    photo = encoded(Image.new("RGB", (1600, 1200)), "JPEG")
    assert load_image(photo).size == (1600, 1200)
    assert load_image(photo, short_side=400).size == (800, 600)
    assert load_image(photo, short_side=600).size == (800, 600)
    assert load_image(photo, short_side=601).size == (1600, 1200)
    assert load_image(photo, short_side=4000).size == (1600, 1200)


def test_cmyk() -> None:
    assert_like(load_image(encoded(corners().convert("CMYK"), "JPEG", quality=95)), corners(), tolerance=16)
    assert_like(load_image(encoded(corners().convert("CMYK"), "TIFF")), corners())


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P"])
def test_grey_and_palette(mode: str) -> None:
    image = load_image(encoded(corners().convert(mode), "PNG"))
    assert_like(image, corners().convert(mode), tolerance=2)


def test_sixteen_bit_grey_keeps_its_shades() -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16).reshape(16, 16)
    for kind in ("PNG", "TIFF"):
        image = load_image(encoded(Image.fromarray(ramp), kind))
        assert np.abs(np.asarray(image)[..., 0].astype(int).ravel() - np.arange(256)).max() <= 1


def test_float_pictures_count_from_zero_to_one() -> None:
    picture = Image.fromarray(np.full((5, 7), 0.5, np.float32))
    assert_like(load_image(encoded(picture, "TIFF")), Image.new("RGB", (7, 5), GREY), tolerance=1)


def test_transparency_is_laid_on_white() -> None:
    clear = corners().convert("RGBA")
    clear.paste((0, 0, 0, 0), (0, 0, 30, 40))
    expected = corners()
    expected.paste("white", (0, 0, 30, 40))
    for kind in ("PNG", "WEBP"):
        assert_like(load_image(encoded(clear, kind)), expected)
    half = Image.new("RGBA", (4, 4), (0, 0, 0, 128))
    assert_like(load_image(encoded(half, "PNG")), Image.new("RGB", (4, 4), (127, 127, 127)), tolerance=1)


def test_palette_with_a_transparent_colour() -> None:
    palette = corners().quantize(4)
    red = palette.getpixel((0, 0))
    expected = corners()
    expected.paste("white", (0, 0, 30, 20))
    for kind in ("PNG", "GIF"):
        assert_like(load_image(encoded(palette, kind, transparency=red)), expected, tolerance=2)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_animation_gives_its_first_frame(kind: str) -> None:
    later = [Image.new("RGB", (60, 40), colour) for colour in (BLUE, GREEN)]
    assert_like(load_image(encoded(corners(), kind, save_all=True, append_images=later)), corners())


@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
def test_what_phones_make(kind: str) -> None:
    picture = corners().resize((240, 160), 0)
    assert_like(load_image(encoded(picture, kind, quality=90)), picture)
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = picture.transpose(Image.Transpose.ROTATE_90)
    assert_like(load_image(encoded(turned, kind, quality=90, exif=exif.tobytes())), picture)


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (2, 3)])
def test_odd_sizes(size: tuple[int, int]) -> None:
    for kind in ("JPEG", "PNG"):
        photo = encoded(Image.new("RGB", size, GREY), kind)
        assert_like(load_image(photo, short_side=400), Image.new("RGB", size, GREY))


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "AVIF", "HEIF", "TIFF"])
def test_truncated_photos_are_refused(kind: str, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8)
    whole = encoded(Image.fromarray(noise), kind)
    path = tmp_path / "half.jpg"
    for share in (0.1, 0.5, 0.9):
        path.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(PhotoError, match=r"half\.jpg"):
            load_image(path)


def test_what_is_no_photo_is_refused_by_name(tmp_path: Path) -> None:
    cases = {
        "text.jpg": (b"this is not a photo", "not a photo that can be read"),
        "empty.png": (b"", "is empty"),
        "page.webp": (b"<html><body>404</body></html>", "not a photo that can be read"),
    }
    for name, (content, reason) in cases.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(PhotoError, match=f"{name}: .*{reason}"):
            load_image(tmp_path / name)
    with pytest.raises(PhotoError, match=r"absent\.jpg: cannot be opened"):
        load_image(tmp_path / "absent.jpg")
    with pytest.raises(PhotoError, match="cannot be opened"):
        load_image(tmp_path)


def test_no_other_program_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pillow hands PostScript to Ghostscript, whatever the file is called."""
    started = tmp_path / "started"
    for name in ("gs", "gswin64c"):
        (tmp_path / name).write_text(f"#!/bin/sh\ntouch {started}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    postscript = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 60 40\n%%EndComments\nshowpage\n%%EOF\n"
    for name in ("photo.eps", "photo.jpg"):
        (tmp_path / name).write_bytes(postscript)
        with pytest.raises(PhotoError, match=f"{name}: not a photo that can be read"):
            load_image(tmp_path / name)
    assert not started.exists()


@pytest.mark.parametrize("kind", ["DDS", "ICNS", "ICO", "IM", "MSP", "PCX", "PDF", "SGI", "SPIDER", "TGA", "XBM"])
def test_formats_that_no_camera_writes_are_refused(kind: str) -> None:
    picture = Image.new("1" if kind in ("MSP", "XBM") else "F" if kind == "SPIDER" else "RGB", (64, 64))
    with pytest.raises(PhotoError, match="not a photo that can be read"):
        load_image(encoded(picture, kind))


def mutate(photo: bytes, rng: random.Random) -> bytes:
    """A photo with one to eight bytes changed, most of them in its first part, where a format keeps its structure."""
    changed = bytearray(photo)
    for _ in range(rng.randint(1, 8)):
        end = len(changed) if rng.random() < 0.3 else min(len(changed), 700)
        changed[rng.randrange(end)] = rng.randrange(256)
    return bytes(changed)


def test_a_changed_heic_that_ended_the_process() -> None:
    """pi-heif 1.4.0 crashes over it; a child process reads it."""
    program = "import sys; from cbir.photos.decode import load_image; print(load_image(sys.argv[1]).size)"
    photo = Path(__file__).parents[1] / "pictures" / "changed.heic"
    child = subprocess.run([sys.executable, "-c", program, photo], capture_output=True, text=True)
    assert (child.returncode, child.stdout) == (0, "(192, 128)\n") or "PhotoError" in child.stderr


@pytest.mark.slow
def test_changed_heics_never_end_the_process(tmp_path: Path) -> None:
    """Each of 2,500 is read or refused; a child process reads them, for a crash would end the tests."""
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = corners().resize((192, 128), 0)
    kinds = [
        encoded(picture, "HEIF", quality=90),
        encoded(picture, "HEIF", quality=50, exif=exif.tobytes()),
        encoded(picture.convert("RGBA"), "HEIF", quality=90),
        encoded(picture.convert("L"), "HEIF", quality=90),
        encoded(picture, "HEIF", quality=90, save_all=True, append_images=[picture.convert("L")]),
    ]
    rng = random.Random(0)
    for number in range(2500):
        (tmp_path / f"{number:04}.heic").write_bytes(mutate(kinds[number % len(kinds)], rng))
    program = """
import sys
from pathlib import Path
from cbir.errors import PhotoError
from cbir.photos.decode import load_image
read = refused = 0
for path in sorted(Path(sys.argv[1]).iterdir()):
    print(path.name, file=sys.stderr, flush=True)
    try:
        read += load_image(path).mode == "RGB"
    except PhotoError:
        refused += 1
print(read, refused)
"""
    child = subprocess.run([sys.executable, "-c", program, tmp_path], capture_output=True, text=True)
    assert child.returncode == 0, f"ended by {child.returncode} at {child.stderr.split()[-1]}"
    read, refused = map(int, child.stdout.split())
    assert read + refused == 2500 and min(read, refused) > 100


def test_a_bomb_of_300_megapixels_is_refused() -> None:
    bomb = encoded(Image.new("1", (20_000, 15_000)), "PNG")
    assert len(bomb) < 100_000
    with pytest.raises(PhotoError, match="megapixels"):
        load_image(bomb)
    with pytest.raises(PhotoError, match="megapixels"):
        load_image(bomb, short_side=400)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_the_cap_on_pixels() -> None:
    over = Image.new("1", (MAX_PIXELS // 10_000 + 1, 10_000))
    with pytest.raises(PhotoError, match=r"120 megapixels, more than 120"):
        load_image(encoded(over, "PNG"))
    with pytest.raises(PhotoError, match="megapixels"):
        load_image(over)


def test_every_kind_of_source_gives_the_same_picture(tmp_path: Path) -> None:
    photo = encoded(corners(), "PNG")
    path = tmp_path / "photo.png"
    path.write_bytes(photo)
    with path.open("rb") as file:
        for source in (path, str(path), photo, io.BytesIO(photo), file, corners()):
            assert ImageOps.exif_transpose(load_image(source)).tobytes() == corners().tobytes()

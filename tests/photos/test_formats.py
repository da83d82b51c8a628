"""What is no photo is named as what it is; names of files say nothing."""

from __future__ import annotations

import os
import struct
import threading
from pathlib import Path

import pytest
from PIL import Image

import cbir.photos.decode
from cbir.errors import PhotoError
from cbir.photos.decode import decode_photo, load_image
from cbir.photos.finish import finish
from cbir.photos.readers import StoredPicture
from tests.support.encoded import (
    EXIF,
    UNDO,
    assert_like,
    corners,
    encoded,
    exif_block,
    with_jpeg_segment,
    with_webp_chunk,
)

STRANGE = {
    "a JPEG XL picture": [b"\xff\x0a" + bytes(40), b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(40)],
    "a raw file of a camera": [
        b"FUJIFILMCCD-RAW 0201" + bytes(40),
        b"IIRO\x08\0\0\0" + bytes(40),
        b"IIU\0\x18\0\0\0" + bytes(40),
        b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + bytes(40),
        b"II*\0\x10\0\0\0CR\2\0" + bytes(40),
    ],
    "an SVG drawing": [
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<?xml version='1.0'?>\n<!-- made by hand -->\n<svg/>",
        b"\xef\xbb\xbf<?xml version='1.0'?><!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'svg11.dtd'>\n<svg/>",
    ],
    "a PDF document": [b"%PDF-1.7\n" + bytes(40), b"\n\n%PDF-1.4\n" + bytes(40)],
    "a video": [
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(40),
        b"\0\0\0\x14ftypqt  \0\0\0\0qt  " + bytes(40),
        b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81" + bytes(40),
        b"RIFF\x10\0\0\0AVI LIST" + bytes(40),
        b"\0\0\1\xba\x44\0\4\0" + bytes(40),
        b"\0\0\0\x08wide\0\0\0\x08mdat" + bytes(40),
        (b"G" + bytes(187)) * 4,
    ],
    "a PostScript drawing": [b"%!PS-Adobe-3.0 EPSF-3.0\n", b"\xc5\xd0\xd3\xc6" + bytes(40)],
    "a Photoshop document": [b"8BPS\0\1" + bytes(40)],
    "an archive": [b"PK\3\4" + bytes(40), b"\x1f\x8b\x08" + bytes(40)],
}


@pytest.mark.parametrize(("words", "data"), [(words, data) for words, several in STRANGE.items() for data in several])
def test_what_is_no_photo_is_named(words: str, data: bytes, tmp_path: Path) -> None:
    for name in ("photo.jpg", "photo.png"):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(PhotoError, match=rf"{name}: not a photo that can be read \({words}\); save it as JPEG"):
            load_image(tmp_path / name)


@pytest.mark.parametrize("kind", ["AVIF", "BMP", "GIF", "HEIF", "JPEG", "JPEG2000", "PNG", "PPM", "TIFF", "WEBP"])
@pytest.mark.parametrize("name", ["photo.jpg", "photo.png", "photo", "photo.mov"])
def test_the_name_of_a_photo_does_not_count(kind: str, name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(encoded(corners((240, 160)), kind))
    read = decode_photo(tmp_path / name)
    assert read.format == kind and read.warning is None
    assert_like(read.image, corners((240, 160)), tolerance=14)


@pytest.mark.parametrize("orientation", [1, 3, 6])
@pytest.mark.parametrize(
    "block",
    [
        lambda value: exif_block(value),
        lambda value: EXIF + exif_block(value, order=">"),
        lambda value: exif_block(value, kind=4),
        lambda value: exif_block(value, entries=struct.pack("<HHII", 0x010F, 2, 2**30, 2**30)),
        lambda value: exif_block(value, entries=struct.pack("<HHII", 0x011A, 2, 5, 9) * 3),
        lambda value: exif_block(value, entries=struct.pack("<HHIf", 0x9205, 11, 1, float("nan"))),
        lambda value: exif_block(value)[:-4],
        lambda value: exif_block(value) + b"\xff" * 50_000,
    ],
)
def test_orientation_is_read_whatever_else_is_there(orientation: int, block: object) -> None:
    assert callable(block)
    exif: bytes = block(orientation)
    stored = corners().transpose(UNDO[orientation]) if orientation > 1 else corners()
    photo = encoded(stored, "JPEG", quality=90)
    assert_like(load_image(with_jpeg_segment(photo, 0xE1, EXIF + exif.removeprefix(EXIF))), corners())
    assert_like(load_image(encoded(stored, "PNG", exif=exif)), corners(), tolerance=0)
    assert_like(
        load_image(with_webp_chunk(encoded(stored, "WEBP", lossless=True), b"EXIF", exif)), corners(), tolerance=0
    )


@pytest.mark.parametrize("block", [b"", b"junk", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\0\1", exif_block(9), EXIF])
def test_a_block_without_orientation_turns_nothing(block: bytes) -> None:
    assert_like(load_image(with_webp_chunk(encoded(corners(), "WEBP", lossless=True), b"EXIF", block)), corners())
    for kind in ("HEIF", "AVIF"):
        maker = struct.pack("<HHI4s", 0x010F, 2, 4, b"me!")
        photo = encoded(corners((240, 160)), kind, quality=90, exif=EXIF + exif_block(1, entries=maker))
        start = max(photo.find(b"II*\0"), photo.find(b"MM\0*"))
        assert start > 0
        junk = photo[:start] + (block + bytes(99))[:20] + photo[start + 20 :]
        assert_like(load_image(junk), corners((240, 160)))


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "photo.jpg")
    with pytest.raises(PhotoError, match=r"photo\.jpg: cannot be opened \(a pipe, not a file\)"):
        load_image(tmp_path / "photo.jpg")


def test_a_file_that_is_too_long(tmp_path: Path) -> None:
    with (tmp_path / "photo.tif").open("wb") as file:
        file.truncate(cbir.photos.decode.MAX_BYTES + 1)
    with pytest.raises(PhotoError, match=r"photo\.tif: 512 MB, more than 512; save it as JPEG"):
        load_image(tmp_path / "photo.tif")


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("kind", ["WEBP", "AVIF"])
def test_formats_with_a_lower_cap(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(cbir.photos.decode.MOST_PIXELS, kind, 240 * 160 - 1)
    with pytest.raises(PhotoError, match="megapixels, more than 0; scale it down"):
        load_image(encoded(corners((240, 160)), kind))


def test_too_little_memory_is_no_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(cbir.photos.decode, "finish", fail)
    with pytest.raises(PhotoError, match="too little memory"):
        load_image(encoded(corners(), "PNG"))


def test_large_photos_are_decoded_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cbir.photos.decode, "LARGE_PIXELS", 100)
    inside, most = [0], [0]
    together = threading.Barrier(4)

    def count(stored: StoredPicture) -> Image.Image:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        threading.Event().wait(0.02)
        inside[0] -= 1
        return finish(stored)

    def read() -> None:
        together.wait()
        load_image(photo)

    monkeypatch.setattr(cbir.photos.decode, "finish", count)
    photo = encoded(corners(), "PNG")
    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]

"""Photos that are decoded in a process of their own first: those that crash it, hang it or fill it are refused."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cbir.errors import PhotoError
from cbir.network.preprocess import side_for
from cbir.photos.region import Region
from cbir.photos.vet import FINEST_SIDE, Vetter
from tests.support.encoded import corners, encoded

DECODERS = """
import os, sys, time
import cbir.photos.vet as vet

def decode(path, short_side):
    what = open(path, "rb").read()[-5:]
    if what == b"crash" or (what == b"finer" and short_side > 350):
        os.abort()
    if what == b"chats":
        os.write(1, b"a library in C has something to say\\n")
    if what == b"hangs":
        time.sleep(60)
    if what == b"fills":
        bytearray(2**40)
    return decoded(path, short_side=short_side)

decoded, vet.decode_photo = vet.decode_photo, decode
vet.serve(2**31)
"""
"""A process of which the decoder has faults."""


@pytest.fixture
def vetter() -> Iterator[Vetter]:
    made = Vetter(seconds=5, program=("-c", DECODERS))
    yield made
    made.close()


def write(folder: Path, kind: str, end: bytes = b"") -> Path:
    path = folder / f"photo.{kind.lower()}"
    path.write_bytes(encoded(corners(), kind) + end)
    return path


@pytest.mark.parametrize("end", [b"crash", b"hangs", b"finer"])
def test_what_ends_or_hangs_the_process_is_refused_and_the_next_is_decoded(
    vetter: Vetter, tmp_path: Path, end: bytes
) -> None:
    good = write(tmp_path, "TIFF")
    vetter.check(good)
    bad = tmp_path / "bad.tif"
    bad.write_bytes(good.read_bytes() + end)
    with pytest.raises(PhotoError, match=r"bad\.tif: .*save it as JPEG"):
        vetter.check(bad)
    for _ in range(2):
        vetter.check(good)
        assert vetter.decode(good).refusal is None


def test_a_region_is_never_decoded_finer_than_is_tried() -> None:
    assert side_for([Region(0, 0, 1e-9, 1e-9)]) == FINEST_SIDE


def test_what_a_decoder_prints_is_no_answer(vetter: Vetter, tmp_path: Path) -> None:
    for end in (b"chats", b""):
        assert vetter.decode(write(tmp_path, "TIFF", end)).refusal is None


def test_too_much_memory_is_an_error_of_one_photo(vetter: Vetter, tmp_path: Path) -> None:
    vetted = vetter.decode(write(tmp_path, "TIFF", b"fills"))
    assert not vetted.survived
    assert vetter.decode(write(tmp_path, "TIFF")).survived


def test_what_browsers_show_is_not_decoded_twice(vetter: Vetter, tmp_path: Path) -> None:
    for kind in ("JPEG", "PNG", "GIF", "WEBP", "BMP"):
        vetter.check(write(tmp_path, kind, b"crash"))


@pytest.mark.parametrize("kind", ["HEIF", "AVIF", "TIFF", "JPEG2000"])
def test_other_formats_are(vetter: Vetter, tmp_path: Path, kind: str) -> None:
    vetter.check(write(tmp_path, kind))
    with pytest.raises(PhotoError):
        vetter.check(write(tmp_path, kind, b"crash"))


def test_what_is_damaged_is_left_to_who_decodes_it_next(tmp_path: Path) -> None:
    vetter = Vetter()
    whole = encoded(corners(), "TIFF", compression="tiff_lzw")
    (tmp_path / "torn.tif").write_bytes(whole[: len(whole) // 2])
    vetter.check(tmp_path / "torn.tif")
    vetter.check(tmp_path / "absent.tif")
    (tmp_path / "notes.txt").write_text("no photo")
    vetter.check(tmp_path / "notes.txt")
    assert "damaged" in (vetter.decode(tmp_path / "torn.tif").refusal or "")
    assert vetter.decode(write(tmp_path, "HEIF")).refusal is None
    vetter.close()


def test_names_of_any_kind_are_told_to_the_process(tmp_path: Path) -> None:
    vetter = Vetter()
    for name in ("a\nb.heic", "'\"\\.heic", "höme ☂.heic", os.fsdecode(b"caf\xe9.heic")):
        path = tmp_path / name
        path.write_bytes(encoded(corners(), "HEIF"))
        assert vetter.decode(path).refusal is None
    vetter.close()

"""Files that browsers send to a wardrobe: whatever they are called and however often they come."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from cbir.catalogue.records import Record
from cbir.web.wardrobes.intake import LONGEST, Brought, Intake, take_in, tidy
from tests.support.obstacles import within
from tests.support.wardrobes import draw, files_below, pack

MUCH = 10_000_000


def take(
    files: Sequence[Brought],
    folder: Path,
    known: dict[str, str] | None = None,
    *,
    most: int | None = 20,
    most_bytes: int = MUCH,
) -> Intake:
    records = [Record(name, None, sha256) for sha256, name in (known or {}).items()]
    return take_in(files, folder / "unpacked", records, most=most, most_bytes=most_bytes)


def told(found: Intake) -> tuple[list[str], list[str]]:
    """Names of what is taken, and of what is refused."""
    return [photo.name for photo in found.photos], [name for name, _ in found.refused]


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("my hat.jpg", "my hat.jpg"),
        ("..\\..\\a.jpg", "a.jpg"),
        ("../../etc/a.jpg", "a.jpg"),
        ("C:\\Users\\me\\a.jpg", "a.jpg"),
        ("hat", "hat"),
        ("Jacke für Zoë 🧥.JPG", "Jacke für Zoë 🧥.JPG"),
        (None, "photo"),
        (7, "photo"),
        ("", "photo"),
        ("/", "photo"),
        ("  ", "photo"),
        ("red\x1b[31m\nhat\u202e.jpg", "red\\x1b[31m\\nhat\\u202e.jpg"),
        ("\0.jpg", "\\x00.jpg"),
        ("caf\udce9.jpg", "caf\\udce9.jpg"),
        ("hat of 2024. At the sea", "hat of 2024. At the sea"),
    ],
)
def test_names_are_what_can_be_shown_and_no_paths(sent: object, shown: str) -> None:
    assert tidy(sent) == shown


@pytest.mark.parametrize("text", ["x", "\0", "/", "\u202e", ".", "\\"])
def test_a_name_of_megabytes_becomes_a_short_one_and_keeps_its_suffix(text: str) -> None:
    with within(20):
        name = tidy(text * 5_000_000 + ".jpg")
    assert len(name) <= LONGEST and name.endswith(".jpg") and name.isprintable()


def test_the_same_file_is_taken_once_wherever_it_comes_from(inbox: Path, tmp_path: Path) -> None:
    first, again, other = draw(inbox, 1), draw(inbox, 1, "again.jpg"), draw(inbox, 2)
    zipped = pack(inbox, {"in zip.jpg": again, "new.jpg": draw(inbox, 3)})
    found = take([first, again, other, zipped], tmp_path)
    assert told(found) == (["001.jpg", "002.jpg", "new.jpg"], ["again.jpg", "in zip.jpg"])
    assert all("the same file as 001.jpg" in reason for _, reason in found.refused)
    known = {hashlib.sha256(first.path.read_bytes()).hexdigest(): "was here.jpg"}
    found = take([again], tmp_path, known)
    assert found.photos == [] and "the same file as was here.jpg" in found.refused[0][1]


def test_two_files_of_one_name_have_two_names(inbox: Path, tmp_path: Path) -> None:
    files = [draw(inbox, number, "image.jpg") for number in range(3)]
    zipped = pack(inbox, {"image.jpg": draw(inbox, 4)})
    found = take([*files, zipped], tmp_path, {"0" * 64: "image (2).jpg"})
    assert told(found) == (["image.jpg", "image (3).jpg", "image (4).jpg", "image (5).jpg"], [])
    assert [photo.path for photo in found.photos[:3]] == [file.path for file in files]


def test_more_than_fit_are_told(inbox: Path, tmp_path: Path) -> None:
    files = [draw(inbox, number) for number in range(4)]
    found = take(files, tmp_path, {"0" * 64: "was here.jpg"}, most=3)
    assert told(found) == (["000.jpg", "001.jpg"], ["002.jpg", "003.jpg"])
    assert all("holds 3 photos; take some out" in reason for _, reason in found.refused)
    zipped = pack(inbox, {f"{number}.jpg": file for number, file in enumerate(files)})
    found = take([zipped], tmp_path / "zip", {"0" * 64: "was here.jpg"}, most=3)
    assert told(found) == (["0.jpg", "1.jpg"], ["3.jpg", "2.jpg"])
    assert len(take(files, tmp_path, most=None).photos) == 4


def test_zips_beside_photos_share_what_may_be_unpacked(inbox: Path, tmp_path: Path) -> None:
    photos = [draw(inbox, number) for number in range(5)]
    zips = [
        pack(inbox, {"hats/a.jpg": photos[0], "coats/b.jpg": photos[1], "notes.txt": b"no photo"}, "one.zip"),
        pack(inbox, {"c.jpg": photos[2], "d.jpg": photos[3]}, "two.zip"),
    ]
    found = take([zips[0], photos[4], zips[1]], tmp_path)
    assert told(found) == (["hats/a.jpg", "coats/b.jpg", "004.jpg", "c.jpg", "d.jpg"], [])
    assert [photo.label for photo in found.photos] == ["hats", "coats", None, None, None]
    sizes = [photo.path.stat().st_size for photo in photos]
    found = take([zips[0], photos[4], zips[1]], tmp_path / "less", most_bytes=sum(sizes[:3]))
    assert told(found) == (["hats/a.jpg", "coats/b.jpg", "004.jpg", "c.jpg"], ["d.jpg"])
    assert "too large to be unpacked" in found.refused[0][1]


def test_what_only_says_that_it_is_a_zip(inbox: Path, tmp_path: Path) -> None:
    whole = pack(inbox, {"a.jpg": draw(inbox, 1)}).path.read_bytes()
    start = whole.index(b"\xff\xd8") + 100
    contents = {
        "text.zip": b"no zip",
        "empty.zip": b"",
        "cut.zip": whole[: len(whole) // 2],
        "damaged.zip": whole[:start] + bytes(100) + whole[start + 100 :],
        "hollow.zip": whole[-22:],
    }
    files = []
    for name, content in contents.items():
        (inbox / name).write_bytes(content)
        files.append(Brought(name, inbox / name))
    found = take([*files, draw(inbox, 2)], tmp_path)
    # What is no zip is left to who decodes photos, and says that it is none.
    assert told(found) == (["text.zip", "empty.zip", "cut.zip", "002.jpg"], ["a.jpg", "hollow.zip"])
    assert found.refused[0][1].startswith("damaged") and found.refused[1][1].startswith("not a zip file")


def test_names_in_a_zip_lead_nowhere(inbox: Path, tmp_path: Path) -> None:
    photo = draw(inbox, 1)
    before = files_below(tmp_path)
    escaping = dict.fromkeys(("../a.jpg", "/etc/b.jpg", "..\\c.jpg", "C:/d.jpg", "x/../../e.jpg"), photo)
    zipped = pack(inbox, {**escaping, "hats/fine.jpg": draw(inbox, 2)}, "../../f.zip")
    found = take([zipped], tmp_path)
    assert told(found)[0] == ["fine.jpg"] and len(found.refused) == len(escaping)
    fresh = set(files_below(tmp_path)) - set(before)
    assert {name.partition("/")[0] for name in fresh} == {"uploads", "unpacked"}
    assert [name for name in fresh if name.startswith("unpacked")] == ["unpacked/000000/000001.jpg"]


def test_a_photo_is_a_photo_whatever_it_is_called(inbox: Path, tmp_path: Path) -> None:
    encoded = io.BytesIO()
    Image.new("RGB", (64, 64)).save(encoded, "PNG")
    (inbox / "upload").write_bytes(encoded.getvalue())
    zipped = pack(inbox, {"a.jpg": draw(inbox, 1)}, "photo.jpg")
    found = take([Brought("photo.zip", inbox / "upload"), zipped], tmp_path)
    assert told(found) == (["photo.zip", "a.jpg"], [])


def test_a_zip_that_grew_is_taken_as_far_as_there_is_room(inbox: Path, tmp_path: Path) -> None:
    files = [draw(inbox, number) for number in range(4)]
    known = {hashlib.sha256(file.path.read_bytes()).hexdigest(): file.name for file in files[:2]}
    zipped = pack(inbox, {file.name: file for file in files})
    assert told(take([zipped], tmp_path, known, most=4))[0] == ["002.jpg", "003.jpg"]


def test_a_zip_for_which_there_is_no_room_is_told_what_helps(inbox: Path, tmp_path: Path) -> None:
    found = take([pack(inbox, {"a.jpg": draw(inbox, 1)})], tmp_path, {"0" * 64: "was here.jpg"}, most=1)
    assert [name for name, _ in found.refused] == ["a.jpg"] and "take some out" in found.refused[0][1]

"""Readers of photo sets, and splits that keep contributors apart."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from cbir.datasets.acs import ACS_CLASSES
from cbir.datasets.clothing.attributes import ATTRIBUTES, name_attributes
from cbir.datasets.photo import Photo
from cbir.datasets.reader import read_photos
from cbir.datasets.split import split_photos
from cbir.errors import DatasetError


def touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def test_a_folder_per_class(tmp_path: Path) -> None:
    touch(tmp_path, "hat/b.JPG", "hat/a.png", "scarf/2021/c.heic", "loose.webp")
    touch(tmp_path, "hat/notes.txt", ".hidden/x.jpg", "hat/._a.png", "Thumbs.db")
    found = read_photos(tmp_path)
    assert [(photo.name, photo.label) for photo in found.photos] == [
        ("hat/a.png", "hat"),
        ("hat/b.JPG", "hat"),
        ("loose.webp", None),
        ("scarf/2021/c.heic", "scarf"),
    ]
    assert found.missing == [] and all(photo.path.is_file() for photo in found.photos)


def test_folders_that_name_a_split(tmp_path: Path) -> None:
    touch(tmp_path, "train/hat/a.jpg", "val/hat/b.jpg", "test/scarf/c.jpg")
    assert [(photo.label, photo.split) for photo in read_photos(tmp_path).photos] == [
        ("scarf", "test"),
        ("hat", "train"),
        ("hat", "validation"),
    ]


def test_folders_to_leave_out(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "catalogue/thumbs/x.jpg")
    assert [photo.name for photo in read_photos(tmp_path, skip=[tmp_path / "catalogue"]).photos] == ["a.jpg"]


def test_photos_csv(tmp_path: Path) -> None:
    touch(tmp_path, "photos/a.jpg", "photos/b.jpg", "other/c.jpg", "photos/unlisted.jpg")
    table = 'photo,contributor,label,kids\nb.jpg,7,T-Shirt,false\na.jpg,7,"Coat, long",true\n'
    (tmp_path / "photos.csv").write_text("\ufeff" + table + "gone.jpg,8,Hat,false\nother/c.jpg,,,\n", encoding="utf-8")
    found = read_photos(tmp_path)
    assert [(p.name, p.label, p.contributor) for p in found.photos] == [
        ("photos/b.jpg", "T-Shirt", "7"),
        ("photos/a.jpg", "Coat, long", "7"),
        ("other/c.jpg", None, None),
    ]
    assert found.missing == ["gone.jpg"]


def test_photos_csv_without_labels(tmp_path: Path) -> None:
    touch(tmp_path, "photos/0001.jpg")
    (tmp_path / "photos.csv").write_text("photo,annotation,tags\n0001.jpg,pixels,hat scarf\n")
    assert read_photos(tmp_path).photos[0].label is None


def test_acs(tmp_path: Path) -> None:
    """A partial copy, one synset folder with a name behind its id, and a stray table among the photos."""
    touch(tmp_path, "images/0/n04197391_blouse/n04197391_12_0.jpg", "images/0/n04197391_blouse/n04197391_12_1.jpg")
    touch(tmp_path, "images/14/n04532831/n04532831_3_0.jpg", "images/14/n04532831/list.csv", "images/stray.csv")
    (tmp_path / "train.txt").write_text("0/n04197391/n04197391_12_0\n0/n04197391/n04197391_12_1\n0/n04197391/gone_0\n")
    (tmp_path / "test.txt").write_text("14/n04532831/n04532831_3_0\n")
    found = read_photos(tmp_path)
    assert [(p.label, p.contributor, p.split) for p in found.photos] == [
        ("blouse", "n04197391_12", "train"),
        ("blouse", "n04197391_12", "train"),
        ("vest", "n04532831_3", "test"),
    ]
    assert found.missing == ["0/n04197391/gone_0"]
    assert len(ACS_CLASSES) == 15


def test_layouts_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no such folder"):
        read_photos(tmp_path / "absent")
    (tmp_path / "photos.csv").write_text("name,label\na.jpg,hat\n")
    with pytest.raises(DatasetError, match=r"photos\.csv: no column 'photo'"):
        read_photos(tmp_path)
    (tmp_path / "photos.csv").write_bytes(b"photo\n\xff\xfe.jpg\n")
    with pytest.raises(DatasetError, match=r"photos\.csv: not a table"):
        read_photos(tmp_path)
    touch(tmp_path, "outside.jpg", "set/photos/a.jpg")
    for name in ("../outside.jpg", tmp_path / "outside.jpg"):
        (tmp_path / "set" / "photos.csv").write_text(f"photo\n{name}\n")
        with pytest.raises(DatasetError, match="lies outside the folder"):
            read_photos(tmp_path / "set")
    (tmp_path / "photos.csv").unlink()
    (tmp_path / "images").mkdir()
    (tmp_path / "train.txt").write_text("15/n1/n1_0_0\n")
    with pytest.raises(DatasetError, match=r"train\.txt: '15/n1/n1_0_0' is not"):
        read_photos(tmp_path)


def test_a_split_keeps_contributors_apart() -> None:
    photos = [Photo(f"{n}.jpg", Path(), "hat", str(n % 53)) for n in range(1000)]
    sides = split_photos(photos, validation=0.1, test=0.2, seed=4)
    owners = [{photo.contributor for photo in side} for side in sides.values()]
    assert not owners[0] & owners[1] and not owners[0] & owners[2] and not owners[1] & owners[2]
    assert sorted(photo.name for side in sides.values() for photo in side) == sorted(photo.name for photo in photos)
    assert 80 <= len(sides["validation"]) <= 100 and 180 <= len(sides["test"]) <= 200
    assert sides == split_photos(photos, validation=0.1, test=0.2, seed=4)
    assert sides != split_photos(photos, validation=0.1, test=0.2, seed=5)


def test_a_split_that_the_set_brings_along_holds() -> None:
    photos = [Photo(f"{n}.jpg", Path(), "hat", str(n), "test" if n < 10 else "train") for n in range(100)]
    sides = split_photos(photos, validation=0.1, test=0.5)
    assert {photo.name for photo in sides["test"]} == {f"{n}.jpg" for n in range(10)}
    assert len(sides["validation"]) == 10


def test_photos_without_contributor_are_split_one_by_one() -> None:
    sides = split_photos([Photo(f"{n}.jpg", Path(), "hat") for n in range(50)], validation=0.2, test=0.2)
    assert [len(sides[name]) for name in ("train", "validation", "test")] == [30, 10, 10]


def test_colours_and_patterns_of_the_clothing_dataset_are_known_by_file_name(tmp_path: Path) -> None:
    with ATTRIBUTES.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == len({row["photo"] for row in rows}) == 4172
    assert len({row["colour"] for row in rows}) == 14 and len({row["pattern"] for row in rows}) == 8
    known = Photo("photos/x", tmp_path / "photos" / rows[5]["photo"], label="Hat")
    strange = Photo("y.jpg", tmp_path / "y.jpg", colour="red")
    named = name_attributes([known, strange])
    assert named[0] == known._replace(colour=rows[5]["colour"], pattern=rows[5]["pattern"])
    assert named[1] == strange


def test_a_table_may_tell_colour_pattern_and_tags(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    (tmp_path / "b.jpg").touch()
    (tmp_path / "photos.csv").write_text(
        "photo,label,colour,pattern,tags\na.jpg,Hat,red,dotted,\nb.jpg,,,,scarf coat\n"
    )
    first, second = read_photos(tmp_path).photos
    assert (first.colour, first.pattern, first.tags, first.label_map) == ("red", "dotted", (), None)
    assert (second.label, second.colour, second.pattern, second.tags) == (None, None, None, ("scarf", "coat"))

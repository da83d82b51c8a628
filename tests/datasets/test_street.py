"""Street photos: garments found in drawn label maps, counted by hand and by a loop over pixels."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from cbir.datasets.photo import Photo
from cbir.datasets.reader import read_photos
from cbir.datasets.street import RUN, SMALLEST, cut_figures, cut_garments, garment_mask, split_street
from cbir.datasets.vocabulary import BODY, KINDS
from cbir.errors import DatasetError
from tests.support.obstacles import within

NAMES = ("null", "skin", "hair", "jacket", "pants", "jeans", "shoes", "boots", "tie", "dress")
JACKET, PANTS, JEANS, SHOES, BOOTS, TIE, DRESS = range(3, 10)

LabelMap = NDArray[np.uint8]


def test_photos_come_with_tags_and_label_maps(tmp_path: Path) -> None:
    write_street(tmp_path, {"0001": draw({JACKET: (0, 0, 50, 50)}), "0002": None}, tags=("hat scarf", ""))
    with_map, without = read_photos(tmp_path).photos
    assert with_map.tags == ("hat", "scarf") and with_map.label_map == tmp_path / "labels" / "0001.png"
    assert without.tags == () and without.label_map is None


def test_a_cut_has_the_kind_the_numbers_and_the_box_of_its_garment(tmp_path: Path) -> None:
    drawn = draw({JACKET: (20, 10, 70, 40), JEANS: (30, 45, 60, 60), PANTS: (35, 60, 80, 90), TIE: (40, 15, 55, 35)})
    photo = write_street(tmp_path, {"a": drawn})[0]
    assert [(cut.kind, set(cut.label_ids), cut.box) for cut in cut_garments([photo])] == [
        ("Outwear", {JACKET}, (20, 10, 70, 40)),
        ("Pants", {PANTS, JEANS}, (30, 45, 80, 90)),
    ]
    assert all(cut.photo == photo for cut in cut_garments([photo]))


def test_a_figure_is_cut_to_what_its_tags_name(tmp_path: Path) -> None:
    """And to nothing else that it wears; who has no label, or whose garment is covered, is left out."""
    drawn = draw({JACKET: (20, 10, 70, 40), TIE: (40, 15, 55, 35), PANTS: (30, 40, 60, 90), SHOES: (30, 90, 60, 99)})
    photos = write_street(tmp_path, {"a": drawn, "b": drawn, "c": drawn}, tags=("jacket tie skin",) * 2 + ("dress",))
    figure, unlabelled, covered = photos[0]._replace(label="Suit"), photos[1], photos[2]._replace(label="Dress")
    (cut,) = cut_figures([figure, unlabelled, covered])
    assert (cut.photo, cut.kind, set(cut.label_ids), cut.box) == (figure, "Suit", {JACKET, TIE}, (20, 10, 70, 40))


def test_cuts_agree_with_a_loop_over_pixels(tmp_path: Path) -> None:
    """Scattered pixels of every name, so that a kind has several words and boxes reach anywhere."""
    numbers = np.random.default_rng(5)
    shares = np.array([60, 9, 9, 2, 5, 0.8, 0.25, 0.15, 9, 1.15])
    maps: dict[str, LabelMap | None] = {
        f"{number}": numbers.choice(len(NAMES), (40, 30), p=shares / shares.sum()).astype(np.uint8)
        for number in range(6)
    }
    photos = write_street(tmp_path, maps)
    expected = []
    for photo in photos:
        pixels = maps[photo.path.stem]
        assert pixels is not None
        for kind, words in KINDS.items():
            spots = [(x, y) for y in range(40) for x in range(30) if NAMES[pixels[y, x]] in words]
            if not spots or len(spots) / 1200 < (SMALLEST / 3 if kind == "Shoes" else SMALLEST):
                continue
            across, down = [x for x, _ in spots], [y for _, y in spots]
            box = (min(across), min(down), max(across) + 1, max(down) + 1)
            expected.append((photo.name, kind, {int(pixels[y, x]) for x, y in spots}, box))
    assert [(cut.photo.name, cut.kind, set(cut.label_ids), cut.box) for cut in cut_garments(photos)] == expected
    found = [kind for _, kind, _, _ in expected]
    assert all(0 < found.count(kind) < 6 for kind in ("Dress", "Shoes")), "some are tiny and some are not"
    assert all(type(edge) is int for cut in cut_garments(photos) for edge in cut.box)


def test_tiny_garments_are_left_out(tmp_path: Path) -> None:
    """Of 10 000 pixels a garment needs 120, shoes 40."""
    photos = write_street(
        tmp_path,
        {
            "enough": draw({DRESS: (0, 0, 11, 11), SHOES: (50, 50, 91, 51)}),
            "too little": draw({DRESS: (0, 0, 7, 17), SHOES: (50, 50, 89, 51)}),
            "together": draw({SHOES: (10, 50, 31, 51), BOOTS: (50, 50, 71, 51)}),
        },
    )
    kinds = {photo.path.stem: [cut.kind for cut in cut_garments([photo])] for photo in photos}
    assert kinds == {"enough": ["Dress", "Shoes"], "too little": [], "together": ["Shoes"]}


def test_photos_without_a_label_map_have_no_cuts(tmp_path: Path) -> None:
    photos = write_street(tmp_path, {"a": None, "b": draw({DRESS: (0, 0, 50, 50)}), "c": None})
    assert [cut.photo.path.stem for cut in cut_garments(photos)] == ["b"]


def test_a_mask_shows_the_numbers_asked_for(tmp_path: Path) -> None:
    drawn = draw({JACKET: (20, 10, 70, 40), JEANS: (30, 45, 60, 60), TIE: (40, 15, 55, 35)}, size=(100, 80))
    photo = write_street(tmp_path, {"a": drawn})[0]
    mask = garment_mask(photo, (JEANS, TIE))
    assert mask.mode == "L" and mask.size == (100, 80)
    assert (np.asarray(mask) == np.where((drawn == JEANS) | (drawn == TIE), 255, 0)).all()
    assert not np.asarray(garment_mask(photo, ())).any()


def test_a_mask_without_numbers_shows_all_that_is_worn(tmp_path: Path) -> None:
    pixels = np.arange(len(NAMES), dtype=np.uint8).reshape(2, 5).repeat(3, axis=1)
    photo = write_street(tmp_path, {"a": pixels})[0]
    worn = [[255 if NAMES[number] not in BODY else 0 for number in row] for row in pixels]
    assert np.asarray(garment_mask(photo)).tolist() == worn


def test_colours_of_a_label_map_do_not_matter(tmp_path: Path) -> None:
    """A palette is for people to look at; the numbers are those behind it."""
    drawn = draw({DRESS: (20, 10, 70, 40)})
    photo = write_street(tmp_path, {"a": drawn})[0]
    assert photo.label_map is not None
    coloured = Image.fromarray(drawn)
    coloured.putpalette(np.random.default_rng(0).integers(0, 256, 768, np.uint8).tobytes())
    coloured.save(photo.label_map)
    with Image.open(photo.label_map) as picture:
        assert picture.mode == "P"
    assert [(cut.kind, cut.label_ids) for cut in cut_garments([photo])] == [("Dress", (DRESS,))]
    assert (np.asarray(garment_mask(photo)) == np.where(drawn == DRESS, 255, 0)).all()


def test_a_photo_without_a_label_map_has_no_mask(tmp_path: Path) -> None:
    photo = write_street(tmp_path, {"plain": None})[0]
    with pytest.raises(DatasetError, match=r"plain\.jpg: has no label map"):
        garment_mask(photo)


@pytest.mark.parametrize("damage", ["no picture", "torn", "damaged within"])
def test_a_label_map_that_cannot_be_read_is_named(tmp_path: Path, damage: str) -> None:
    photo = write_street(tmp_path, {"fine": None, "bad": draw({DRESS: (0, 0, 50, 50)})})[1]
    assert photo.label_map is not None
    whole = photo.label_map.read_bytes()
    shortened_header = whole[:11] + b"\x04" + whole[12:]
    data = {"no picture": b"404: Not Found", "torn": whole[: len(whole) // 2], "damaged within": shortened_header}
    photo.label_map.write_bytes(data[damage])
    with pytest.raises(DatasetError, match=r"bad\.png: not a label map"):
        cut_garments([photo])
    with pytest.raises(DatasetError, match=r"bad\.png: not a label map"):
        garment_mask(photo)


def test_an_unknown_number_is_told(tmp_path: Path) -> None:
    most, over = (draw({number: (0, 0, 50, 50)}) for number in (len(NAMES) - 1, len(NAMES)))
    fine, bad = write_street(tmp_path, {"fine": most, "over": over})
    assert len(cut_garments([fine])) == 1
    with pytest.raises(DatasetError, match=r"over\.png: has label 10, but label_names\.txt names 10"):
        cut_garments([fine, bad])
    with pytest.raises(DatasetError, match=r"over\.png"):
        garment_mask(bad, (DRESS,))


def test_missing_label_names_are_told(tmp_path: Path) -> None:
    photo = write_street(tmp_path, {"a": draw({DRESS: (0, 0, 50, 50)})})[0]
    (tmp_path / "label_names.txt").unlink()
    with pytest.raises(DatasetError, match=r"label_names\.txt: cannot be read"):
        cut_garments([photo])
    with pytest.raises(DatasetError, match=r"label_names\.txt: cannot be read"):
        garment_mask(photo)


@pytest.mark.parametrize("count", [100, 200, 407])
def test_runs_of_neighbours_stay_together(count: int) -> None:
    photos = [Photo(f"{number:04}", Path(f"{number:04}.jpg")) for number in range(count)]
    train, test = split_street(photos)
    assert sorted(photo.name for photo in (*train, *test)) == [photo.name for photo in photos]
    assert len(test) / count == pytest.approx(0.4, abs=0.05)
    tested = {photo.name for photo in test}
    contributors = {photo.name: photo.contributor for photo in (*train, *test)}
    for start in range(0, count, RUN):
        names = [photo.name for photo in photos[start : start + RUN]]
        assert len({name in tested for name in names}) == 1
        assert len({contributors[name] for name in names}) == 1
    assert len(set(contributors.values())) == -(-count // RUN)


def test_a_seed_settles_the_split() -> None:
    photos = [Photo(f"{number:04}", Path(f"{number:04}.jpg"), tags=("hat",)) for number in range(200)]
    assert split_street(photos, seed=1) == split_street(photos, seed=1)
    splits = {tuple(photo.name for photo in split_street(photos, seed=seed)[1]) for seed in range(5)}
    assert len(splits) > 1
    assert all(photo.tags == ("hat",) for side in split_street(photos) for photo in side)


def draw(boxes: dict[int, tuple[int, int, int, int]], size: tuple[int, int] = (100, 100)) -> LabelMap:
    """A label map with rectangles: number to left, upper, right and lower edge."""
    pixels = np.zeros(size[::-1], np.uint8)
    for number, (left, upper, right, lower) in boxes.items():
        pixels[upper:lower, left:right] = number
    return pixels


def write_street(folder: Path, maps: dict[str, LabelMap | None], tags: tuple[str, ...] = ()) -> list[Photo]:
    """A set of grey photos, by stem, with these label maps."""
    (folder / "photos").mkdir()
    (folder / "labels").mkdir()
    (folder / "label_names.txt").write_text("\n".join(NAMES) + "\n")
    lines = ["photo,tags"]
    for number, (stem, pixels) in enumerate(maps.items()):
        size = (100, 100) if pixels is None else (pixels.shape[1], pixels.shape[0])
        Image.new("RGB", size, "grey").save(folder / "photos" / f"{stem}.jpg")
        if pixels is not None:
            Image.fromarray(pixels).save(folder / "labels" / f"{stem}.png")
        lines.append(f"{stem}.jpg,{tags[number] if tags else ''}")
    (folder / "photos.csv").write_text("\n".join(lines) + "\n")
    return read_photos(folder).photos


@pytest.mark.parametrize("name", ["labels/a.png", "label_names.txt"])
def test_what_is_no_file_is_not_waited_for(tmp_path: Path, name: str) -> None:
    [photo] = write_street(tmp_path, {"a": draw({JACKET: (0, 0, 50, 50)})})
    (tmp_path / name).unlink()
    os.mkfifo(tmp_path / name)
    with within(20), pytest.raises(DatasetError, match=rf"{Path(name).name}: "):
        cut_garments([photo])

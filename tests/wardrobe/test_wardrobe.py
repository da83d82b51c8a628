"""Rendered garments: what is planned, what is seen, and that both come again."""

from __future__ import annotations

import csv
import io
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cbir.catalogue.catalogue import Catalogue
from cbir.commands.defaults import SHIPPED
from cbir.commands.parser import main
from cbir.datasets.reader import read_photos
from cbir.datasets.street import cut_figures, read_garments
from cbir.datasets.vocabulary import GARMENTS, LABELS, PERSON, UNKNOWN
from cbir.wardrobe import COUNT, EXAMPLES, KINDS, SAMPLE, plan_garment, render_garment, write_figures, write_wardrobe
from cbir.wardrobe.cloth.colours import lightness, linear
from cbir.wardrobe.folder import COLUMNS, make_row
from cbir.wardrobe.garments import FAMILY
from cbir.wardrobe.render import render_worn
from cbir.wardrobe.scene.grounds import GROUNDS
from cbir.wardrobe.styles import Kind


def pixels(encoded: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(encoded)).convert("RGB"), np.float64)


def test_the_sample_has_all_kinds_in_families_of_near_relatives() -> None:
    garments = [plan_garment(number) for number in SAMPLE]
    kinds = Counter(garment.kind for garment in garments)
    assert 700 <= len(set(SAMPLE)) == len(SAMPLE) <= 800 and len(kinds) >= 15
    real = "T-Shirt Longsleeve Pants Shoes Shirt Dress Outwear Shorts Hat Skirt Polo Undershirt Blazer Hoodie Body Top"
    assert {*real.split(), "Blouse", "Scarf", "Coat", "Suit", "Vest"} == set(kinds)
    for start in range(0, len(SAMPLE), 4):
        family = garments[start : start + 4]
        assert len({(one.family, one.kind, one.style, one.fabric, one.pattern) for one in family}) == 1
        assert len({one.cloths["main"].colours[0] for one in family}) >= 3


def test_a_garment_follows_from_its_number_and_seed() -> None:
    assert plan_garment(77) == plan_garment(77)
    assert plan_garment(77) != plan_garment(77, seed=1)
    assert render_garment(77) == render_garment(77)
    assert render_garment(77) != render_garment(77, seed=1)
    assert plan_garment(COUNT + 3).kind == plan_garment(3).kind


def test_styles_that_came_later_leave_the_numbers_of_the_others_alone() -> None:
    """The numbers of the page's examples and of what was trained on stand for what they stood for."""
    first = {style.name for kind in KINDS for style in kind.styles}
    assert all(plan_garment(number).style in first for number in range(0, 4 * COUNT, 7))
    later = {(one.kind, one.style) for one in map(plan_garment, SAMPLE[COUNT:])}
    assert later == {(kind.label, style.name) for kind in KINDS for style in kind.later}
    examples = [plan_garment(example.number).description for example in EXAMPLES[:2]]
    assert examples == ["navy suede, trainers", "green and white striped satin, slip"]
    assert plan_garment(SAMPLE[-1] + 1).style == plan_garment(SAMPLE[COUNT]).style


def test_a_garment_is_described_in_words() -> None:
    garment = plan_garment(0)
    assert garment.description == f"{garment.colours[0]} {garment.fabric}, {garment.style}"
    striped = next(one for one in map(plan_garment, range(COUNT)) if one.pattern == "striped")
    assert all(word in striped.description for word in (*striped.colours, "striped", striped.fabric, striped.style))
    assert len(striped.colours) == 2


def test_the_picture_shows_the_colour_that_the_record_names() -> None:
    family = [plan_garment(number) for number in range(4)]
    assert {(one.kind, one.pattern) for one in family} == {("T-Shirt", "solid")}
    named = np.array([linear(one.colours[0]) ** (1 / 2.2) for one in family])
    for number in range(4):
        middle = pixels(render_garment(number, scene="white sweep"))[180:260, 170:230].mean((0, 1)) / 255
        assert np.linalg.norm(named - middle, axis=1).argmin() == number


@pytest.mark.parametrize("scene", sorted(GROUNDS))
def test_a_garment_lies_on_the_scene_that_is_asked_for(scene: str) -> None:
    picture, other = pixels(render_garment(4, scene=scene)), pixels(render_garment(4, scene="busy rug"))
    assert picture.shape == (400, 400, 3)
    corner, garment = (slice(0, 40), slice(0, 40)), (slice(180, 260), slice(170, 230))
    if scene != "busy rug":
        assert picture[corner].std() < 0.7 * other[corner].std()
    assert abs(picture[garment].mean() - other[garment].mean()) < 25


def test_a_figure_wears_a_garment() -> None:
    dark = (one for one in map(plan_garment, range(64)) if lightness(one.cloths["figure"].colours[0]) < 0.4)
    picture = pixels(render_garment(next(dark).number, scene="white sweep", worn=True))
    head, beside = picture[45:60, 192:208], picture[45:60, 20:40]
    assert head.mean() < 0.6 * beside.mean()


def test_a_hood_hangs_behind_the_head() -> None:
    garment = next(one for one in map(plan_garment, range(COUNT)) if one.kind == "Hoodie" and one.colours == ("black",))
    assert lightness(garment.cloths["figure"].colours[0]) > 0.5
    picture = pixels(render_garment(garment.number, scene="white sweep", worn=True))
    head, hoodie = picture[50:64, 192:208], picture[220:260, 180:220]
    assert head.mean() > 1.5 * hoodie.mean()


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.label)
def test_every_cut_of_a_kind_can_be_rendered(kind: Kind) -> None:
    numbers = [*range(3 * COUNT), *SAMPLE[COUNT:]]
    cuts = {one.style: one.number for one in map(plan_garment, numbers) if one.kind == kind.label}
    assert set(cuts) == {style.name for style in (*kind.styles, *kind.later)}
    for number in cuts.values():
        assert pixels(render_garment(number)).std() > 5


def test_pictures_are_written_once_with_a_table(tmp_path: Path) -> None:
    done: list[tuple[int, int]] = []
    garments = write_wardrobe(tmp_path, [0, 9], examples=EXAMPLES[:1], progress=lambda *news: done.append(news))
    assert done[0] == (0, 3) and done[-1] == (3, 3)
    with (tmp_path / "photos.csv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    assert [row["photo"] for row in rows] == ["0-0000.jpg", "0-0009.jpg"]
    assert [row["description"] for row in rows] == [garment.description for garment in garments]
    assert (tmp_path / "photos/0-0009.jpg").read_bytes() == render_garment(9)
    found = read_photos(tmp_path)
    assert [photo.label for photo in found.photos] == ["T-Shirt", "T-Shirt"]
    assert [photo.contributor for photo in found.photos] == ["family 0-0", "family 0-2"]
    assert [path.name for path in found.examples] == [f"01-{EXAMPLES[0].number:04}.jpg"]

    (tmp_path / "photos/0-0000.jpg").unlink()
    kept = (tmp_path / "photos/0-0009.jpg").stat().st_mtime_ns
    assert main(["wardrobe", "--out", str(tmp_path), "--count", "1"]) == 0
    assert (tmp_path / "photos/0-0000.jpg").read_bytes() == render_garment(0)
    assert (tmp_path / "photos/0-0009.jpg").stat().st_mtime_ns == kept
    assert len(read_photos(tmp_path).photos) == 1


def test_figures_come_with_label_maps_of_what_they_wear(tmp_path: Path) -> None:
    """As street photos are read: the garment's pixels are of its kind, others of its wearer, a corner is neither."""
    assert main(["wardrobe", "--worn", "--out", str(tmp_path), "--count", "3"]) == 0
    photos = read_photos(tmp_path).photos
    kinds = [plan_garment(int(photo.path.stem[2:])).kind for photo in photos]
    assert kinds == ["T-Shirt", "Top", "Dress"]
    for photo, cut in zip(photos, cut_figures(photos)):
        labels = read_garments(photo)
        (word,) = {*photo.tags} - {"skin"}
        (label,) = (place for place, kind in enumerate(LABELS) if word in GARMENTS.get(kind, ()))
        assert labels.shape == (400, 400) and labels[2, 2] == 0
        assert 0.05 < (labels == label).mean() < 0.7 and (labels == LABELS.index(PERSON)).mean() > 0.01
        assert UNKNOWN not in labels
        assert cut.photo == photo and cut.kind == photo.label
    picture = photos[0].path.read_bytes()
    assert picture == render_worn(0).encoded != render_garment(0, worn=True)
    changed = photos[0].path.stat().st_mtime_ns
    assert len(write_figures(tmp_path, 3)) == 3 and photos[0].path.stat().st_mtime_ns == changed


def first(kind: str, count: int = 6) -> list[int]:
    """Numbers of garments of a kind, one of a family."""
    return [number for number in range(0, COUNT, FAMILY) if plan_garment(number).kind == kind][:count]


def heights(mask: np.ndarray) -> tuple[float, float]:
    """Where a mask begins and what lies at its middle, from the upper edge."""
    rows = np.nonzero(mask)[0]
    return float(rows.min()), float(np.median(rows))


@pytest.mark.parametrize(
    ("kind", "higher", "lower"), [("Hat", "main", "figure"), ("Scarf", "main", "above"), ("Skirt", "above", "main")]
)
def test_a_garment_is_worn_where_it_belongs(kind: str, higher: str, lower: str) -> None:
    """A hat on the head, a scarf round the neck over a top, a skirt below one."""
    for number in first(kind, 2):
        masks = render_worn(number).masks
        assert 0.02 < masks["main"].mean() < 0.6
        assert all(low > high for low, high in zip(heights(masks[lower]), heights(masks[higher]), strict=True))


def test_wearers_differ_and_garments_stay_what_they_are() -> None:
    """Skins, hair and what else is worn are others; the garment has the colours of the one that is laid out."""
    worn = {number: render_worn(number, scene="white sweep") for number in first("T-Shirt", 8)}
    assert len({one.words.get("below") for one in worn.values()}) > 1
    assert {"hair" in one.masks for one in worn.values()} == {True, False}
    assert any({"over", "bag"} & one.words.keys() for one in worn.values())
    skins = []
    for number, one in worn.items():
        picture, garment = pixels(one.encoded), plan_garment(number)
        skins.append(picture[one.masks["figure"]].mean())
        if garment.pattern == "solid":
            laid = pixels(render_garment(number, scene="white sweep"))[180:260, 170:230].reshape(-1, 3)
            assert np.abs(np.median(picture[one.masks["main"]], 0) - np.median(laid, 0)).max() < 40
    assert max(skins) - min(skins) > 60


SHEET = (
    66,
    310,
    577,
    205,
    391,
    128,
    346,
    530,
    263,
    600,
    415,
    702,
    722,
    616,
    360,
    545,
    705,
    182,
    452,
    591,
    742,
    685,
    753,
    565,
)
"""Numbers of the garments on the contact sheet of README.md."""


WEARERS = (1, 46, 66, 110, 131, 160, 200, 230, 246, 282, 330, 348, 392, 436, 590, 603)
"""The same of the picture of wearers."""


@pytest.mark.slow
def test_the_contact_sheet_has_many_kinds(tmp_path: Path) -> None:
    """CBIR_PICTURES=DIR keeps the contact sheet that README.md shows."""
    catalogue = Catalogue.open(SHIPPED)
    sheet = Image.new("RGB", (8 * 204 - 4, 3 * 204 - 4), "white")
    for place, number in enumerate(SHEET):
        thumb = Image.open(catalogue.thumb(number)).resize((200, 200), Image.Resampling.LANCZOS)
        sheet.paste(thumb, (place % 8 * 204, place // 8 * 204))
    sheet.save(Path(os.environ.get("CBIR_PICTURES") or tmp_path) / "wardrobe.jpg", quality=88)
    assert len({catalogue.records[number].label for number in SHEET}) >= 15


@pytest.mark.slow
def test_the_sheet_of_wearers_has_many_kinds(tmp_path: Path) -> None:
    """CBIR_PICTURES=DIR keeps the picture that the wardrobe's card shows."""
    sheet = Image.new("RGB", (8 * 204 - 4, 2 * 204 - 4), "white")
    for place, number in enumerate(WEARERS):
        picture = Image.open(io.BytesIO(render_worn(number).encoded)).resize((200, 200), Image.Resampling.LANCZOS)
        sheet.paste(picture, (place % 8 * 204, place // 8 * 204))
    sheet.save(Path(os.environ.get("CBIR_PICTURES") or tmp_path) / "worn.jpg", quality=88)
    assert len({plan_garment(number).kind for number in WEARERS}) >= 12


def test_the_sample_catalogue_has_the_columns_of_its_table() -> None:
    catalogue = Catalogue.open(SHIPPED)
    rows = [dict(zip(COLUMNS, make_row(plan_garment(number)), strict=True)) for number in SAMPLE]
    for record, row in zip(catalogue.records, rows, strict=True):
        assert (record.photo, record.label) == (f"photos/{row['photo']}", row["label"])
        assert record.description == row["description"]
        assert record.columns == {name: row[name] for name in ("colour", "pattern", "fabric", "style")}
    assert list(catalogue.columns()) == ["kind", "colour", "pattern", "fabric"], "there are too many styles to choose"


def test_the_sample_catalogue_comes_again_from_its_seed() -> None:
    catalogue = Catalogue.open(SHIPPED)
    planned = {f"photos/0-{number:04}.jpg": plan_garment(number).kind for number in SAMPLE}
    assert {record.photo: record.label for record in catalogue.records} == planned
    for row in range(5, len(SAMPLE), 120):
        shipped = pixels(catalogue.thumb(row).read_bytes())
        # Rounding of other library versions and JPEG may move a pixel, not a picture.
        assert np.abs(shipped - pixels(render_garment(SAMPLE[row]))).mean() < 3
    assert len(catalogue.examples) == len(EXAMPLES) == 12
    assert not {example.number for example in EXAMPLES} & set(range(COUNT))

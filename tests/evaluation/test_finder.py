"""What a finder finds: worked by hand on photos, garments and features that are made up."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from PIL import Image

from cbir.catalogue.catalogue import Catalogue
from cbir.commands.parser import main
from cbir.datasets.photo import Photo
from cbir.datasets.reader import read_photos
from cbir.datasets.vocabulary import LABELS, UNKNOWN
from cbir.errors import DatasetError, WeightsError
from cbir.evaluation.finder import (
    area_under_curve,
    at_precision,
    box_overlap,
    found_at,
    match_boxes,
    measure_boxes,
    measure_overlap,
    measure_scarves,
)
from cbir.evaluation.finder_report import FinderReport
from cbir.evaluation.garment_search import measure_colours, measure_laid_out, measure_scarf_search, measure_worn
from cbir.evaluation.metrics import estimate, resample
from cbir.evaluation.seen import Seen, Shown, Truth, count_overlap, describe_shown, enlarge, look_at
from cbir.network.expansion import Expansion
from cbir.network.extractor import FeatureExtractor
from cbir.network.garments import GLANCE_AREA, Garment, GarmentFinder, Sighting
from cbir.network.preprocess import to_pixels
from cbir.network.segmenter import FinderWeights, Segmenter, save_finder
from cbir.network.weights import load_weights
from cbir.photos.decode import load_image
from cbir.photos.lab import to_lab
from cbir.photos.region import Region
from cbir.system.files import file_digest

TOP, COAT, SCARF = (LABELS.index(kind) for kind in ("top", "outerwear", "scarf"))
NOTHING = np.zeros((2, len(LABELS)), np.int64)
LEFT, UPPER = Region(0, 0, 0.5, 1), Region(0, 0, 1, 0.5)


def garment(kind: str, score: float, box: Region = LEFT, share: float = 0.2) -> Garment:
    return Garment(kind, score, box, share)


def shown(box: Region = LEFT, share: float = 0.2, colour: tuple[float, float, float] = (0, 0, 0)) -> Shown:
    return Shown(share, box, colour)


def seen(
    number: int,
    *garments: Garment,
    tags: str = "",
    truth: dict[str, Shown] | None = None,
    overlap: np.ndarray = NOTHING,
    features: list[list[float]] | None = None,
) -> Seen:
    """A photo in a run of its own. features: of the whole and of each garment, the rest of them zeros."""
    photo = Photo(f"{number}.jpg", Path(f"{number}.jpg"), tags=tuple(tags.split()))
    rows = np.zeros((1 + len(garments), 1024), np.float32)
    for row, feature in zip(rows, features or []):
        row[: len(feature)] = feature
    return Seen(photo, Sighting(0.3, list(garments)), rows, None if truth is None else Truth(truth, overlap))


def test_overlap_by_hand() -> None:
    """Of six pixels of a top five are found, with one of the ground; a seventh is not known what."""
    labels = np.array([[TOP, TOP, TOP, TOP], [TOP, TOP, UNKNOWN, 0], [0, 0, 0, 0]], np.uint8)
    answers = np.array([[TOP, TOP, TOP, TOP], [TOP, 0, TOP, TOP], [0, 0, 0, COAT]])
    both, either = count_overlap(labels, answers)
    assert (both[TOP], either[TOP]) == (5, 7)
    assert (both[0], either[0]) == (3, 6)
    assert (both[COAT], either[COAT]) == (0, 1), "where nothing of it is, and it is seen"
    assert both.sum() == 8 and either.sum() == 14


def test_overlap_is_of_all_photos_together() -> None:
    """A top of 1 of 4 pixels in one photo and 6 of 6 in another is 7 of 10, not the mean of 1/4 and 1."""
    counts = np.zeros((2, 2, len(LABELS)), np.int64)
    counts[0, :, TOP], counts[1, :, TOP], counts[0, :, COAT], counts[0, :, 1] = (1, 4), (6, 6), (0, 5), (3, 4)
    photos = [seen(number, truth={}, overlap=overlap) for number, overlap in enumerate(counts)]
    by_label, figures = measure_overlap([*photos, seen(2)])
    assert by_label == {"body": 0.75, "top": 0.7, "outerwear": 0.0}, "kinds that are nowhere have no figure"
    mean = figures["intersection over union, mean of 10 kinds"]
    assert mean.value == pytest.approx(0.35) and mean.size == 2
    assert (mean.low, mean.high) == pytest.approx(((1 / 4 + 0) / 2, 1.0)), "one photo twice, or the other"
    assert figures["intersection over union, body"].value == 0.75
    with pytest.raises(DatasetError, match="none of 1 street photos has a label map"):
        measure_overlap([seen(2)])


def test_probabilities_are_enlarged_between_middles() -> None:
    coarse = np.array([[[0, 1]]], np.float32)
    assert enlarge(coarse, (1, 4))[0, 0].tolist() == [0, 0.25, 0.75, 1]


def test_box_overlap_by_hand() -> None:
    assert box_overlap(LEFT, LEFT) == 1
    assert box_overlap(LEFT, UPPER) == pytest.approx(1 / 3)
    assert box_overlap(LEFT, Region(0.5, 0, 1, 1)) == 0 == box_overlap(LEFT, Region(0.6, 0.1, 1, 1))


def boxed() -> list[Seen]:
    """Three tops and a coat over 3 %, and a hat below; found are two of the tops, and what is none.

    Tops found, best first: 0.9 right; 0.8 wrong, in the wrong place; 0.7 right but small; 0.6 wrong, the top is taken;
    0.5 wrong and small.
    """
    return [
        seen(
            0,
            garment("top", 0.6),
            garment("top", 0.9, Region(0, 0, 0.5, 0.6)),
            truth={"top": shown(), "hat": shown(share=0.03)},
        ),
        seen(1, garment("top", 0.8, UPPER), truth={"top": shown(), "outerwear": shown(UPPER)}),
        seen(2, garment("top", 0.7, share=0.03), garment("top", 0.5, UPPER, share=0.01), truth={"top": shown()}),
        seen(3, garment("top", 1.0)),
    ]


def test_boxes_by_hand() -> None:
    by_kind, figures = measure_boxes(boxed())
    top = by_kind["top"]
    assert (top.garments, top.found) == (3, 3)
    assert (top.precision, top.recall) == pytest.approx((1 / 3, 2 / 3))
    # Down to 0.9 all is right; with the next, at 0.8, half.
    assert (top.least_score, top.precision_there, top.recall_there) == pytest.approx((0.9, 1.0, 1 / 3))
    assert (by_kind["outerwear"].garments, by_kind["outerwear"].recall) == (1, 0)
    assert np.isnan(by_kind["outerwear"].precision)
    assert list(by_kind) == ["top", "outerwear"], "a hat of 3 % is too small to be looked for"
    assert figures["boxes, precision as found"].value == pytest.approx(1 / 3)
    assert figures["boxes, recall as found"].value == pytest.approx(2 / 4)
    assert figures["boxes, recall at precision 0.60"].value == pytest.approx(1 / 4)


def test_recall_where_the_precision_suffices() -> None:
    boxes, ones = match_boxes(boxed()[:3], ["top"]), np.ones(3)
    assert boxes.score.tolist() == [0.9, 0.8, 0.7, 0.6, 0.5]
    assert boxes.right.tolist() == [True, False, True, False, False]
    # Down to 0.7, one of the two plain ones is right, and two of the three garments are found.
    assert at_precision(boxes, ones, wanted=0.5) == pytest.approx((0.7, 0.5, 2 / 3))
    assert at_precision(boxes, ones, wanted=0.3) == pytest.approx((0.5, 1 / 3, 2 / 3))
    assert at_precision(boxes, np.array([0, 1, 1]), wanted=0.6) == (0.5, 0, 0.5), "never reached: the best there is"
    assert np.isnan(at_precision(boxes, np.zeros(3))).all()


def test_garments_of_one_score_stand_or_fall_together() -> None:
    photos = [seen(0, garment("top", 0.5), truth={"top": shown()}), seen(1, garment("top", 0.5), truth={})]
    assert at_precision(match_boxes(photos, ["top"]), np.ones(2)) == (0.5, 0.5, 1.0)


SCORES = np.array([0.9, 0.8, 0.5, 0.5, 0.3, 0.2, 0.0, 0.0])
WEARS = np.array([True, False, True, False, True, False, True, False])


@pytest.mark.parametrize(("false_alarms", "expected"), [(0.0, 1 / 4), (0.25, 1 / 4), (0.5, 3 / 4), (1.0, 3 / 4)])
def test_wearers_found_at_a_share_of_false_alarms(false_alarms: float, expected: float) -> None:
    """The one at 0.5 comes with a second false alarm; the last has no score at all."""
    assert found_at(SCORES, WEARS, np.ones(8), false_alarms=false_alarms) == expected


def test_area_under_the_curve_by_hand() -> None:
    """Pairs won, of the four others: 4 by 0.9, 2 and a half by 0.5, 2 by 0.3, half of one by 0."""
    assert area_under_curve(SCORES, WEARS, np.ones(8)) == pytest.approx((4 + 2.5 + 2 + 0.5) / 16)
    twice = np.where(np.arange(8) == 0, 2, 1)
    assert area_under_curve(SCORES, WEARS, twice) == pytest.approx((8 + 2.5 + 2 + 0.5) / 20), "a wearer drawn twice"
    assert np.isnan(area_under_curve(SCORES, WEARS, WEARS.astype(float)))


def test_scarves_by_hand() -> None:
    """Ten people without a scarf, one of whom gets a false alarm; of four wearers three are found, two for sure."""
    others = [seen(number, tags="coat hair") for number in range(9)]
    alarm = seen(9, garment("scarf", 0.4), garment("top", 1.0), tags="coat")
    scores: list[list[float]] = [[0.2, 0.9], [0.5], [0.3], []]
    wearers = [
        seen(10 + number, *(garment("scarf", score) for score in some), tags="scarf")
        for number, some in enumerate(scores)
    ]
    figures = measure_scarves([*others, alarm, *wearers])
    assert {name: figure.value for name, figure in figures.items()} == {
        "scarf wearers with a scarf found": 3 / 4,
        "others with a scarf found": 1 / 10,
        "scarf wearers found at 10% false alarms": 3 / 4,
        "area under the curve of scarf scores": pytest.approx((10 + 10 + 9 + 4.5) / 40),
    }
    figures = measure_scarves([*others[1:], alarm, *wearers])
    assert figures["scarf wearers found at 10% false alarms"].value == 2 / 4, "one alarm in nine people is too much"
    assert measure_scarves(others) == {} == measure_scarves(wearers)


def along(degrees: float) -> list[float]:
    return [float(np.cos(np.radians(degrees))), float(np.sin(np.radians(degrees)))]


def dressed() -> list[Seen]:
    """Six people, the last three in hats; those of 3 and 4 are found and are alike; tops are found on all."""
    hats = {3: 5.0, 4: 6.0}
    tops = (84, 82, 80, 90, 88, 70)
    return [
        seen(
            number,
            garment("top", 0.9),
            *[garment("hat", 0.9) for _ in range(number in hats)],
            tags=("dress", "dress", "", "hat", "hat", "hat")[number],
            features=[along(whole), along(tops[number]), *([along(hats[number])] if number in hats else [])],
        )
        for number, whole in enumerate((10, 60, 25, 0, 48, 80))
    ]


def test_a_worn_kind_is_searched_by_the_whole_and_by_the_garment() -> None:
    """By whole photos, hats find one hat, and dresses none. By hats, 3 and 4 find each other, then by tops 5 and 2."""
    by_kind, figures = measure_worn(dressed())
    assert set(by_kind) == {"hat", "dress"}, "nobody wears a top by the tags"
    hat, dress = by_kind["hat"], by_kind["dress"]
    # On 5 no hat is found: the whole photo is searched.
    by_garment = (2 / 3 + 2 / 3 + 1 / 3) / 3
    assert hat == pytest.approx((3, 2 / 5, 2 / 3, 1 / 3, by_garment, (1 / 3) / (2 / 5), by_garment / (2 / 5)))
    assert dress == pytest.approx((2, 1 / 5, 0, 0, 0, 0, 0))
    name = "its kind in the top 3, mean of 10 kinds"
    assert figures[f"{name}: whole photo"].value == pytest.approx((1 / 3 + 0) / 2)
    assert figures[f"{name}: found garment"].value == pytest.approx((by_garment + 0) / 2)
    less = figures[f"{name}: found garment less whole photo"]
    assert less.value == pytest.approx((by_garment - 1 / 3) / 2) and less.size == 5
    assert 0 == less.low < less.value < less.high
    assert measure_worn(dressed()[:1]) == ({}, {})


def test_each_photo_counts_once_and_never_the_query() -> None:
    """Of the hat's wearers, each finds the two others and then a coat's, although hats of its own are nearer."""
    hats = [[0, 1], [2, 3], [9], [30], [40]]
    photos = [
        seen(
            number,
            *[garment("hat", 0.9) for _ in some],
            tags="hat" if number < 3 else "coat",
            features=[along(45 + number), *map(along, some)],
        )
        for number, some in enumerate(hats)
    ]
    assert measure_worn(photos)[0]["hat"].garment == pytest.approx(2 / 3)


def test_colours_by_hand() -> None:
    """By tops, each finds those that are nearest in lightness; a hat or a photo without a label map is no answer."""
    lightness = (0.0, 10.0, 40.0, 90.0, 95.0)
    photos = [
        seen(
            number,
            garment("top", 0.9),
            *[garment("hat", 0.9) for _ in range(number == 4)],
            truth={"top": shown(colour=(light, 0, 0))},
            features=[along(17 * number * number), along(light), *([along(0)] if number == 4 else [])],
        )
        for number, light in enumerate(lightness)
    ]
    by_kind, figures = measure_colours([*photos, seen(5, garment("top", 0.9), features=[along(0), along(0)])])
    top = by_kind["top"]
    chance = [np.mean([abs(a - b) for j, b in enumerate(lightness) if i != j]) for i, a in enumerate(lightness)]
    nearest = [np.mean(sorted(abs(a - b) for b in lightness)[1:4]) for a in lightness]
    assert (top.garments, top.chance, top.garment) == pytest.approx((5, np.mean(chance), np.mean(nearest)))
    assert top.garment < top.whole
    less = figures["difference of colour in the top 3, mean of 10 kinds: found garment less whole photo"]
    assert less.value == pytest.approx(top.garment - top.whole)
    assert measure_colours([seen(0)]) == ({}, {})


def test_lab_of_known_colours() -> None:
    """As CIE 15 with sRGB's white gives it, to three digits."""
    colours = np.array([[255, 255, 255], [0, 0, 0], [255, 0, 0], [0, 0, 255], [119, 119, 119]], np.uint8)
    expected: list[list[float]] = [[100, 0, 0], [0, 0, 0], [53.24, 80.09, 67.2], [32.3, 79.19, -107.86], [50.03, 0, 0]]
    assert np.allclose(to_lab(colours), expected, atol=0.05)


def test_a_garment_of_a_label_map_is_described() -> None:
    labels, picture = np.zeros((10, 20), np.uint8), np.zeros((10, 20, 3), np.uint8)
    labels[2:4, 5:10] = labels[7, 15] = SCARF
    picture[2:4, 5:10] = 255
    scarf = describe_shown(labels, picture)["scarf"]
    assert scarf.share == 11 / 200 and scarf.box == Region(5 / 20, 2 / 10, 16 / 20, 8 / 10)
    assert scarf.colour == pytest.approx((100, 0, 0), abs=0.05), "the median: most of it is white"


class Glances(GarmentFinder):
    """Sees what the colour of a picture's first pixel stands for."""

    def __init__(self, sightings: dict[tuple[int, ...], tuple[float, Sighting]]) -> None:
        self._sightings = sightings

    def find(self, image: Image.Image, *, area: int = 0) -> Sighting:
        glance, sighting = self._sightings[cast("tuple[int, ...]", image.getpixel((0, 0)))]
        return Sighting(glance, []) if area == GLANCE_AREA else sighting


class MeanColour(FeatureExtractor):
    """Features of three numbers, the mean colour, and 1,021 zeros."""

    def __init__(self) -> None:
        pass

    def embed(self, pixels: np.ndarray) -> np.ndarray:
        features = np.zeros((len(pixels), 1024), np.float32)
        features[:, :3] = pixels.mean((1, 2))
        return features / np.linalg.norm(features, axis=1, keepdims=True)


def test_laid_out_garments_through_the_finder(tmp_path: Path) -> None:
    """Red is a dress and blue a hat. Three queries are half of each, mostly of the wrong one; in two a person is seen
    at a glance, and in one of them at a closer look.
    """
    photos = []
    for name, label, ground, part in (
        ("a", "Dress", "#ff0000", "#ff0000"),
        ("b", "Hat", "#0000ff", "#0000ff"),
        ("person", "Hat", "#fe0000", "#0000ff"),
        ("glance", "Hat", "#fd0000", "#0000ff"),
        ("nobody", "Hat", "#fc0000", "#0000ff"),
        ("other", "Vest", "#fc0000", "#0000ff"),
    ):
        picture = Image.new("RGB", (100, 100), ground)
        picture.paste(part, (60, 30, 100, 70))
        picture.save(tmp_path / f"{name}.png")
        photos.append(Photo(name, tmp_path / f"{name}.png", label))
    hat = garment("hat", 0.9, Region(0.65, 0.35, 0.95, 0.65))
    finder = Glances(
        {
            (254, 0, 0): (0.5, Sighting(0.5, [hat, garment("top", 0.9)])),
            (253, 0, 0): (0.5, Sighting(0.0, [hat])),
            (252, 0, 0): (0.0, Sighting(0.5, [hat])),
        }
    )
    done: list[tuple[int, int]] = []
    network = MeanColour()
    features = network.embed(np.stack([to_pixels(load_image(photo.path)) for photo in photos]))
    figures = measure_laid_out(
        photos[2:], photos[:2], features, network, finder, progress=lambda *some: done.append(some)
    )
    assert figures["somebody seen in a photo of one garment"].value == pytest.approx(1 / 3)
    assert figures["laid out, P@1: whole photo"].value == 0
    assert figures["laid out, P@1: through the finder"].value == pytest.approx(1 / 3)
    assert figures["laid out, mAP: whole photo"].value == pytest.approx(1 / 2)
    assert figures["laid out, mAP: through the finder"].value == pytest.approx((1 + 1 / 2 + 1 / 2) / 3)
    assert figures["laid out, P@3: through the finder"].size == 3, "nothing in the gallery is a vest"
    assert done[-1] == (3, 3)
    with pytest.raises(DatasetError, match="no photo to search for"):
        measure_laid_out(photos[5:], photos[:2], features[:3], network, finder)


def test_found_scarves_are_searched_in_a_catalogue() -> None:
    """Of three wearers' scarves two are found; the first has two scarves of three nearest, the second one."""
    labels = ["Scarf", "Scarf", "Hat", "Hat", "Scarf"]
    vectors = np.zeros((5, 1024))
    vectors[:, :2] = [along(degrees) for degrees in (0, 10, 20, 50, 60)]

    def search_many(queries: np.ndarray, k: int) -> list[SimpleNamespace]:
        return [SimpleNamespace(indices=np.argsort(-(vectors @ query))[:k]) for query in queries]

    records = [SimpleNamespace(label=label) for label in labels]
    catalogue = cast(Catalogue, SimpleNamespace(records=records, index=SimpleNamespace(search_many=search_many)))
    hat, scarf = garment("hat", 0.9), garment("scarf", 0.9)
    photos = [
        seen(0, hat, scarf, tags="scarf", features=[along(60), along(40), along(1)]),
        seen(1, scarf, tags="scarf", features=[along(0), along(39)]),
        seen(2, hat, tags="scarf", features=[along(0), along(0)]),
        seen(3, scarf, tags="hat", features=[along(0), along(0)]),
    ]
    figure = measure_scarf_search(photos, catalogue)["found scarves with two scarves in the top 3"]
    assert (figure.value, figure.size) == (1 / 2, 2)
    mean = np.eye(1024, dtype=np.float32)[0]
    expanded = measure_scarf_search(photos, catalogue, Expansion({"scarf": 9 * mean}))
    assert expanded["found scarves with two scarves in the top 3"].value == 1, "39 and 40 degrees become nearly 0"
    assert expanded["found scarves with two scarves in the top 3, not expanded"] == figure
    assert len(measure_scarf_search(photos, catalogue, Expansion({"hat": mean}))) == 1, "scarves have no mean"
    for record in records:
        record.label = "Hat"
    assert measure_scarf_search(photos, catalogue) == {}


def test_a_resampled_mean_has_the_interval_of_the_mean() -> None:
    values, runs = np.random.default_rng(0).random(60), [number // 6 for number in range(60)]
    mean = resample(lambda weights: float(weights @ values / weights.sum()), runs)
    assert mean == pytest.approx(estimate(values, runs, draws=1000))
    rare = resample(lambda weights: 1.0 if weights[0] else np.nan, runs)
    assert rare == (1, 1, 1, 60), "draws without a figure are left out"
    for nothing in ([], runs):
        with pytest.raises(ValueError, match=f"a figure of {len(nothing)} photos, got none"):
            resample(lambda _: np.nan, nothing)


class ByColour(GarmentFinder):
    """Takes red for a scarf, and all else for the ground."""

    def __init__(self, kinds: tuple[str, ...] = LABELS) -> None:
        self.weights = FinderWeights(kinds, "", {})

    def probabilities(self, image: Image.Image, *, area: int = 0) -> np.ndarray:
        cells = np.asarray(image)[4::8, 4::8, 0] > 128
        probabilities = np.zeros((len(LABELS), *cells.shape), np.float32)
        probabilities[SCARF], probabilities[0] = cells, ~cells
        return probabilities


def fill_street(folder: Path, count: int) -> list[Photo]:
    """Photos of 160 x 240, with a red square, every second time a scarf, and label maps."""
    for name in ("photos", "labels"):
        (folder / name).mkdir(parents=True)
    (folder / "label_names.txt").write_text("null\nscarf\ncoat\n")
    rows = ["photo,tags"]
    for number in range(count):
        picture, labels = Image.new("RGB", (160, 240)), Image.new("L", (160, 240))
        picture.paste("red", (40, 80, 120, 160))
        labels.paste(1 + number % 2, (40, 80, 120, 160))
        picture.save(folder / f"photos/{number:03}.png")
        labels.save(folder / f"labels/{number:03}.png")
        rows.append(f"{number:03}.png,{('scarf', 'coat')[number % 2]}")
    (folder / "photos.csv").write_text("\n".join(rows))
    return read_photos(folder).photos


def test_photos_are_looked_at_beside_their_label_maps(tmp_path: Path) -> None:
    scarf, coat = fill_street(tmp_path, 2)
    done: list[tuple[int, int]] = []
    looks = look_at(
        [scarf, coat._replace(label_map=None)], MeanColour(), ByColour(), progress=lambda *some: done.append(some)
    )
    assert done == [(2, 2)]
    assert [one.wears("scarf") for one in looks] == [True, False]
    truth = looks[0].truth
    assert truth is not None and looks[1].truth is None
    both, either = truth.overlap[:, SCARF]
    assert 0.99 * 80 * 80 < both <= either == 80 * 80, "but for the corners"
    assert list(truth.shown) == ["scarf"] and truth.shown["scarf"].share == pytest.approx(1 / 6)
    assert truth.shown["scarf"].box == Region(40 / 160, 80 / 240, 120 / 160, 160 / 240)
    assert truth.shown["scarf"].colour == pytest.approx((53.24, 80.09, 67.2), abs=0.05)
    (found,) = looks[0].sighting.garments
    assert found.kind == "scarf" and np.allclose(found.box, truth.shown["scarf"].box, atol=1e-4)
    assert found.lab == pytest.approx(truth.shown["scarf"].colour, abs=0.5)
    assert looks[0].find("scarf") == 1 and looks[0].find("top") is None
    whole, garment = looks[0].features
    assert whole[0] == pytest.approx(1) and garment[0] == pytest.approx(1) and garment.shape == (1024,)


def test_a_finder_of_other_kinds_is_not_measured() -> None:
    with pytest.raises(WeightsError, match="tells apart other kinds than label maps are read for"):
        look_at([], MeanColour(), ByColour(LABELS[:3]))


def test_a_report_is_plain_data_and_a_table() -> None:
    by_kind, figures = measure_boxes(boxed())
    report = FinderReport("0123456789abcdef", figures, {"top": 0.71234567}, by_kind, *(measure_worn(dressed())[:1]))
    plain = json.loads(json.dumps(report.as_json(), allow_nan=False))
    assert plain["overlap"] == {"top": 0.7123} and plain["boxes"]["outerwear"]["precision"] is None
    assert plain["worn"]["hat"]["garment"] == 0.5556 and plain["figures"]["boxes, recall as found"]["value"] == 0.5
    lines = str(report).splitlines()
    assert "0123456789ab" in lines[0] and "0.500 (" in next(line for line in lines if "recall as found" in line)
    assert next(line for line in lines if line.startswith("hat")).split() == "hat 3 0.40 0.67 0.33 0.56".split()


@pytest.mark.slow
def test_one_command_measures_the_finder_beside_the_weights(
    weights_file: Path, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill_street(tmp_path / "street", 60)
    weights = Path(shutil.copy(weights_file, tmp_path / "weights.pth"))
    command = ["evaluate", str(photos), "--weights", str(weights), "--street", str(tmp_path / "street")]
    assert main([*command, "--json"]) == 0
    assert "finder" not in json.loads(capsys.readouterr().out)
    network = load_weights(weights)
    segmenter = Segmenter(network.feature_network(), len(LABELS))
    save_finder(FinderWeights(LABELS, network.digest, segmenter.own_tensors()), tmp_path / "garments.pth")
    assert main([*command, "--json"]) == 0
    finder = json.loads(capsys.readouterr().out)["finder"]
    assert finder["weights"] == file_digest(tmp_path / "garments.pth")
    assert finder["figures"]["intersection over union, background"]["size"] == 20
    assert main(command) == 0
    assert "intersection over union, background" in capsys.readouterr().out

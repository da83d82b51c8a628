"""Means of kinds and colours by hand, and found garments beside what label maps show of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cbir.datasets.photo import Photo
from cbir.datasets.street import cut_garments
from cbir.evaluation import closeness
from cbir.evaluation.closeness import measure_closeness
from cbir.evaluation.distractors import draw_distractors
from cbir.evaluation.expansion import FEWEST, NO_COLOUR, find_expansion, match_found
from cbir.evaluation.seen import Seen
from cbir.network.closeness import load_calibration
from cbir.network.expansion import Expansion
from cbir.network.extractor import FeatureExtractor
from cbir.network.garments import Garment, Sighting
from cbir.photos.lab import to_lab
from cbir.photos.region import Region

LEFT, RIGHT = Region(0.1, 0.2, 0.4, 0.8), Region(0.6, 0.2, 0.9, 0.8)
NAMES = ("null", "coat", "t-shirt", "dress", "hat")


def unit(*places: int) -> np.ndarray:
    """Unit vectors along axes."""
    return np.eye(1024, dtype=np.float32)[list(places)]


def test_means_are_of_all_labels_of_a_kind_and_of_none_with_few_photos() -> None:
    labels = ["Coat"] * 4 + ["Blazer"] * (FEWEST - 4) + ["Hat"] * (FEWEST - 1) + ["Not sure"] * FEWEST
    photos = [Photo(f"{number}", Path(f"{number}"), label) for number, label in enumerate(labels)]
    features = np.random.default_rng(0).random((len(photos), 8)).astype(np.float32)
    expansion = find_expansion(photos, features)
    means = expansion.kinds
    assert list(means) == ["outerwear"] and not expansion.colours
    np.testing.assert_allclose(means["outerwear"], features[:FEWEST].mean(0), atol=1e-3)
    assert means["outerwear"].dtype == np.float32


def test_a_colour_is_what_its_photos_have_beyond_their_kinds(tmp_path: Path) -> None:
    """Red hats and coats are shifted by (1, 0), blue ones by (0, 1); other names are not of colours, or are rare."""
    photos: list[Photo] = []
    features: list[tuple[float, ...]] = []
    for colour, rgb, shift in (("red", (200, 20, 20), (1, 0)), ("blue", (20, 20, 200), (0, 1))):
        Image.new("RGB", (60, 60), rgb).save(tmp_path / f"{colour}.png")
        for number in range(2 * FEWEST):
            label = ("Hat", "Coat")[number % 2]
            photos.append(Photo(f"{colour}{number}", tmp_path / f"{colour}.png", label, colour=colour))
            features.append((number % 2, 1 - number % 2, *shift))
    for other, count in ((None, FEWEST), (NO_COLOUR, FEWEST), ("pink", FEWEST - 1)):
        photos += [photos[0]._replace(name=f"{other}{number}", colour=other) for number in range(count)]
        features += [(0.0, 1.0, 0.5, 0.5)] * count
    expansion = find_expansion(photos, np.array(features, np.float32))
    assert list(expansion.colours) == ["blue", "red"]
    for name, rgb, sign in (("red", (200, 20, 20), 1), ("blue", (20, 20, 200), -1)):
        lab, found = expansion.colours[name]
        np.testing.assert_allclose(found, (0, 0, sign / 2, -sign / 2), atol=1e-3)
        np.testing.assert_allclose(lab, to_lab(np.array([rgb], np.uint8))[0], atol=0.01)


def street(folder: Path, number: int, left: int, right: int, run: str) -> Photo:
    """A photo whose label map shows these lines of NAMES in LEFT and RIGHT."""
    for name in ("photos", "labels"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "label_names.txt").write_text("\n".join(NAMES))
    labels = Image.new("L", (100, 50))
    for label, box in ((left, LEFT), (right, RIGHT)):
        x0, y0, x1, y1 = (round(edge * size) for edge, size in zip(box, (100, 50, 100, 50)))
        labels.paste(label, (x0, y0, x1, y1))
    labels.save(folder / f"labels/{number}.png")
    labels.convert("RGB").save(folder / f"photos/{number}.png")
    name = f"photos/{number}.png"
    return Photo(name, folder / name, label_map=folder / f"labels/{number}.png", contributor=run)


def test_a_found_garment_is_what_the_label_map_shows_in_its_box(tmp_path: Path) -> None:
    """Whatever the finder takes it for; not if it lies beside it, shows nothing, or is of a kind without a mean."""
    photo = street(tmp_path, 0, 1, 2, "run 7")
    apart = Region(0.25, 0.2, 0.55, 0.8)
    garments = [
        Garment("outerwear", 0.9, LEFT, 0.2),
        Garment("outerwear", 0.8, RIGHT, 0.2),
        Garment("outerwear", 0.7, apart, 0.2),
        Garment("hat", 0.6, LEFT, 0.2),
    ]
    seen = Seen(photo, Sighting(0.5, garments), unit(0, 1, 2, 3, 4), None)
    found = match_found([seen], cut_garments([photo]), Expansion({"outerwear": 4 / 3 * unit(9)[0]}))
    assert [(one.kind, one.run) for one in found] == [("Coat", "run 7"), ("T-Shirt", "run 7")]
    for one, place in zip(found, (1, 2)):
        np.testing.assert_allclose(one.feature, (unit(place)[0] + unit(9)[0]) / np.sqrt(2), atol=1e-6)
    assert match_found([seen._replace(photo=photo._replace(name="another"))], cut_garments([photo]), Expansion()) == []


class Planned(FeatureExtractor):
    """A feature is the colour of a photo's middle, in place of a network's."""

    def embed(self, pixels: np.ndarray) -> np.ndarray:
        colour = pixels[:, 100:124, 100:124].mean((1, 2)) / 255
        features = np.zeros((len(pixels), 1024), np.float32)
        features[:, :3] = colour
        features[:, 3] = 0.5
        return features / np.linalg.norm(features, axis=1, keepdims=True)


def paint(folder: Path, number: int, label: str, rng: np.random.Generator) -> Photo:
    """Dresses are mostly red and hats mostly green, with much between."""
    folder.mkdir(exist_ok=True)
    red, green = np.clip(np.array([0.6, 0.4]) + rng.normal(0, 0.12, 2), 0, 1)[:: 1 if label == "Dress" else -1]
    Image.new("RGB", (224, 224), tuple(int(255 * one) for one in (red, green, 0.3))).save(folder / f"{number}.png")
    return Photo(f"{folder.name}/{number}.png", folder / f"{number}.png", label, contributor=f"c{number % 12}")


def test_found_garments_are_measured_as_they_are_searched(
    extractor: FeatureExtractor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closeness, "draw_distractors", lambda: draw_distractors(1))
    monkeypatch.setattr(closeness, "cut_distractors", lambda _: {})
    rng, network = np.random.default_rng(0), Planned(extractor.weights)
    gallery, queries, also = (
        [paint(tmp_path / name, number, ("Dress", "Hat")[number % 2], rng) for number in range(count)]
        for name, count in (("gallery", 240), ("queries", 120), ("also", 30))
    )
    also = [photo._replace(label="Scarf") for photo in also]
    people = [street(tmp_path / "street", number, 3, 4, f"run {number % 12}") for number in range(60)]
    seen = []
    for number, person in enumerate(people):
        # Every fourth dress is taken for a hat.
        garments = [Garment(("hat" if number % 4 == 0 else "dress"), 0.9, LEFT, 0.2), Garment("hat", 0.9, RIGHT, 0.2)]
        shown = [paint(tmp_path / "worn", 2 * number + one, label, rng) for one, label in enumerate(("Dress", "Hat"))]
        features = network.extract([photo.path for photo in shown])
        seen.append(Seen(person, Sighting(0.5, garments), np.concatenate([features[:1], features]), None))
    report = measure_closeness(queries, gallery, network, also=also, street=people, seen=seen)
    expansion = report.calibration.expansion
    assert sorted(expansion.kinds) == ["dress", "hat", "scarf"]
    np.testing.assert_allclose(
        expansion.kinds["scarf"], network.extract([photo.path for photo in also]).mean(0), atol=1e-3
    )
    assert report.found and report.region and report.found.queries == 120 and report.found.contributors == 12
    assert report.calibration.found is not None and report.as_json()["found"]["queries"] == 120
    assert "garments found there: 120 queries" in str(report)
    known = network.extract([photo.path for photo in gallery])
    kinds = np.array([photo.label for photo in gallery])
    right = 0
    for one in match_found(seen, cut_garments(people), expansion):
        near = np.argsort(np.linalg.norm(known - one.feature, axis=1), kind="stable")[:3]
        right += int((kinds[near] == one.kind).sum())
    told = sum(one.answers * one.same_kind for one in report.found.distances)
    assert told == pytest.approx(right, abs=4), "but for ties"
    report.calibration.save(tmp_path / "own.closeness.json")
    assert load_calibration(tmp_path / "own.closeness.json").found == report.calibration.found

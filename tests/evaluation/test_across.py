"""Garments on people among laid-out ones: worked by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cbir.datasets.photo import Photo
from cbir.evaluation.across import measure_across, read_middles
from cbir.evaluation.seen import Seen, Shown, Truth
from cbir.network.expansion import Expansion
from cbir.network.garments import Garment, Sighting
from cbir.photos.lab import to_lab
from cbir.photos.region import WHOLE

RED, BLUE = (200, 20, 20), (20, 20, 200)


def along(*degrees: float) -> np.ndarray:
    """Unit vectors in a plane."""
    rows = np.zeros((len(degrees), 1024), np.float32)
    rows[:, 0], rows[:, 1] = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return rows


def person(number: int, kind: str, degrees: float, colour: tuple[int, int, int] | None, tags: str) -> Seen:
    """Somebody in one garment, whose features lie at an angle."""
    photo = Photo(f"{number}", Path(f"{number}"), tags=tuple(tags.split()), contributor=f"run {number}")
    lab = tuple(to_lab(np.array([colour], np.uint8))[0].tolist()) if colour else None
    truth = Truth({kind: Shown(0.2, WHOLE, lab)}, np.zeros((2, 1), np.int64)) if lab else None
    return Seen(photo, Sighting(0.5, [Garment(kind, 0.9, WHOLE, 0.2)]), along(0, degrees), truth)


@pytest.fixture
def gallery(tmp_path: Path) -> list[Photo]:
    """Two dresses and two hats, one of each red; and something that is no garment of the finder."""
    photos = []
    for number, (label, colour) in enumerate(
        [("Dress", RED), ("Dress", BLUE), ("Hat", RED), ("Hat", BLUE), ("Not sure", RED)]
    ):
        path = tmp_path / f"{number}.png"
        picture = Image.new("RGB", (100, 100), (128, 128, 128))
        picture.paste(colour, (25, 25, 75, 75))
        picture.save(path)
        photos.append(Photo(path.name, path, label, contributor=f"home {number}"))
    return photos


def test_worn_among_laid_out_and_back(gallery: list[Photo]) -> None:
    """A red dress at 0 degrees finds both dresses and a hat; a hat at 80 both hats and a dress.

    The third, tagged otherwise, does not count; nor does the nearest photo of all, which has no kind.
    """
    features = along(10, 20, 60, 70, 1)
    seen = [
        person(0, "dress", 0, RED, "dress"),
        person(1, "hat", 80, None, "hat"),
        person(2, "hat", 0, None, "dress"),
    ]
    held_out = [Photo("q", Path("q"), "Dress", contributor="x"), Photo("r", Path("r"), "Polo", contributor="y")]
    figures = measure_across(seen, gallery, features, held_out, along(0, 0))
    kind = figures["worn among laid out: its kind in the top 3"]
    assert kind.value == pytest.approx(2 / 3) and kind.size == 2
    assert figures["worn among laid out: its kind in the top 3, by chance"].value == pytest.approx(1 / 2)
    colour = figures["worn among laid out: its colour in the top 3"]
    assert colour.value == pytest.approx(2 / 3) and colour.size == 1, "a red dress, a blue one, a red hat"
    assert figures["worn among laid out: its colour in the top 3, by chance"].value == pytest.approx(1 / 2)
    back = figures["laid out among worn: its kind in the top 3"]
    assert back.value == pytest.approx(1 / 3) and back.size == 1, "nobody wears a top"


def test_found_garments_are_expanded_by_their_kind(gallery: list[Photo]) -> None:
    """A hat at 30 degrees, and three quarters of a mean at 90, is searched at 55: two hats are found, not one."""
    seen = [person(0, "hat", 30, RED, "hat"), person(1, "dress", 0, None, "dress")]
    features, mean = along(10, 20, 60, 70, 1), np.eye(1024, dtype=np.float32)[1]
    alone = measure_across(seen[:1], gallery, features, [], along())
    found = measure_across(seen[:1], gallery, features, [], along(), Expansion({"hat": mean, "dress": -mean}))
    kind, colour = (f"worn among laid out: its {what} in the top 3" for what in ("kind", "colour"))
    assert alone[kind].value == pytest.approx(1 / 3) and found[kind].value == pytest.approx(2 / 3)
    assert found[f"{kind}, not expanded"] == alone[kind]
    assert found[f"{colour}, not expanded"] == alone[colour] and f"{kind}, not expanded" not in alone
    both = measure_across(seen, gallery, features, [], along(), Expansion({"hat": mean}))
    assert both[kind].value == pytest.approx(2 / 3), "a dress stays where it is: two dresses and a hat"
    assert f"{kind}, by chance" in found and f"{kind}, not expanded, by chance" not in found
    held_out = measure_across(
        seen[:1], gallery[:2], features[:2], gallery, features, Expansion({"hat": mean, "dress": -mean})
    )
    assert held_out == {}, "no hat to be found"
    held_out = measure_across(seen[:1], gallery, along(*4 * [0], 1), gallery, features, Expansion({"hat": mean}))
    assert held_out[kind.replace("laid", "held-out laid")] == found[kind] != held_out[kind]


def test_nothing_found_that_is_worn(gallery: list[Photo]) -> None:
    nobody = person(0, "hat", 0, None, "dress")
    assert measure_across([nobody], gallery, along(10, 20, 60, 70, 1), [], along()) == {}


def test_the_middle_of_a_photo(gallery: list[Photo]) -> None:
    expected = to_lab(np.array([RED, BLUE], np.uint8))
    np.testing.assert_allclose(read_middles(gallery[:2]), expected, atol=1)

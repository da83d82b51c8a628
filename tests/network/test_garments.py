"""The garment finder: what it makes of probabilities, and that it computes them as the plain network does."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from cbir.errors import RegionError, WeightsError
from cbir.network.extractor import FeatureExtractor
from cbir.network.garments import AREA, FILE, GarmentFinder, Sighting, fit_size
from cbir.network.googlenet import INCEPTIONS
from cbir.network.segmenter import STEM, Segmenter, load_finder, save_finder
from cbir.network.weights import load_weights
from tests.support.drawings import draw_garment

KINDS = ("background", "body", "top", "scarf")
BACKGROUND, BODY, TOP, SCARF = range(4)
Spot = tuple[int, int, int, int, int, float]
"""Label, left, upper, right and lower place on a grid of 40 x 60, and the probability there."""


@pytest.fixture(scope="module")
def finder(finder_weights: Path) -> GarmentFinder:
    found = GarmentFinder.beside(FeatureExtractor.open(finder_weights))
    assert found is not None and found.weights.kinds == KINDS
    return found


@pytest.fixture
def see(finder: GarmentFinder, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Sighting]:
    """What is found where the network's probabilities are these."""

    def find(*spots: Spot) -> Sighting:
        probabilities = np.zeros((len(KINDS), 60, 40), np.float32)
        probabilities[BACKGROUND] = 1.0
        for label, left, upper, right, lower, probability in spots:
            probabilities[:, upper:lower, left:right] = (1 - probability) / (len(KINDS) - 1)
            probabilities[label, upper:lower, left:right] = probability
        monkeypatch.setattr(GarmentFinder, "probabilities", lambda *_, **__: probabilities)
        return finder.find(Image.new("RGB", (320, 480)))

    return find


def test_a_garment_has_its_kind_place_share_and_certainty(see: Callable[..., Sighting]) -> None:
    sighting = see((BODY, 18, 4, 24, 10, 0.9), (TOP, 10, 10, 30, 30, 0.8))
    (top,) = sighting.garments
    assert top.kind == "top" and top.box == pytest.approx((0.25, 1 / 6, 0.75, 0.5), abs=0.02)
    assert top.share == pytest.approx(400 / 2400, rel=0.05) and top.score == pytest.approx(0.8, abs=0.05)
    assert sighting.person == pytest.approx((400 + 36) / 2400, rel=0.05)
    corners = np.array(top.outline[0])
    np.testing.assert_allclose([*corners.min(0), *corners.max(0)], top.box, atol=1e-4)


def test_a_garment_that_nobody_wears_makes_no_person(see: Callable[..., Sighting]) -> None:
    sighting = see((TOP, 5, 10, 35, 50, 0.9))
    assert sighting.person == 0 and [garment.kind for garment in sighting.garments] == ["top"]
    assert see() == Sighting(0.0, [])


@pytest.mark.parametrize(("probability", "somebody"), [(0.95, True), (0.5, False)])
def test_who_wears_nothing_for_sure_is_nobody(
    probability: float, somebody: bool, see: Callable[..., Sighting], finder: GarmentFinder
) -> None:
    seen = see((BODY, 18, 4, 24, 10, 0.9), (TOP, 10, 10, 30, 30, probability))
    looked = finder.look(Image.new("RGB", (320, 480)))
    assert seen.person > 0 and (looked.person > 0) == somebody and looked.garments == seen.garments


def test_parts_near_each_other_are_one_garment_and_specks_are_none(see: Callable[..., Sighting]) -> None:
    """An open coat is one; what is as far off as half its size is another; a fiftieth of it is a mistake."""
    near = see((TOP, 8, 10, 16, 30, 0.9), (TOP, 20, 10, 28, 30, 0.9))
    assert [garment.box[0::2] for garment in near.garments] == [pytest.approx((0.2, 0.7), abs=0.02)]
    far = see((TOP, 0, 10, 8, 20, 0.9), (TOP, 30, 10, 38, 20, 0.9))
    assert sorted(garment.box.left for garment in far.garments) == pytest.approx([0.0, 0.75], abs=0.02)
    speck = see((TOP, 0, 10, 20, 30, 0.9), (TOP, 35, 50, 38, 53, 0.9))
    assert len(speck.garments) == 1 and speck.garments[0].box.right < 0.55


def test_what_is_tiny_is_left_out(see: Callable[..., Sighting]) -> None:
    assert see((SCARF, 10, 10, 11, 12, 0.9)).garments == []


def test_the_most_prominent_comes_first_and_is_picked(see: Callable[..., Sighting]) -> None:
    sighting = see((SCARF, 0, 0, 6, 6, 0.95), (SCARF, 14, 40, 24, 50, 0.9), (TOP, 10, 14, 30, 34, 0.9))
    assert [garment.kind for garment in sighting.garments] == ["top", "scarf", "scarf"]
    assert sighting.pick("scarf").box.upper > 0.5
    with pytest.raises(RegionError, match=r"dress.*top, scarf"):
        sighting.pick("dress")


def test_probabilities_are_those_of_the_plain_network(finder: GarmentFinder, finder_weights: Path) -> None:
    """Against the Segmenter itself over GoogLeNet's own layers, at three shapes."""
    network = load_weights(finder_weights).feature_network()
    plain = finder.weights.segmenter(network)
    for size in ((320, 480), (480, 320), (300, 300)):
        image = draw_garment(3, "shirt", size=size)
        found = finder.probabilities(image)
        pixels = torch.from_numpy(
            np.array(image.resize(fit_size(size, AREA), Image.Resampling.BICUBIC, reducing_gap=2))
        )
        with torch.inference_mode():
            x = network.normalise(pixels.permute(2, 0, 1)[None].float())
            for name, layer in network.named_children():
                x = layer(x)
                if name == STEM:
                    break
            expected = plain(x)[0].softmax(1)[0].numpy()
        assert found.shape == expected.shape == (4, pixels.shape[0] // 8, pixels.shape[1] // 8)
        np.testing.assert_allclose(found, expected, atol=2e-4)
        assert np.ptp(found[TOP]) > 0.01, "all places look alike: this shows nothing"


def test_before_any_training_the_blocks_are_the_networks_own(finder_weights: Path) -> None:
    network = load_weights(finder_weights).feature_network()
    segmenter = Segmenter(network, 5).eval()
    x = torch.rand(1, 192, 8, 8)
    y = x
    for name in INCEPTIONS:
        x, y = getattr(network, name)(x), segmenter.blocks[name](y)
    torch.testing.assert_close(x, y)


@pytest.mark.parametrize("size", [(320, 480), (480, 320), (3000, 4000), (10, 10), (4000, 40), (40, 4000), (1, 9000)])
def test_photos_of_any_shape_are_scaled_to_about_one_area(size: tuple[int, int]) -> None:
    width, height = fit_size(size, AREA)
    assert width % 32 == height % 32 == 0 and 0.6 * AREA <= width * height <= 1.4 * AREA
    if max(size) <= 3 * min(size):
        assert width / height == pytest.approx(size[0] / size[1], rel=0.15)


def test_a_finder_is_kept_as_it_was(finder_weights: Path, tmp_path: Path) -> None:
    one = load_finder(finder_weights.with_name(FILE))
    save_finder(one, tmp_path / "copy.pth")
    two = load_finder(tmp_path / "copy.pth")
    assert two.kinds == one.kinds and two.reads == one.reads and two.metadata == {"note": "random"}
    assert one.tensors.keys() == two.tensors.keys()
    assert all(torch.equal(one.tensors[name], two.tensors[name]) for name in one.tensors)


def test_it_fits_no_other_network(finder_weights: Path, weights_file: Path, tmp_path: Path) -> None:
    weights = load_weights(weights_file)
    changed = dict(weights.tensors) | {"conv1.conv.bias": weights.tensors["conv1.conv.bias"] + 1}
    torch.save(
        {"cbir_format": 1, "flavour": "bvlc", "classes": [], "metadata": {}, "tensors": changed}, tmp_path / "w.pth"
    )
    other = FeatureExtractor.open(tmp_path / "w.pth")
    with pytest.raises(WeightsError, match="other weights"):
        GarmentFinder.open(finder_weights.with_name(FILE), other)
    os.link(finder_weights.with_name(FILE), tmp_path / FILE)
    assert GarmentFinder.beside(other) is None


def test_without_a_file_there_is_no_finder(extractor: FeatureExtractor) -> None:
    assert GarmentFinder.beside(extractor) is None


@pytest.mark.parametrize("damage", ["absent", "empty", "cut off", "network", "newer", "no tensors", "one missing"])
def test_what_is_no_finder_is_refused_by_name(damage: str, finder_weights: Path, tmp_path: Path) -> None:
    good, bad = finder_weights.with_name(FILE), tmp_path / "bad.pth"
    content = torch.load(good, weights_only=True)
    if damage in ("empty", "cut off"):
        bad.write_bytes(good.read_bytes()[: {"empty": 0, "cut off": 100_000}[damage]])
    elif damage == "network":
        bad.write_bytes(finder_weights.read_bytes())
    elif damage == "newer":
        torch.save(content | {"cbir_finder": 99}, bad)
    elif damage == "no tensors":
        torch.save({name: value for name, value in content.items() if name != "tensors"}, bad)
    elif damage == "one missing":
        del content["tensors"]["labels.bias"]
        torch.save(content, bad)
    with pytest.raises(WeightsError, match=r"bad\.pth"):
        GarmentFinder.open(bad, FeatureExtractor.open(finder_weights))


def test_plain_data(see: Callable[..., Sighting]) -> None:
    plain = see((BODY, 18, 4, 24, 10, 0.9), (TOP, 10, 10, 30, 30, 0.8)).as_json()
    assert plain.keys() == {"person", "garments"} and plain["garments"][0].keys() == {"kind", "score", "box", "share"}
    assert len(plain["garments"][0]["box"]) == 4

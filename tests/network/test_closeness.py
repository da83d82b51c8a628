"""What a distance says: the formula by hand, its words, and the file it is kept in."""

from __future__ import annotations

import base64
import json
import math
from pathlib import Path

import numpy as np
import pytest

from cbir.errors import WeightsError
from cbir.network.closeness import (
    ALIKE,
    NOT_ALIKE,
    NOTHING,
    VERY_CLOSE,
    Calibration,
    Closeness,
    Curve,
    calibration_path,
    find_calibration,
    load_calibration,
)
from cbir.network.expansion import Colour, Expansion
from cbir.network.weights import Weights, load_weights
from tests.support.closeness import CURVE, make_calibration


@pytest.fixture
def weights(weights_file: Path) -> Weights:
    return load_weights(weights_file)


def test_probabilities_follow_the_formula() -> None:
    curve = Curve(-8.0, 3.0, -0.5, 7.0, sizes=(100, 1000), strangest=0.6, highest=0.8)
    for distance, strangeness, size, counted in (
        (0.7, 0.5, 500, 500),
        (0.9, 0.4, 9, 100),
        (0.2, 0.5, 500, 500),
        (0.9, 0.9, 10**6, 1000),
    ):
        expected = 1 / (1 + math.exp(8 * distance - 3 * min(strangeness, 0.6) + 0.5 * math.log(counted) - 7))
        assert curve.probability(np.array([distance]), strangeness, size)[0] == pytest.approx(min(expected, 0.8))


def test_strangeness_is_the_distance_from_the_subspace() -> None:
    rng = np.random.default_rng(0)
    axes = np.linalg.qr(rng.standard_normal((40, 5)))[0]
    mean, features = rng.standard_normal(40), rng.standard_normal((7, 40)).astype(np.float32)
    found = Calibration("", mean, axes, CURVE, None, 0.1).strangeness(features)
    for feature, one in zip(features, found):
        steps = np.linalg.lstsq(axes, feature - mean)[0]
        assert one == pytest.approx(float(np.linalg.norm(feature - mean - axes @ steps)))
    inside = (mean + axes @ rng.standard_normal(5)).astype(np.float32)
    assert Calibration("", mean, axes, CURVE, None, 0.1).strangeness(inside[None])[0] < 1e-5


def test_words_come_from_probabilities_and_strangeness() -> None:
    axes, feature = np.eye(3)[:, :1], np.array([0.6, 0.8, 0.0], np.float32)  # 0.8 from the axis
    logits = np.array([3.0, 2.0, 0.1, -0.1])
    curve = Curve(-1.0, 0.0, 0.0, 0.0, sizes=(1, 1), strangest=0.81, highest=1.0)
    words = {}
    for strangest in (0.81, 0.79):
        calibration = Calibration("", np.zeros(3), axes, curve._replace(strangest=strangest), None, -9.0)
        told = calibration.judge(feature, -logits, 1)
        assert told is not None
        words[strangest] = [one.word for one in told]
        assert [one.probability for one in told] == pytest.approx((1 / (1 + np.exp(-logits))).tolist())
    assert words == {0.81: [VERY_CLOSE, ALIKE, ALIKE, NOT_ALIKE], 0.79: [VERY_CLOSE, NOTHING, NOTHING, NOTHING]}


def test_a_copy_is_very_close(weights: Weights) -> None:
    never = make_calibration(weights, whole=CURVE._replace(distance=0.0, constant=-9.0, strangest=0.0))
    told = never.judge(np.eye(1024, dtype=np.float32)[5], np.array([0.0, 0.05, 0.051]), 10)
    assert told and [one.word for one in told] == [VERY_CLOSE, VERY_CLOSE, NOTHING]


def test_regions_have_a_curve_of_their_own(weights: Weights) -> None:
    feature, distances = np.eye(1024, dtype=np.float32)[0], np.array([0.2])
    assert make_calibration(weights).judge(feature, distances, 10, region=True) is None
    both = make_calibration(weights, region=CURVE._replace(constant=0.0))
    whole, region = (both.judge(feature, distances, 10, region=region) for region in (False, True))
    assert whole and region
    assert whole[0].probability == pytest.approx(0.5) and region[0].probability == pytest.approx(1 / (1 + math.exp(4)))


def test_sentences() -> None:
    assert str(Closeness(ALIKE, 0.784)) == "Alike: of 100 answers like this, 78 are of the photo's kind."
    assert "unlike the garments" in str(Closeness(NOTHING, 0.7)) and "70" not in str(Closeness(NOTHING, 0.7))


@pytest.mark.parametrize("region", [None, CURVE._replace(constant=1.25)])
def test_what_is_saved_is_read_again(weights: Weights, tmp_path: Path, region: Curve | None) -> None:
    means = {kind: np.full(1024, value, np.float32) for kind, value in (("hat", 0.25), ("scarf", 0.5))}
    red = Colour((50.25, 60.0, 40.5), np.full(1024, -0.125, np.float32))
    saved = make_calibration(weights, region=region, found=region, expansion=Expansion(means, {"red": red}))
    path = tmp_path / "own.closeness.json"
    saved.save(path)
    read = load_calibration(path)
    assert (read.weights, read.whole, read.region, read.found) == (weights.digest, CURVE, region, region)
    assert list(read.expansion.kinds) == ["hat", "scarf"] and list(read.expansion.colours) == ["red"]
    assert all((read.expansion.kinds[kind] == mean).all() for kind, mean in means.items())
    lab, shift = read.expansion.colours["red"]
    assert lab == red.lab and (shift == red.shift).all()
    assert read.copy_distance == 0.05
    assert (read.mean == saved.mean).all() and (read.axes == saved.axes).all()
    assert path.stat().st_size < 100_000


def test_a_file_of_the_first_format_has_no_kinds(weights: Weights, tmp_path: Path) -> None:
    path = tmp_path / "own.closeness.json"
    make_calibration(weights, region=CURVE).save(path)
    content, added = json.loads(path.read_text()) | {"cbir_closeness": 1}, ("found", "kinds", "colours")
    path.write_text(json.dumps({name: value for name, value in content.items() if name not in added}))
    read = load_calibration(path)
    assert (read.region, read.found, read.expansion) == (CURVE, None, Expansion({}, {}))


def test_found_garments_have_a_curve_of_their_own(weights: Weights) -> None:
    feature, distances = np.eye(1024, dtype=np.float32)[0], np.array([0.2])
    assert make_calibration(weights, region=CURVE).judge(feature, distances, 10, region=True, expanded=True) is None
    both = make_calibration(weights, region=CURVE, found=CURVE._replace(constant=0.0))
    told = both.judge(feature, distances, 10, region=True, expanded=True)
    assert told and told[0].probability == pytest.approx(1 / (1 + math.exp(4)))


def test_it_belongs_to_the_weights_beside_it_and_to_no_others(weights: Weights, tmp_path: Path) -> None:
    own = tmp_path / "own.pth"
    assert find_calibration(own, weights.digest) is None
    make_calibration(weights).save(calibration_path(own))
    assert calibration_path(own) == tmp_path / "own.closeness.json" == find_calibration(own, weights.digest)
    assert find_calibration(own, "another digest") is None
    assert find_calibration(tmp_path / "other.pth", weights.digest) is None


def test_what_is_damaged_is_refused_with_a_remedy(weights: Weights, tmp_path: Path) -> None:
    path = tmp_path / "own.closeness.json"
    ones = np.ones(1024, np.float32)
    make_calibration(weights, expansion=Expansion({"scarf": ones}, {"red": Colour((1, 2, 3), ones)})).save(path)
    good = json.loads(path.read_text())
    changes: list[dict[str, object]] = [
        {"cbir_closeness": 3},
        {"basis": good["basis"][:-8]},
        {"basis": "?" + good["basis"][1:]},
        {"dimension": 0},
        {"copy_distance": "far"},
        {"copy_distance": float("nan")},
        {"whole": None},
        {"whole": {name: value for name, value in good["whole"].items() if name != "highest"}},
        {"whole": good["whole"] | {"distance": float("inf")}},
        {"whole": good["whole"] | {"sizes": [0, 10]}},
        {"whole": good["whole"] | {"sizes": [10]}},
        {"region": {"distance": 1}},
        {"found": {"distance": 1}},
        {"kinds": ["scarf"]},
        {"colours": {"red": {"lab": [1, 2], "shift": good["kinds"]["scarf"]}}},
        {"colours": {"red": {"lab": [1, 2, float("nan")], "shift": good["kinds"]["scarf"]}}},
        {"colours": {"red": {"lab": [1, 2, 3], "shift": good["basis"]}}},
        {"colours": {"red": {"lab": [1, 2, 3]}}},
        {"kinds": {"scarf": good["basis"]}},
        {"kinds": {"scarf": good["kinds"]["scarf"][:-8]}},
        {"kinds": {"scarf": base64.b64encode(np.full(1024, np.inf, "<f2").tobytes()).decode()}},
    ]
    for change in changes:
        path.write_text(json.dumps(good | change))
        with pytest.raises(WeightsError, match=r"own\.closeness\.json: "):
            load_calibration(path)
    for text in ("", "[]", "{}", path.read_text()[:200]):
        path.write_text(text)
        with pytest.raises(WeightsError, match="evaluate"):
            load_calibration(path)

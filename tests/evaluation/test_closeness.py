"""What distances say, measured: fits beside what was put in, answers beside loops, all of it on made-up features."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from cbir.commands.parser import main
from cbir.datasets.photo import Photo
from cbir.datasets.reader import read_photos
from cbir.datasets.split import split_photos
from cbir.errors import DatasetError
from cbir.evaluation import closeness
from cbir.evaluation.calibration import (
    Answers,
    find_answers,
    find_subspace,
    fit_curve,
    fit_logistic,
    log_loss,
)
from cbir.evaluation.closeness import measure_closeness
from cbir.evaluation.copies import CHANGES, find_copy_bound
from cbir.evaluation.distractors import cut_distractors, draw_distractors
from cbir.network.closeness import NOTHING, find_calibration, load_calibration
from cbir.network.extractor import FeatureExtractor
from cbir.network.preprocess import to_pixels
from cbir.network.weights import load_weights, save_weights
from cbir.photos.decode import load_image
from tests.support.drawings import LABELS, draw_garment, fill_folder


class Colours(FeatureExtractor):
    """Features are the colours of 18 x 18 places, in place of a network's: fast, and nearer for copies."""

    def embed(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        small = [np.asarray(Image.fromarray(one).resize((18, 18), Image.Resampling.BOX)).ravel() for one in pixels]
        features = np.zeros((len(pixels), 1024), np.float32)
        features[:, :972] = 255 - np.array(small, np.float32)
        return features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-6)


@pytest.fixture(scope="module")
def colours(extractor: FeatureExtractor) -> Colours:
    return Colours(extractor.weights)


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> list[Photo]:
    folder, photos = tmp_path_factory.mktemp("labelled"), []
    for number in range(300):
        path = folder / f"{number}.png"
        label = LABELS[number % 4]
        draw_garment(number, label, size=(120, 150)).save(path)
        # One in five is called by another name, so that near ones can be wrong.
        called = LABELS[number // 4 % 4] if number % 5 == 0 else label
        photos.append(Photo(path.name, path, label=called, contributor=f"c{number % 25}"))
    return photos


def split(photos: list[Photo]) -> tuple[list[Photo], list[Photo]]:
    held_out = [photo for photo in photos if int(str(photo.contributor)[1:]) < 12]
    return held_out, [photo for photo in photos if photo not in held_out]


def test_a_logistic_fit_finds_what_was_put_in() -> None:
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(100_000, 2))
    said = 1 / (1 + np.exp(-(2 * inputs[:, 0] - inputs[:, 1] + 0.5)))
    hits = rng.random(100_000) < said
    weights = fit_logistic(inputs, hits)
    np.testing.assert_allclose(weights, [2, -1, 0.5], atol=0.05)
    again = 1 / (1 + np.exp(-(inputs @ weights[:2] + weights[2])))
    assert abs((hits - again).mean()) < 1e-6, "the mean of a logistic fit is the share of hits"
    assert log_loss(again, hits) < log_loss(np.full(len(hits), hits.mean()), hits)


def test_answers_agree_with_loops() -> None:
    rng = np.random.default_rng(1)
    features = np.abs(rng.normal(size=(340, 20))).astype(np.float32)
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    queries, gallery = features[:6], features[6:]
    kinds, known = list("abcabc"), [str(kind) for kind in rng.choice(list("abc"), len(gallery))]
    whole, third = find_answers(queries, kinds, gallery, known)
    assert (whole.size, third.size) == (334, 112)
    for row, query in enumerate(queries):
        apart = np.linalg.norm(gallery.astype(np.float64) - query, axis=1)
        order = np.argsort(apart)[:3]
        np.testing.assert_allclose(whole.distances[row], apart[order], atol=1e-6)
        assert whole.hits[row].tolist() == [known[other] == kinds[row] for other in order]
    assert (third.distances >= whole.distances - 1e-9).all() and (third.distances > whole.distances).any()


def test_the_subspace_holds_what_varies() -> None:
    rng = np.random.default_rng(2)
    basis = np.linalg.qr(rng.standard_normal((50, 32)))[0]
    features = (0.5 + rng.standard_normal((400, 32)) @ basis.T).astype(np.float32)
    mean, axes = find_subspace(features)
    assert axes.shape == (50, 32)
    centred = features - mean
    assert (
        np.linalg.norm(centred - centred @ axes @ axes.T, axis=1).max() < 0.02 < np.linalg.norm(centred, axis=1).min()
    )


def made_up(count: int = 900, contributors: int = 30) -> tuple[list[Answers], NDArray[np.float64], list[str]]:
    """Answers whose hits follow a curve: near ones, and those of strange queries, are right more often."""
    rng = np.random.default_rng(3)
    strangeness = rng.uniform(0.4, 0.8, count)
    answers = []
    for size in (900, 300, 100):
        distances = np.sort(rng.uniform(0.3, 1.1, (count, 3)) + 0.1 * (size < 900), axis=1)
        logit = -10 * distances + 6 * strangeness[:, None] - 0.4 * np.log(size) + 6.6
        answers.append(Answers(distances, rng.random((count, 3)) < 1 / (1 + np.exp(-logit)), size))
    return answers, strangeness, [f"c{number % contributors}" for number in range(count)]


def test_a_curve_finds_what_was_put_in_and_is_tried_on_others() -> None:
    answers, strangeness, contributors = made_up()
    fitted = fit_curve(answers, strangeness, contributors)
    curve = fitted.curve
    np.testing.assert_allclose(curve[:4], [-10, 6, -0.4, 6.6], rtol=0.2)
    assert curve.sizes == (100, 900)
    said = np.sort(
        (curve._replace(highest=1.0)).probability(answers[0].distances, strangeness[:, None], 900), axis=None
    )
    assert curve.highest == pytest.approx(said[-270:].mean(), abs=0.05)
    assert np.mean(strangeness > curve.strangest) == pytest.approx(0.05, abs=0.002)
    assert fitted.strange.mean() == pytest.approx(0.05, abs=0.02)
    losses = fitted.losses
    assert losses["curve"] < losses["distance"] < losses["one probability"]
    near = curve.probability(answers[0].distances, strangeness[:, None], 900)
    assert 0 < np.abs(near - fitted.held_out).max() < 0.05, "left-out curves are others, but not far"


def test_no_probability_is_above_what_labels_reach() -> None:
    """A fifth of the right answers count as wrong, as near as they may be: nothing is surer than four in five."""
    answers, strangeness, contributors = made_up()
    lost = np.random.default_rng(4).random((len(strangeness), 3)) < 0.2
    near = [one._replace(distances=one.distances - 0.25, hits=~lost) for one in answers]
    mixed = [
        one._replace(
            distances=np.concatenate([one.distances, far.distances]), hits=np.concatenate([one.hits, far.hits])
        )
        for one, far in zip(near, answers)
    ]
    fitted = fit_curve(mixed, np.tile(strangeness, 2), contributors * 2)
    assert fitted.curve.highest == pytest.approx(0.8, abs=0.05)
    assert fitted.curve.probability(np.array([0.0]), 0.5, 900)[0] == fitted.curve.highest
    assert fitted.held_out.max() < 0.87


def test_a_contributor_is_left_out_whole() -> None:
    """One contributor's queries alone are right at all distances: without them, nobody can know."""
    answers, strangeness, contributors = made_up()
    odd = np.array(contributors) == "c7"
    changed = [one._replace(hits=one.hits | odd[:, None]) for one in answers]
    fitted, before = (fit_curve(some, strangeness, contributors) for some in (changed, answers))
    np.testing.assert_allclose(fitted.held_out[odd], before.held_out[odd], atol=1e-9)
    assert np.abs(fitted.held_out[~odd] - before.held_out[~odd]).max() > 1e-3


def test_too_few_answers_are_refused() -> None:
    answers, strangeness, contributors = made_up()
    with pytest.raises(DatasetError, match="are too few"):
        fit_curve(answers, strangeness, [f"c{number % 9}" for number in range(len(contributors))])
    right = [one._replace(hits=np.ones_like(one.hits)) for one in answers]
    with pytest.raises(DatasetError, match="50 wrong ones"):
        fit_curve(right, strangeness, contributors)


def test_drawn_pictures_are_the_same_again_and_differ() -> None:
    pictures, again, other = draw_distractors(2), draw_distractors(2), draw_distractors(2, seed=1)
    assert len(pictures) >= 8
    seen = {picture.tobytes() for some in pictures.values() for picture in some}
    assert len(seen) == 2 * len(pictures)
    assert all(picture.mode == "RGB" for some in pictures.values() for picture in some)
    for sort, some in pictures.items():
        assert [one.tobytes() for one in some] == [one.tobytes() for one in again[sort]]
        assert some[0].tobytes() != other[sort][0].tobytes()


def test_what_is_cut_from_street_photos_shows_no_garment(tmp_path: Path) -> None:
    """A grey street, a pink face with black hair, a red coat, colours as labels: no red may be in a cut."""
    (tmp_path / "labels").mkdir()
    (tmp_path / "label_names.txt").write_text("null\nskin\nhair\ncoat\n")
    labels = np.zeros((300, 200), np.uint8)
    labels[10:40, 30:110], labels[40:110, 30:110], labels[110:280, 20:120] = 2, 1, 3
    Image.fromarray(labels).save(tmp_path / "labels" / "1.png")
    Image.fromarray(np.array([(90, 90, 90), (250, 200, 200), (0, 0, 0), (255, 0, 0)], np.uint8)[labels]).save(
        tmp_path / "1.png"
    )
    photo = Photo("1.png", tmp_path / "1.png", label_map=tmp_path / "labels" / "1.png")
    found = cut_distractors([photo, photo._replace(label_map=None)])
    (street,), (face,) = found["background"], found["face"]
    pixels = {"background": np.asarray(street), "face": np.asarray(face)}
    for one in pixels.values():
        assert one.shape[0] == one.shape[1] >= 64
        assert (one == (255, 0, 0)).all(-1).mean() <= 0.02
    assert (pixels["background"] == 90).all(-1).mean() > 0.97
    assert all((pixels["face"] == colour).all(-1).mean() >= 0.08 for colour in ((250, 200, 200), (0, 0, 0)))


def test_the_bound_of_copies_agrees_with_loops(labelled: list[Photo], colours: Colours, tmp_path: Path) -> None:
    queries, gallery = split(labelled[:80])
    again = queries[0]._replace(name="again", file=tmp_path / "again.jpg")
    load_image(queries[0].path).save(again.path, quality=50)
    queries.append(again)  # nearest of all, but by the same contributor
    everyone = [*gallery, *queries]
    features = {photo.name: colours.extract([photo.path])[0].astype(np.float64) for photo in everyone}

    def stack(some: list[Photo]) -> NDArray[np.float32]:
        return np.stack([features[photo.name] for photo in some]).astype(np.float32)

    steps: list[tuple[object, ...]] = []
    bound = find_copy_bound(
        queries, stack(queries), everyone, stack(everyone), colours, lambda *step: steps.append(step)
    )
    others = [
        float(np.linalg.norm(features[a.name] - features[b.name]))
        for a in queries
        for b in everyone
        if a.contributor != b.contributor
    ]
    assert bound.least_other == pytest.approx(min(others), abs=1e-5)
    assert bound.distance == pytest.approx(0.75 * min(others), abs=1e-4)
    assert bound.photos == len(queries) and bound.false == 0
    for how, change in CHANGES.items():
        far = 0
        for photo in queries:
            copy = colours.embed(to_pixels(change(load_image(photo.path), photo.name))[None])[0]
            far += bool(np.linalg.norm(copy - features[photo.name]) > bound.distance)
        assert bound.missed[how] == pytest.approx(far / len(queries))
    assert steps[-1] == ("copies", 4 * len(queries), 4 * len(queries))


def test_everything_is_measured_at_once(
    labelled: list[Photo], colours: Colours, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closeness, "draw_distractors", lambda: draw_distractors(3))
    queries, gallery = split(labelled)
    strange = queries[0]._replace(label="cape")
    report = measure_closeness([*queries, strange], gallery, colours)
    assert report.whole.queries == len(queries) and report.whole.contributors == 12 and report.gallery == len(gallery)
    assert report.region is None and report.calibration.region is None
    assert sum(said.queries for said in report.whole.words.values()) == len(queries)
    assert sum(one.answers for one in report.whole.distances) == 3 * len(queries)
    lows = [one.low for one in report.whole.distances]
    assert lows == sorted(lows)
    assert report.calibration.copy_distance == report.copies.distance
    told = {}
    for sort, some in draw_distractors(3).items():
        features = colours.extract(some)
        known = colours.extract([photo.path for photo in gallery]).astype(np.float64)
        nearest = [np.linalg.norm(known - feature, axis=1).min() for feature in features]
        judged = [
            report.calibration.judge(feature, np.array([distance]), len(gallery))
            for feature, distance in zip(features, nearest)
        ]
        told[sort] = (sum(one is not None and one[0].word != NOTHING for one in judged), 3)
    assert report.distractors == told

    plain = json.loads(json.dumps(report.as_json()))
    assert plain["weights"] == colours.weights.digest
    assert plain["curves"]["region"] is None and len(plain["curves"]["whole"]) == 7
    assert plain["whole"]["words"].keys() == report.whole.words.keys()
    assert "log loss on left-out contributors" in str(report) and "copies: up to distance" in str(report)
    report.calibration.save(tmp_path / "own.closeness.json")
    read = load_calibration(tmp_path / "own.closeness.json")
    assert (read.mean == report.calibration.mean).all() and (read.axes == report.calibration.axes).all()
    with pytest.raises(DatasetError, match="no photo to search for"):
        measure_closeness([strange], gallery, colours)


def test_what_is_saved_has_to_be_held_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(tmp_path), "--closeness", str(tmp_path / "own.closeness.json")]) == 1
    assert "--closeness goes with --held-out" in capsys.readouterr().err


@pytest.mark.slow
def test_one_command_measures_and_saves(
    weights_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closeness, "draw_distractors", lambda: draw_distractors(1))
    folder, random = fill_folder(tmp_path / "photos", 120), load_weights(weights_file)
    known = split_photos(read_photos(folder).photos, validation=0.25, test=0.25, seed=0)
    metadata = {
        "settings": {"validation": 0.25, "test": 0.25, "seed": 0},
        "split": {side: {"photos": len(some)} for side, some in known.items()},
    }
    own, out = tmp_path / "own.pth", tmp_path / "own.closeness.json"
    save_weights(replace(random, metadata=metadata), own)
    command = ["evaluate", str(folder), "--weights", str(own), "--held-out", "--closeness", str(out), "--json"]
    assert main(command) == 0
    plain = json.loads(capsys.readouterr().out)["closeness"]
    assert find_calibration(own, load_weights(own).digest) == out
    assert (plain["gallery"], plain["whole"]["queries"], plain["whole"]["contributors"]) == (60, 60, 60)
    assert plain["copies"]["distance"] == load_calibration(out).copy_distance

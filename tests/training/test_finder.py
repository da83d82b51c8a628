"""Training the garment finder: pictures whose labels stay with their pixels, losses, and kills that lose nothing."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from cbir.datasets.photo import Photo
from cbir.datasets.reader import read_photos
from cbir.datasets.street import read_garments, read_label_map, split_street
from cbir.datasets.vocabulary import GARMENTS, KINDS, LABELS, UNKNOWN
from cbir.errors import DatasetError, WeightsError
from cbir.network.extractor import FeatureExtractor
from cbir.network.garments import GarmentFinder
from cbir.network.weights import Weights, load_weights, save_weights
from cbir.training.finder import FinderStep, train_finder
from cbir.training.finder_sampling import FinderConfig
from cbir.training.finder_views import find_donors, view_laid_out, view_people
from cbir.training.losses import overlap_loss
from tests.support.people import STREET_COLOURS, draw_street

PLACES = {name: LABELS.index(kind) for kind, words in GARMENTS.items() for name in words}
COUNTED = ("running_mean", "running_var", "num_batches_tracked")
"""Of batches, not learnt."""
QUICK = FinderConfig(epochs=3, labelled=2, tagged=1, laid_out=1, figures=1)


class Killed(Exception):
    pass


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> list[Photo]:
    return read_photos(draw_street(tmp_path_factory.mktemp("street"), 40)).photos


@pytest.fixture(scope="module")
def weights(weights_file: Path) -> Weights:
    return load_weights(weights_file)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, one_thread: None) -> None:
    monkeypatch.setattr("cbir.training.finder_sampling.SIZES", ((64, 64), (96, 64)))


def test_label_maps_are_read_as_kinds_of_garments(street: list[Photo]) -> None:
    mapped = next(photo for photo in street if photo.label_map)
    labels = read_garments(mapped)
    assert set(np.unique(labels)) <= {0, 1, PLACES["t-shirt"], PLACES["pants"], PLACES["scarf"], UNKNOWN}
    assert (labels == 1).any() and (labels == UNKNOWN).any() and (labels == PLACES["pants"]).sum() == 40 * 28


def test_every_kind_of_the_search_is_one_of_the_finder(street: list[Photo]) -> None:
    words = [word for some in GARMENTS.values() for word in some]
    assert len(words) == len(set(words)) and {word for some in KINDS.values() for word in some} <= set(words)


def test_labels_stay_with_their_pixels(street: list[Photo], monkeypatch: pytest.MonkeyPatch) -> None:
    """Flat colours tell the label: nearly every pixel of a view agrees, cut, mirrored or reaching beyond the photo."""
    for change in ("relight", "recolour"):
        monkeypatch.setattr(f"cbir.training.finder_views.{change}", lambda pixels, _: pixels)
    monkeypatch.setattr("cbir.training.finder_views.PASTED", 0.0)
    colours = {
        0: STREET_COLOURS[0],
        1: STREET_COLOURS[1],
        PLACES["t-shirt"]: STREET_COLOURS[3],
        PLACES["pants"]: STREET_COLOURS[4],
    }
    mapped = [photo for photo in street if photo.label_map]
    shapes = ((96, 64), (64, 96), (64, 64))
    for number in range(60):
        view = view_people(mapped[number % len(mapped)], shapes[number % 3], {}, f"{number}")
        assert view.labels is not None and view.labels.shape == view.pixels.shape[:2] == shapes[number % 3]
        for label, colour in colours.items():
            here = view.labels == label
            off = np.abs(view.pixels[here].astype(int) - colour).max(-1, initial=0)
            beyond = (view.pixels[here] == (123, 117, 104)).all(-1)
            hair = (np.abs(view.pixels[here].astype(int) - STREET_COLOURS[2]).max(-1, initial=0) < 60) & (label == 1)
            if here.sum() > 100:
                assert np.mean((off < 60) | beyond | hair) > 0.8
        assert view.possible[list({*np.unique(view.labels)} - {UNKNOWN})].all()


def test_what_is_pasted_is_labelled(street: list[Photo], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cbir.training.finder_views.PASTED", 1.0)
    mapped = [photo for photo in street if photo.label_map]
    donors = find_donors(mapped)
    assert donors["scarf"] == [photo for photo in mapped if "scarf" in photo.tags] and not donors["hat"]
    plain = next(photo for photo in mapped if "scarf" not in photo.tags)
    views = [view_people(plain, (96, 64), donors, f"{number}") for number in range(30)]
    worn = [view for view in views if view.labels is not None and PLACES["scarf"] in view.labels]
    assert len(worn) > 8 and all(view.possible[PLACES["scarf"]] for view in worn)


def test_what_is_worn_is_dyed_and_nothing_else(street: list[Photo], monkeypatch: pytest.MonkeyPatch) -> None:
    for share, value in {"PASTED": 0.0, "DYED": 1.0}.items():
        monkeypatch.setattr(f"cbir.training.finder_views.{share}", value)
    mapped = next(photo for photo in street if photo.label_map)
    labels, hues = read_garments(mapped), []
    for number in range(20):
        monkeypatch.setattr("cbir.training.finder_views._finish", lambda image, *_: np.asarray(image))
        picture = np.asarray(view_people(mapped, (96, 64), {}, f"{number}"))
        plain = np.isin(labels, (0, 1, UNKNOWN))
        assert (picture[plain] == STREET_COLOURS[read_label_map(mapped)][plain]).all()
        hues.append(tuple(picture[labels == PLACES["pants"]][0]))
    assert len(set(hues)) > 6 and tuple(STREET_COLOURS[4]) in hues


def test_of_a_garment_laid_out_only_its_kind_is_known(street: list[Photo]) -> None:
    view = view_laid_out(street[0]._replace(label="Longsleeve"), (64, 64), "0")
    assert view.labels is None and {LABELS[place] for place in np.flatnonzero(view.possible)} == {"background", "top"}


def test_the_loss_of_overlap_is_that_of_the_textbook() -> None:
    """Four places, three labels, one place unknown. Sure logits: 2 of 3 places agree, IoU 1/2 for label 0 and 1."""
    targets = torch.tensor([[[0, 0], [1, UNKNOWN]]])
    logits = 200.0 * torch.nn.functional.one_hot(torch.tensor([[[0, 1], [1, 2]]]), 3).permute(0, 3, 1, 2).float()
    assert overlap_loss(logits, targets).item() == pytest.approx(1 - (1 / 2 + 1 / 2) / 2)
    right = 200.0 * torch.nn.functional.one_hot(targets.clamp(max=2), 3).permute(0, 3, 1, 2).float()
    assert overlap_loss(right, targets).item() == pytest.approx(0.0)
    even = torch.zeros(1, 3, 2, 2)
    expected = 1 - np.mean([(2 / 3) / (2 + 1 / 3), (1 / 3) / (1 + 2 / 3)])
    assert overlap_loss(even, targets).item() == pytest.approx(expected)


def test_a_training_that_was_killed_ends_as_one_that_was_not(
    street: list[Photo], weights: Weights, tmp_path: Path, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cbir.training.finder.SAVE_EVERY", 3)
    laid_out = [photo._replace(label="Pants") for photo in street[:3]]
    figures = [photo for photo in street if photo.label_map][:2]
    train = partial(train_finder, street, weights, laid_out=laid_out, figures=figures, settings=QUICK)
    whole = train(tmp_path / "whole.pth")

    def kill(step: FinderStep) -> None:
        if step.step == 5:
            raise Killed

    with pytest.raises(Killed):
        train(tmp_path / "killed.pth", report=kill)
    steps: list[int] = []
    resumed = train(tmp_path / "killed.pth", report=lambda step: steps.append(step.step))
    assert steps[0] == 4 and resumed.metadata == whole.metadata
    for name, tensor in whole.tensors.items():
        torch.testing.assert_close(resumed.tensors[name], tensor)
    assert not (tmp_path / "killed.pth.training").exists()
    assert resumed.reads == weights.digest and resumed.kinds == LABELS


def test_a_checkpoint_of_another_training_is_refused(
    street: list[Photo], weights: Weights, tmp_path: Path, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cbir.training.finder.SAVE_EVERY", 1)

    def kill(step: FinderStep) -> None:
        if step.step > 1:
            raise Killed

    with pytest.raises(Killed):
        train_finder(street, weights, tmp_path / "f.pth", settings=QUICK, report=kill)
    with pytest.raises(WeightsError, match=r"f\.pth\.training: a checkpoint of another training"):
        train_finder(street, weights, tmp_path / "f.pth", settings=replace(QUICK, seed=4))
    (tmp_path / "f.pth.training").write_bytes(b"no checkpoint")
    with pytest.raises(WeightsError, match=r"f\.pth\.training: a damaged checkpoint"):
        train_finder(street, weights, tmp_path / "f.pth", settings=QUICK)


def test_a_finder_goes_on_over_another_network(
    street: list[Photo], weights: Weights, tmp_path: Path, small: None
) -> None:
    """With a learning rate of next to nothing it stays what it was, and fits the other network."""
    train = partial(train_finder, street)
    first = train(weights, tmp_path / "first.pth", settings=QUICK)
    tensors = {name: 1.01 * tensor for name, tensor in weights.tensors.items()}
    save_weights(replace(weights, tensors=tensors), tmp_path / "other.pth")
    other = load_weights(tmp_path / "other.pth")
    still = replace(QUICK, epochs=1, learning_rate=1e-9, blocks_learning_rate=1e-9)
    again = train(other, tmp_path / "again.pth", start=first, settings=still)
    assert again.reads == other.digest != first.reads
    assert again.metadata["started_from"] == first.digest and first.metadata["started_from"] is None
    learnt = {name: tensor for name, tensor in first.tensors.items() if name.rpartition(".")[2] not in COUNTED}
    assert len(learnt) > 50
    for name, tensor in learnt.items():
        torch.testing.assert_close(again.tensors[name], tensor, atol=2e-3, rtol=1e-2)
    strange = replace(first, kinds=("background", "body", "sock"))
    with pytest.raises(WeightsError, match="tells apart other kinds"):
        train(other, tmp_path / "no.pth", start=strange, settings=still)


def test_too_few_photos_are_refused(street: list[Photo], weights: Weights, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="too few"):
        train_finder([photo for photo in street if not photo.label_map], weights, tmp_path / "f.pth")


@pytest.mark.slow
def test_it_learns_what_people_wear(street: list[Photo], weights_file: Path, tmp_path: Path, small: None) -> None:
    """On flat colours a few steps suffice to find the trousers of people that it was not trained on."""
    settings = FinderConfig(epochs=40, labelled=4, tagged=1, laid_out=0, average=0.9)
    train_finder(street, load_weights(weights_file), tmp_path / "f.pth", settings=settings)
    finder = GarmentFinder.open(tmp_path / "f.pth", FeatureExtractor.open(weights_file))
    others = [photo for photo in split_street(street)[1] if photo.label_map]
    for photo in others:
        with Image.open(photo.path) as image:
            (trousers, *_) = [one for one in finder.find(image.convert("RGB")).garments if one.kind == "trousers"]
        rows, columns = np.nonzero(read_garments(photo) == PLACES["pants"])
        box = np.array([columns.min() / 80, rows.min() / 120, (columns.max() + 1) / 80, (rows.max() + 1) / 120])
        assert np.abs(np.array(trousers.box) - box).max() < 0.12

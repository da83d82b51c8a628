"""Transfer learning: it learns, keeps the average of its last steps, and survives a kill."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image

from cbir.datasets.photo import Photo
from cbir.datasets.reader import read_photos
from cbir.datasets.split import split_photos
from cbir.datasets.street import split_street
from cbir.errors import DatasetError, PhotoError, WeightsError
from cbir.network.extractor import FeatureExtractor
from cbir.network.weights import Weights, load_weights
from cbir.training.finetune import fine_tune, measure
from cbir.training.sampling import TrainingConfig, TrainingData
from cbir.training.trainer import Epoch, Step, Training
from tests.support.drawings import fill_folder

QUICK = TrainingConfig(epochs=2, side=64, full_size_epochs=1, batch_size=4, validation=0.25, test=0.25)


class Killed(Exception):
    pass


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> list[Photo]:
    return read_photos(fill_folder(tmp_path_factory.mktemp("labelled"), 24, labels=("hat", "scarf"))).photos


@pytest.fixture(scope="module")
def start(weights_file: Path) -> Weights:
    return load_weights(weights_file)


@pytest.mark.slow
def test_it_learns_to_tell_two_classes_apart(start: Weights, tmp_path: Path) -> None:
    """Red and blue, of every shade: within reach of a few steps from random numbers."""
    for number in range(32):
        label, shade = ("red", "blue")[number % 2], 3 * number
        colour = (255 - shade, 0, 0) if label == "red" else (0, 0, 255 - shade)
        (tmp_path / "photos" / label).mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (64, 64), colour).save(tmp_path / "photos" / label / f"{number}.png")
    photos = read_photos(tmp_path / "photos").photos
    news: list[Step | Epoch] = []
    settings = TrainingConfig(
        epochs=8,
        side=64,
        full_size_epochs=0,
        batch_size=4,
        dropout=0,
        validation=0.25,
        test=0.25,
        learning_rate=1e-3,
        head_learning_rate=1e-2,
        seed=1,
    )
    weights = fine_tune(photos, start, tmp_path / "out.pth", settings=settings, note="colours", report=news.append)
    epochs = [item for item in news if isinstance(item, Epoch)]
    steps = [(item.epoch, item.step, item.steps) for item in news if isinstance(item, Step)]
    assert steps == [(epoch, step, 4) for epoch in range(1, 1 + len(epochs)) for step in range(1, 5)]
    assert epochs[-1].loss < epochs[0].loss
    assert weights.classes == ("blue", "red") and weights.metadata["note"] == "colours"
    assert weights.metadata["split"]["train"] == {"photos": 16, "contributors": 0}
    assert weights.metadata["figures"] == {
        "validation_accuracy": epochs[-1].validation_accuracy,
        "test_accuracy": 1.0,
    }
    assert {path.name for path in tmp_path.iterdir()} == {"photos", "out.pth"}


@pytest.fixture(scope="module")
def whole(labelled: list[Photo], start: Weights, tmp_path_factory: pytest.TempPathFactory) -> Weights:
    """A training that nothing interrupted."""
    return fine_tune(labelled, start, tmp_path_factory.mktemp("whole") / "out.pth", settings=QUICK)


def test_all_layers_go_on_learning(whole: Weights, start: Weights) -> None:
    assert whole.metadata["started_from"] == start.digest
    for name, tensor in whole.tensors.items():
        assert name.startswith("fc.") or not torch.equal(tensor, start.tensors[name]), name


def test_what_is_kept_is_the_average_of_the_latest_networks(
    labelled: list[Photo], start: Weights, tmp_path: Path
) -> None:
    settings = replace(QUICK, averaging=0.25)
    data = TrainingData(labelled, [], [], [])
    training = Training(start, ("hat", "scarf"), data, settings, tmp_path / "out.pth.training")
    networks: list[torch.Tensor] = []
    training.run_epoch(lambda _: networks.append(training.network.state_dict()["fc.bias"].clone()))
    average = networks[0]
    # The first three steps weigh more: no more than (1 + steps) / (10 + steps) of the average before stays.
    for kept, latest in zip([2 / 11, 3 / 12, *[0.25] * len(networks)], networks[1:], strict=False):
        average = kept * average + (1 - kept) * latest
    torch.testing.assert_close(training.averaged.state_dict()["fc.bias"], average)
    assert not torch.equal(average, networks[-1])


@pytest.mark.slow
def test_a_share_of_the_first_weights_stays(
    labelled: list[Photo], start: Weights, whole: Weights, tmp_path: Path
) -> None:
    settings = replace(QUICK, start_share=0.25)
    mixed = fine_tune(labelled, start, tmp_path / "out.pth", settings=settings)
    for name, tensor in whole.tensors.items():
        first = tensor if name.startswith("fc.") else start.tensors[name]
        torch.testing.assert_close(mixed.tensors[name], 0.75 * tensor + 0.25 * first, atol=2e-3, rtol=1e-2)


def test_figures_are_those_of_the_written_file(whole: Weights, labelled: list[Photo]) -> None:
    assert whole.path is not None
    split = split_photos(labelled, validation=QUICK.validation, test=QUICK.test, seed=QUICK.seed)
    for side in ("validation", "test"):
        _, accuracy = measure(load_weights(whole.path).classifier(), split[side], whole.classes)
        assert whole.metadata["figures"][f"{side}_accuracy"] == accuracy
    assert FeatureExtractor.open(whole.path).extract([labelled[0].path]).shape == (1, 1024)


@pytest.mark.slow
@pytest.mark.parametrize("stop_at", [(1, 2), (2, 3)])
def test_a_training_that_was_killed_ends_like_one_that_was_not(
    labelled: list[Photo],
    start: Weights,
    whole: Weights,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    stop_at: tuple[int, int],
) -> None:
    monkeypatch.setattr("cbir.training.trainer.SAVE_EVERY", 1)

    def stop(news: Step | Epoch) -> None:
        if isinstance(news, Step) and (news.epoch, news.step) == stop_at:
            raise Killed

    with pytest.raises(Killed):
        fine_tune(labelled, start, tmp_path / "out.pth", settings=QUICK, report=stop)
    resumed: list[Step | Epoch] = []
    weights = fine_tune(labelled, start, tmp_path / "out.pth", settings=QUICK, report=resumed.append)
    first = resumed[0]
    assert isinstance(first, Step) and (first.epoch, first.step) == stop_at, "finished steps are not done again"
    for name, tensor in whole.tensors.items():
        torch.testing.assert_close(weights.tensors[name], tensor, atol=2e-3, rtol=1e-2)
    assert weights.metadata["figures"] == whole.metadata["figures"]


def test_a_kill_after_the_last_epoch_leaves_only_the_rest_to_do(
    labelled: list[Photo], start: Weights, whole: Weights, tmp_path: Path
) -> None:
    def stop(_: Weights) -> None:
        raise Killed

    with pytest.raises(Killed):
        fine_tune(labelled, start, tmp_path / "out.pth", settings=QUICK, finish=stop)
    news: list[Step | Epoch] = []
    finished: list[Weights] = []
    weights = fine_tune(
        labelled, start, tmp_path / "out.pth", settings=QUICK, report=news.append, finish=finished.append
    )
    assert news == [] and [one.digest for one in finished] == [weights.digest]
    assert weights.metadata["figures"] == whole.metadata["figures"]
    assert [path.name for path in tmp_path.iterdir()] == ["out.pth"]


@pytest.mark.slow
def test_further_photos_are_trained_on_and_nothing_else(labelled: list[Photo], start: Weights, tmp_path: Path) -> None:
    further = read_photos(fill_folder(tmp_path / "further", 4, labels=("dress", "hat"))).photos
    settings = replace(QUICK, epochs=1)
    weights = fine_tune(labelled, start, tmp_path / "out.pth", extra=further, settings=settings)
    split = split_photos(labelled, validation=QUICK.validation, test=QUICK.test, seed=QUICK.seed)
    assert weights.classes == ("dress", "hat", "scarf")
    counts = {side: weights.metadata["split"][side]["photos"] for side in split}
    assert counts == {side: len(some) for side, some in split.items()}
    assert weights.metadata["also"] == {"photos": 4, "cuts": 0, "street": 0, "figures": 0}


def test_a_training_that_diverges_is_told(labelled: list[Photo], start: Weights, tmp_path: Path) -> None:
    wild = TrainingConfig(epochs=2, batch_size=4, validation=0.25, test=0.25, learning_rate=1e6, head_learning_rate=1e6)
    with pytest.raises(WeightsError, match="diverged in epoch 1; a lower learning rate may help"):
        fine_tune(labelled, start, tmp_path / "out.pth", settings=wild)


def test_a_checkpoint_of_another_training_is_refused(labelled: list[Photo], start: Weights, tmp_path: Path) -> None:
    def stop(news: Step | Epoch) -> None:
        if isinstance(news, Step) and news.epoch == 2:
            raise Killed

    with pytest.raises(Killed):
        fine_tune(labelled, start, tmp_path / "out.pth", settings=QUICK, report=stop)
    other = TrainingConfig(epochs=2, batch_size=4, validation=0.25, test=0.25, seed=1)
    with pytest.raises(WeightsError, match=r"out\.pth\.training: a checkpoint of another training"):
        fine_tune(labelled, start, tmp_path / "out.pth", settings=other)
    (tmp_path / "out.pth.training").write_bytes(b"torn")
    with pytest.raises(WeightsError, match=r"out\.pth\.training: a damaged checkpoint"):
        fine_tune(labelled, start, tmp_path / "out.pth", settings=QUICK)


def test_too_little_to_learn_from_is_refused(labelled: list[Photo], start: Weights, tmp_path: Path) -> None:
    hats = [photo for photo in labelled if photo.label == "hat"]
    for few in ([], hats, [hats[0], labelled[1]]):
        with pytest.raises(DatasetError, match="too few"):
            fine_tune(few, start, tmp_path / "out.pth", settings=QUICK)


def test_a_photo_that_cannot_be_read_is_named(labelled: list[Photo], start: Weights, tmp_path: Path) -> None:
    copy = tmp_path / "copy.jpg"
    shutil.copy(labelled[0].path, copy)
    copy.write_bytes(copy.read_bytes()[:2000])
    photos = [photo._replace(file=copy) for photo in labelled]
    with pytest.raises(PhotoError, match=r"copy\.jpg"):
        fine_tune(photos, start, tmp_path / "out.pth", settings=QUICK)


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> list[Photo]:
    """Sixty photos of 60 x 90, a scarf or a coat in the middle of each; half with label maps."""
    folder = tmp_path_factory.mktemp("street")
    for name in ("photos", "labels"):
        (folder / name).mkdir()
    (folder / "label_names.txt").write_text("null\nscarf\ncoat\n")
    rows = ["photo,tags"]
    for number in range(60):
        picture, labels = Image.new("RGB", (60, 90), (4 * number, 90, 200)), Image.new("L", (60, 90))
        picture.paste((200, 4 * number, 0), (20, 30, 40, 60))
        labels.paste(1 + number % 2, (20, 30, 40, 60))
        picture.save(folder / f"photos/{number:02}.png")
        if number % 4 < 2:
            labels.save(folder / f"labels/{number:02}.png")
        rows.append(f"{number:02}.png,{('scarf', 'coat')[number % 2]}")
    (folder / "photos.csv").write_text("\n".join(rows))
    return read_photos(folder).photos


@pytest.mark.slow
def test_street_photos_are_cut_and_learned_from_and_a_kill_loses_nothing(
    labelled: list[Photo], street: list[Photo], start: Weights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cbir.training.trainer.SAVE_EVERY", 1)
    named = [photo._replace(colour="red", pattern="plain") for photo in labelled]
    settings = replace(QUICK, epochs=1, full_size_epochs=0)
    whole = fine_tune(named, start, tmp_path / "whole.pth", street=street, settings=settings)
    train, test = split_street(street, seed=settings.seed)
    assert len(test) == 20
    mapped = sum(photo.label_map is not None for photo in train)
    assert whole.metadata["also"] == {"photos": 0, "cuts": mapped, "street": len(train), "figures": 0}
    assert whole.classes == ("Coat", "Scarf", "hat", "scarf")

    def stop(news: Step | Epoch) -> None:
        if isinstance(news, Step) and news.step == 2:
            raise Killed

    with pytest.raises(Killed):
        fine_tune(named, start, tmp_path / "out.pth", street=street, settings=settings, report=stop)
    again = fine_tune(named, start, tmp_path / "out.pth", street=street, settings=settings)
    for name, tensor in whole.tensors.items():
        torch.testing.assert_close(again.tensors[name], tensor, atol=2e-3, rtol=1e-2)


@pytest.mark.slow
def test_a_network_that_knows_the_classes_keeps_its_last_layer(
    labelled: list[Photo], whole: Weights, tmp_path: Path
) -> None:
    still = replace(QUICK, epochs=1, full_size_epochs=0, learning_rate=1e-9, head_learning_rate=1e-9)
    again = fine_tune(labelled, whole, tmp_path / "out.pth", settings=still)
    torch.testing.assert_close(again.tensors["fc.weight"], whole.tensors["fc.weight"], atol=1e-3, rtol=1e-3)

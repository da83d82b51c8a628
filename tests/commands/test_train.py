"""Training from the first weights to the end: the steps, what a kill leaves, and a small training by all of them."""

from __future__ import annotations

import argparse
import json
import shlex
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from cbir.commands import train
from cbir.commands.parser import build_parser, main
from cbir.network.closeness import calibration_path
from cbir.network.weights import load_weights
from tests.support.drawings import draw_garment
from tests.support.people import draw_street

PLAN = ["wardrobe", "wardrobe", "finetune", "finetune", "finder", "evaluate"]


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[argparse.Namespace]:
    """The options of each step that is taken; none of them does anything else."""
    taken: list[argparse.Namespace] = []
    for name, module in list(train.MODULES.items()):
        fake = ModuleType(name)
        fake.__dict__.update(add_arguments=module.add_arguments, run=taken.append)
        monkeypatch.setitem(train.MODULES, name, fake)
    return taken


def stop_before(count: int, taken: list[Any], monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Let the training stop in a step, once `count` steps are done."""

    def once(options: argparse.Namespace) -> None:
        if len(taken) == count:
            raise error
        taken.append(options)

    for module in train.MODULES.values():
        monkeypatch.setattr(module, "run", once)


def test_the_commands_are_told_and_each_can_be_given_by_hand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["train", "cloth ing", "street", "--weights", "first.pth", "--out", str(out), "--dry-run"]) == 0
    lines = capsys.readouterr().out.splitlines()
    told = [shlex.split(line) for line in lines]
    assert [words[:4] for words in told] == [["python", "-m", "cbir", name] for name in PLAN]
    rendered, figures, first, second, finder, measured = (build_parser().parse_args(words[3:]) for words in told)
    assert (first.data, first.weights, second.weights) == ("cloth ing", "first.pth", first.out)
    assert second.figures == finder.figures == figures.out and finder.weights == measured.weights == second.out
    assert Path(finder.out).name == "garments.pth" and Path(finder.out).parent == Path(second.out).parent
    assert measured.also == first.also == rendered.out
    assert Path(measured.closeness) == calibration_path(Path(second.out))
    assert not out.exists()


def test_a_training_goes_on_at_the_step_that_was_stopped(
    steps: list[argparse.Namespace], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["train", "clothing", "street", "--out", str(tmp_path / "out")]
    with monkeypatch.context() as patch:
        stop_before(3, steps, patch, KeyboardInterrupt())
        assert main(arguments) == 130
    told = capsys.readouterr().err
    assert "step 1 of 6, about 3.7 hours to go: python -m cbir wardrobe" in told
    assert "step 4 of 6" in told and "run the same command again" in told
    assert main(arguments) == 0
    assert [Path(options.out).name for options in steps[:-1]] == [
        *("rendered", "figures", "first.pth", "weights.pth", "garments.pth")
    ]
    done = capsys.readouterr()
    assert "step 3" not in done.err and "step 4 of 6" in done.err and "weights.pth" in done.out
    assert main(arguments) == 0 and len(steps) == len(PLAN)


def test_what_is_left_follows_from_what_the_steps_took(
    steps: list[argparse.Namespace], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Twice as slow as two known cores, and a step that went on after a kill counts as it would have taken."""
    now = [0.0]

    def spend(options: argparse.Namespace) -> None:
        steps.append(options)
        now[0] += 60 * 17  # the first two are known to take 17 minutes together
        if len(steps) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("cbir.commands.train.time.monotonic", lambda: now[0])
    for module in train.MODULES.values():
        monkeypatch.setattr(module, "run", spend)
    arguments = ["train", "clothing", "street", "--out", str(tmp_path / "out")]
    assert main(arguments) == 130
    assert "step 3 of 6, about 6.8 hours to go" in capsys.readouterr().err
    assert main(arguments) == 0
    assert "step 4 of 6, about 5.4 hours to go" in capsys.readouterr().err


def test_another_training_is_not_mixed_in(
    steps: list[argparse.Namespace], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    arguments = ["train", "clothing", "street", "--out", str(out)]
    assert main(arguments) == 0
    assert main([*arguments, "--weights", "other.pth"]) == 1
    assert "train.json: a training with other photos, weights or settings" in capsys.readouterr().err
    for damage in ("{", json.dumps({"steps": []}), "[]"):
        (out / "train.json").write_text(damage)
        assert main(arguments) == 1
        assert "train.json: damaged; delete it" in capsys.readouterr().err
    assert len(steps) == len(PLAN)


def test_a_step_that_fails_is_taken_again(
    steps: list[argparse.Namespace], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["train", "clothing", "street", "--out", str(tmp_path / "out")]
    with monkeypatch.context() as patch:
        stop_before(2, steps, patch, OSError("no space left"))
        assert main(arguments) == 1
    assert "no space left" in capsys.readouterr().err
    assert main(arguments) == 0 and len(steps) == len(PLAN)


@pytest.mark.slow
def test_a_small_training_from_the_first_weights_to_the_end(
    weights_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each step reads what the ones before it wrote, and what they made is used by an index as it lies."""
    monkeypatch.setattr(train, "RENDERED", ("--seed", "1", "--count", "4"))
    monkeypatch.setattr(train, "FIGURES", ("--worn", "--seed", "1", "--count", "2"))
    monkeypatch.setattr(train, "FIRST", ("--epochs", "1", "--full-size-epochs", "0"))
    monkeypatch.setattr(train, "SECOND", ("--epochs", "1", "--full-size-epochs", "0", "--start-share", "0.5"))
    monkeypatch.setattr(train, "FINDER", ("--epochs", "1"))
    data = tmp_path / "data"
    for label, shape in (("T-Shirt", "shirt"), ("Dress", "dress"), ("Hat", "hat")):
        (data / label).mkdir(parents=True)
        for number in range(20):
            draw_garment(number, shape, size=(160, 200)).save(data / label / f"{number}.jpg")
    street, out = draw_street(tmp_path / "street", 60), tmp_path / "out"
    assert main(["train", str(data), str(street), "--weights", str(weights_file), "--out", str(out)]) == 0
    assert "P@1" in capsys.readouterr().out
    made = {path.name for path in out.iterdir()}
    assert {"first.pth", "weights.pth", "garments.pth", "train.json"} <= made
    assert not any(name.endswith(".training") for name in made)
    first, second = (load_weights(out / name) for name in ("first.pth", "weights.pth"))
    assert first.metadata["started_from"] == load_weights(weights_file).digest
    assert second.metadata["started_from"] == first.digest and second.metadata["also"]["figures"] == 2
    assert main(["index", str(data), "--out", str(tmp_path / "index"), "--weights", str(out / "weights.pth")]) == 0
    photo = next((street / "photos").iterdir())
    assert main(["garments", str(photo), "--index", str(tmp_path / "index")]) == 0

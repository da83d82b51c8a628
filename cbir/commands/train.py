"""Train the network and its garment finder as those that ship, from the first weights on, and resume if broken off.

example:
  python -m cbir train clothing/ street/ --weights bvlc_googlenet.pth --out trained/
"""

from __future__ import annotations

import argparse
import json
import shlex
import time
from pathlib import Path
from typing import NamedTuple

from cbir.commands import evaluate, finder, finetune, wardrobe
from cbir.commands.terminal import say, warn
from cbir.errors import CbirError

MODULES = {"wardrobe": wardrobe, "finetune": finetune, "finder": finder, "evaluate": evaluate}
RENDERED = ("--seed", "1", "--count", "1232")
FIGURES = ("--worn", "--seed", "1", "--count", "1000")
WITHOUT = ("--without", "Not sure", "Other", "Skip", "Coat")
"""Labels that name no garment; and coats, which the clothing dataset files under outwear."""
FIRST: tuple[str, ...] = ()
"""What the first training has beside the defaults of finetune."""
SECOND = ("--epochs", "8", "--full-size-epochs", "5", "--learning-rate", "0.004", "--start-share", "0.5")
FINDER = ("--epochs", "45")


class Step(NamedTuple):
    """One command of the training."""

    command: str
    arguments: tuple[str, ...]
    minutes: float
    """What it takes on two cores that have bfloat16 instructions."""

    def __str__(self) -> str:
        return shlex.join(["python", "-m", "cbir", self.command, *self.arguments])


class Progress(NamedTuple):
    """How far a training is."""

    minutes: list[float]
    """What each step that is done took here."""
    begun: int
    """The step that was begun last."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Photos, first weights, and the folder for all that is made."""
    parser.add_argument("data", help="labelled photos of single garments, read as finetune reads them")
    parser.add_argument("street", help="photos of people, with tags and label maps of what they wear")
    parser.add_argument("--out", required=True, metavar="DIR", help="where weights.pth, garments.pth and the rest go")
    parser.add_argument("--weights", default="imagenet", metavar="FILE", help="where to start, as for finetune")
    parser.add_argument("--dry-run", action="store_true", help="print the commands that it stands for, and end")


def run(options: argparse.Namespace) -> None:
    """Take the steps that are not done yet, and tell before each how long the rest takes."""
    out = Path(options.out)
    steps = plan_steps(options.data, options.street, options.weights, out)
    if options.dry_run:
        say(*map(str, steps))
        return
    out.mkdir(parents=True, exist_ok=True)
    journal = out / "train.json"
    done, begun = _read(journal, steps)
    for place in range(len(done), len(steps)):
        step, pace = steps[place], _find_pace(steps, done)
        left = _in_words(pace * sum(one.minutes for one in steps[place:]))
        warn(f"step {place + 1} of {len(steps)}, about {left} to go: {step}")
        _write(journal, steps, Progress(done, place))
        start = time.monotonic()
        _call(step)
        # A step that went on after a kill does not tell how long it takes.
        done.append(pace * step.minutes if place == begun else (time.monotonic() - start) / 60)
        _write(journal, steps, Progress(done, place))
    say(f"{out}: weights.pth and garments.pth; use them with: python -m cbir index DIR --weights {out / 'weights.pth'}")


def plan_steps(data: str, street: str, weights: str, out: Path) -> list[Step]:
    """The commands: garments are rendered, the network is trained twice, then the finder; both are measured.

    The second training has figures, which show that a garment is the same on a wearer and laid out.
    """
    rendered, figures, first, second = (str(out / name) for name in ("rendered", "figures", "first.pth", "weights.pth"))
    photos = (data, "--also", rendered, "--street", street, *WITHOUT)
    measured = ("--also", rendered, "--closeness", str(out / "weights.closeness.json"))
    found = (street, "--laid-out", data, "--figures", figures, "--weights", second)
    return [
        Step("wardrobe", (*RENDERED, "--out", rendered), 9),
        Step("wardrobe", (*FIGURES, "--out", figures), 8),
        Step("finetune", (*photos, "--weights", weights, *FIRST, "--out", first), 44),
        Step("finetune", (*photos, "--weights", first, "--figures", figures, *SECOND, "--out", second), 57),
        Step("finder", (*found, *FINDER, "--out", str(out / "garments.pth")), 92),
        Step("evaluate", (data, "--weights", second, "--held-out", "--street", street, *measured), 12),
    ]


def _call(step: Step) -> None:
    module = MODULES[step.command]
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    module.run(parser.parse_args(step.arguments))


def _read(journal: Path, steps: list[Step]) -> Progress:
    """How far the training of these steps is; CbirError if the journal is of another one."""
    if not journal.exists():
        return Progress([], -1)
    try:
        content = json.loads(journal.read_text(encoding="utf-8"))
        named, progress = content["steps"], Progress([float(some) for some in content["minutes"]], content["begun"])
    except (ValueError, KeyError, TypeError) as error:
        raise CbirError(f"{journal}: damaged; delete it to train anew") from error
    if named != [str(step) for step in steps]:
        raise CbirError(f"{journal}: a training with other photos, weights or settings; choose another --out")
    return progress


def _write(journal: Path, steps: list[Step], progress: Progress) -> None:
    from cbir.system.files import replacing

    content = {"steps": [str(step) for step in steps], **progress._asdict()}
    with replacing(journal) as part:
        part.write_text(json.dumps(content, indent=1), encoding="utf-8")


def _find_pace(steps: list[Step], done: list[float]) -> float:
    """How many times as long as on two cores the steps took here."""
    return sum(done) / sum(step.minutes for step in steps[: len(done)]) if done else 1.0


def _in_words(minutes: float) -> str:
    return f"{minutes / 60:.1f} hours" if minutes >= 90 else f"{max(2, round(minutes))} minutes"

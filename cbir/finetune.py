"""Transfer learning: all layers of an ImageNet GoogLeNet go on learning, on the classes of a photo set."""

from __future__ import annotations

import math
import os
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps
from torch import Tensor
from torch.nn.functional import cross_entropy

from cbir.datasets import Photo, split_photos
from cbir.errors import DatasetError, WeightsError
from cbir.features import DECODE_SIDE, batched, map_ahead, read_batches, to_tensor
from cbir.files import replacing
from cbir.googlenet import INPUT_SIZE, GoogLeNet
from cbir.images import load_image
from cbir.weights import Weights, load_weights, save_weights

SAVE_EVERY = 50
"""Steps between two checkpoints within an epoch."""


@dataclass(frozen=True)
class Settings:
    """What a training is made of, photos and first weights apart."""

    epochs: int = 8
    batch_size: int = 32
    learning_rate: float = 0.002
    head_learning_rate: float = 0.02
    momentum: float = 0.9
    weight_decay: float = 1e-4
    label_smoothing: float = 0.1
    patience: int = 3
    """Epochs without a better validation accuracy after which training stops."""
    validation: float = 0.1
    test: float = 0.1
    seed: int = 0


class Step(NamedTuple):
    """Where a training stands after a batch; loss and accuracy are means over the epoch so far."""

    epoch: int
    step: int
    steps: int
    loss: float
    accuracy: float


class Epoch(NamedTuple):
    """Figures of one epoch, on photos trained on and on validation photos."""

    epoch: int
    loss: float
    accuracy: float
    validation_loss: float
    validation_accuracy: float


def fine_tune(
    photos: Sequence[Photo],
    start: Weights,
    out: str | os.PathLike[str],
    *,
    also: Sequence[Photo] = (),
    settings: Settings = Settings(),
    note: str = "",
    report: Callable[[Step | Epoch], object] = lambda _: None,
) -> Weights:
    """Train a classifier of the photos' labels from `start` and write it to `out`; the best epoch is kept.

    The best epoch has the highest accuracy on validation photos, whose contributors are not trained on. A training
    that was killed goes on from its last checkpoint, `out` with ".training" behind it, if called again with the same
    photos and settings. Returns the weights as written (half precision), their figures among the metadata, measured
    on the file's own numbers.

    also: photos that are only trained on, such as rendered ones; none of them is validated or tested with.
    note: kept in the metadata, such as where the photos come from. report: told every step and epoch.

    Raises DatasetError if there is too little to learn from, PhotoError for a photo that cannot be read, and
    WeightsError if the checkpoint belongs to another training or the training diverges.
    """
    labelled = [photo for photo in photos if photo.label]
    split = split_photos(labelled, validation=settings.validation, test=settings.test, seed=settings.seed)
    split["train"] += [photo for photo in also if photo.label]
    classes = tuple(sorted({str(photo.label) for photo in split["train"]}))
    split = {side: [photo for photo in some if photo.label in classes] for side, some in split.items()}
    if len(classes) < 2 or not split["validation"]:
        raise DatasetError(
            f"{len(labelled)} labelled photos of {len(classes)} classes are too few: "
            "two classes, and photos left for validation, are needed"
        )
    training = _Training(start, classes, split["train"], settings, Path(out))
    while not training.finished:
        training.run_epoch(report)
        report(training.close_epoch(split["validation"]))
    metadata = {
        "note": note,
        "split": {side: _describe(some) for side, some in split.items()},
        "settings": asdict(settings),
        "started_from": start.digest,
        "best_epoch": training.best_epoch,
        "history": [list(epoch) for epoch in training.history],
    }
    result = Weights(start.flavour, training.best, classes, metadata)
    save_weights(result, out)
    figures = {}
    network = load_weights(out).classifier()
    for side in ("validation", "test"):
        if split[side]:
            _, figures[f"{side}_accuracy"] = measure(network, split[side], classes)
    save_weights(replace(result, metadata=metadata | {"figures": figures}), out)
    training.checkpoint.unlink(missing_ok=True)
    return load_weights(out)


def measure(network: GoogLeNet, photos: Sequence[Photo], classes: Sequence[str]) -> tuple[float, float]:
    """Mean cross-entropy and accuracy of a classifier on labelled photos."""
    numbers = {label: number for number, label in enumerate(classes)}
    device = next(network.parameters()).device
    loss, right = 0.0, 0
    network.eval()
    labels = iter(photos)
    with torch.inference_mode():
        for pixels in read_batches([photo.path for photo in photos]):
            targets = torch.tensor([numbers[str(p.label)] for p in islice(labels, len(pixels))], device=device)
            logits = network(to_tensor(pixels).to(device))
            loss += float(cross_entropy(logits, targets, reduction="sum"))
            right += int((logits.argmax(1) == targets).sum())
    return loss / len(photos), right / len(photos)


class _Training:
    """A training that stands somewhere: network, optimiser, schedule, history, and its checkpoint on disk."""

    def __init__(
        self, start: Weights, classes: tuple[str, ...], photos: list[Photo], settings: Settings, out: Path
    ) -> None:
        self.photos, self.settings = photos, settings
        self.numbers = {label: number for number, label in enumerate(classes)}
        self.checkpoint = out.with_name(out.name + ".training")
        self.steps = math.ceil(len(photos) / settings.batch_size)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        with _seeded(settings.seed, "head"):
            self.network = start.classifier(len(classes)).to(self.device)
        head = list(self.network.fc.parameters())
        body = [p for name, p in self.network.named_parameters() if not name.startswith("fc.")]
        self.optimiser = torch.optim.SGD(
            [
                {"params": body, "lr": settings.learning_rate},
                {"params": head, "lr": settings.head_learning_rate},
            ],
            momentum=settings.momentum,
            weight_decay=settings.weight_decay,
        )
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser,
            [settings.learning_rate, settings.head_learning_rate],
            total_steps=settings.epochs * self.steps,
        )
        self.epoch, self.step, self.loss, self.right = 1, 0, 0.0, 0
        self.history: list[Epoch] = []
        self.best: dict[str, Tensor] = {}
        self.identity = {
            "settings": asdict(settings),
            "photos": [photo.name for photo in photos],
            "start": start.digest,
        }
        if self.checkpoint.exists():
            self._resume()

    @property
    def best_epoch(self) -> int:
        """Number of the epoch with the highest validation accuracy, the earliest such; 0 before the first."""
        return max(self.history, key=lambda epoch: epoch.validation_accuracy).epoch if self.history else 0

    @property
    def finished(self) -> bool:
        done = len(self.history)
        return done >= self.settings.epochs or done - self.best_epoch >= self.settings.patience

    def run_epoch(self, report: Callable[[Step], object]) -> None:
        """Train from the present step to the end of the epoch."""
        seed, size = self.settings.seed, self.settings.batch_size
        order = random.Random(f"{seed} order {self.epoch}").sample(self.photos, len(self.photos))
        todo = [(photo, f"{seed} crop {self.epoch} {photo.name}") for photo in order[self.step * size :]]
        self.network.train()
        with ThreadPoolExecutor() as pool:
            decoded = map_ahead(pool, _read_augmented, todo, ahead=3 * size)
            for batch in batched(decoded, size):
                some = order[self.step * size : self.step * size + len(batch)]
                targets = torch.tensor([self.numbers[str(photo.label)] for photo in some], device=self.device)
                with _seeded(seed, f"dropout {self.epoch} {self.step}"):
                    logits = self.network(to_tensor(np.stack(batch)).to(self.device))
                loss = cross_entropy(logits, targets, label_smoothing=self.settings.label_smoothing)
                if not torch.isfinite(loss):
                    raise WeightsError(
                        f"{self.checkpoint}: training diverged in epoch {self.epoch}; a lower learning rate may help"
                    )
                self.optimiser.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                self.optimiser.step()
                self.schedule.step()
                self.step += 1
                self.loss += float(loss.detach()) * len(batch)
                self.right += int((logits.argmax(1) == targets).sum())
                seen = min(self.step * size, len(order))
                report(Step(self.epoch, self.step, self.steps, self.loss / seen, self.right / seen))
                if self.step % SAVE_EVERY == 0:
                    self._save()

    def close_epoch(self, validation: Sequence[Photo]) -> Epoch:
        """Measure the epoch, keep its network if it is the best so far, and make ready for the next."""
        count = len(self.photos)
        figures = measure(self.network, validation, list(self.numbers))
        self.history.append(Epoch(self.epoch, self.loss / count, self.right / count, *figures))
        if self.best_epoch == self.epoch:
            self.best = {name: tensor.detach().cpu().clone() for name, tensor in self.network.state_dict().items()}
        self.epoch, self.step, self.loss, self.right = self.epoch + 1, 0, 0.0, 0
        self._save()
        return self.history[-1]

    def _save(self) -> None:
        content = {
            "identity": self.identity,
            "position": [self.epoch, self.step, self.loss, self.right],
            "history": [list(epoch) for epoch in self.history],
            "best": self.best,
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
        }
        with replacing(self.checkpoint) as part:
            torch.save(content, part)

    def _resume(self) -> None:
        try:
            content = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        except Exception as error:  # zip, pickle and tensor errors have no common base
            raise WeightsError(f"{self.checkpoint}: a damaged checkpoint; delete it to train anew") from error
        if content["identity"] != self.identity:
            raise WeightsError(
                f"{self.checkpoint}: a checkpoint of another training (other photos, settings or first weights); "
                "delete it to train anew, or choose another output"
            )
        self.epoch, self.step, self.loss, self.right = content["position"]
        self.history = [Epoch(*figures) for figures in content["history"]]
        self.best = {name: tensor.cpu() for name, tensor in content["best"].items()}
        self.network.load_state_dict(content["network"])
        self.optimiser.load_state_dict(content["optimiser"])
        self.schedule.load_state_dict(content["schedule"])


@contextmanager
def _seeded(seed: int, purpose: str) -> Iterator[None]:
    """A block whose random numbers follow from seed and purpose; torch's global generator is then put back."""
    before = torch.get_rng_state()
    torch.manual_seed(random.Random(f"{seed} {purpose}").getrandbits(63))
    try:
        yield
    finally:
        torch.set_rng_state(before)


def _read_augmented(job: tuple[Photo, str]) -> NDArray[np.uint8]:
    """A random crop of 40 to 100 % of the photo's area, in every second case mirrored, as (224, 224, 3) uint8."""
    photo, seed = job
    random_numbers = random.Random(seed)
    image = load_image(photo.path, short_side=DECODE_SIDE)
    share = math.sqrt(random_numbers.uniform(0.4, 1.0))
    stretch = math.sqrt(math.exp(random_numbers.uniform(-0.2, 0.2)))
    width, height = min(1.0, share * stretch) * image.width, min(1.0, share / stretch) * image.height
    left = random_numbers.uniform(0, image.width - width)
    top = random_numbers.uniform(0, image.height - height)
    crop = image.resize((INPUT_SIZE, INPUT_SIZE), Image.Resampling.BICUBIC, box=(left, top, left + width, top + height))
    return np.array(ImageOps.mirror(crop) if random_numbers.random() < 0.5 else crop)


def _describe(photos: Sequence[Photo]) -> dict[str, int]:
    contributors = {photo.contributor for photo in photos if photo.contributor}
    return {"photos": len(photos), "contributors": len(contributors)}

"""Training state and its checkpoint: network, losses, optimiser, schedule, history."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel

from cbir.datasets.photo import Photo
from cbir.datasets.street import GarmentCut
from cbir.datasets.vocabulary import KINDS
from cbir.errors import WeightsError
from cbir.network.googlenet import FEATURE_SIZE, GoogLeNet
from cbir.network.preprocess import to_tensor
from cbir.network.weights import Weights
from cbir.system.files import replacing
from cbir.system.pool import map_ahead, worker_pool
from cbir.training.augment import View
from cbir.training.losses import SELF_WEIGHT, GarmentRelevance, Memory, OutfitRelevance, off_garment
from cbir.training.sampling import Sample, Sampler, TrainingConfig, TrainingData

SAVE_EVERY = 50
"""Steps between two checkpoints within an epoch."""
AHEAD = 2
"""Steps whose pictures are made meanwhile."""


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


class Training:
    """Steps of stochastic gradient descent, from a checkpoint if there is one."""

    def __init__(
        self,
        start: Weights,
        classes: tuple[str, ...],
        data: TrainingData,
        settings: TrainingConfig,
        checkpoint: Path,
    ) -> None:
        """Raises WeightsError if the checkpoint is damaged or belongs to another training."""
        self.settings, self.checkpoint = settings, checkpoint
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.labels = torch.tensor([classes.index(label) for label in data.labels])
        self.steps = math.ceil(len(data.photos) / settings.batch_size)
        garments: list[Photo | GarmentCut] = [*data.photos, *data.extra, *data.cuts, *data.figures]
        colours, patterns = ([one.colour for one in garments], [one.pattern for one in garments])
        self.relevance = GarmentRelevance(data.labels, colours, patterns)
        self.garments = _number_garments(data)
        self.memory = Memory(len(data.labels), FEATURE_SIZE, self.device)
        self.worn = _tabulate_kinds(data.street)
        self.outfits = OutfitRelevance(self.worn)
        self.outfit_memory = Memory(len(data.street), FEATURE_SIZE, self.device)
        with seeded(settings.seed, "head"):
            # A network that knows these very classes goes on with its own last layer.
            network = start.classifier(None if start.classes == classes else len(classes)).to(self.device)
            self.namer = nn.Linear(FEATURE_SIZE, len(KINDS)).to(self.device)
        # Twice as fast on processors that have instructions for matrices.
        self.network = network.to(memory_format=torch.channels_last)
        self.network.dropout = nn.Dropout(settings.dropout)
        heads = [*self.network.fc.parameters(), *self.namer.parameters()]
        body = [p for name, p in self.network.named_parameters() if not name.startswith("fc.")]
        rates = [settings.learning_rate, settings.head_learning_rate]
        self.optimiser = torch.optim.SGD(
            [{"params": body, "lr": rates[0]}, {"params": heads, "lr": rates[1]}],
            momentum=settings.momentum,
            weight_decay=settings.weight_decay,
            nesterov=True,
        )
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser, rates, total_steps=settings.epochs * self.steps, pct_start=0.15
        )
        self.sampler = Sampler(data, settings)
        self.epoch, self.step, self.loss, self.right, self.count = 1, 0, 0.0, 0, 0
        self.average = AveragedModel(self.network, avg_fn=partial(_average, settings.averaging), use_buffers=True)
        self.history: list[Epoch] = []
        names = [photo.name for photo in (*data.photos, *data.extra, *data.street)]
        names += [cut.photo.name for cut in data.figures]
        facts = [self.relevance.colours.tolist(), self.relevance.patterns.tolist(), [cut.kind for cut in data.cuts]]
        self.identity = {"settings": asdict(settings), "photos": names, "facts": facts, "start": start.digest}
        if checkpoint.exists():
            self._resume()

    @property
    def averaged(self) -> GoogLeNet:
        """The average of the networks of the latest steps: what is measured, and kept in the end."""
        return cast("GoogLeNet", self.average.module)

    @property
    def finished(self) -> bool:
        return len(self.history) >= self.settings.epochs

    def run_epoch(self, report: Callable[[Step], object]) -> None:
        """Train from the present step to the end of the epoch."""
        self.network.train()
        todo = range(self.step, self.steps)
        with worker_pool() as pool:
            steps = [self.sampler.draw(self.epoch, step) for step in todo]
            view = partial(self.sampler.view, epoch=self.epoch)
            views = map_ahead(
                pool, view, [sample for samples in steps for sample in samples], ahead=AHEAD * self.sampler.size
            )
            for samples in steps:
                self._learn(samples, [next(views) for _ in samples])
                report(Step(self.epoch, self.step, self.steps, self.loss / self.step, self.right / self.count))
                if self.step % SAVE_EVERY == 0:
                    self._save()

    def close_epoch(self, validation_loss: float, validation_accuracy: float) -> Epoch:
        """Note how the average of the networks did, and make ready for the next epoch."""
        figures = (self.loss / self.steps, self.right / self.count, validation_loss, validation_accuracy)
        self.history.append(Epoch(self.epoch, *figures))
        self.epoch, self.step, self.loss, self.right, self.count = self.epoch + 1, 0, 0.0, 0, 0
        self._save()
        return self.history[-1]

    def _learn(self, samples: list[Sample], views: list[View]) -> None:
        """One step."""
        settings = self.settings
        count = sum(sample.draw != "street" for sample in samples)
        rows = torch.tensor([sample.row for sample in samples])
        garments, people = rows[:count], rows[count:]
        targets = self.labels[garments].to(self.device)
        pixels = to_tensor(np.stack([view.pixels for view in views])).to(self.device)
        with seeded(settings.seed, f"dropout {self.epoch} {self.step}"):
            with half_precision(self.device):
                feature_map = self.network.feature_map(pixels)
            pooled = feature_map.float().mean((2, 3))
            features, dropped = functional.normalize(pooled), self.network.dropout(pooled)
        logits = self.network.fc(dropped[:count])
        loss = functional.cross_entropy(logits, targets, label_smoothing=settings.label_smoothing)
        relevance = self.relevance.of(garments).to(self.device)
        same = self.garments[garments, None] == self.garments
        garments, people = garments.to(self.device), people.to(self.device)
        loss = loss + settings.search_weight * self.memory.compare(
            features[:count], garments, relevance, self_weight=SELF_WEIGHT, same=same.to(self.device)
        )
        if len(people):
            wanted = self.outfits.of(rows[count:]).to(self.device)
            loss = loss + settings.outfit_weight * self.outfit_memory.compare(features[count:], people, wanted)
            worn = self.worn[rows[count:]].float().to(self.device)
            named = functional.binary_cross_entropy_with_logits(self.namer(dropped[count:]), worn, reduction="none")
            # A fifth of the sum: on the scale of the other terms.
            loss = loss + settings.outfit_weight * named.sum(1).mean() / 5
        masked = [(row, view.mask) for row, view in enumerate(views) if view.mask is not None]
        if masked:
            masks = torch.from_numpy(np.stack([mask for _, mask in masked])).to(self.device) / 255
            loss = loss + settings.focus_weight * off_garment(feature_map[[row for row, _ in masked]].float(), masks)
        if not torch.isfinite(loss):
            raise WeightsError(
                f"{self.checkpoint}: training diverged in epoch {self.epoch}; a lower learning rate may help"
            )
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), settings.largest_gradient)
        self.optimiser.step()
        self.schedule.step()
        self.average.update_parameters(self.network)
        self.memory.update(features[:count], garments)
        self.outfit_memory.update(features[count:], people)
        self.step += 1
        self.loss += float(loss.detach())
        self.right += int((logits.argmax(1) == targets).sum())
        self.count += count

    def _state(self) -> dict[str, nn.Module | torch.optim.Optimizer | torch.optim.lr_scheduler.LRScheduler]:
        return {
            "network": self.network,
            "average": self.average,
            "namer": self.namer,
            "optimiser": self.optimiser,
            "schedule": self.schedule,
        }

    def _save(self) -> None:
        content = {
            "identity": self.identity,
            "position": [self.epoch, self.step, self.loss, self.right, self.count],
            "history": [list(epoch) for epoch in self.history],
            "memories": [self.memory.features, self.outfit_memory.features],
            **{name: part.state_dict() for name, part in self._state().items()},
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
        self.epoch, self.step, self.loss, self.right, self.count = content["position"]
        self.history = [Epoch(*figures) for figures in content["history"]]
        self.memory.features, self.outfit_memory.features = content["memories"]
        for name, part in self._state().items():
            part.load_state_dict(content[name])


def _average(most: float, average: Tensor, latest: Tensor, number: Tensor | int) -> Tensor:
    """The average of the networks of all steps, of which the latest count most; shorter while `number` is small."""
    kept = min(most, (1 + int(number)) / (10 + int(number)))
    return kept * average + (1 - kept) * latest


def _number_garments(data: TrainingData) -> Tensor:
    """(N,) int64, equal for photos that show one garment: a rendered one on a figure and laid out."""
    laid_out = {photo.path.name: len(data.photos) + place for place, photo in enumerate(data.extra)}
    first = len(data.photos) + len(data.extra) + len(data.cuts)
    twins = [laid_out.get(cut.photo.path.name, first + place) for place, cut in enumerate(data.figures)]
    return torch.cat([torch.arange(first), torch.tensor(twins, dtype=torch.int64)])


def _tabulate_kinds(photos: Sequence[Photo]) -> Tensor:
    """(photos, kinds) bool: who wears which of KINDS. Jewellery and the like is too small to be seen."""
    worn = [[not set(words).isdisjoint(photo.tags) for words in KINDS.values()] for photo in photos]
    return torch.tensor(worn, dtype=torch.bool).reshape(len(photos), len(KINDS))


@contextmanager
def half_precision(device: torch.device) -> Iterator[None]:
    """A block whose convolutions run in bfloat16, where the machine has instructions for it: twice as fast or more."""
    able = torch.cuda.is_bf16_supported() if device.type == "cuda" else torch.cpu.get_capabilities().get("avx512_bf16")
    with torch.autocast(device.type, dtype=torch.bfloat16, enabled=bool(able)):
        yield


@contextmanager
def seeded(seed: int, purpose: str) -> Iterator[None]:
    """A block whose random numbers follow from seed and purpose; torch's global generator is then put back."""
    before = torch.get_rng_state()
    torch.manual_seed(random.Random(f"{seed} {purpose}").getrandbits(63))
    try:
        yield
    finally:
        torch.set_rng_state(before)

"""Training the garment finder, from photos of people with label maps, or with mere lists of what they wear."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from cbir.datasets.photo import Photo
from cbir.datasets.street import split_street
from cbir.datasets.vocabulary import LABELS, LAID_OUT, UNKNOWN
from cbir.errors import DatasetError, WeightsError
from cbir.network.fast_googlenet import FastGoogLeNet
from cbir.network.preprocess import to_tensor
from cbir.network.segmenter import STEM, FinderWeights, Segmenter, load_finder, save_finder
from cbir.network.weights import Weights
from cbir.system.files import replacing
from cbir.system.pool import map_ahead, worker_pool
from cbir.training.finder_sampling import FinderConfig, FinderData, FinderSampler
from cbir.training.finder_views import LabelledView, find_donors
from cbir.training.losses import overlap_loss
from cbir.training.trainer import half_precision, seeded

SAVE_EVERY = 50
"""Steps between two checkpoints."""
AHEAD = 2
"""Steps whose pictures are made meanwhile."""
SURE = 0.6
"""Probability from which on a label that the network itself gave a place is learnt."""
LEAST_SEEN = 0.0004
"""Share of a picture that a kind must cover to be there."""


class FinderStep(NamedTuple):
    """Where a training stands after a step; the losses are those of the last steps."""

    step: int
    steps: int
    cross_entropy: float
    overlap: float
    """1 less the mean intersection over union, of probabilities."""


def train_finder(
    street: Sequence[Photo],
    weights: Weights,
    out: str | os.PathLike[str],
    *,
    laid_out: Sequence[Photo] = (),
    figures: Sequence[Photo] = (),
    start: FinderWeights | None = None,
    settings: FinderConfig = FinderConfig(),
    note: str = "",
    report: Callable[[FinderStep], object] = lambda _: None,
) -> FinderWeights:
    """Train a garment finder over the weights of a network, and write it to `out`.

    A training that was killed goes on from its last checkpoint, `out` with ".training" behind it, if called again with
    the same photos and settings.

    street: photos of people with tags, some with label maps; those of the part to train on (`split_street`) are used.
    laid_out: photos of one garment each, labelled, on which nobody wears it; those of kinds of LAID_OUT are used.
    figures: rendered ones that wear something, with label maps. start: a finder to go on from, of this network or of
    the one that it was trained from; its changes to the blocks are then changes to those of the new network.
    note: kept in the metadata, such as where the photos come from. report: told every step.

    Raises DatasetError if there is too little to learn from, PhotoError for a photo that cannot be read, and
    WeightsError if the checkpoint belongs to another training or the training diverges.
    """
    people, _ = split_street(street, seed=settings.seed)
    labelled = [photo for photo in people if photo.label_map is not None]
    tagged = [photo for photo in people if photo.label_map is None and photo.tags]
    known = [photo for photo in laid_out if photo.label in LAID_OUT]
    if len(labelled) < 2:
        raise DatasetError(f"{len(street)} street photos hold too few with label maps to train on; two are needed")
    drawn = [photo for photo in figures if photo.label_map is not None]
    data = FinderData(labelled, drawn, tagged, known, find_donors(labelled) | {"ground": known})
    checkpoint = Path(out).with_name(Path(out).name + ".training")
    training = FinderTraining(weights, data, settings, checkpoint, start=start)
    training.run(report)
    counts = {"labelled": labelled, "figures": drawn, "tagged": tagged, "laid out": known}
    photos = {name: len(some) for name, some in counts.items()}
    metadata = {
        "note": note,
        "photos": photos,
        "settings": asdict(settings),
        "started_from": start.digest if start else None,
    }
    save_finder(FinderWeights(LABELS, weights.digest, training.average.own_tensors(), metadata), out)
    training.checkpoint.unlink(missing_ok=True)
    return load_finder(out)


class FinderTraining:
    """Steps of AdamW with a one-cycle learning rate, from a checkpoint if there is one."""

    def __init__(
        self,
        weights: Weights,
        data: FinderData,
        settings: FinderConfig,
        checkpoint: Path,
        *,
        start: FinderWeights | None = None,
    ) -> None:
        """Raises WeightsError if the checkpoint is damaged or belongs to another training, and if `start` tells apart
        other kinds than LABELS or is not complete.
        """
        self.settings, self.checkpoint = settings, checkpoint
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        network = weights.feature_network()
        self.stem = FastGoogLeNet(network)
        with seeded(settings.seed, "finder"):
            self.segmenter = Segmenter(network, len(LABELS)).to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        if start is not None:
            self._begin_with(start)
        self.average = copy.deepcopy(self.segmenter).eval()
        self.sampler = FinderSampler(data, settings)
        self.steps = settings.epochs * self.sampler.round
        rates = [settings.blocks_learning_rate, settings.learning_rate]
        groups: list[list[nn.Parameter]] = [[], []]
        for name, parameter in self.segmenter.named_parameters():
            if parameter.requires_grad:
                groups[not name.startswith("blocks.")].append(parameter)
        self.optimiser = torch.optim.AdamW(
            [{"params": some, "lr": rate} for some, rate in zip(groups, rates)], weight_decay=settings.weight_decay
        )
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser, rates, total_steps=self.steps, pct_start=0.08
        )
        self.step = 0
        names = [[photo.name for photo in some] for some in data[:-1]]
        self.identity = {
            "settings": asdict(settings),
            "photos": names,
            "reads": weights.digest,
            "start": start.digest if start else None,
        }
        if checkpoint.exists():
            self._resume()

    def _begin_with(self, start: FinderWeights) -> None:
        if start.kinds != LABELS:
            raise WeightsError(f"{start.path}: tells apart other kinds; name a finder of {', '.join(LABELS[2:5])} ...")
        try:
            self.segmenter.load_own(start.tensors)
        except ValueError as error:
            raise WeightsError(f"{start.path}: not a complete garment finder ({error})") from error

    def run(self, report: Callable[[FinderStep], object]) -> None:
        """Train from the present step to the last."""
        self.segmenter.train()
        plans = [self.sampler.plan(step) for step in range(self.step, self.steps)]
        todo = [item for plan in plans for item in plan]
        with worker_pool() as pool:
            views = map_ahead(pool, self.sampler.view, todo, ahead=AHEAD * max(map(len, plans), default=1))
            for plan in plans:
                cross_entropy, overlap = self._learn([next(views) for _ in plan])
                report(FinderStep(self.step, self.steps, cross_entropy, overlap))
                if self.step % SAVE_EVERY == 0:
                    self._save()

    def _learn(self, views: list[LabelledView]) -> tuple[float, float]:
        """One step; returns cross-entropy and loss of overlap."""
        settings = self.settings
        labels = torch.from_numpy(np.stack([view.labels for view in views if view.labels is not None]))
        labels, count = labels.long().to(self.device), len(labels)
        possible = torch.from_numpy(np.stack([view.possible for view in views])).to(self.device)
        with torch.inference_mode():
            stem = self.stem.feature_maps(to_tensor(np.stack([view.pixels for view in views])), (STEM,))[STEM]
        stem = stem.clone().to(self.device)
        with seeded(settings.seed, f"step {self.step}"), half_precision(self.device):
            logits, presence = self.segmenter(stem)
        logits, presence = logits.float(), presence.float()
        fine = functional.interpolate(logits[:count], scale_factor=2, mode="bilinear", align_corners=False)
        # Each place of the output is compared with the label at its middle.
        targets = labels[:, 2::4, 2::4]
        cross_entropy = functional.cross_entropy(fine, targets, ignore_index=UNKNOWN)
        overlap = overlap_loss(fine, targets)
        places = torch.stack([torch.bincount(one.flatten(), minlength=UNKNOWN + 1) for one in labels])
        there = torch.cat([places[:, : len(LABELS)] / labels[0].numel() >= LEAST_SEEN, possible[count:]]).float()
        sure = torch.tensor([float(view.whole or view.labels is not None) for view in views], device=self.device)
        named = functional.binary_cross_entropy_with_logits(presence, there, reduction="none").mean(1)
        loss = cross_entropy + settings.overlap_weight * overlap + settings.presence_weight * (named * sure).mean()
        if len(views) > count and self.step >= settings.guess_after * self.steps:
            loss = loss + self._learn_from_tags(stem[count:], logits[count:], possible[count:])
        if not torch.isfinite(loss):
            raise WeightsError(f"{self.checkpoint}: training diverged; a lower learning rate may help")
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.segmenter.parameters(), settings.largest_gradient)
        self.optimiser.step()
        self.schedule.step()
        self.step += 1
        self._update_average()
        return float(cross_entropy.detach()), float(overlap.detach())

    def _learn_from_tags(self, stem: Tensor, logits: Tensor, possible: Tensor) -> Tensor:
        """Loss of photos of which only the kinds are known: the average's own labels, among what is possible.

        Self-training with an average of the weights as the teacher (Tarvainen and Valpola, NIPS 2017).
        """
        allowed = possible[:, :, None, None]
        with torch.no_grad(), half_precision(self.device):
            guess, _ = self.average(stem)
        confidence, guessed = guess.float().masked_fill(~allowed, -30.0).softmax(1).max(1)
        guessed = guessed.masked_fill(confidence < SURE, UNKNOWN)
        learnt = functional.cross_entropy(logits, guessed, ignore_index=UNKNOWN)
        off = -(1 - (logits.softmax(1) * ~allowed).sum(1)).clamp(min=1e-4).log().mean()
        wrong = self.settings.impossible_weight * off
        return wrong if not (guessed != UNKNOWN).any() else self.settings.guessed_weight * learnt + wrong

    @torch.no_grad()
    def _update_average(self) -> None:
        kept = min(self.settings.average, self.step / (self.step + 9))
        own = self.segmenter.own_tensors()
        for name, tensor in self.average.own_tensors().items():
            if tensor.is_floating_point():
                tensor.lerp_(own[name], 1 - kept)
            else:
                tensor.copy_(own[name])

    def _save(self) -> None:
        content = {
            "identity": self.identity,
            "step": self.step,
            "segmenter": self.segmenter.own_tensors(),
            "average": self.average.own_tensors(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
        }
        with replacing(self.checkpoint) as part:
            torch.save(content, part)

    def _resume(self) -> None:
        try:
            content: dict[str, Any] = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        except Exception as error:  # zip, pickle and tensor errors have no common base
            raise WeightsError(f"{self.checkpoint}: a damaged checkpoint; delete it to train anew") from error
        if content.get("identity") != self.identity:
            raise WeightsError(
                f"{self.checkpoint}: a checkpoint of another training (other photos, settings or weights); "
                "delete it to train anew, or choose another output"
            )
        self.step = content["step"]
        self.segmenter.load_own(content["segmenter"])
        self.average.load_own(content["average"])
        self.optimiser.load_state_dict(content["optimiser"])
        self.schedule.load_state_dict(content["schedule"])

"""Training configuration, data, and what each step samples."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from cbir.datasets.photo import Photo
from cbir.datasets.street import GarmentCut
from cbir.network.googlenet import INPUT_SIZE
from cbir.training.augment import View, view_cut, view_figure, view_photo, view_street


@dataclass(frozen=True)
class TrainingConfig:
    """What a training is made of, photos and first weights apart."""

    epochs: int = 16
    side: int = 160
    """Pixels of the pictures trained on, until the last epochs; a good twice as fast as at full size."""
    full_size_epochs: int = 4
    """Last epochs at the size that photos are searched at, 224: features of another size are those of garments nearer
    or farther (Touvron et al., "Fixing the train-test resolution discrepancy", NeurIPS 2019)."""
    batch_size: int = 22
    """Photos of the set a step; the next three come on top, where there are any such photos."""
    extra: int = 5
    """Further photos a step, such as rendered ones."""
    cuts: int = 5
    """Garments cut from street photos."""
    street: int = 6
    """Whole street photos."""
    figures: int = 5
    """Rendered garments on figures."""
    balance: float = 0.5
    """Photos of a kind are drawn in proportion to its size to this power: 1 as they come, 0 all kinds alike."""
    learning_rate: float = 0.008
    head_learning_rate: float = 0.02
    momentum: float = 0.9
    weight_decay: float = 1e-4
    largest_gradient: float = 5.0
    dropout: float = 0.4
    label_smoothing: float = 0.1
    search_weight: float = 1.0
    """Of the search among garments (losses.py), beside the loss of class labels with weight 1."""
    outfit_weight: float = 1.0
    """Of the search among street photos, and of naming what is worn in them."""
    focus_weight: float = 0.1
    averaging: float = 0.99
    """What remains, a step, of the average of the networks so far, which is what is kept in the end (Polyak and
    Juditsky 1992; of the last steps, as Tarvainen and Valpola 2017 have it)."""
    start_share: float = 0.0
    """Of the first weights in those that are written, last layer apart: what they knew is kept as well (Wortsman et
    al., "Robust fine-tuning of zero-shot models", CVPR 2022, section 3)."""
    validation: float = 0.1
    test: float = 0.1
    seed: int = 0


class TrainingData(NamedTuple):
    """All that is trained on; every photo of `photos` and `extra` has a label."""

    photos: list[Photo]
    extra: list[Photo]
    cuts: list[GarmentCut]
    street: list[Photo]
    figures: Sequence[GarmentCut] = ()
    """Rendered garments on figures. One of `extra` whose file has the same name shows the same garment laid out."""

    @property
    def labels(self) -> list[str]:
        """Kinds of photos, then of further ones, then of cut garments, then of those on figures."""
        photos = (str(photo.label) for photo in (*self.photos, *self.extra))
        return [*photos, *(cut.kind for cut in (*self.cuts, *self.figures))]


class Sample(NamedTuple):
    """A photo to be looked at in a step."""

    draw: str
    """"photos", "also", "cuts" or "street"."""
    row: int
    """Its row in the memory of garments, or in that of street photos."""
    seed: str


class Sampler:
    """Draws the photos of each step, always the same for the same settings, and makes pictures of them."""

    def __init__(self, data: TrainingData, settings: TrainingConfig) -> None:
        self.data, self.settings = data, settings
        self._garments = [*data.photos, *data.extra]
        self._backgrounds = [*data.photos, *data.street]
        self._cuts = [*data.cuts, *data.figures]
        self._draws = _make_draws(data, settings)

    @property
    def size(self) -> int:
        """Photos of a step."""
        return sum(draw.size for draw in self._draws)

    def draw(self, epoch: int, step: int) -> list[Sample]:
        """What a step looks at: garments first, then whole street photos."""
        samples = []
        for draw in self._draws:
            seed = f"{self.settings.seed} {draw.name} {epoch} {step}"
            chosen = random.Random(seed).choices(draw.rows, cum_weights=draw.cumulated, k=draw.size)
            samples += [Sample(draw.name, row, f"{seed} {place}") for place, row in enumerate(chosen)]
        return samples

    def view(self, sample: Sample, epoch: int) -> View:
        """A picture of the photo, of the size that the epoch trains on."""
        full = epoch > self.settings.epochs - self.settings.full_size_epochs
        side, data = INPUT_SIZE if full else self.settings.side, self.data
        if sample.draw == "street":
            return view_street(data.street[sample.row], side, sample.seed)
        if sample.draw == "cuts":
            return view_cut(self._cuts[sample.row - len(self._garments)], self._backgrounds, side, sample.seed)
        if sample.draw == "figures":
            figure = self._cuts[sample.row - len(self._garments)]
            return view_figure(figure, data.street or data.photos, data.cuts, side, sample.seed)
        return view_photo(self._garments[sample.row], side, sample.seed)


class _Draw(NamedTuple):
    """A group of which every step takes `size`."""

    name: str
    rows: range
    """Rows of the memory of garments, or of that of street photos."""
    cumulated: list[float]
    """Weights, each with all before it."""
    size: int


def _make_draws(data: TrainingData, settings: TrainingConfig) -> list[_Draw]:
    """Groups that have photos; within garments, balanced over kinds."""
    groups: list[tuple[str, Sequence[object], int]] = [
        ("photos", data.photos, settings.batch_size),
        ("also", data.extra, settings.extra),  # part of the seed of every drawing so far
        ("cuts", data.cuts, settings.cuts),
        ("figures", data.figures, settings.figures),
    ]
    draws, first, labels = [], 0, data.labels
    for name, items, count in groups:
        rows = range(first, first + len(items))
        sizes = Counter(labels[row] for row in rows)
        if items:
            weights = (sizes[labels[row]] ** (settings.balance - 1) for row in rows)
            draws.append(_Draw(name, rows, list(accumulate(weights)), count))
        first += len(items)
    if data.street:
        everyone = range(len(data.street))
        draws.append(_Draw("street", everyone, [row + 1.0 for row in everyone], settings.street))
    return draws

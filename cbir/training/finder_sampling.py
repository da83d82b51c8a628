"""Settings and photos of a training of the finder, and what each of its steps looks at."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import NamedTuple

from cbir.datasets.photo import Photo
from cbir.training.finder_views import LabelledView, view_laid_out, view_people

SIZES = ((384, 256),) * 5 + ((416, 288),) * 2 + ((320, 224),) * 2 + ((288, 288),) * 2 + ((192, 128), (256, 352))
"""Height and width of the pictures of a step, drawn from these: people stand, and any photo may come."""
Item = tuple[str, Photo, tuple[int, int], str]
"""Group, photo, size of the picture and seed."""


@dataclass(frozen=True)
class FinderConfig:
    """What a training of the finder is made of, photos and first weights apart."""

    epochs: int = 60
    """Rounds over the photos with label maps."""
    labelled: int = 8
    """Photos with label maps a step."""
    tagged: int = 4
    """Photos of people of which only the kinds are known."""
    laid_out: int = 2
    """Photos of one garment without a wearer."""
    figures: int = 1
    """Rendered figures with label maps."""
    rare: float = 0.25
    """Share of the photos with label maps that are drawn by kind, all kinds alike."""
    learning_rate: float = 1e-3
    blocks_learning_rate: float = 7e-4
    """Of the changes to GoogLeNet's blocks."""
    weight_decay: float = 0.02
    largest_gradient: float = 5.0
    overlap_weight: float = 1.0
    """Of the loss of overlap, beside cross-entropy with weight 1."""
    presence_weight: float = 0.5
    guessed_weight: float = 0.6
    impossible_weight: float = 0.5
    guess_after: float = 0.05
    """Share of the training after which the network's own labels are learnt."""
    average: float = 0.995
    """What an average of the weights keeps of itself each step; the average is what is kept in the end."""
    seed: int = 0


class FinderData(NamedTuple):
    """Photos to train on, as of `train_finder`."""

    labelled: list[Photo]
    figures: list[Photo]
    tagged: list[Photo]
    laid_out: list[Photo]
    donors: dict[str, list[Photo]]


class FinderSampler:
    """Draws the photos of each step, always the same for the same settings, and makes pictures of them."""

    def __init__(self, data: FinderData, settings: FinderConfig) -> None:
        self.data, self.settings = data, settings
        self.round = math.ceil(len(data.labelled) / settings.labelled)

    def plan(self, step: int) -> list[Item]:
        """What a step looks at: group, photo, size of the picture and seed; photos with label maps first."""
        settings, data = self.settings, self.data
        rng = random.Random(f"{settings.seed} plan {step}")
        size = rng.choice(SIZES)
        epoch, place = divmod(step, self.round)
        order = list(data.labelled)
        random.Random(f"{settings.seed} order {epoch}").shuffle(order)
        chosen = [order[(place * settings.labelled + number) % len(order)] for number in range(settings.labelled)]
        lent = [some for kind, some in data.donors.items() if kind != "ground" and some]
        for number in range(len(chosen)):
            if lent and rng.random() < settings.rare:
                chosen[number] = rng.choice(rng.choice(lent))
        groups = [("labelled", photo) for photo in chosen]
        for name, some, count in (
            ("figures", data.figures, settings.figures),
            ("tagged", data.tagged, settings.tagged),
            ("laid out", data.laid_out, settings.laid_out),
        ):
            groups += [(name, rng.choice(some)) for _ in range(count if some else 0)]
        return [(name, photo, size, f"{settings.seed} {step} {number}") for number, (name, photo) in enumerate(groups)]

    def view(self, item: Item) -> LabelledView:
        """A picture of a photo and what is known of it."""
        group, photo, size, seed = item
        return (
            view_laid_out(photo, size, seed)
            if group == "laid out"
            else view_people(photo, size, self.data.donors, seed)
        )

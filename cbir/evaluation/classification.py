"""What a network takes labelled photos for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from cbir.datasets.photo import Photo
from cbir.datasets.split import split_photos
from cbir.errors import DatasetError, WeightsError
from cbir.evaluation.retrieval import PhotosDone
from cbir.network.preprocess import read_batches, to_tensor
from cbir.network.weights import Weights
from cbir.system.text import printable


@dataclass(frozen=True)
class Confusion:
    """What a classifier took photos for."""

    weights: str
    """SHA-256 of the weights."""
    labels: tuple[str, ...]
    """True labels, in alphabetical order."""
    classes: tuple[str, ...]
    """Those that the classifier chooses from."""
    counts: NDArray[np.int64]
    """(labels, classes): photos of a label that were taken for a class."""
    unknown: int
    """Photos left out because their label is no class of the network."""

    @property
    def accuracy(self) -> float:
        """Share of photos that were named rightly."""
        right = sum(int(self.counts[row, self.classes.index(label)]) for row, label in enumerate(self.labels))
        return right / int(self.counts.sum())

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        table = {
            label: {name: int(count) for name, count in zip(self.classes, row) if count}
            for label, row in zip(self.labels, self.counts)
        }
        return {
            "weights": self.weights,
            "photos": int(self.counts.sum()),
            "accuracy": round(self.accuracy, 4),
            "unknown": self.unknown,
            "confusion": table,
        }

    def __str__(self) -> str:
        lines = [f"named rightly: {self.accuracy:.3f} of {self.counts.sum():,} photos, {len(self.labels)} kinds"]
        if self.unknown:
            lines.append(f"left out: {self.unknown:,} photos of kinds that the network does not know")
        for label, row in zip(self.labels, self.counts):
            right, total = int(row[self.classes.index(label)]), int(row.sum())
            order = np.argsort(-row, kind="stable")
            wrong = [f"{printable(self.classes[n])} {row[n]}" for n in order if row[n] and self.classes[n] != label]
            taken_for = f"  taken for {', '.join(wrong)}" if wrong else ""
            lines.append(f"  {printable(label):<12} {right:>4} of {total:<4} {right / total:.2f}{taken_for}")
        return "\n".join(lines)


def split_again(photos: Sequence[Photo], weights: Weights) -> dict[str, list[Photo]]:
    """The photos of "train", "validation" and "test" of a network that `finetune` trained on some of these.

    The split is drawn again with the settings in the weights file, and its counts compared with those kept there.
    Raises WeightsError if the file tells of no training and DatasetError if it was trained on other photos.
    """
    try:
        settings, recorded = weights.metadata["settings"], weights.metadata["split"]
    except KeyError as error:
        raise WeightsError(f"{weights.path}: tells of no split; name weights that finetune wrote") from error
    known = [photo for photo in photos if photo.label in weights.classes]
    shares = {side: settings[side] for side in ("validation", "test")}
    split = split_photos(known, **shares, seed=settings["seed"])
    found = {side: len(some) for side, some in split.items()}
    expected = {side: recorded[side]["photos"] for side in found}
    if found != expected:
        raise DatasetError(
            f"{weights.path}: trained on other photos than these; its split has {expected} photos, this one {found}"
        )
    return split


def classify(photos: Sequence[Photo], weights: Weights, *, progress: PhotosDone = lambda *_: None) -> Confusion:
    """What a network takes labelled photos for; raises DatasetError if it knows the labels of none."""
    known = [photo for photo in photos if photo.label in weights.classes]
    if not known:
        raise DatasetError(f"{weights.path}: none of the {len(photos):,} photos has a label that this network knows")
    labels = tuple(sorted({str(photo.label) for photo in known}))
    counts = np.zeros((len(labels), len(weights.classes)), np.int64)
    network = weights.classifier()
    todo = iter(known)
    with torch.inference_mode():
        for pixels in read_batches([photo.path for photo in known]):
            for answer in network(to_tensor(pixels)).argmax(1).tolist():
                counts[labels.index(str(next(todo).label)), answer] += 1
            progress(int(counts.sum()), len(known))
    return Confusion(weights.digest, labels, weights.classes, counts, len(photos) - len(known))

"""Figures of a network on labelled photos: how often it names the kind, and how often a search finds it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from cbir.catalogue import Catalogue
from cbir.datasets import Photo, split_photos
from cbir.errors import DatasetError, WeightsError
from cbir.features import FeatureExtractor, read_batches, to_tensor
from cbir.retrieval import Progress
from cbir.weights import Weights


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
            wrong = [f"{self.classes[n]} {row[n]}" for n in order if row[n] and self.classes[n] != label]
            taken_for = f"  taken for {', '.join(wrong)}" if wrong else ""
            lines.append(f"  {label:<12} {right:>4} of {total:<4} {right / total:.2f}{taken_for}")
        return "\n".join(lines)


@dataclass(frozen=True)
class Retrieval:
    """How often the nearest photos of a catalogue are of the query's kind."""

    weights: str
    """SHA-256 of the weights."""
    catalogue_size: int
    hits: dict[str, list[tuple[bool, ...]]]
    """For each label and each of its queries, whether the nearest, second and third photo are of that label."""
    unknown: int
    """Queries left out because no photo of the catalogue has their label."""

    def precision(self, k: int, label: str | None = None) -> float:
        """Share of the k nearest (k up to 3) of the query's label: mean over all queries, or over those of a label."""
        chosen = self.hits[label] if label is not None else [hit for hits in self.hits.values() for hit in hits]
        return float(np.mean([np.mean(hit[:k]) for hit in chosen]))

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        by_label = {
            label: {
                "queries": len(hits),
                "P@1": round(self.precision(1, label), 4),
                "P@3": round(self.precision(3, label), 4),
            }
            for label, hits in self.hits.items()
        }
        return {
            "weights": self.weights,
            "queries": sum(map(len, self.hits.values())),
            "catalogue_size": self.catalogue_size,
            "P@1": round(self.precision(1), 4),
            "P@3": round(self.precision(3), 4),
            "unknown": self.unknown,
            "labels": by_label,
        }

    def __str__(self) -> str:
        count = sum(map(len, self.hits.values()))
        lines = [
            f"found: P@1 {self.precision(1):.3f}, P@3 {self.precision(3):.3f}; "
            f"{count:,} queries against {self.catalogue_size:,} photos"
        ]
        if self.unknown:
            lines.append(f"left out: {self.unknown:,} queries of kinds that the catalogue does not have")
        for label, hits in self.hits.items():
            first, three = self.precision(1, label), self.precision(3, label)
            lines.append(f"  {label:<12} {len(hits):>4}   P@1 {first:.2f}   P@3 {three:.2f}")
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


def classify(photos: Sequence[Photo], weights: Weights, *, progress: Progress = lambda *_: None) -> Confusion:
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


def retrieve(
    photos: Sequence[Photo], catalogue: Catalogue, extractor: FeatureExtractor, *, progress: Progress = lambda *_: None
) -> Retrieval:
    """Search a catalogue for labelled photos; raises DatasetError if it has the labels of none."""
    there = Counter(record.label for record in catalogue.records)
    known = sorted((photo for photo in photos if there[photo.label] and photo.label), key=lambda one: str(one.label))
    if not known:
        raise DatasetError(f"{catalogue.folder}: has no photo of the labels of these {len(photos):,} photos")
    features = extractor.extract([photo.path for photo in known], progress=lambda done: progress(done, len(known)))
    hits: dict[str, list[tuple[bool, ...]]] = {}
    for photo, found in zip(known, catalogue.index.search_many(features, 3)):
        hits.setdefault(str(photo.label), []).append(
            tuple(catalogue.records[number].label == photo.label for number in found.indices)
        )
    return Retrieval(extractor.weights.digest, len(catalogue.records), hits, len(photos) - len(known))

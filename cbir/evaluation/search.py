"""How often the nearest photos of a catalogue are of the query's kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cbir.catalogue.catalogue import Catalogue
from cbir.datasets.photo import Photo
from cbir.errors import DatasetError
from cbir.evaluation.retrieval import PhotosDone
from cbir.network.extractor import FeatureExtractor
from cbir.system.text import printable


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
            lines.append(f"  {printable(label):<12} {len(hits):>4}   P@1 {first:.2f}   P@3 {three:.2f}")
        return "\n".join(lines)


def retrieve(
    photos: Sequence[Photo],
    catalogue: Catalogue,
    extractor: FeatureExtractor,
    *,
    progress: PhotosDone = lambda *_: None,
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
            tuple(catalogue.records[row].label == photo.label for row in found.indices)
        )
    return Retrieval(extractor.weights.digest, len(catalogue.records), hits, len(photos) - len(known))

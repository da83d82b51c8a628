"""Figures of a garment finder, and their tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from cbir.catalogue.catalogue import Catalogue
from cbir.datasets.photo import Photo
from cbir.evaluation.across import measure_across
from cbir.evaluation.finder import BoxMetrics, measure_boxes, measure_overlap, measure_scarves
from cbir.evaluation.garment_search import (
    ColourMetrics,
    WornMetrics,
    measure_colours,
    measure_laid_out,
    measure_scarf_search,
    measure_worn,
)
from cbir.evaluation.metrics import TOP, Estimate
from cbir.evaluation.seen import Seen
from cbir.network.expansion import Expansion
from cbir.network.extractor import FeatureExtractor
from cbir.network.garments import GarmentFinder
from cbir.system.progress import Progress

DIGITS = 4
"""Of figures in JSON."""


@dataclass(frozen=True)
class FinderReport:
    """What was measured of one garment finder."""

    weights: str
    """SHA-256 of its file."""
    figures: dict[str, Estimate]
    overlap: dict[str, float]
    """Intersection over union of pixels, by label."""
    boxes: dict[str, BoxMetrics] = field(default_factory=dict)
    worn: dict[str, WornMetrics] = field(default_factory=dict)
    colours: dict[str, ColourMetrics] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Plain data; None for a figure of nothing."""
        tables: dict[str, Mapping[str, Any]] = {"boxes": self.boxes, "worn": self.worn, "colours": self.colours}
        return {
            "weights": self.weights,
            "figures": {name: _round(figure._asdict()) for name, figure in self.figures.items()},
            "overlap": _round(self.overlap),
            **{name: {kind: _round(one._asdict()) for kind, one in table.items()} for name, table in tables.items()},
        }

    def __str__(self) -> str:
        lines = [_row("finder", ["queries"], f"  {self.weights[:12]}")]
        lines += [_row(name, [f"{figure.size:,}"], f"  {figure}") for name, figure in self.figures.items()]
        lines += ["", _row("label", ["pixels"]), *(_row(name, [f"{one:.2f}"]) for name, one in self.overlap.items())]
        lines += ["", _row("box", ["garments", "found", "right", "recall", "its 0.6"])]
        for kind, box in self.boxes.items():
            counts = [f"{box.garments:,}", f"{box.found:,}"]
            lines.append(_row(kind, counts + [f"{one:.2f}" for one in (box.precision, box.recall, box.recall_there)]))
        lines += ["", _row("worn", ["photos", "share", "found", "whole", "garment"], f"  of the top {TOP}")]
        for kind, worn in self.worn.items():
            shares = (worn.chance, worn.found, worn.whole, worn.garment)
            lines.append(_row(kind, [f"{worn.wearers:,}"] + [f"{one:.2f}" for one in shares]))
        lines += ["", _row("colour", ["photos", "chance", "whole", "garment"], f"  differences, top {TOP}")]
        for kind, one in self.colours.items():
            lines.append(_row(kind, [f"{one.garments:,}"] + [f"{part:.1f}" for part in one[1:]]))
        return "\n".join(lines)


def measure_finder(
    seen: Sequence[Seen],
    extractor: FeatureExtractor,
    finder: GarmentFinder,
    *,
    queries: Sequence[Photo] = (),
    gallery: Sequence[Photo] = (),
    catalogue: Catalogue | None = None,
    expansion: Expansion = Expansion(),
    progress: Progress = lambda *_: None,
) -> FinderReport:
    """What a finder finds in street photos, and what a search of that brings back.

    seen: what it finds, as `look_at` gives it. queries, gallery: labelled photos to search for and among, as of
    `measure_retrieval`; left out if there are none. catalogue: is searched for the scarves found. expansion: of the
    queries for found garments. Raises DatasetError where photos do not suffice. progress: called with the
    stage, photos done and their total.
    """
    overlap, figures = measure_overlap(seen)
    boxes, of_boxes = measure_boxes(seen)
    worn, of_worn = measure_worn(seen)
    colours, of_colours = measure_colours(seen)
    figures |= of_boxes | measure_scarves(seen) | of_worn | of_colours
    if catalogue is not None:
        figures |= measure_scarf_search(seen, catalogue, expansion)
    if queries:
        paths = [photo.path for photo in (*gallery, *queries)]
        embedding = partial(progress, "laid out, features")
        features = extractor.extract(paths, progress=lambda done: embedding(done, len(paths)))
        laid_out = partial(progress, "laid out, finder")
        figures |= measure_laid_out(queries, gallery, features, extractor, finder, progress=laid_out)
        count = len(gallery)
        figures |= measure_across(seen, gallery, features[:count], queries, features[count:], expansion)
    return FinderReport(finder.weights.digest, figures, overlap, boxes, worn, colours)


def _round(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Figures with few digits, and None in place of NaN, which JSON does not know."""
    return {
        name: value if not isinstance(value, float) else None if value != value else round(value, DIGITS)
        for name, value in figures.items()
    }


def _row(name: str, cells: Sequence[str], end: str = "") -> str:
    return f"{name:<84}" + "".join(f"  {cell:>8}" for cell in cells) + end

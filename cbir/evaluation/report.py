"""Figures of two networks side by side, and a page of the queries that went worst."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

from cbir.datasets.photo import Photo
from cbir.evaluation.metrics import TOP, Estimate
from cbir.evaluation.retrieval import Answer, KindMetrics, measure_retrieval
from cbir.evaluation.street import TagMetrics, measure_street
from cbir.network.extractor import FeatureExtractor
from cbir.photos.decode import load_image
from cbir.photos.thumbnails import make_thumb
from cbir.system.files import replacing
from cbir.system.progress import Progress
from cbir.system.text import printable

WORST = 60
"""Queries on the page."""
THUMB_SIDE = 200
"""Pixels of the longer side of a photo on the page."""
STYLE = """
body { font: 15px/1.4 system-ui, sans-serif; margin: 2rem auto; max-width: 900px; padding: 0 1rem; color: #222; }
section { display: grid; grid-template-columns: repeat(4, 1fr); gap: .75rem; margin: 1.5rem 0; }
figure { margin: 0; }
img { width: 100%; aspect-ratio: 1; object-fit: contain; background: #f3f1ee; border-radius: .5rem; }
figcaption { padding: .2rem 0; overflow-wrap: anywhere; } .other { color: #b3261e; }
"""


@dataclass(frozen=True)
class ModelReport:
    """What was measured of one network."""

    name: str
    weights: str
    """SHA-256."""
    figures: dict[str, Estimate] = field(default_factory=dict)
    kinds: dict[str, KindMetrics] = field(default_factory=dict)
    tags: dict[str, TagMetrics] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    """The worst first."""

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "name": self.name,
            "weights": self.weights,
            "figures": {name: figure._asdict() for name, figure in self.figures.items()},
            "kinds": {label: _keep_names(figures._asdict()) for label, figures in self.kinds.items()},
            "tags": {tag: _keep_names(figures._asdict()) for tag, figures in self.tags.items()},
        }


def _keep_names(figures: dict[str, Any]) -> dict[str, Any]:
    """Figures under their former names as well, for programs that read those."""
    former = {"p_at_1": "first", "p_at_3": "three", "mean_ap": "average"}
    return figures | {former[name]: value for name, value in figures.items() if name in former}


def measure_model(
    name: str,
    extractor: FeatureExtractor,
    *,
    queries: Sequence[Photo] | None = None,
    gallery: Sequence[Photo] = (),
    street: Sequence[Photo] | None = None,
    progress: Progress = lambda *_: None,
) -> ModelReport:
    """What `measure_retrieval` finds of labelled queries in a gallery, and `measure_street` of street photos.

    Either is left out if it is None. Raises DatasetError where photos do not suffice. progress: called with the stage,
    photos done and their total.
    """
    report = ModelReport(name, extractor.weights.digest)
    if queries is not None:
        retrieval = measure_retrieval(queries, gallery, extractor, progress=partial(progress, f"garments, {name}"))
        report = replace(report, figures=retrieval.figures, kinds=retrieval.kinds, answers=retrieval.answers)
    if street is not None:
        worn = measure_street(street, extractor, progress=partial(progress, f"street, {name}"))
        report = replace(report, figures=report.figures | worn.figures, tags=worn.tags)
    return report


def tabulate(reports: Sequence[ModelReport]) -> str:
    """A table of figures, a column per network, each with its 95 % interval; then by kind, and by garment worn."""
    first, names = reports[0], [report.name for report in reports]
    rows = [
        _row(name, f"{figure.size:>7,}", [str(report.figures[name]) for report in reports])
        for name, figure in first.figures.items()
    ]
    lines = [_row("", "queries", names), *rows]
    if first.kinds:
        lines += ["", _row("kind", "queries", [f"{name}: P@1 P@3 mAP" for name in names])]
    for label, kind in first.kinds.items():
        each = (report.kinds[label] for report in reports)
        cells = [f"{one.p_at_1:.2f} {one.p_at_3:.2f} {one.mean_ap:.2f}" for one in each]
        lines.append(_row(label, f"{kind.queries:>7,}", cells))
    if first.tags:
        lines += ["", _row("worn", " photos  share", [f"{name}: top {TOP}" for name in names])]
    for tag, worn in first.tags.items():
        cells = [f"{report.tags[tag].p_at_3:.2f}" for report in reports]
        lines.append(_row(tag, f"{worn.photos:>7,}  {worn.share:>5.2f}", cells))
    return "\n".join(lines)


def _row(name: str, counts: str, cells: Sequence[str]) -> str:
    return f"{printable(name):<54}  {counts:<14}" + "".join(f"  {cell:>26}" for cell in cells)


def write_worst(path: Path, answers: Sequence[Answer], *, count: int = WORST) -> None:
    """A page, complete in one file, of the first `count` answers: each query and its matches, wrong kinds in red.

    It holds small copies of the photos: mind their licence before you pass it on.
    """
    rows = []
    for answer in answers[:count]:
        figures = [_figure(answer.query, "query")]
        figures += [
            _figure(match, "other" if match.label != answer.query.label else "same") for match in answer.matches
        ]
        rows.append(f"<section>{''.join(figures)}</section>")
    head = f"<meta charset=utf-8><title>Worst answers</title><style>{STYLE}</style>"
    title = f"<h1>The {len(rows)} worst of {len(answers):,} answers</h1><p>Query first, then the three nearest."
    with replacing(path) as part:
        part.write_text(f"<!doctype html>{head}{title} Red: of another kind.</p>{''.join(rows)}", encoding="utf-8")


def _figure(photo: Photo, role: str) -> str:
    thumb = make_thumb(load_image(photo.path, short_side=THUMB_SIDE), side=THUMB_SIDE)
    words = escape(printable(", ".join(filter(None, (photo.label, photo.colour, photo.pattern)))))
    name = escape(printable(photo.name))
    source = base64.b64encode(thumb).decode()
    caption = f"<figcaption class={role}>{words}<br><small>{name}</small></figcaption>"
    return f"<figure><img alt='' src='data:image/jpeg;base64,{source}'>{caption}</figure>"

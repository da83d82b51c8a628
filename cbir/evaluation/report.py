"""Figures of two networks side by side, and a page of the queries that went worst."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

from cbir.datasets.photo import Photo
from cbir.evaluation.metrics import TOP, Estimate
from cbir.evaluation.retrieval import Answer, KindFigures, measure_likeness
from cbir.evaluation.street import TagFigures, measure_worn
from cbir.network.extractor import FeatureExtractor
from cbir.photos.decode import load_image
from cbir.photos.thumbnails import make_thumb
from cbir.system.files import replacing

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
class Side:
    """What was measured of one network."""

    name: str
    weights: str
    """SHA-256."""
    figures: dict[str, Estimate] = field(default_factory=dict)
    kinds: dict[str, KindFigures] = field(default_factory=dict)
    tags: dict[str, TagFigures] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    """The worst first."""

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "name": self.name,
            "weights": self.weights,
            "figures": {name: figure._asdict() for name, figure in self.figures.items()},
            "kinds": {label: figures._asdict() for label, figures in self.kinds.items()},
            "tags": {tag: figures._asdict() for tag, figures in self.tags.items()},
        }


def measure_side(
    name: str,
    extractor: FeatureExtractor,
    *,
    queries: Sequence[Photo] | None = None,
    gallery: Sequence[Photo] = (),
    street: Sequence[Photo] | None = None,
    progress: Callable[[str, int, int], object] = lambda *_: None,
) -> Side:
    """What `measure_likeness` finds of labelled queries in a gallery, and `measure_worn` of street photos.

    Either is left out if it is None. Raises DatasetError where photos do not suffice. progress: called with the stage,
    photos done and their total.
    """
    side = Side(name, extractor.weights.digest)
    if queries is not None:
        likeness = measure_likeness(queries, gallery, extractor, progress=partial(progress, f"garments, {name}"))
        side = replace(side, figures=likeness.figures, kinds=likeness.kinds, answers=likeness.answers)
    if street is not None:
        worn = measure_worn(street, extractor, progress=partial(progress, f"street, {name}"))
        side = replace(side, figures=side.figures | worn.figures, tags=worn.tags)
    return side


def tabulate(sides: Sequence[Side]) -> str:
    """A table of figures, a column per network, each with its 95 % interval; then by kind, and by garment worn."""
    first, names = sides[0], [side.name for side in sides]
    rows = [
        _row(name, f"{figure.size:>7,}", [str(side.figures[name]) for side in sides])
        for name, figure in first.figures.items()
    ]
    lines = [_row("", "queries", names), *rows]
    if first.kinds:
        lines += ["", _row("kind", "queries", [f"{name}: P@1 P@3 mAP" for name in names])]
    for label, kind in first.kinds.items():
        each = (side.kinds[label] for side in sides)
        cells = [f"{one.first:.2f} {one.three:.2f} {one.average:.2f}" for one in each]
        lines.append(_row(label, f"{kind.queries:>7,}", cells))
    if first.tags:
        lines += ["", _row("worn", " photos  share", [f"{name}: top {TOP}" for name in names])]
    for tag, worn in first.tags.items():
        cells = [f"{side.tags[tag].three:.2f}" for side in sides]
        lines.append(_row(tag, f"{worn.photos:>7,}  {worn.share:>5.2f}", cells))
    return "\n".join(lines)


def _row(name: str, counts: str, cells: Sequence[str]) -> str:
    return f"{name:<54}  {counts:<14}" + "".join(f"  {cell:>26}" for cell in cells)


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
    words = ", ".join(filter(None, (photo.label, photo.colour, photo.pattern)))
    source = base64.b64encode(thumb).decode()
    caption = f"<figcaption class={role}>{escape(words)}<br><small>{escape(photo.name)}</small></figcaption>"
    return f"<figure><img alt='' src='data:image/jpeg;base64,{source}'>{caption}</figure>"

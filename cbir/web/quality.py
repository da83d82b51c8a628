"""How well the network that ships with the project works: a few figures of its model card, in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

FIGURES = Path(__file__).parents[1] / "network" / "figures.json"
"""What `python -m cbir evaluate --json` wrote of the network that ships."""
SENTENCES = {
    "P@1, all 17 kinds": "p_at_1",
    "P@3, all 17 kinds": "p_at_3",
    "a copy finds its photo first": "copy_first",
    "colour agrees, of the top 3": "colour",
}
"""Keys of what some figures say (texts.py), by their names."""


class Figure(NamedTuple):
    """A share of queries that the network was not trained on, and what it says."""

    value: float
    low: float
    high: float
    """Ends of the 95 % interval."""
    size: int
    """Queries."""
    before: float | None
    """The same for the network that the training began with."""
    sentence: str
    """Key of what it says."""


def read_quality(digest: str) -> list[Figure]:
    """The figures that SENTENCES names, if they are of the weights with a digest; none for other weights."""
    this, before = json.loads(FIGURES.read_text(encoding="utf-8"))["side by side"]
    if this["weights"] != digest:
        return []
    found = []
    for name, sentence in SENTENCES.items():
        if one := this["figures"].get(name):
            former = before["figures"].get(name)
            found.append(Figure(**one, before=former and former["value"], sentence=sentence))
    return found

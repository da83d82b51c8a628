"""All garments of a photo, found and searched, against the features of one photo."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle
from pathlib import Path

from cbir import Searcher
from tests.benchmarks.timing import Row, take_turns

PEOPLE_AIM, LAID_OUT_AIM = 1 / 4, 1 / 2


def compare_garments(folder: Path, people: Sequence[Path], laid_out: Sequence[Path], *, rounds: int = 60) -> list[Row]:
    """Milliseconds from a photo to the proven matches of all its garments, over the catalogue of a folder.

    Against one photo's features, from its file: it is decoded and goes through the network once.
    """
    searcher = Searcher.open(folder)
    searcher.warm_up()
    rows = []
    for what, photos, aim in (
        ("every garment of a person", people, PEOPLE_AIM),
        ("a garment laid out, with a look for people", laid_out, LAID_OUT_AIM),
    ):
        looked, embedded = cycle(photos), cycle(photos)

        def look(some: Iterator[Path] = looked) -> None:
            searcher.look(next(some))

        def embed(some: Iterator[Path] = embedded) -> None:
            searcher.extractor.extract([next(some)])

        times = take_turns({"look": look, "features": embed}, rounds)
        rows.append(Row(what, times["look"], "features of one photo", times["features"], aim))
    return rows

"""Photos a second with Ray's processes and without: python -m tests.benchmarks.workers [--photos FOLDER].

The same photos are indexed in this process and by processes of a local Ray, in turns. What is started once, Ray and the
network in each of its processes, is told apart from what each photo takes.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

from cbir import FeatureExtractor
from cbir.catalogue.build import index_photos
from cbir.catalogue.distributed import LOCAL, ray_workers
from cbir.catalogue.embed import EmbedPhotos, embed_photos
from cbir.commands.defaults import SHIPPED
from cbir.datasets.reader import read_photos
from tests.support.drawings import fill_folder

COUNT = 2048
PROCESSES = 2


class Rate(NamedTuple):
    """How fast a run was."""

    first: float
    """Seconds until the first photo was done, with what has to be started before."""
    whole: float
    """Seconds until the last one was."""
    steady: float
    """Photos a second between the two."""


class Clock:
    """Notes when the first and the last photo are done."""

    def __init__(self) -> None:
        self._start, self._done = perf_counter(), list[float]()

    def update(self, stage: str, done: int, total: int | None) -> None:
        """Progress of an indexing run."""
        if stage == "photos":
            self._done.append(perf_counter() - self._start)

    def rate(self) -> Rate:
        """Of all photos. Those that came together with the first are no part of the steady rate."""
        first, last = self._done[0], self._done[-1]
        later = [one for one in self._done if one > first + 0.05]
        return Rate(first, last, len(later) / (last - first))


def main() -> None:
    """Print a line for each way, and the ratio."""
    parser = argparse.ArgumentParser(description="Photos a second with Ray's processes and without.")
    parser.add_argument("--photos", type=Path, metavar="FOLDER", help="real photos (default: drawings)")
    parser.add_argument("--count", type=int, default=COUNT, metavar="N", help=f"photos (default: {COUNT:,})")
    parser.add_argument("--rounds", type=int, default=1, metavar="N", help="turns of each way (default: 1)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "photos"
        if options.photos:
            folder.mkdir()
            for number, photo in enumerate(read_photos(options.photos).photos[: options.count]):
                shutil.copyfile(photo.path, folder / f"{number:05}{photo.path.suffix}")
        else:
            fill_folder(folder, options.count)
        compare(folder, options.rounds)


def compare(folder: Path, rounds: int) -> None:
    """Index a folder both ways, in turns."""
    extractor = FeatureExtractor.open(SHIPPED)
    names = "this process", f"Ray, {PROCESSES} processes"
    rates: dict[str, list[Rate]] = {name: [] for name in names}
    for _ in range(rounds):
        rates[names[0]].append(index(folder, extractor, embed_photos, Clock()))
        clock = Clock()
        with ray_workers(LOCAL, processes=PROCESSES) as embed:
            rates[names[1]].append(index(folder, extractor, embed, clock))
    print(f"{'':<24} {'first photo':>12} {'last photo':>12} {'photos/s from the first':>24}")
    for name, some in rates.items():
        first, whole, steady = (median(figures) for figures in zip(*some))
        print(f"{name:<24} {first:>10.1f} s {whole:>10.1f} s {steady:>24.1f}")
    ours, theirs = (median(rate.steady for rate in rates[name]) for name in names)
    print(f"Ray's photos a second, as a ratio to this process's: {theirs / ours:.2f}")


def index(folder: Path, extractor: FeatureExtractor, embed: EmbedPhotos, clock: Clock) -> Rate:
    """Index a folder to a catalogue that is thrown away."""
    with tempfile.TemporaryDirectory() as place:
        index_photos(folder, Path(place) / "index", extractor, embed=embed, progress=clock.update)
    return clock.rate()


if __name__ == "__main__":
    main()

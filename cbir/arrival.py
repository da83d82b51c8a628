"""The real photos on their way to a page that is up already: fetched and indexed in the background."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from cbir.catalogue import SHIPPED
from cbir.download import Progress, download_clothing
from cbir.errors import CbirError

if TYPE_CHECKING:
    from cbir.indexing import Report

PERSISTENT = Path("/data")
"""What a Space keeps over a restart, if it has paid for any storage."""
STAGES = {"download": "downloading", "unpack": "unpacking", "photos": "indexing", "graph": "linking"}
COMING = "Bringing in 5,400 real photos"


class News(NamedTuple):
    """What a page tells about an arrival."""

    text: str
    final: bool = False
    """Nothing more will come."""


class Arrival:
    """The clothing dataset on its way to a folder; a sample is searched until it is indexed."""

    def __init__(self, sample: Path, place: Path) -> None:
        self.folder = sample
        """The catalogue to search now."""
        self.place = place
        self.catalogue = catalogue_of(place)
        self.news = News(f"{COMING}.")
        self._stage, self._since, self._before, self._done = "", 0.0, 0, 0

    def start(self) -> None:
        """Fetch and index the photos in a thread that ends with the program; `news` tells how it goes."""
        Thread(target=self._run, daemon=True).start()

    def fail(self, reason: str) -> None:
        """Tell, here and on the page, why no photos come."""
        print(reason, file=sys.stderr)
        self.news = News(reason, final=True)

    def _run(self) -> None:
        try:
            report = bring_clothing(self.place, progress=self._tell)
        except (CbirError, OSError) as error:
            self.fail(f"The real photos did not come, and are tried again at the next start. {error}")
            return
        except Exception:
            self.fail("The real photos did not come: an error that nobody foresaw, told on the terminal.")
            raise
        self.folder = self.catalogue
        self.news = News(f"Now searching {report.count:,} real photos, from the clothing dataset (CC0).", final=True)

    def _tell(self, stage: str, done: int, total: int | None) -> None:
        now = monotonic()
        if stage != self._stage or done < self._done:
            self._stage, self._since, self._before = stage, now, done
        self._done = done
        text = f"{COMING}: {STAGES[stage]}"
        if total is None:
            text += f", {done / 1e6:,.0f} MB so far"
        else:
            text += f" {100 * done // total}%"
            if now - self._since > 5 and done > self._before:
                text += ", " + _time_left((total - done) * (now - self._since) / (done - self._before))
        self.news = News(f"{text}.")


def bring_clothing(place: Path, *, url: str | None = None, progress: Progress = lambda *_: None) -> Report:
    """Fetch the clothing dataset to a folder and index it with the shipped network, as far as that is not done.

    Raises what download_clothing and index_photos raise.
    """
    # Torch comes with them, and a page that waits for photos need not wait for torch.
    from cbir.features import FeatureExtractor
    from cbir.indexing import index_photos

    download_clothing(place, url=url, progress=progress)
    return index_photos(place, catalogue_of(place), FeatureExtractor.open(SHIPPED), progress=progress)


def catalogue_of(place: Path) -> Path:
    """Where the catalogue of the clothing dataset at `place` is."""
    return place / "index"


def arrival_asked_for(sample: Path) -> Arrival | None:
    """What $CBIR_CATALOGUE asks for, begun; None where it asks for nothing.

    "clothing" is the clothing dataset, kept in /data/clothing where that can be written, else in the project's folder.
    """
    asked = os.environ.get("CBIR_CATALOGUE")
    if not asked:
        return None
    kept = PERSISTENT if PERSISTENT.is_dir() and os.access(PERSISTENT, os.W_OK) else SHIPPED.parent
    arrival = Arrival(sample, kept / "clothing")
    if asked == "clothing":
        arrival.start()
    else:
        arrival.fail(f"CBIR_CATALOGUE={asked}: no such catalogue; set it to clothing, or not at all.")
    return arrival


def _time_left(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes == 0:
        return "less than a minute left"
    return f"about {minutes} minute{'' if minutes == 1 else 's'} left"

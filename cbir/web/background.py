"""The real photos on their way to a page that is up already: fetched and indexed in the background."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from threading import Thread
from typing import NamedTuple

from cbir.catalogue.clothing import bring_clothing, catalogue_of
from cbir.errors import CbirError
from cbir.system.progress import TimeLeft
from cbir.system.text import printable

PERSISTENT = Path("/data")
"""What a Space keeps over a restart, if it has paid for any storage."""
STAGES = {"download": "downloading", "unpack": "unpacking", "photos": "indexing", "graph": "linking", "map": "mapping"}
COMING = "Bringing in 5,400 real photos"


class Status(NamedTuple):
    """How a download stands, in words for the page."""

    text: str
    final: bool = False
    """Nothing more will come."""


class BackgroundDownload:
    """The clothing dataset on its way to a folder; a sample is searched until it is indexed."""

    def __init__(self, sample: Path, out: Path, weights: Path) -> None:
        self.folder = sample
        """The catalogue to search now."""
        self.out, self.weights = out, weights
        self.catalogue = catalogue_of(out)
        self.status = Status(f"{COMING}.")
        self._time_left = TimeLeft(after=5)

    def start(self) -> None:
        """Fetch and index the photos in a thread that ends with the program; `status` tells how it goes."""
        Thread(target=self._run, daemon=True).start()

    def fail(self, reason: str) -> None:
        """Tell, here and on the page, why no photos come."""
        text = printable(reason)
        print(text, file=sys.stderr)
        self.status = Status(text, final=True)

    def _run(self) -> None:
        try:
            report = bring_clothing(self.out, self.weights, progress=self._show_progress)
        except (CbirError, OSError) as error:
            self.fail(f"The real photos did not come, and are tried again at the next start. {error}")
            return
        except Exception:
            self.fail("The real photos did not come: an unexpected error; the log has the traceback.")
            raise
        self.folder = self.catalogue
        self.status = Status(
            f"Now searching {report.count:,} real photos, from the clothing dataset (CC0).", final=True
        )

    def _show_progress(self, stage: str, done: int, total: int | None) -> None:
        left = self._time_left(stage, done, total)
        text = f"{COMING}: {STAGES[stage]}"
        if total is None:
            text += f", {done / 1e6:,.0f} MB so far"
        else:
            text += f" {100 * done // total}%"
            if left is not None:
                text += ", " + _time_left(left)
        self.status = Status(f"{text}.")


def start_download(sample: Path, shipped: Path) -> BackgroundDownload | None:
    """The download that $CBIR_CATALOGUE asks for, begun; None where it asks for nothing.

    "clothing" is the clothing dataset, kept in /data/clothing where that can be written, else in the project's folder.

    sample: the catalogue that is searched meanwhile. shipped: the folder of the network, in the project's folder.
    """
    asked = os.environ.get("CBIR_CATALOGUE")
    if not asked:
        return None
    kept = PERSISTENT if PERSISTENT.is_dir() and os.access(PERSISTENT, os.W_OK) else shipped.parent
    download = BackgroundDownload(sample, kept / "clothing", shipped)
    if asked == "clothing":
        download.start()
    else:
        download.fail(f"CBIR_CATALOGUE={asked}: no such catalogue; set it to clothing, or not at all.")
    return download


def _time_left(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes == 0:
        return "less than a minute left"
    return f"about {minutes} minute{'' if minutes == 1 else 's'} left"

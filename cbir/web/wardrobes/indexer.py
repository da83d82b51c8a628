"""The one thread that works on wardrobes, in turn and behind what else the page does."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from threading import Condition, Thread
from typing import TYPE_CHECKING

from cbir.web.wardrobes.wardrobe import Check, Wardrobe

if TYPE_CHECKING:
    from cbir.network.extractor import FeatureExtractor

LOG = logging.getLogger(__name__)
NICE = 15
"""How far other threads come first, as of nice(1)."""


class Indexer:
    """Works on wardrobes in the order in which they asked, as long as they ask."""

    def __init__(self, network: Callable[[], FeatureExtractor], check: Check = lambda _: None) -> None:
        """network: gives the network of the page's catalogue; may raise CbirError. check: as of `Wardrobe.work`."""
        self._network, self._check = network, check
        self._asked: list[Wardrobe] = []
        self._changed = Condition()
        self._thread: Thread | None = None
        self._own: FeatureExtractor | None = None

    def ask(self, wardrobe: Wardrobe) -> None:
        """Have a wardrobe worked on when it is its turn."""
        with self._changed:
            if self._thread is None:
                self._thread = Thread(target=self._run, daemon=True)
                self._thread.start()
            if wardrobe not in self._asked[1:]:
                self._asked.append(wardrobe)
            self._changed.notify_all()

    def before(self, wardrobe: Wardrobe) -> int:
        """How many others come first."""
        with self._changed:
            return self._asked.index(wardrobe) if wardrobe in self._asked else 0

    def wait(self) -> None:
        """Until all that was asked for is done."""
        with self._changed:
            self._changed.wait_for(lambda: not self._asked)

    def _own_network(self) -> FeatureExtractor:
        """Another extractor with the network of the page: its threads are of this one, and step back as it does."""
        from cbir.network.extractor import FeatureExtractor

        weights = self._network().weights
        # New catalogues copy its file, and that of an older version of the page's catalogue may be gone.
        if self._own is None or (self._own.weights.path, self._own.weights.digest) != (weights.path, weights.digest):
            self._own = FeatureExtractor(weights)
        return self._own

    def _run(self) -> None:
        _step_back()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._asked))
                wardrobe = self._asked[0]
            try:
                wardrobe.work(self._own_network, self._check)
            except Exception:
                LOG.exception("The work on a wardrobe ended.")  # and the others go on
            with self._changed:
                self._asked.pop(0)
                self._changed.notify_all()


def _step_back() -> None:
    """Let other threads come first; those that this one starts are as patient. Linux alone can do that for a thread."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, 0, NICE)

"""The searcher of a page that stays up while catalogues change; torch is imported when it is first needed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from cbir.catalogue.catalogue import Catalogue
from cbir.errors import CbirError
from cbir.system.versions import current_version

if TYPE_CHECKING:
    from cbir.search import Searcher

LOG = logging.getLogger(__name__)


class LiveSearcher:
    """The searcher of a folder, opened when first needed and again when another folder or version took its place.

    The catalogue opens in an instant and shows a page; the network takes longer, most of it torch's own start. Who asks
    meanwhile waits for the one searcher that is being made. A later one is made by the first who asks after an update;
    others are answered from the former one until it is there, and so is everybody if it cannot be made.
    """

    def __init__(self, where: Callable[[], Path]) -> None:
        """where: tells the folder; it may change."""
        self._where = where
        self._opening, self._loading = Lock(), Lock()
        self._identity: tuple[Path, int, int] | None = None
        self._catalogue: Catalogue | None = None
        self._searcher: Searcher | None = None

    def catalogue(self) -> Catalogue:
        """The catalogue that `get` searches, or will; raises CatalogueError if there is none that can be used."""
        return self._newest() if self._searcher is None else self.get().catalogue

    def searched(self) -> Catalogue:
        """The catalogue that is searched now, whatever came since. As `catalogue`, but no network is loaded for it."""
        return self._newest() if self._searcher is None else self._searcher.catalogue

    @property
    def is_there(self) -> bool:
        """Whether the folder has a catalogue, usable or not."""
        try:
            return _identify(current_version(self._where())) is not None
        except OSError:  # who may not look cannot tell
            return True

    def get(self) -> Searcher:
        """Raises CatalogueError or WeightsError if there is none that can be used."""
        former = self._searcher
        if not self._loading.acquire(blocking=former is None):
            assert former is not None
            return former
        try:
            return self._load()
        finally:
            self._loading.release()

    def warm_up(self) -> None:
        """Load the network while nobody waits for it."""
        with suppress(CbirError):  # the page tells
            self.get()

    def _load(self) -> Searcher:
        """The searcher over the newest catalogue, or the one before if that cannot be used."""
        from cbir.search import Searcher

        try:
            catalogue = self._newest()
            if self._searcher is None or self._searcher.catalogue is not catalogue:
                searcher = Searcher.over(catalogue)
                with suppress(CbirError):  # one damaged thumbnail, perhaps, which other answers do not need
                    searcher.warm_up()
                self._searcher = searcher
        except (CbirError, OSError) as error:
            if self._searcher is None:
                raise
            LOG.warning("Still searching the former catalogue. %s", error)
        return self._searcher

    def _newest(self) -> Catalogue:
        with self._opening:
            folder = self._where()
            if self._catalogue is None or self._identity != _identify(current_version(folder)):
                self._catalogue = Catalogue.open(folder)
                self._identity = _identify(self._catalogue.folder)
            return self._catalogue


def _identify(version: Path) -> tuple[Path, int, int] | None:
    """What tells a version from others, also from one that was copied over it; None if there is none."""
    try:
        stat = (version / "manifest.json").stat()
    except OSError:
        return None
    return version, stat.st_ino, stat.st_mtime_ns

"""The searcher of a page that stays up while catalogues change; torch is imported when it is first needed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from cbir.catalogue.api import Searchable
from cbir.collection.address import Address
from cbir.collection.opening import identify, identify_current, open_catalogue
from cbir.errors import CbirError

if TYPE_CHECKING:
    from cbir.search import Searcher

LOG = logging.getLogger(__name__)


class LiveSearcher:
    """The searcher of a catalogue, opened when first needed and again when another place or version took over.

    The catalogue opens in an instant and shows a page; the network takes longer, most of it torch's own start. Who asks
    meanwhile waits for the one searcher that is being made. A later one is made by the first who asks after an update;
    others are answered from the former one until it is there, and so is everybody if it cannot be made.
    """

    def __init__(self, where: Callable[[], Path | Address]) -> None:
        """where: tells the folder or the address; it may change."""
        self._where = where
        self._opening, self._loading = Lock(), Lock()
        self._identity: Hashable = None
        self._catalogue: Searchable | None = None
        self._searcher: Searcher | None = None

    def catalogue(self) -> Searchable:
        """The catalogue that `get` searches, or will; raises CatalogueError if there is none that can be used."""
        return self._newest() if self._searcher is None else self.get().catalogue

    def searched(self) -> Searchable:
        """The catalogue that is searched now, whatever came since. As `catalogue`, but no network is loaded for it."""
        return self._newest() if self._searcher is None else self._searcher.catalogue

    def check(self) -> None:
        """Raise CatalogueError if the server of the catalogue, where it has one, does not answer."""
        identify_current(self._where(), self.searched())

    @property
    def is_there(self) -> bool:
        """Whether the folder has a catalogue, usable or not."""
        place = self._where()
        try:
            return isinstance(place, Address) or identify_current(place) is not None
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

    def _newest(self) -> Searchable:
        with self._opening:
            place = self._where()
            if self._catalogue is None or self._identity != identify_current(place, self._catalogue):
                self._catalogue = open_catalogue(place)
                self._identity = identify(self._catalogue)
            return self._catalogue

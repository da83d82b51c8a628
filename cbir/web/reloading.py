"""The searcher of a page that stays up while catalogues change; torch is imported when it is first needed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from cbir.catalogue.catalogue import Catalogue
from cbir.errors import CbirError

if TYPE_CHECKING:
    from cbir.search import Searcher


class LiveSearcher:
    """The searcher of a folder, opened when first needed and again when another folder or catalogue took its place.

    The catalogue opens in an instant and shows a page; the network takes longer, most of it torch's own start.
    """

    def __init__(self, where: Callable[[], Path]) -> None:
        self._where = where
        self._opening, self._loading = Lock(), Lock()
        self._version: tuple[Path, int, int] | None = None
        self._catalogue: Catalogue | None = None
        self._searcher: Searcher | None = None

    def catalogue(self) -> Catalogue:
        """Raises CatalogueError if there is none that can be used."""
        with self._opening:
            folder = self._where()
            try:
                stat = (folder / "manifest.json").stat()
                version = (folder, stat.st_ino, stat.st_mtime_ns)
            except OSError:
                version = None
            if self._catalogue is None or version != self._version:
                self._catalogue = Catalogue.open(folder)
                self._version = version
            return self._catalogue

    def get(self) -> Searcher:
        """Raises CatalogueError or WeightsError if there is none that can be used."""
        from cbir.search import Searcher

        catalogue = self.catalogue()
        with self._loading:
            if self._searcher is None or self._searcher.catalogue is not catalogue:
                self._searcher = Searcher.over(catalogue)
            return self._searcher

    def warm_up(self) -> None:
        """Load the network while nobody waits for it."""
        with suppress(CbirError):  # the page tells
            self.get().warm_up()

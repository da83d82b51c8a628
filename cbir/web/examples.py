"""Pictures that the page offers as queries, each under a name that stays while its bytes do. Nothing of Gradio."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cbir.errors import CatalogueError, CbirError
from cbir.system.files import file_digest
from cbir.web.reloading import LiveSearcher

if TYPE_CHECKING:
    from cbir.catalogue.catalogue import Catalogue

COUNT = 6
"""Labels of which a picture is offered where a catalogue has no examples."""
UNKNOWN = "This example is not offered here, or not any more. Bring a photo, or try one of those below."


class _Offer(NamedTuple):
    """The examples of one catalogue."""

    catalogue: Catalogue
    paths: dict[str, Path]
    """By name: the first 16 hexadecimal digits of the file's SHA-256."""
    sizes: frozenset[int]
    """Of the files, in bytes."""


class Examples:
    """The catalogue's examples, or else the first photo of each of its commonest labels."""

    def __init__(self, live: LiveSearcher) -> None:
        self._live = live
        self._last: _Offer | None = None

    def offered(self) -> dict[str, Path]:
        """Pictures to click on, by name; none without a catalogue."""
        try:
            return self._offer().paths
        except CbirError:
            return {}

    def find(self, name: str) -> Path:
        """The picture of a name, which may be anything. Raises CatalogueError if none is called so."""
        path = self._offer().paths.get(name)
        if path is None:
            raise CatalogueError(UNKNOWN)
        return path

    def name_of(self, photo: str) -> str | None:
        """The name of the example that a file has the bytes of; None if it is no example."""
        offer = self._offer()
        if Path(photo).stat().st_size not in offer.sizes:
            return None
        name = file_digest(Path(photo))[:16]
        return name if name in offer.paths else None

    def _offer(self) -> _Offer:
        catalogue = self._live.catalogue()
        if self._last is None or self._last.catalogue is not catalogue:
            paths = {file_digest(path)[:16]: path for path in choose_examples(catalogue)}
            self._last = _Offer(catalogue, paths, frozenset(path.stat().st_size for path in paths.values()))
        return self._last


def choose_examples(catalogue: Catalogue) -> list[Path]:
    """The catalogue's examples, or else the first photo of each of its commonest labels."""
    if catalogue.examples:
        return catalogue.examples
    labels = [record.label for record in catalogue.records]
    return [catalogue.thumb(labels.index(label)) for label, _ in Counter(labels).most_common(COUNT)]

"""Pictures that the page offers as queries, each under a name that stays while its bytes do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cbir.errors import CatalogueError, CbirError
from cbir.photos.decode import load_image
from cbir.photos.region import WHOLE, cut_out
from cbir.system.files import file_digest
from cbir.system.text import printable
from cbir.web.pictures import Pictures
from cbir.web.reloading import LiveSearcher

if TYPE_CHECKING:
    from cbir.catalogue.api import Searchable

COUNT = 6
"""Labels of which a picture is offered where a catalogue has no examples."""
SIDE = 160
"""Pixels of the side of an example as it is shown."""
UNKNOWN = "This example is not offered here, or not any more. Bring a photo, or try one of those below."


class Example(NamedTuple):
    """A picture that is offered."""

    path: Path
    label: str | None = None


class Shown(NamedTuple):
    """An example as it is shown."""

    name: str
    picture: str
    """Address of a small square of it."""
    label: str | None


class _Offer(NamedTuple):
    """The examples of one catalogue."""

    catalogue: Searchable
    examples: dict[str, Example]
    """By name: the first 16 hexadecimal digits of the file's SHA-256."""
    sizes: frozenset[int]
    """Of the files, in bytes."""


class Examples:
    """The catalogue's examples, or else the first photo of each of its commonest labels."""

    def __init__(self, live: LiveSearcher, pictures: Pictures) -> None:
        self._live, self._pictures = live, pictures
        self._addresses: dict[str, str] = {}
        self._last: _Offer | None = None

    def offered(self) -> dict[str, Example]:
        """Pictures to click on, by name; none without a catalogue."""
        try:
            return self._offer().examples
        except CbirError:
            return {}

    def show(self) -> list[Shown]:
        """What is offered, as it is shown; what cannot be read is left out."""
        shown = []
        for name, example in self.offered().items():
            with suppress(CbirError):
                if name not in self._addresses:
                    square = cut_out(load_image(example.path, short_side=SIDE), WHOLE, SIDE)
                    self._addresses[name] = self._pictures.offer(square)
                shown.append(Shown(name, self._addresses[name], example.label))
        return shown

    def find(self, name: str) -> Path:
        """The picture of a name, which may be anything. Raises CatalogueError if none is called so."""
        example = self._offer().examples.get(name)
        if example is None:
            raise CatalogueError(UNKNOWN)
        return example.path

    def name_of(self, photo: str) -> str | None:
        """The name of the example that a file has the bytes of; None if it is no example."""
        offer = self._offer()
        if Path(photo).stat().st_size not in offer.sizes:
            return None
        name = file_digest(Path(photo))[:16]
        return name if name in offer.examples else None

    def _offer(self) -> _Offer:
        catalogue = self._live.catalogue()
        if self._last is None or self._last.catalogue is not catalogue:
            examples = {file_digest(one.path)[:16]: one for one in choose_examples(catalogue)}
            sizes = frozenset(one.path.stat().st_size for one in examples.values())
            self._last = _Offer(catalogue, examples, sizes)
        return self._last


def choose_examples(catalogue: Searchable) -> list[Example]:
    """The catalogue's examples, or else the first photo of each of its commonest labels."""
    if catalogue.examples:
        return [Example(path) for path in catalogue.examples]
    everything, *labelled = catalogue.kinds()
    shown = labelled[:COUNT] or [everything]
    return [Example(catalogue.thumb(kind.rows[0]), kind.name) for kind in shown if len(kind.rows)]


def draw_examples(shown: Sequence[Shown], say: Callable[..., str]) -> str:
    """HTML of a button for each example; nothing if there are none. say: Texts, or `mark`."""
    items = "".join(_button(number, example, say) for number, example in enumerate(shown, 1))
    return f"<p class='label'>{say('examples')}</p><ul>{items}</ul>" if items else ""


def _button(number: int, example: Shown, say: Callable[..., str]) -> str:
    name = say("example", count=number) + (f": {printable(example.label)}" if example.label else "")
    return (
        f"<li><button type='button' data-choice='example:{example.name}'>"
        f"<img src='{escape(example.picture, quote=True)}' alt='{escape(name, quote=True)}' width='{SIDE}'"
        f" height='{SIDE}' draggable='false'></button></li>"
    )

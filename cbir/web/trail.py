"""What a visitor searched for, one after the other: the photo that was brought, then matches. Nothing of Gradio.

A visit is kept for each visitor, on the server. What a browser sends of it is the key of a photo of the catalogue, or
the number of a step; either may be anything, and is looked up before it is used.
"""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cbir.catalogue.columns import Filter
from cbir.catalogue.joined import Scope
from cbir.catalogue.records import IdentifiedRecords, Record
from cbir.errors import CatalogueError
from cbir.photos.region import WHOLE, Region
from cbir.system.text import printable
from cbir.web.texts import Texts

if TYPE_CHECKING:
    from cbir.network.garments import Garment
    from cbir.results import SearchResult
    from cbir.search import Searcher

COUNTS = (3, 12, 24)
"""How many matches are shown: at first, and each time that more are asked for."""
LONGEST = 24
"""Steps that a visit remembers."""
UNFOLDED = 8
"""Pictures of a trail, at most; what is between the first and the last of them is folded."""
KEY = re.compile(r"(\d{1,9})-([0-9a-f]{16})", re.ASCII)


class Step(NamedTuple):
    """One query of a visit."""

    picture: str
    """Address of a small picture."""
    name: str
    photo: str | None = None
    """Path of the photo that was brought; None for one of the catalogue."""
    key: str | None = None
    """Key of the photo of the catalogue."""
    region: Region = WHOLE
    """What of the photo that was brought was searched."""
    garment: Garment | None = None
    """What was found there, if that is searched."""
    chosen: bool = False
    """The region was chosen, and is not what is most plainly meant in the photo."""
    example: str | None = None
    """Name of the page's example that the photo is; None for any other."""


class Visit(NamedTuple):
    """The queries of one visitor, the last being searched now."""

    steps: tuple[Step, ...] = ()
    shown: int = COUNTS[0]
    """Matches of the last query that are shown, at most."""
    where: Filter | None = None
    """Among which photos is searched; None: all."""
    wardrobe: str = ""
    """Token of the visitor's own wardrobe; "" if there is none."""
    scope: Scope = Scope.SECOND
    """What is searched where there is one: the catalogue, the wardrobe, or both."""

    @property
    def now(self) -> Step | None:
        """What is searched now; None if nothing was brought."""
        return self.steps[-1] if self.steps else None

    def go_on(self, step: Step) -> Visit:
        """The visit with a further step. One that grows too long forgets what came after its first."""
        steps = (*self.steps, step)
        return self._begin(steps if len(steps) <= LONGEST else (steps[0], *steps[2:]))

    def back(self, number: object) -> Visit:
        """The visit up to one of its steps, from 0, given as text; as it is if there is no such step."""
        places = {str(place): place for place in range(len(self.steps))}
        return self._begin(self.steps[: places[str(number)] + 1]) if str(number) in places else self

    def filter(self, where: Filter | None) -> Visit:
        """The visit with another filter, and as few matches as at first."""
        return self._begin(self.steps)._replace(where=where)

    def search_in(self, scope: Scope) -> Visit:
        """The visit in another scope, without a filter, whose values that may lack."""
        return self._begin(self.steps)._replace(where=None, scope=scope)

    def cleared(self) -> Visit:
        """The visit before anything was brought."""
        return self._begin(())._replace(where=None)

    def more(self) -> Visit:
        """The visit with more matches, as far as COUNTS goes."""
        return self._replace(shown=next((count for count in COUNTS if count > self.shown), self.shown))

    def _begin(self, steps: tuple[Step, ...]) -> Visit:
        """The visit with other steps, and as few matches as at first."""
        return self._replace(steps=steps, shown=COUNTS[0])


def is_there(visit: Visit) -> bool:
    """Whether what a visit searches now can be searched: a photo that was brought may have been deleted."""
    step = visit.now
    return step is not None and (step.photo is None or Path(step.photo).is_file())


def key_of(row: int, record: Record) -> str:
    """What names a photo of the catalogue in a browser: its row, and its identity, should it move to another."""
    return f"{row}-{record.identity}"


def row_of(key: object, records: IdentifiedRecords) -> int:
    """The row of a key, from 0, even if it moved. Raises CatalogueError for anything that is no key of these."""
    if isinstance(key, str) and (found := KEY.fullmatch(key)):
        row, identity = int(found[1]), found[2]
        if row < len(records) and records[row].identity == identity:
            return row
        if identity in records.row_of_identity:
            return records.row_of_identity[identity]
    raise CatalogueError("This photo is not in the catalogue, or not any more. Bring your photo again.")


def folds(searcher: Searcher) -> bool:
    """Whether copies are folded: wherever it was measured how near they are."""
    return searcher.calibration is not None


def search_again(searcher: Searcher, visit: Visit) -> SearchResult:
    """As many matches as a visit shows of what it searches now, which there has to be."""
    step = visit.now
    assert step is not None
    fold = folds(searcher)
    if step.photo is None:
        row = row_of(step.key, searcher.catalogue.records)
        return searcher.search_indexed(row, visit.shown, where=visit.where, fold=fold)
    region = step.garment or step.region
    return searcher.search(step.photo, visit.shown, region=region, where=visit.where, fold=fold)


def draw_trail(visit: Visit, say: Texts) -> str:
    """HTML of the trail: a small picture of each step, to go back to it; nothing before there are two."""
    if len(visit.steps) < 2:
        return ""
    last = len(visit.steps) - 1
    buttons = [_button(number, step, number == last) for number, step in enumerate(visit.steps)]
    items = [f"<li>{button}</li>" for button in buttons]
    if len(items) > UNFOLDED:
        folded = range(1, len(items) - UNFOLDED + 2)
        earlier = escape(say("earlier", count=len(folded)), quote=True)
        inside = "".join(buttons[number] for number in folded)
        items[folded.start : folded.stop] = [
            f"<li><details><summary aria-label='{earlier}'>+{len(folded)}</summary>{inside}</details></li>"
        ]
    return f"<nav class='trail' aria-label='{escape(say('trail'), quote=True)}'><ol>{''.join(items)}</ol></nav>"


def _button(number: int, step: Step, current: bool) -> str:
    name = escape(printable(step.name), quote=True)
    state = " aria-current='step'" if current else ""
    return (
        f"<button type='button' data-choice='step:{number}' title='{name}'{state}>"
        f"<img src='{escape(step.picture, quote=True)}' alt='{name}'></button>"
    )

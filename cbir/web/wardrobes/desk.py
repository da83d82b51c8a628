"""The handlers of the page on which a wardrobe is filled and changed."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import gradio as gr

from cbir.catalogue.columns import KIND
from cbir.catalogue.kinds import Kind, sort_by_kind
from cbir.catalogue.pack import pack_catalogue
from cbir.errors import CatalogueError, CbirError
from cbir.web.answers import hide_server_path, notice
from cbir.web.browse import CHOICE, turn_to
from cbir.web.choices import read_choice
from cbir.web.handover import draw_saved
from cbir.web.pictures import Pictures
from cbir.web.reloading import LiveSearcher
from cbir.web.texts import Texts, texts_for
from cbir.web.trail import key_of
from cbir.web.turns import find_address
from cbir.web.wardrobes.garments import Garments
from cbir.web.wardrobes.indexer import Indexer
from cbir.web.wardrobes.intake import Brought
from cbir.web.wardrobes.shelf import PER_PAGE, Item, Shelf, draw_empty, draw_refused, draw_shelf, draw_work
from cbir.web.wardrobes.store import KeptWardrobe, Wardrobes
from cbir.web.wardrobes.wardrobe import Wardrobe

SOON, LATER = 0.7, 30.0
"""Seconds until a page asks again how a wardrobe is: while it is worked on, and else."""
PACKED = "wardrobe.zip"
PAGES = 500
"""Open pages of which it is remembered that they began a wardrobe, at most."""
KINDS = 200
"""Kinds that are offered, at most."""


class Shown(NamedTuple):
    """What the page shows, in the order of its outputs; gr.skip() leaves one."""

    told: Any
    """How the work stands, what was refused, what is wrong."""
    shelf: Any
    seen: Any
    """What of the wardrobe is on the shelf: its page, and the revision."""
    timer: Any
    """Asks again."""
    garments: Any
    """Whether photos of people are taken garment by garment, which is settled by the first ones."""


class Place(NamedTuple):
    """What a tab sees of a wardrobe."""

    kind: int = 0
    """Number of the kind of garments; 0: all."""
    page: int = 0
    revision: int = -1


class Desk:
    """The handlers of the page."""

    def __init__(
        self, wardrobes: Wardrobes | KeptWardrobe, indexer: Indexer, live: LiveSearcher, pictures: Pictures
    ) -> None:
        self._wardrobes, self._indexer, self._live, self._pictures = wardrobes, indexer, live, pictures
        self._begun: OrderedDict[str | None, str] = OrderedDict()
        self._beginning = Lock()
        self._sorted: WeakKeyDictionary[Wardrobe, tuple[tuple[Any, ...], list[Kind]]] = WeakKeyDictionary()

    def open(self, token: object, request: gr.Request | None = None) -> Shown:
        """What there is, when the page is opened."""
        wardrobe = self._wardrobes.use(token)
        return self._show(wardrobe, token, Place(), texts_for(request))

    def follow(self, token: object, seen: Place, request: gr.Request | None = None) -> Shown:
        """What has changed since the page was told last."""
        return self._show(self._wardrobes.look(token), token, seen, texts_for(request), again=True)

    def bring(
        self, uploads: object, garments: bool, token: object, seen: Place, request: gr.Request | None = None
    ) -> tuple[Any, ...]:
        """Photos and zips that were dropped; the first of a tab make its wardrobe. None stays on the page."""
        files = read_uploads(uploads)
        say = texts_for(request)
        if not files:
            return gr.skip(), gr.skip(), *self._show(self._wardrobes.use(token), token, seen, say, again=True)
        wardrobe = self._wardrobes.use(token)
        if wardrobe is None:
            token, wardrobe = self._begin(request)
        try:
            if wardrobe.settled is None:
                wardrobe.by_garment = bool(garments)
        except CbirError as error:
            return None, token, *self._show(wardrobe, token, seen, say, wrong=error)
        if wardrobe.bring(files):
            for file in files:
                self._pictures.delete_upload(file.path)
        self._wardrobes.make_room()
        self._indexer.ask(wardrobe)
        return None, token, *self._show(wardrobe, token, seen, say, again=True)

    def _begin(self, request: gr.Request | None) -> tuple[str, Wardrobe]:
        """A new wardrobe with its token; of two files that a page sends at the same time, the first begins it."""
        session = getattr(request, "session_hash", None)
        with self._beginning:
            token = self._begun.get(session, "") if session else ""
            wardrobe = self._wardrobes.use(token)
            if wardrobe is None:
                token = self._wardrobes.begin(find_address(request))
                wardrobe = self._wardrobes.use(token)
                assert wardrobe is not None
                self._begun[session] = token
                while len(self._begun) > PAGES:
                    self._begun.popitem(last=False)
            return token, wardrobe

    def choose(
        self, token: object, seen: Place, event: gr.EventData, request: gr.Request | None = None
    ) -> tuple[Any, ...]:
        """What was chosen on the shelf: a garment to take out or to call otherwise, a page, or what to do with all."""
        choice, say = read_choice(event), texts_for(request)
        wardrobe = self._wardrobes.use(token)
        verb, _, rest = choice.partition(":") if isinstance(choice, str) else ("", "", "")
        saved: Any = gr.skip()
        if wardrobe is not None:
            try:
                if verb == "out":
                    wardrobe.take_out(rest)
                elif verb == "kind":
                    key, _, label = rest.partition(":")
                    wardrobe.call(key, label)
                elif verb == "download" and not self._wardrobes.kept:
                    saved = self._pack(wardrobe, say)
                elif verb == "end" and not self._wardrobes.kept:
                    self._wardrobes.end(token)
                    wardrobe, token = None, ""
                elif found := CHOICE.fullmatch(str(choice)):
                    seen = Place(int(found[1]), int(found[2]))
            except CbirError as error:
                return token, saved, *self._show(wardrobe, token, seen, say, wrong=error)
            if wardrobe is not None and wardrobe.has_work:
                self._indexer.ask(wardrobe)
        return token, saved, *self._show(wardrobe, token, seen, say)

    def _pack(self, wardrobe: Wardrobe, say: Texts) -> str:
        """HTML of a link to the catalogue as a zip, which the page follows.

        Raises CatalogueError while changes wait, which the zip would lack, and if the catalogue goes meanwhile.
        """
        if wardrobe.has_work or wardrobe.status.stage:
            raise CatalogueError(say("download_waits"))
        catalogue = wardrobe.catalogue()
        if catalogue is None:
            return ""
        try:
            packed = pack_catalogue(catalogue, "wardrobe")
        except CatalogueError as error:
            raise CatalogueError(say("download_gone")) from error
        return draw_saved(self._pictures.put_file(packed, PACKED), PACKED)

    def _show(
        self,
        wardrobe: Wardrobe | None,
        token: object,
        seen: Place,
        say: Texts,
        *,
        again: bool = False,
        wrong: CbirError | None = None,
    ) -> Shown:
        """again: the shelf is drawn only if it is another one."""
        if wardrobe is None:
            why = self._wardrobes.why_gone(token)
            told = notice(say(why)) if why else ""
            return Shown(told, draw_empty(say), Place(), gr.Timer(LATER), gr.Checkbox(interactive=True))
        revision, status = wardrobe.revision, wardrobe.status
        told = draw_work(status, self._indexer.before(wardrobe), say) + draw_refused(wardrobe.refused, say)
        if wrong or wardrobe.failure:
            told += notice(hide_server_path(wrong) if wrong else wardrobe.failure or "")
        timer = gr.Timer(SOON if status.stage else LATER)
        if again and seen.revision == revision:
            return Shown(told, gr.skip(), seen, timer, gr.skip())
        try:
            shelf, place = self._draw_shelf(wardrobe, seen, revision, say)
            settled = wardrobe.settled
        except CbirError as error:
            return Shown(told + notice(hide_server_path(error)), gr.skip(), seen, timer, gr.skip())
        box = gr.Checkbox(interactive=True) if settled is None else gr.Checkbox(settled, interactive=False)
        return Shown(told, shelf, place._replace(revision=revision), timer, box)

    def _draw_shelf(self, wardrobe: Wardrobe, place: Place, revision: int, say: Texts) -> tuple[str, Place]:
        """HTML of the garments at a place, and the nearest place that there is. revision: read before this."""
        now = wardrobe.garments()
        kinds = self._sort(wardrobe, now, revision)
        number, page, rows = turn_to(kinds, place.kind, place.page, PER_PAGE)
        items = []
        for row in rows:
            assert now.catalogue is not None
            record = now.record(row)
            picture = self._pictures.put_thumb(now.catalogue.thumb(row), record.region)
            items.append(Item(key_of(row, record), record.photo, record.label, picture))
        by_garment = now.catalogue is not None and now.catalogue.by_garment
        offered = self._name_kinds() if items else []
        shelf = Shelf(items, kinds, number, page, by_garment, offered, self._wardrobes.kept)
        return draw_shelf(shelf, say), Place(number, page)

    def _sort(self, wardrobe: Wardrobe, now: Garments, revision: int) -> list[Kind]:
        """The garments by kind, kept for the next page of them: of many, it takes a second.

        revision: read before `now`, so that rows from before a change are never kept as those after it.
        """
        state = now.catalogue, revision, tuple(now.labels.items())
        known = self._sorted.get(wardrobe)
        if known is None or known[0] != state:
            known = self._sorted[wardrobe] = state, sort_by_kind(now.rows, now.label)
        return known[1]

    def _name_kinds(self) -> list[str]:
        """The kinds of the page's catalogue."""
        try:
            return sorted(self._live.catalogue().columns(KINDS).get(KIND, {}))
        except CbirError:
            return []


def read_uploads(uploads: object) -> list[Brought]:
    """Files as GuardedBlocks leaves them."""
    files = uploads if isinstance(uploads, list) else []
    return [Brought(file.get("orig_name") or Path(file["path"]).name, Path(file["path"])) for file in files]

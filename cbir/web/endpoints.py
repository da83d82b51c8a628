"""What the page answers to a photo that was brought to it, and to what is chosen on it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import gradio as gr
from PIL import Image

from cbir.errors import CbirError, PhotoError, RegionError
from cbir.photos.decode import load_image
from cbir.photos.region import WHOLE, Region, check_region, cut_out
from cbir.report.words import name_match
from cbir.web.address import parse_part, read_address, write_address
from cbir.web.answers import greeting, notice, proof
from cbir.web.api import Upload
from cbir.web.cards import EMPTY
from cbir.web.choices import read_choice
from cbir.web.examples import Examples, draw_examples
from cbir.web.failures import tell_failure
from cbir.web.filters import draw_filters, read_filter
from cbir.web.handover import draw_handover
from cbir.web.log import log_search
from cbir.web.matches import CROP_SIDE, MatchDrawer, Viewer
from cbir.web.pictures import PREVIEW_SIDE, Pictures
from cbir.web.sources import SCOPES, Sources
from cbir.web.stage import draw_indexed, draw_others, draw_stage
from cbir.web.texts import Texts, texts_for
from cbir.web.trail import COUNTS, Step, Visit, draw_trail, folds, is_there, key_of, row_of, search_again
from cbir.web.uploads import SWEEP
from cbir.web.visits import Visits

if TYPE_CHECKING:
    from cbir.catalogue.columns import Filter
    from cbir.results import Look, SearchResult
    from cbir.search import Searcher

MATCHES = COUNTS[0]
ASKING = ("photo", "example")
"""What the page's address may ask for, and a choice, whatever was searched before."""
VISITS = 2000
"""Visits that are remembered, at most."""


class Answer(NamedTuple):
    """What the page shows, in the order of its outputs. HTML but for the first and the last; gr.skip() leaves one."""

    photo: Any
    """Path of the upload; None takes the photo off the page."""
    trail: Any
    stage: Any
    """What is searched: the photo with its garments, or one of the catalogue."""
    scopes: Any
    """Of which catalogue, for who has a wardrobe."""
    filters: Any
    matches: Any
    words: str
    """The proof, or what is wrong."""
    others: Any
    """What else is in the photo."""
    handover: Any
    """What can be taken along of the answer."""
    visit: Any


class Endpoints:
    """The handlers of a page over one searcher."""

    def __init__(self, sources: Sources, pictures: Pictures) -> None:
        live = sources.live
        self.sources, self.live, self.pictures, self.matches = sources, live, pictures, MatchDrawer(pictures)
        self.examples = Examples(live, pictures)
        self.visits = Visits(VISITS, SWEEP[1])

    def open(self, evidence_wanted: bool, wardrobe: object, request: gr.Request) -> Answer:
        """What the page's own address asks for (see address.py), or the greeting.

        wardrobe: token of the tab's own wardrobe, or anything.
        """
        begun = Visit(wardrobe=wardrobe if isinstance(wardrobe, str) else "")
        viewer = Viewer(texts_for(request), evidence_wanted)
        try:
            asked = read_address(request.query_params)
            if asked.photo is not None:
                return self._go_on(begun._replace(where=asked.where), asked.photo, viewer, shown=asked.shown)
            if asked.example is not None:
                photo = self.pictures.bring(self.examples.find(asked.example))
                part = parse_part(asked.part)
                asking = begun._replace(where=asked.where, shown=asked.shown)
                return self._answer_photo(photo, part, asking, viewer)
        except CbirError as error:
            return self._begin(begun, tell_failure(error, viewer.say), viewer.say)
        return self._begin(begun, greeting(self.live, viewer.say), viewer.say)

    def resume(self, evidence_wanted: bool, token: object, wardrobe: object, request: gr.Request) -> Answer:
        """What this tab searched for last, if it is still there and the page's address asks for nothing else."""
        visit = self.visits.find(token)
        if visit is None or not is_there(visit) or any(name in request.query_params for name in ASKING):
            return self.open(evidence_wanted, wardrobe, request)
        visit = visit._replace(wardrobe=wardrobe if isinstance(wardrobe, str) else "")
        try:
            return self._answer_step(visit, Viewer(texts_for(request), evidence_wanted))
        except CbirError as error:
            return _tell_error(error, visit, texts_for(request))

    def offer(self, request: gr.Request) -> str:
        """HTML of the examples that are offered now."""
        return draw_examples(self.examples.show(), texts_for(request))

    def answer(
        self, upload: Upload, evidence_wanted: bool, visit: Visit = Visit(), request: gr.Request | None = None
    ) -> Answer:
        """What is most plainly meant in a photo, searched; the greeting if there is no photo. visit: the one before."""
        viewer = Viewer(texts_for(request), evidence_wanted)
        if upload is None:
            return self._clear(visit, viewer)
        try:
            return self._answer_photo(upload["path"], None, visit.cleared(), viewer)
        except CbirError as error:
            kept = None if isinstance(error, PhotoError) else upload["path"]
            words = tell_failure(error, viewer.say, upload["path"])
            return self._clear(visit, viewer)._replace(photo=kept, words=words)

    def choose(
        self, evidence_wanted: bool, visit: Visit, event: gr.EventData, request: gr.Request | None = None
    ) -> Answer:
        """What was chosen, searched: a part of the photo, a match, a step of the trail; a filter, more, or nothing.

        A visitor's choice may be anything. What is none is taken for no choice.
        """
        viewer = Viewer(texts_for(request), evidence_wanted)
        choice = read_choice(event)
        kind, _, value = choice.partition(":") if isinstance(choice, str) else ("", "", "")
        if choice == "clear":
            return self._clear(visit, viewer)
        if kind == "scope":
            visit = visit.search_in(SCOPES.get(value, visit.scope))
            if visit.now is None:
                return self._begin(visit, greeting(self.live, viewer.say), viewer.say)
        if kind not in ASKING and visit.now is None:
            return _tell(notice(viewer.say("forgotten")))
        try:
            if kind == "photo":
                return self._go_on(visit, value, viewer)
            if kind == "example":
                photo = self.pictures.bring(self.examples.find(value))
                return self._answer_photo(photo, None, visit.cleared(), viewer)
            visit = visit.back(value) if kind == "step" else visit
            step = visit.now
            assert step is not None
            if not is_there(visit):
                return _tell(notice(viewer.say("gone")))
            if kind in ("step", "scope"):
                return self._answer_step(visit, viewer)
            if choice == "more":
                return self._show_again(visit.more(), viewer, fresh=visit.shown)
            if kind == "where":
                return self._show_again(visit.filter(read_filter(value)), viewer)
            if step.photo is None:
                return self._answer_indexed(visit, viewer)
            return self._answer_photo(step.photo, choice, visit._replace(shown=MATCHES), viewer)
        except CbirError as error:
            return _tell_error(error, visit, viewer.say)

    def toggle_evidence(self, evidence_wanted: bool, visit: Visit, request: gr.Request | None = None) -> Any:
        """The matches with or without where query and match look alike."""
        if visit.now is None:
            return gr.skip()
        try:
            searcher, viewer = self.sources.get(visit), Viewer(texts_for(request), evidence_wanted)
            return self.matches.draw(searcher, search_again(searcher, visit), visit, viewer)
        except CbirError:
            return gr.skip()  # the answer tells what is wrong

    def _clear(self, visit: Visit, viewer: Viewer) -> Answer:
        words, scopes = greeting(self.live, viewer.say), self.sources.draw_scopes(visit, viewer.say)
        return Answer(None, "", "", scopes, "", EMPTY, words, "", "", visit.cleared())

    def _begin(self, visit: Visit, words: str, say: Texts) -> Answer:
        """What the page shows before anything is searched."""
        return _tell(words)._replace(scopes=self.sources.draw_scopes(visit, say), visit=visit)

    def _go_on(self, visit: Visit, key: str, viewer: Viewer, *, shown: int = MATCHES) -> Answer:
        """The answer to a photo of the catalogue."""
        searcher = self.sources.get(visit)
        row = row_of(key, searcher.catalogue.records)
        match, key = searcher.indexed(row), key_of(row, searcher.catalogue.records[row])
        name = name_match(match, unnamed=viewer.say("photo"))
        step = Step(self.pictures.put_thumb(match.thumb, match.region), name, key=key)
        return self._answer_indexed(visit.go_on(step)._replace(shown=shown), viewer)

    def _answer_step(self, visit: Visit, viewer: Viewer) -> Answer:
        """The answer to what a visit searches now, which there has to be."""
        step = visit.now
        assert step is not None
        if step.photo is None:
            return self._answer_indexed(visit, viewer)
        part = "whole" if step.region == WHOLE else step.region
        return self._answer_photo(step.photo, part, visit, viewer)

    def _answer_indexed(self, visit: Visit, viewer: Viewer) -> Answer:
        searcher, step = self.sources.get(visit), visit.now
        assert step is not None
        result = search_again(searcher, visit)
        assert result.query_row is not None
        query = searcher.indexed(result.query_row)
        stage = draw_indexed(self.matches.card(searcher, query), viewer.say)
        return self._show(searcher, result, visit, viewer)._replace(stage=stage)

    def _show_again(self, visit: Visit, viewer: Viewer, *, fresh: int = 0) -> Answer:
        """What is searched already, with more matches or another filter. fresh: as of `_show`."""
        searcher = self.sources.get(visit)
        answer = self._show(searcher, search_again(searcher, visit), visit, viewer, fresh=fresh)
        return answer._replace(trail=gr.skip(), stage=gr.skip(), others=gr.skip())

    def _answer_photo(self, photo: str, choice: object, asking: Visit, viewer: Viewer) -> Answer:
        """The answer to a part of a photo that was brought, which begins a visit. asking: tells where, and how many."""
        where, searcher = asking.where, self.sources.get(asking)
        looks = searcher.look(photo, MATCHES, where=where, fold=folds(searcher)) if searcher.finder else []
        result = self._search_part(searcher, photo, looks, choice, where)
        worn = [] if looks and looks[0].result.region == WHOLE else looks
        picture = self.pictures.show(photo)
        small = picture if result.region == WHOLE else self.pictures.put(_crop(photo, result.region))
        step = Step(
            small,
            viewer.say("your_photo"),
            photo=photo,
            region=result.region,
            garment=next((look.garment for look in worn if look.result is result), None),
            chosen=result.region != (looks[0].result.region if looks else WHOLE),
            example=self.examples.name_of(photo),
        )
        visit = asking._replace(steps=(step,))
        if visit.shown > MATCHES:
            result = search_again(searcher, visit)
        return self._show(searcher, result, visit, viewer)._replace(
            photo=photo,
            stage=draw_stage(picture, [look.garment for look in worn], result.region, viewer.say),
            others=draw_others(self.matches.crop_others(photo, worn, result.region), viewer.say),
        )

    def _search_part(
        self, searcher: Searcher, photo: str, looks: list[Look], choice: object, where: Filter | None
    ) -> SearchResult:
        if isinstance(choice, (list, tuple)):
            for look in looks:
                if look.result.region == tuple(choice):
                    return look.result
            with suppress(RegionError):
                # As precise as an address tells a region, so that a link gives the same answer.
                region = [round(edge, 4) for edge in check_region(choice)]
                return searcher.search(photo, MATCHES, region=region, where=where, fold=folds(searcher))
        if looks and choice != "whole":
            numbers = {str(number): look for number, look in enumerate(looks)}
            return numbers.get(str(choice), looks[0]).result
        return searcher.search(photo, MATCHES, where=where, fold=folds(searcher))

    def _show(
        self, searcher: Searcher, result: SearchResult, visit: Visit, viewer: Viewer, *, fresh: int = 0
    ) -> Answer:
        """An answer without stage and others. fresh: how many of the matches were shown before."""
        log_search(result)
        say = viewer.say
        matches = self.matches.draw(searcher, result, visit, viewer, fresh=fresh)
        filters = draw_filters(searcher.catalogue.columns(), visit.where, say)
        handover = draw_handover(write_address(visit), say)
        scopes = self.sources.draw_scopes(visit, say)
        return Answer(
            gr.skip(), draw_trail(visit, say), "", scopes, filters, matches, proof(result, say), "", handover, visit
        )


def _crop(photo: str, region: Region) -> Image.Image:
    return cut_out(load_image(photo, short_side=PREVIEW_SIDE), region, CROP_SIDE)


def _tell(words: str) -> Answer:
    """Words, and all else stays as it is."""
    kept = gr.skip()
    return Answer(kept, kept, kept, kept, kept, kept, words, kept, kept, kept)


def _tell_error(error: CbirError, visit: Visit, say: Texts) -> Answer:
    photo = visit.now.photo if visit.now else None
    return _tell(tell_failure(error, say, photo or ""))

"""The pictures of an answer: its matches, where they look like the query, and what else is in the photo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cbir.datasets.link import safe_link
from cbir.photos.decode import DECODE_SIDE, load_image
from cbir.photos.drawing import PAIR_SIDE, draw_pair
from cbir.photos.region import WHOLE, Region, cut_out
from cbir.web.cards import Card, draw_cards
from cbir.web.pictures import PREVIEW_SIDE, Pictures
from cbir.web.stage import OtherLook
from cbir.web.texts import Texts
from cbir.web.trail import COUNTS, Step, Visit, key_of, row_of

if TYPE_CHECKING:
    from cbir.results import Look, Match, SearchResult
    from cbir.search import Searcher

LEAST_SHOWN = 0.008
"""Share of the photo from which on a garment gets a row of its own; smaller things, such as glasses, wait for a tap."""
CROP_SIDE = 160
"""Pixels of the side of a garment's picture in a row, or in the trail."""
COPIES = 8
"""Copies of a match that are shown, at most; the others are counted."""


class Viewer(NamedTuple):
    """Who looks at an answer."""

    say: Texts
    evidence_wanted: bool = False
    """Matches are shown with where query and match look alike."""


class MatchDrawer:
    """Puts the pictures of an answer where the page can get them."""

    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures

    def draw(self, searcher: Searcher, result: SearchResult, visit: Visit, viewer: Viewer, *, fresh: int = 0) -> str:
        """HTML of the matches. fresh: how many of them were shown before."""
        cards = [self.card(searcher, match) for match in result.matches]
        say = viewer.say
        if viewer.evidence_wanted and cards and visit.now:
            pairs = self.draw_evidence(searcher, visit.now, result.matches)
            cards = [card._replace(pair=pair) for card, pair in zip(cards, pairs)]
        more = len(cards) == visit.shown < min(COUNTS[-1], result.subset_size)
        note = say("bright") if result.query_row is None else f"{say('bright')} {say('small')}"
        return draw_cards(cards, say, note=note, more=more, fresh=fresh)

    def card(self, searcher: Searcher, match: Match) -> Card:
        """A match as it is shown, with its copies."""
        record = searcher.catalogue.records[match.row]
        picture, key = self._pictures.put_thumb(match.thumb, match.region), key_of(match.row, record)
        copies = [self.card(searcher, copy) for copy in match.copies[:COPIES]]
        return Card(match, picture, key, safe_link(record.link), copies=copies)

    def draw_evidence(self, searcher: Searcher, step: Step, matches: Sequence[Match]) -> list[str]:
        """Addresses of pictures of query and match side by side, with heat where they look alike.

        A query of the catalogue is seen in its thumbnail, as matches are.
        """
        from cbir.evidence import explain, see_match

        if step.photo is None:
            indexed = searcher.indexed(row_of(step.key, searcher.catalogue.records))
            query = load_image(see_match(indexed.thumb, indexed.region))
        else:
            query = load_image(step.photo, short_side=DECODE_SIDE if step.region == WHOLE else PREVIEW_SIDE)
        seen = [see_match(match.thumb, match.region) for match in matches]
        features = searcher.catalogue.index.vectors[np.array([match.row for match in matches])]
        splits = explain(
            searcher.extractor, query, seen, features, region=step.region, added=searcher.added_to(step.garment)
        )
        shown = cut_out(query, step.region, PAIR_SIDE)
        pairs = [draw_pair(shown, picture, split.query, split.match) for picture, split in zip(seen, splits)]
        return [self._pictures.put(pair) for pair in pairs]

    def crop_others(self, photo: str, looks: Sequence[Look], searched: Region) -> list[OtherLook]:
        """The garments that are not searched now, with addresses of their pictures."""
        image = load_image(photo, short_side=PREVIEW_SIDE) if looks else None
        others = []
        for number, look in enumerate(looks):
            if image is None or look.result.region == searched or look.garment.share < LEAST_SHOWN:
                continue
            crop = self._pictures.put(cut_out(image, look.garment.box, CROP_SIDE))
            found = [(self._pictures.put_thumb(match.thumb, match.region), match) for match in look.result.matches]
            others.append(OtherLook(number, look.garment.kind, crop, found))
        return others

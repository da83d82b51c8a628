"""What the page and its API answer to a photo that was brought to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

import gradio as gr
import numpy as np
from gradio.processing_utils import save_file_to_cache, save_pil_to_cache
from gradio.utils import get_upload_folder
from PIL import Image

from cbir.errors import CbirError, FilterError, PhotoError, RegionError
from cbir.photos.decode import DECODE_SIDE, load_image
from cbir.photos.drawing import PAIR_SIDE, draw_pair, draw_thumb
from cbir.photos.formats import SHOWN_BY_BROWSERS, recognise
from cbir.photos.region import WHOLE, Region, check_region, cut_out, parse_region
from cbir.system.text import Plain, make_encodable
from cbir.web.answers import caption, greeting, hide_server_path, notice, proof
from cbir.web.reloading import LiveSearcher
from cbir.web.stage import OtherLook, draw_others, draw_stage

if TYPE_CHECKING:
    from cbir.catalogue.columns import Filter
    from cbir.search import Look, Match, Searcher, SearchResult

MATCHES = 3
PREVIEW_SIDE = 800
"""Short side in pixels of the copy that is shown of a photo whose format browsers cannot show."""
LEAST_SHOWN = 0.008
"""Share of the photo from which on a garment gets a row of its own; smaller things, such as glasses, wait for a tap."""
CROP_SIDE = 160
"""Pixels of the side of a garment's picture in a row."""
BROWSER_SUFFIXES = frozenset((".avif", ".bmp", ".gif", ".jfif", ".jpeg", ".jpg", ".png", ".webp"))
"""Names from which Gradio and browsers guess a picture."""
FILTER_COLUMNS, FILTER_VALUES, FILTER_CHARACTERS = 16, 64, 500
"""Columns of a filter, values of one, and characters of each, at most."""
FILTER_RULE = (
    f"A filter is an object of at most {FILTER_COLUMNS} columns, each with a text or a list of at most {FILTER_VALUES} "
    f'texts, none longer than {FILTER_CHARACTERS} characters, such as {{"colour": "blue"}}.'
)

Upload = dict[str, Any] | None
"""An image input as handlers get it: Gradio's FileData, of which only the path counts, checked by GuardedBlocks."""


class Answer(NamedTuple):
    """What the page shows of a photo, in the order of its outputs."""

    photo: str | None
    """Path of the upload; None takes the photo off the page."""
    stage: str
    """HTML: the photo with its garments."""
    matches: list[tuple[str, str]]
    """Thumbnail and caption of each."""
    words: str
    """HTML: the proof, or what is wrong."""
    evidence: gr.Gallery
    others: str
    """HTML: what else is in the photo."""
    searched: Region = WHOLE
    """What of the photo was searched."""


class Endpoints:
    """The handlers of a page over one searcher."""

    def __init__(self, live: LiveSearcher) -> None:
        self.live = live

    def answer(self, upload: Upload, evidence_wanted: bool) -> Answer:
        """What is most plainly meant in a photo, searched; the greeting if there is no photo."""
        return self._answer(upload, None, evidence_wanted)

    def choose(self, upload: Upload, evidence_wanted: bool, event: gr.EventData) -> Answer:
        """What was chosen on the photo, searched: a garment, a box or the whole; or the photo is taken off."""
        sent: object = event._data
        choice = sent.get("choice") if isinstance(sent, dict) else None
        return self._answer(None if choice == "clear" else upload, choice, evidence_wanted)

    def toggle_evidence(self, upload: Upload, evidence_wanted: bool, searched: Region) -> gr.Gallery:
        """Where photo and matches look alike, or nothing if it is not wanted any more."""
        if upload is None or not evidence_wanted:
            return hidden_gallery()
        try:
            searcher = self.live.get()
            result = searcher.search(upload["path"], MATCHES, region=searched)
            return draw_evidence(searcher, upload["path"], result.matches, searched)
        except CbirError:
            return hidden_gallery()  # the answer to the photo tells what is wrong

    def _answer(self, upload: Upload, choice: object, evidence_wanted: bool) -> Answer:
        """The answer to a choice of a visitor, which may be anything: what is none is taken for no choice."""
        if upload is None:
            return Answer(None, "", [], greeting(self.live), hidden_gallery(), "")
        photo = upload["path"]
        try:
            searcher = self.live.get()
            looks = searcher.look(photo, MATCHES) if searcher.finder else []
            result = self._search(searcher, photo, looks, choice)
        except CbirError as error:
            kept = None if isinstance(error, PhotoError) else photo
            return Answer(kept, "", [], notice(hide_server_path(error, photo)), hidden_gallery(), "")
        worn = [] if looks and looks[0].result.region == WHOLE else looks
        drawn = evidence_wanted and result.matches
        evidence = draw_evidence(searcher, photo, result.matches, result.region) if drawn else hidden_gallery()
        return Answer(
            photo,
            draw_stage(address(show(photo)), [look.garment for look in worn], result.region),
            [(show_match(match), caption(match)) for match in result.matches],
            proof(result),
            evidence,
            draw_others(_crop_others(photo, worn, result.region)),
            result.region,
        )

    def _search(self, searcher: Searcher, photo: str, looks: list[Look], choice: object) -> SearchResult:
        if isinstance(choice, (list, tuple)):
            with suppress(RegionError):
                return searcher.search(photo, MATCHES, region=check_region(choice))
        if looks and choice != "whole":
            numbers = {str(number): look for number, look in enumerate(looks)}
            return numbers.get(str(choice), looks[0]).result
        return searcher.search(photo, MATCHES)

    def search_api(self, upload: Upload, where: object = None) -> dict[str, Any]:
        """The three most similar photos of the catalogue, their Euclidean distances, and what was proven.

        With a filter, among the photos whose columns have these values: {"colour": "blue", "kind": ["Dress", "Skirt"]}.
        Bytes of names that are no UTF-8 come as escapes such as \\udce9, since JSON on the web cannot hold them.
        """
        return self._answer_api(
            upload, lambda searcher, photo: searcher.search(photo, MATCHES, where=_check_filter(where)).as_json()
        )

    def search_part_api(self, upload: Upload, part: object) -> dict[str, Any]:
        """As /search, for a part of the photo: a kind of garment, such as scarf, or the edges of a box.

        Edges are left, upper, right and lower, as fractions of width and height: "0.25,0.1,0.75,0.6".
        """

        def search(searcher: Searcher, photo: str) -> dict[str, Any]:
            named = isinstance(part, str) and part.strip().isalpha()
            garment = searcher.find(photo).pick(str(part).strip().lower()) if named else None
            return searcher.search(photo, MATCHES, region=garment or parse_region(str(part))).as_json()

        return self._answer_api(upload, search)

    def look_api(self, upload: Upload) -> list[dict[str, Any]]:
        """Every garment found in the photo, the most prominent first, each with an answer as /search gives it."""
        return self._answer_api(
            upload, lambda searcher, photo: [look.as_json() for look in searcher.look(photo, MATCHES)]
        )

    def _answer_api(self, upload: Upload, ask: Callable[[Searcher, str], Plain]) -> Plain:
        if upload is None:
            raise gr.Error("No photo came along; send one.")
        try:
            return make_encodable(ask(self.live.get(), upload["path"]))
        except CbirError as error:
            raise gr.Error(hide_server_path(error, upload["path"])) from error


def _check_filter(sent: object) -> Filter | None:
    """A filter as a visitor sends it, which may be anything; raises FilterError for what is none or too large."""
    if sent is None:
        return None
    if not isinstance(sent, dict) or len(sent) > FILTER_COLUMNS:
        raise FilterError(FILTER_RULE)
    where = {name: [values] if isinstance(values, str) else values for name, values in sent.items()}
    for name, values in where.items():
        few = isinstance(values, list) and len(values) <= FILTER_VALUES
        if not few or not all(isinstance(text, str) and len(text) <= FILTER_CHARACTERS for text in (name, *values)):
            raise FilterError(FILTER_RULE)
    return where


def _crop_others(photo: str, looks: Sequence[Look], searched: Region) -> list[OtherLook]:
    """The garments that are not searched now, with addresses of their pictures."""
    image = load_image(photo, short_side=PREVIEW_SIDE) if looks else None
    others = []
    for number, look in enumerate(looks):
        if image is None or look.result.region == searched or look.garment.share < LEAST_SHOWN:
            continue
        crop = cut_out(image, look.garment.box, CROP_SIDE)
        found = [(address(show_match(match)), match) for match in look.result.matches]
        others.append(OtherLook(number, look.garment.kind, address(crop), found))
    return others


def address(picture: str | Image.Image) -> str:
    """Where the page gets a picture: a file in Gradio's folder, or one that is put there. Relative to the page's."""
    path = picture if isinstance(picture, str) else save_pil_to_cache(picture, get_upload_folder(), format="jpeg")
    return f"gradio_api/file={quote(path)}"


def show(photo: str) -> str | Image.Image:
    """What a browser can show of a photo: the file itself, whatever it is called, or a picture of it."""
    with Path(photo).open("rb") as file:
        shown = recognise(file.read(64)) in SHOWN_BY_BROWSERS and Path(photo).suffix.lower() in BROWSER_SUFFIXES
    return photo if shown else load_image(photo, short_side=PREVIEW_SIDE)


def copy_for_page(picture: Path) -> str:
    """A copy in Gradio's own folder, the one that is served; an update of the catalogue does not remove it."""
    return save_file_to_cache(picture, get_upload_folder())


def show_match(match: Match) -> str:
    """A file for the page with the thumbnail of a match, a frame about the region that matches."""
    if match.region is None:
        return copy_for_page(match.thumb)
    return save_pil_to_cache(draw_thumb(match), get_upload_folder(), format="jpeg")


def draw_evidence(searcher: Searcher, photo: str, matches: list[Match], searched: Region) -> gr.Gallery:
    """Photo and match side by side for each match, with heat where they look alike."""
    from cbir.evidence import explain, see_match

    query = load_image(photo, short_side=DECODE_SIDE if searched == WHOLE else PREVIEW_SIDE)
    seen = [see_match(match.thumb, match.region) for match in matches]
    features = searcher.catalogue.index.vectors[np.array([match.row for match in matches])]
    splits = explain(searcher.extractor, query, seen, features, region=searched)
    shown = cut_out(query, searched, PAIR_SIDE)
    pairs = [
        (draw_pair(shown, picture, split.query, split.match), f"Your photo and {rank}: bright places are alike")
        for rank, (picture, split) in enumerate(zip(seen, splits), start=1)
    ]
    return gr.Gallery(pairs, visible=True)


def hidden_gallery() -> gr.Gallery:
    """An update that empties a gallery and hides it."""
    return gr.Gallery([], visible=False)

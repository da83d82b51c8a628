"""What the page and its API answer to a photo that was brought to them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import gradio as gr
import numpy as np
from gradio.processing_utils import save_file_to_cache
from gradio.utils import get_upload_folder
from PIL import Image

from cbir.errors import CbirError, PhotoError
from cbir.photos.decode import DECODE_SIDE, load_image
from cbir.photos.formats import SHOWN_BY_BROWSERS, recognise
from cbir.system.text import encodable
from cbir.web.answers import caption, greeting, hide_server_path, notice, proof
from cbir.web.reloading import LiveSearcher

if TYPE_CHECKING:
    from cbir.search import Match, Searcher

MATCHES = 3
PREVIEW_SIDE = 800
"""Short side in pixels of the copy that is shown of a photo whose format browsers cannot show."""
BROWSER_SUFFIXES = frozenset((".avif", ".bmp", ".gif", ".jfif", ".jpeg", ".jpg", ".png", ".webp"))
"""Names from which Gradio and browsers guess a picture."""

Upload = dict[str, Any] | None
"""An image input as handlers get it: Gradio's FileData, of which only the path counts, checked by GuardedBlocks."""


class Answer(NamedTuple):
    """What the page shows of a photo, in the order of its outputs."""

    photo: str | Image.Image | None
    matches: list[tuple[str, str]]
    """Thumbnail and caption of each."""
    words: str
    """HTML: the proof, or what is wrong."""
    evidence: gr.Gallery


class Endpoints:
    """The handlers of a page over one searcher."""

    def __init__(self, live: LiveSearcher) -> None:
        self.live = live

    def answer(self, upload: Upload, evidence_wanted: bool) -> Answer:
        """The three most similar garments, and what was proven; the greeting if there is no photo."""
        if upload is None:
            return Answer(None, [], greeting(self.live), hidden_gallery())
        photo = upload["path"]
        try:
            searcher = self.live.get()
            result = searcher.search(photo, MATCHES)
        except CbirError as error:
            kept = None if isinstance(error, PhotoError) else photo
            return Answer(kept, [], notice(hide_server_path(error, photo)), hidden_gallery())
        found = [(copy_for_page(match.thumb), caption(match)) for match in result.matches]
        drawn = evidence_wanted and result.matches
        evidence = draw_evidence(searcher, photo, result.matches) if drawn else hidden_gallery()
        return Answer(show(photo), found, proof(result), evidence)

    def toggle_evidence(self, upload: Upload, evidence_wanted: bool) -> gr.Gallery:
        """Where photo and matches look alike, or nothing if it is not wanted any more."""
        return self.answer(upload, evidence_wanted).evidence if evidence_wanted else hidden_gallery()

    def search_api(self, upload: Upload) -> dict[str, Any]:
        """The three most similar photos of the catalogue, their Euclidean distances, and what was proven.

        Bytes of names that are no UTF-8 come as escapes such as \\udce9, since JSON on the web cannot hold them.
        """
        if upload is None:
            raise gr.Error("No photo came along; send one.")
        try:
            answer = self.live.get().search(upload["path"], MATCHES).as_json()
        except CbirError as error:
            raise gr.Error(hide_server_path(error, upload["path"])) from error
        answer["matches"] = [
            {key: encodable(value) if isinstance(value, str) else value for key, value in match.items()}
            for match in answer["matches"]
        ]
        return answer


def show(photo: str) -> str | Image.Image:
    """What a browser can show of a photo: the file itself, whatever it is called, or a picture of it."""
    with Path(photo).open("rb") as file:
        shown = recognise(file.read(64)) in SHOWN_BY_BROWSERS and Path(photo).suffix.lower() in BROWSER_SUFFIXES
    return photo if shown else load_image(photo, short_side=PREVIEW_SIDE)


def copy_for_page(picture: Path) -> str:
    """A copy in Gradio's own folder, the one that is served; an update of the catalogue does not remove it."""
    return save_file_to_cache(picture, get_upload_folder())


def draw_evidence(searcher: Searcher, photo: str, matches: list[Match]) -> gr.Gallery:
    """Photo and match side by side for each match, with heat where they look alike."""
    from cbir.evidence import explain
    from cbir.photos.drawing import draw_pair

    query = load_image(photo, short_side=DECODE_SIDE)
    thumbs = [match.thumb for match in matches]
    features = searcher.catalogue.index.vectors[np.array([match.row for match in matches])]
    splits = explain(searcher.extractor, query, thumbs, features)
    pairs = [
        (draw_pair(query, thumb, split.query, split.match), f"Your photo and {rank}: bright places are alike")
        for rank, (thumb, split) in enumerate(zip(thumbs, splits), start=1)
    ]
    return gr.Gallery(pairs, visible=True)


def hidden_gallery() -> gr.Gallery:
    """An update that empties a gallery and hides it."""
    return gr.Gallery([], visible=False)

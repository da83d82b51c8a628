"""What the page's API answers to programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import gradio as gr

from cbir.errors import CbirError
from cbir.photos.region import parse_region
from cbir.system.text import Plain, make_encodable
from cbir.web.answers import hide_server_path
from cbir.web.filters import check_filter
from cbir.web.reloading import LiveSearcher

if TYPE_CHECKING:
    from cbir.search import Searcher

Upload = dict[str, Any] | None
"""An image input as handlers get it: Gradio's FileData, of which only the path counts, checked by GuardedBlocks."""


class Api:
    """The public endpoints over one searcher. Each photo gets the three matches that `search` gives by default."""

    def __init__(self, live: LiveSearcher) -> None:
        self.live = live

    def search(self, upload: Upload) -> dict[str, Any]:
        """The three most similar photos of the catalogue, their Euclidean distances, and what was proven.

        Bytes of names that are no UTF-8 come as escapes such as \\udce9, since JSON on the web cannot hold them.
        """
        return self.search_where(upload, None)

    def search_where(self, upload: Upload, where: object) -> dict[str, Any]:
        """As /search, among photos whose columns have these values: {"colour": "blue", "kind": ["Hat", "Shoes"]}."""
        return self._answer(upload, lambda searcher, photo: searcher.search(photo, where=check_filter(where)).as_json())

    def search_part(self, upload: Upload, part: object) -> dict[str, Any]:
        """As /search, for a part of the photo: a kind of garment, such as scarf, or the edges of a box.

        Edges are left, upper, right and lower, as fractions of width and height: "0.25,0.1,0.75,0.6".
        """

        def ask(searcher: Searcher, photo: str) -> dict[str, Any]:
            named = isinstance(part, str) and part.strip().isalpha()
            garment = searcher.find(photo).pick(str(part).strip().lower()) if named else None
            return searcher.search(photo, region=garment or parse_region(str(part))).as_json()

        return self._answer(upload, ask)

    def look(self, upload: Upload) -> list[dict[str, Any]]:
        """Every garment found in the photo, the most prominent first, each with an answer as /search gives it."""
        return self._answer(upload, lambda searcher, photo: [look.as_json() for look in searcher.look(photo)])

    def _answer(self, upload: Upload, ask: Callable[[Searcher, str], Plain]) -> Plain:
        if upload is None:
            raise gr.Error("No photo came along; send one.")
        try:
            return make_encodable(ask(self.live.get(), upload["path"]))
        except CbirError as error:
            raise gr.Error(hide_server_path(error, upload["path"])) from error

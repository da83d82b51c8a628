"""The endpoints for programs: /search and /look, over HTTP, and as tools of the Model Context Protocol (MCP)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components.api_component import Api as Parameter
from gradio.utils import get_function_description

from cbir.datasets.link import safe_link
from cbir.errors import CbirError, RegionError
from cbir.photos.region import parse_region
from cbir.system.text import make_encodable
from cbir.web.answers import hide_server_path
from cbir.web.base import called_by_mcp, find_base
from cbir.web.filters import check_filter
from cbir.web.log import log_search
from cbir.web.schema import ANSWER, LARGEST_K, LOOKS, MATCH, PARAMETERS
from cbir.web.turns import Turns

if TYPE_CHECKING:
    from cbir.network.garments import Garment
    from cbir.results import Match, SearchResult
    from cbir.search import Searcher
    from cbir.web.pictures import Pictures
    from cbir.web.reloading import LiveSearcher

Upload = dict[str, Any] | None
"""A photo as handlers get it: Gradio's FileData, of which only the path counts, checked by GuardedBlocks."""
NO_PHOTO = "No photo came along; send one."
K_RULE = f"k has to be a whole number from 1 to {LARGEST_K}."
DEFAULTS = {"k": 3, "fold": False}
FOLD_RULE = "fold has to be true or false."


class Api:
    """The handlers of the endpoints. Gradio and MCP take their documentation from the docstrings of these."""

    def __init__(self, live: LiveSearcher, pictures: Pictures) -> None:
        self.live, self.pictures = live, pictures

    def search(
        self,
        photo: Upload,
        k: object = 3,
        where: object = None,
        part: object = None,
        fold: object = False,
        request: gr.Request | None = None,
    ) -> Any:
        """Find the garments of the catalogue that are most similar to a photo, nearest first, and prove that no other
        one is closer.

        Over HTTP: upload with curl -F files=@photo.jpg BASE/gradio_api/upload, which gives ["PATH"]. Post {"photo":
        {"path": "PATH", "meta": {"_type": "gradio.FileData"}}} to BASE/gradio_api/call/v2/search as JSON, which gives
        an event_id. Get BASE/gradio_api/call/search/EVENT_ID.

        Args:
            photo: What to search for: an uploaded file, its path or address as the upload gave it, or up to 20 MB of a photo as a data address (data:image/jpeg;base64,...); over MCP 3 MB. Other addresses are refused.
            k: How many matches to give, 1 to 24.
            where: Only garments whose columns have these values, such as {"colour": "blue", "kind": ["hat", "shoes"]}. An error names the columns and values that there are.
            part: Search for a part of the photo: a kind of garment that a person in it wears, such as scarf; or left, upper, right and lower edge of a box, as fractions of width and height, such as 0.25,0.1,0.75,0.6.
            fold: Give photos that are copies of each other as one match, with its copies.

        Returns:
            The matches with their Euclidean distances and addresses of their thumbnails, and what was proven.
        """  # noqa: E501 - Gradio reads one line a parameter

        def ask(searcher: Searcher, path: str) -> Any:
            count, among, folded = check_k(k), check_filter(where), check_fold(fold)
            region = choose_part(searcher, path, part)
            return self._describe(searcher.search(path, count, region=region, where=among, fold=folded), request)

        return self._answer(photo, ask, request)

    def look(
        self,
        photo: Upload,
        k: object = 3,
        where: object = None,
        fold: object = False,
        request: gr.Request | None = None,
    ) -> Any:
        """Find every garment that a person in a photo wears, the most prominent first, and for each the garments of the
        catalogue that are most similar to it.

        Over HTTP as /search, with look in place of search.

        Args:
            photo: What to look at: an uploaded file, its path or address as the upload gave it, or up to 20 MB of a photo as a data address (data:image/jpeg;base64,...); over MCP 3 MB. Other addresses are refused.
            k: How many matches to give for each garment, 1 to 24.
            where: Only garments whose columns have these values, such as {"colour": "blue", "kind": ["hat", "shoes"]}.
            fold: Give photos that are copies of each other as one match, with its copies.

        Returns:
            Garments, each with an answer as search gives it.
        """  # noqa: E501

        def ask(searcher: Searcher, path: str) -> Any:
            looks = searcher.look(path, check_k(k), where=check_filter(where), fold=check_fold(fold))
            return [look.as_json() | {"result": self._describe(look.result, request)} for look in looks]

        return self._answer(photo, ask, request)

    def _answer(self, photo: Upload, ask: Callable[[Searcher, str], Any], request: gr.Request | None) -> Any:
        if photo is None:
            raise _refuse(NO_PHOTO)
        try:
            answer = make_encodable(ask(self.live.get(), photo["path"]))
        except CbirError as error:
            raise _refuse(hide_server_path(error, photo["path"])) from error
        # Gradio would write what a tool gives as Python does.
        return json.dumps(answer) if called_by_mcp(request) else answer

    def _describe(self, result: SearchResult, request: gr.Request | None) -> dict[str, Any]:
        """What `SearchResult.as_json` gives, each match with all that is known of it."""
        log_search(result)
        base = find_base(request)
        return result.as_json() | {"matches": [self._describe_match(match, base) for match in result.matches]}

    def _describe_match(self, match: Match, base: str) -> dict[str, Any]:
        told: dict[str, Any] = {"columns": {}, "copies": []} | match.as_json()
        told["link"] = safe_link(match.link)
        told["thumbnail"] = base + self.pictures.put_thumb(match.thumb, match.region)
        return {name: told.get(name) for name in MATCH}


def add_endpoints(api: Api, turns: Turns) -> None:
    """The endpoints of an API, in the page that is being built."""
    trigger = gr.Button(visible=False)
    for handler, answer in ((api.search, ANSWER), (api.look, LOOKS)):
        _, abouts, returns = get_function_description(handler)
        takes = [
            Parameter(DEFAULTS.get(name), schema | {"additional_description": abouts[name]}, name)
            for name, schema in PARAMETERS.items()
            if name in abouts
        ]
        gives = Parameter(None, answer | {"description": " ".join(returns)}, "answer")
        trigger.click(
            turns.take(handler),
            takes,
            [gives],
            api_name=handler.__name__,
            preprocess=False,
            postprocess=False,
            queue=False,  # otherwise MCP would send this page, over HTTP, any file of the server that a request names
        )


def choose_part(searcher: Searcher, photo: str, part: object) -> Garment | Sequence[float] | None:
    """What of a photo is meant: a garment by its kind, or a box; None for the whole. Raises RegionError for no part."""
    if part is None or part == "":
        return None
    if not isinstance(part, str):
        raise RegionError("part has to be a text: a kind of garment, such as scarf, or the edges of a box.")
    named = part.strip()
    return searcher.find(photo).pick(named.lower()) if named.isalpha() else parse_region(named)


def check_k(k: object) -> int:
    """How many matches are asked for. Raises gr.Error for what is no such number."""
    if not isinstance(k, int) or isinstance(k, bool) or not 1 <= k <= LARGEST_K:
        raise _refuse(K_RULE)
    return k


def check_fold(fold: object) -> bool:
    """Whether copies are to be folded. Raises gr.Error for what is no truth value."""
    if not isinstance(fold, bool):
        raise _refuse(FOLD_RULE)
    return fold


def _refuse(message: str) -> gr.Error:
    return gr.Error(message, print_exception=False)

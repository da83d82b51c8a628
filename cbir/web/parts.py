"""Parts that all pages have in common, and the options of their handlers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components.navbar import Navbar

from cbir.web.texts import mark

DIRECT: dict[str, Any] = {"queue": False, "api_visibility": "private"}
"""Options of every handler of a page: what takes long waits for its turn, not in Gradio's queue."""
HANDLER: dict[str, Any] = DIRECT | {"preprocess": False}
"""Options of every one that takes a photo or a token (see GuardedBlocks)."""
LATEST: dict[str, Any] = {"show_progress": "minimal", "trigger_mode": "always_last"}
"""Further options of every handler of a choice: of several, the last counts."""
QUIET: dict[str, Any] = {"show_progress": "hidden"}
"""Further options of those that nobody waits for."""


def read_script(name: str) -> str:
    """A script of a page."""
    return Path(__file__).with_name(f"{name}.js").read_text(encoding="utf-8")


CHOOSE_JS = read_script("choose")
SAVED_JS = """watch("value", () => element.querySelector("a")?.click());"""


def add_title(title: str, lead: str) -> None:
    """The head of a page. title, lead: keys of its texts."""
    Navbar(main_page_name=mark("search_page"))
    gr.HTML(f"<h1>{mark(title)}</h1><p>{mark(lead)}</p>", elem_id="title", padding=False)


def choosing_html(
    name: str,
    *,
    value: str = "",
    script: str = CHOOSE_JS,
    functions: Sequence[Callable[[object], str]] = (),
) -> gr.HTML:
    """HTML on which something can be chosen (see choose.js). functions: what its script can call by name."""
    return gr.HTML(
        value,
        js_on_load=script,
        elem_id=name,
        padding=False,
        server_functions=[*functions],
    )


def saving_html() -> gr.HTML:
    """A link that the page follows as soon as it comes, to save a file."""
    return gr.HTML(js_on_load=SAVED_JS, elem_id="saved", padding=False)

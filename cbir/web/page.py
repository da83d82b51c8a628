"""The layout of the page: a photo in by drop, upload, webcam or clipboard; three similar garments and the proof out.

Torch is not imported here: the page comes up first, and the network while somebody looks for a photo.
"""

from __future__ import annotations

from collections import Counter
from html import escape
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import gradio as gr

from cbir.errors import CbirError
from cbir.photos.region import WHOLE
from cbir.system.process import count_cores
from cbir.web.answers import greeting
from cbir.web.endpoints import MATCHES, Endpoints, Upload
from cbir.web.reloading import LiveSearcher
from cbir.web.uploads import GuardedBlocks

if TYPE_CHECKING:
    from cbir.web.background import BackgroundDownload

EXAMPLES = 6
SESSIONS = 500
"""Visitors of whom Gradio keeps a copy of the page's settings, 30 KB each; every request to the API is one."""
TITLE = (
    "<h1>Find clothes that look like this</h1>"
    "<p>A photo in, the three most similar garments out, and proof that no closer one was missed.</p>"
)
INVITATION = "Drop a photo of a garment here\nor click to choose one"
STAGE_JS = Path(__file__).with_name("stage.js").read_text(encoding="utf-8")
SYSTEM_FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica", "Arial", "sans-serif"]
HANDLER: dict[str, Any] = {"preprocess": False, "api_visibility": "private"}
"""Options of every private handler that takes a photo (see GuardedBlocks)."""


def build_page(folder: Path, download: BackgroundDownload | None = None) -> gr.Blocks:
    """The page over the catalogue of a folder, which need not be there yet; a download's takes its place."""
    live = LiveSearcher(lambda: download.folder if download else folder)
    endpoints = Endpoints(live)
    with GuardedBlocks(title="Visual search for clothes", analytics_enabled=False) as page:
        gr.HTML(TITLE, elem_id="title", padding=False)
        status = gr.HTML(elem_id="arrival", padding=False) if download else None
        with gr.Row(elem_id="desk"):
            with gr.Column(scale=2, min_width=280):
                photo = photo_input()
                stage = choosing_html("stage")
            with gr.Column(scale=5, min_width=280):
                matches = match_gallery("matches", "Most similar")
                words = gr.HTML(elem_id="proof", padding=False)
                wanted = gr.Checkbox(label="Show where they look alike", elem_id="wanted", container=False)
        evidence = match_gallery("evidence", "Where they look alike", visible=False)
        others = choosing_html("others")
        searched = gr.State(WHOLE)
        inputs, shown = [photo, wanted], [photo, stage, matches, words, evidence, others, searched]
        if examples := choose_examples(live):
            offered = gr.Examples(
                examples,
                inputs=[photo],
                examples_per_page=len(examples),
                label="Or try one of these",
                elem_id="examples",
            )
            offered.load_input_event.then(endpoints.answer, inputs, shown, **HANDLER)
        latest: dict[str, Any] = {"show_progress": "minimal", "trigger_mode": "always_last"}
        photo.input(endpoints.answer, inputs, shown, **latest, **HANDLER)
        gr.on([stage.select, others.select], endpoints.choose, inputs, shown, **latest, **HANDLER)
        wanted.input(endpoints.toggle_evidence, [*inputs, searched], [evidence], **latest, **HANDLER)
        page.load(lambda: greeting(live), None, [words], api_visibility="private", show_progress="hidden")
        if download and status:
            follow_download(download, page, live, photo, status, words)
        api, plain, part = gr.Button(visible=False), gr.JSON(visible=False), gr.Textbox(visible=False)
        for name, handler, sent in (
            ("search", endpoints.search_api, [photo]),
            ("search_part", endpoints.search_part_api, [photo, part]),
            ("look", endpoints.look_api, [photo]),
        ):
            api.click(handler, sent, [plain], preprocess=False, api_name=name)
    page.queue(default_concurrency_limit=count_cores())
    Thread(target=live.warm_up, daemon=True).start()
    return page


def photo_input() -> gr.Image:
    """Where a photo is dropped, chosen, pasted, or taken by the webcam."""
    return gr.Image(
        label="Your photo",
        show_label=False,
        type="filepath",
        image_mode=None,
        sources=["upload", "webcam", "clipboard"],
        placeholder=INVITATION,
        height=420,
        elem_id="photo",
    )


def choosing_html(name: str) -> gr.HTML:
    """HTML on which something can be chosen (see stage.js)."""
    return gr.HTML(js_on_load=STAGE_JS, elem_id=name, padding=False)


def match_gallery(name: str, label: str, *, visible: bool = True) -> gr.Gallery:
    """A gallery of MATCHES pictures in a row, their captions below them."""
    return gr.Gallery(
        label=label,
        show_label=False,
        columns=MATCHES,
        fit_columns=False,
        object_fit="contain",
        interactive=False,
        buttons=["fullscreen"],
        height="auto",
        visible=visible,
        elem_id=name,
        elem_classes="cards",
    )


def follow_download(
    download: BackgroundDownload,
    page: gr.Blocks,
    live: LiveSearcher,
    photo: gr.Image,
    status: gr.HTML,
    words: gr.HTML,
) -> None:
    """Show how a download goes, as long as it goes on, and at its end greet anew who sees no answer to a photo."""
    timer = gr.Timer(2)

    def show_progress(upload: Upload) -> tuple[str, Any, gr.Timer]:
        text, final = download.status
        greets = final and upload is None
        return f"<p>{escape(text)}</p>", greeting(live) if greets else gr.skip(), gr.Timer(active=not final)

    gr.on(
        [page.load, timer.tick],
        show_progress,
        [photo],
        [status, words, timer],
        show_progress="hidden",
        **HANDLER,
    )


def launch_options() -> dict[str, Any]:
    """Theme, CSS and limits. No folder is served but Gradio's own, where uploads and copies of thumbnails are."""
    return {
        "theme": gr.themes.Soft(
            primary_hue="teal", neutral_hue="stone", font=SYSTEM_FONTS, font_mono=["ui-monospace", "monospace"]
        ),
        "css_paths": [Path(__file__).with_name("page.css")],
        "max_file_size": "100mb",
        "state_session_capacity": SESSIONS,
        "footer_links": ["api"],
        "ssr_mode": False,
    }


def choose_examples(live: LiveSearcher) -> list[str]:
    """Pictures to click on: the catalogue's examples, or else the first photo of each of its commonest labels."""
    try:
        catalogue = live.catalogue()
    except CbirError:
        return []
    if catalogue.examples:
        return [str(path) for path in catalogue.examples]
    labels = [record.label for record in catalogue.records]
    return [str(catalogue.thumb(labels.index(label))) for label, _ in Counter(labels).most_common(EXAMPLES)]

"""The layout of the page: a photo in by drop, upload, webcam or clipboard; three similar garments and the proof out.

Torch is not imported here: the page comes up first, and the network while somebody looks for a photo.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components.navbar import Navbar
from starlette.middleware import Middleware

from cbir.system.process import count_cores
from cbir.web.answers import greeting
from cbir.web.api import Api, Upload, add_endpoints
from cbir.web.browse import Browser
from cbir.web.cards import EMPTY
from cbir.web.endpoints import Endpoints
from cbir.web.examples import draw_examples
from cbir.web.explain import Explainer
from cbir.web.headers import Headers
from cbir.web.health import Health, HealthCheck
from cbir.web.pictures import Pictures
from cbir.web.preview import LinkPreview
from cbir.web.reloading import LiveSearcher
from cbir.web.saving import Saver
from cbir.web.snippets import PAGE, RunnableSnippets
from cbir.web.texts import LANGUAGES, load_texts, mark, texts_for
from cbir.web.trail import Visit
from cbir.web.translating import Translating
from cbir.web.turns import Turns
from cbir.web.uploads import SWEEP, GuardedBlocks
from cbir.web.visits import READ_JS, WRITE_JS

if TYPE_CHECKING:
    from cbir.web.background import BackgroundDownload

SESSIONS = 500
"""Visitors of whom Gradio keeps a copy of the page's settings, 30 KB each; every request to the API is one."""
SAVED_JS = """watch("value", () => element.querySelector("a")?.click());"""
CHOOSE_JS, STAGE_JS, SHRINK_JS, MAP_JS, HANDOVER_JS = (
    Path(__file__).with_name(f"{name}.js").read_text(encoding="utf-8")
    for name in ("choose", "stage", "shrink", "map", "handover")
)
MIDDLEWARE = (Headers, HealthCheck, Translating, LinkPreview, RunnableSnippets)
SYSTEM_FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica", "Arial", "sans-serif"]
FOOTER = "errors.use_via_api_or_mcp"
"""Gradio's key of the only text of its own on the page that it does not have in German."""
DIRECT: dict[str, Any] = {"queue": False, "api_visibility": "private"}
"""Options of every handler of the page: what takes long waits for its turn, not in Gradio's queue."""
HANDLER: dict[str, Any] = DIRECT | {"preprocess": False}
"""Options of every one that takes a photo (see GuardedBlocks)."""
LATEST: dict[str, Any] = {"show_progress": "minimal", "trigger_mode": "always_last"}
"""Further options of every handler of a choice: of several, the last counts."""
QUIET: dict[str, Any] = {"show_progress": "hidden"}
"""Further options of those that nobody waits for."""


def build_page(folder: Path, download: BackgroundDownload | None = None) -> gr.Blocks:
    """The page over the catalogue of a folder, which need not be there yet; a download's takes its place."""
    live = LiveSearcher(lambda: download.folder if download else folder)
    turns = Turns(count_cores())
    with GuardedBlocks(title=mark("name"), analytics_enabled=False) as page:
        page.health = Health(live, download)
        endpoints = Endpoints(live, Pictures(page.upload_file_set))
        add_title("title", "sentence")
        status = gr.HTML(elem_id="arrival", padding=False) if download else None
        trail = choosing_html("trail")
        with gr.Row(elem_id="desk"):
            with gr.Column(scale=2, min_width=280):
                photo = photo_input()
                stage = choosing_html("stage", script=CHOOSE_JS + STAGE_JS + SHRINK_JS)
            with gr.Column(scale=5, min_width=280):
                with gr.Row(elem_id="above"):
                    gr.HTML(f"<h2>{mark('most_similar')}</h2>", padding=False)
                    wanted = gr.Checkbox(label=mark("show_alike"), elem_id="wanted", container=False)
                words = gr.HTML(elem_id="proof", padding=False)
                filters = choosing_html("filters")
                matches = choosing_html("matches", value=EMPTY)
                handover = gr.HTML(js_on_load=HANDOVER_JS, elem_id="handover", padding=False)
                saved = gr.HTML(js_on_load=SAVED_JS, elem_id="saved", padding=False)
        others = choosing_html("others")
        visit = gr.State(Visit())
        shown = [photo, trail, stage, filters, matches, words, others, handover, visit]
        examples = choosing_html("examples", value=draw_examples(endpoints.examples.show(), mark))
        examples.keep_in_cache = endpoints.pictures.kept
        gr.HTML(f"<p>{mark('promise', count=sum(SWEEP) // 60)}</p>", elem_id="promise", padding=False)
        brought = photo.input(turns.take(endpoints.answer), [photo, wanted], shown, **LATEST, **HANDLER)
        choices = [one.select for one in (trail, stage, filters, matches, others, examples)]
        chosen = gr.on(choices, turns.take(endpoints.choose), [wanted, visit], shown, **LATEST, **HANDLER)
        saver = Saver(live, endpoints.pictures)
        handover.select(turns.take(saver.save), [visit], [saved, words], **LATEST, **HANDLER)
        wanted.input(turns.take(endpoints.toggle_evidence), [wanted, visit], [matches], **LATEST, **HANDLER)
        token = gr.Textbox(visible=False)
        ask = f"(wanted) => [wanted, {READ_JS}]"
        resumed = page.load(turns.take(endpoints.resume), [wanted, token], shown, js=ask, **QUIET, **HANDLER)
        page.load(endpoints.offer, None, [examples], **QUIET, **DIRECT)
        read = f"() => [null, {READ_JS}]"
        for answered in (brought, chosen, resumed):
            kept = answered.then(endpoints.visits.keep, [visit, token], [token], js=read, **QUIET, **HANDLER)
            kept.then(None, [token], None, js=WRITE_JS, **QUIET)
        if download and status:
            follow_download(download, page, endpoints, photo, [status, words, examples])
        add_endpoints(Api(live, endpoints.pictures), turns)
        if offered := endpoints.examples.offered():
            first = next(iter(offered.values()))
            page.example = f"{PAGE}{endpoints.pictures.offer_photo(first.path)}"
    browser = Browser(live, endpoints.pictures)
    add_catalogue(page, browser, turns)
    add_explanation(page, Explainer(endpoints), turns)

    def warm_up() -> None:
        live.warm_up()
        browser.warm_up()

    Thread(target=warm_up, daemon=True).start()
    return page


def add_title(title: str, lead: str) -> None:
    """The head of a page. title, lead: keys of its texts."""
    Navbar(main_page_name=mark("search_page"))
    gr.HTML(f"<h1>{mark(title)}</h1><p>{mark(lead)}</p>", elem_id="title", padding=False)


def add_catalogue(page: gr.Blocks, browser: Browser, turns: Turns) -> None:
    """A second page, with all garments of the catalogue. Each leads to the first page, which searches for it."""

    def show(key: object) -> str:
        return browser.show(key)

    with page.route(mark("catalogue_page"), "catalogue"):
        add_title("catalogue_title", "catalogue_lead")
        shelf = choosing_html("shelf", script=CHOOSE_JS + MAP_JS, functions=[show])
        page.load(turns.take(browser.open), None, [shelf], **QUIET, **DIRECT)
        shelf.select(turns.take(browser.turn), None, [shelf], **LATEST, **DIRECT)


def add_explanation(page: gr.Blocks, explainer: Explainer, turns: Turns) -> None:
    """A third page: how the last answer of this tab came about, step by step."""
    with page.route(mark("how_page"), "how"):
        add_title("how_page", "how_lead")
        token, steps = gr.Textbox(visible=False), gr.HTML(elem_id="how", padding=False)
        page.load(turns.take(explainer.open), [token], [steps], js=f"() => [{READ_JS}]", **QUIET, **HANDLER)


def photo_input() -> gr.Image:
    """Where a photo is dropped, chosen, pasted, or taken by the webcam."""
    return gr.Image(
        label=mark("your_photo"),
        show_label=False,
        type="filepath",
        image_mode=None,
        sources=["upload", "webcam", "clipboard"],
        placeholder=mark("invitation"),
        height=420,
        elem_id="photo",
        # The camera that looks away from its holder, and what it sees not mirrored.
        webcam_options=gr.WebcamOptions(mirror=False, constraints={"video": {"facingMode": "environment"}}),
    )


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


def follow_download(
    download: BackgroundDownload, page: gr.Blocks, endpoints: Endpoints, photo: gr.Image, told: list[gr.HTML]
) -> None:
    """Show how a download goes, as long as it goes on. At its end greet anew who sees no answer to a photo, and offer
    its examples.

    told: where its status, the greeting and the examples stand.
    """
    timer = gr.Timer(2)

    def show_progress(upload: Upload, request: gr.Request) -> tuple[str, Any, Any, gr.Timer]:
        text, final = download.status
        words = greeting(endpoints.live, texts_for(request)) if final and upload is None else gr.skip()
        offered = endpoints.offer(request) if final else gr.skip()
        return f"<p>{escape(text)}</p>", words, offered, gr.Timer(active=not final)

    gr.on(
        [page.load, timer.tick],
        show_progress,
        [photo],
        [*told, timer],
        **QUIET,
        **HANDLER,
    )


def launch_options() -> dict[str, Any]:
    """Theme, CSS and limits. No folder is served but Gradio's own, where uploads and copies of thumbnails are."""
    return {
        "theme": gr.themes.Soft(
            primary_hue="teal", neutral_hue="stone", font=SYSTEM_FONTS, font_mono=["ui-monospace", "monospace"]
        ),
        "css_paths": [Path(__file__).with_name(name) for name in ("page.css", "how.css")],
        "max_file_size": "100mb",
        "state_session_capacity": SESSIONS,
        "favicon_path": Path(__file__).with_name("icon.svg"),
        "app_kwargs": {"middleware": [Middleware(one) for one in MIDDLEWARE]},
        "footer_links": ["api"],
        "i18n": gr.I18n(**{one: {FOOTER: load_texts(one)("use_via_api")} for one in LANGUAGES}),
        "mcp_server": find_spec("mcp") is not None,
        # Gradio would keep visitors' photos in their browsers, and figures of their visits under /monitoring.
        "run_history": False,
        "enable_monitoring": False,
        "ssr_mode": False,
    }

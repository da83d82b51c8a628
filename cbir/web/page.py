"""The layout of the page: a photo in by drop, upload, webcam or clipboard; three similar garments and the proof out.

Torch is not imported here: the page comes up first, and the network while somebody looks for a photo.
"""

from __future__ import annotations

from html import escape
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import gradio as gr
from starlette.middleware import Middleware

from cbir.collection.address import Address
from cbir.system.process import count_cores
from cbir.web.answers import greeting
from cbir.web.api import Api, Upload, add_endpoints
from cbir.web.browse import Browser
from cbir.web.cards import EMPTY
from cbir.web.endpoints import Endpoints
from cbir.web.examples import draw_examples
from cbir.web.explain import Explainer
from cbir.web.gate import Gate
from cbir.web.headers import Headers
from cbir.web.health import Health, HealthCheck
from cbir.web.parts import CHOOSE_JS, DIRECT, HANDLER, LATEST, QUIET, add_title, choosing_html, read_script, saving_html
from cbir.web.pictures import Pictures
from cbir.web.preview import LinkPreview
from cbir.web.reloading import LiveSearcher
from cbir.web.saving import Saver
from cbir.web.snippets import PAGE, RunnableSnippets
from cbir.web.sources import Sources
from cbir.web.tab import VISIT, WARDROBE, read_js, write_js
from cbir.web.texts import LANGUAGES, load_texts, mark, texts_for
from cbir.web.trail import Visit
from cbir.web.translating import Translating
from cbir.web.turns import Turns
from cbir.web.uploads import SWEEP, GuardedBlocks
from cbir.web.wardrobes.desk import Desk
from cbir.web.wardrobes.indexer import Indexer
from cbir.web.wardrobes.page import add_wardrobe
from cbir.web.wardrobes.store import KeptWardrobe, Wardrobes

if TYPE_CHECKING:
    from cbir.web.background import BackgroundDownload

SESSIONS = 500
"""Visitors of whom Gradio keeps a copy of the page's settings, 30 KB each; every request to the API is one."""
CAMERA_JS, STAGE_JS, SHRINK_JS, MAP_JS, HANDOVER_JS = map(read_script, ("camera", "stage", "shrink", "map", "handover"))
MIDDLEWARE = (Headers, Gate, HealthCheck, Translating, LinkPreview, RunnableSnippets)
SYSTEM_FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica", "Arial", "sans-serif"]
OWN_TEXTS = {"errors.use_via_api_or_mcp": "use_via_api", "upload_text.drop_file": "bring"}
"""Texts of Gradio's, by its keys, for which the page has others: it has no German one, or speaks of any file."""


def build_page(
    place: Path | Address, download: BackgroundDownload | None = None, *, edit: bool = False
) -> GuardedBlocks:
    """The page over the catalogue of a folder or an address, which need not be there yet; a download's takes its place.

    edit: whoever can reach the page can change the catalogue, for good, in place of wardrobes of visitors' own.
    """
    live = LiveSearcher(lambda: download.folder if download else place)
    turns = Turns(count_cores())
    wardrobes = KeptWardrobe(place) if edit and isinstance(place, Path) else Wardrobes()
    sources = Sources(live, wardrobes if isinstance(wardrobes, Wardrobes) else None)
    with GuardedBlocks(title=mark("name"), analytics_enabled=False) as page:
        page.health = Health(live, download)
        endpoints = Endpoints(sources, Pictures(page.made))
        page.closing.append(wardrobes.close)
        add_title("title", "sentence")
        status = gr.HTML(elem_id="arrival", padding=False) if download else None
        trail = choosing_html("trail")
        with gr.Row(elem_id="desk"):
            with gr.Column(scale=2, min_width=280):
                photo = photo_input()
                no_camera = f"<p role='alert' hidden>{mark('no_camera')}</p>"
                gr.HTML(no_camera, js_on_load=CAMERA_JS, elem_id="camera", padding=False)
                stage = choosing_html("stage", script=CHOOSE_JS + STAGE_JS + SHRINK_JS)
            with gr.Column(scale=5, min_width=280):
                with gr.Row(elem_id="above"):
                    gr.HTML(f"<h2>{mark('most_similar')}</h2>", padding=False)
                    wanted = gr.Checkbox(label=mark("show_alike"), elem_id="wanted", container=False)
                words = gr.HTML(elem_id="proof", padding=False)
                scopes = choosing_html("scopes")
                filters = choosing_html("filters")
                matches = choosing_html("matches", value=EMPTY)
                handover = gr.HTML(js_on_load=HANDOVER_JS, elem_id="handover", padding=False)
                saved = saving_html()
        others = choosing_html("others")
        visit = gr.State(Visit())
        shown = [photo, trail, stage, scopes, filters, matches, words, others, handover, visit]
        examples = choosing_html("examples", value=draw_examples(endpoints.examples.show(), mark))
        examples.keep_in_cache = endpoints.pictures.kept
        gr.HTML(f"<p>{mark('promise', count=sum(SWEEP) // 60)}</p>", elem_id="promise", padding=False)
        brought = photo.input(turns.take(endpoints.answer), [photo, wanted, visit], shown, **LATEST, **HANDLER)
        choices = [one.select for one in (trail, stage, scopes, filters, matches, others, examples)]
        chosen = gr.on(choices, turns.take(endpoints.choose), [wanted, visit], shown, **LATEST, **HANDLER)
        saver = Saver(sources, endpoints.pictures)
        handover.select(turns.take(saver.save), [visit], [saved, words], **LATEST, **HANDLER)
        wanted.input(turns.take(endpoints.toggle_evidence), [wanted, visit], [matches], **LATEST, **HANDLER)
        token, own = gr.Textbox(visible=False), gr.Textbox(visible=False)
        ask = f"(wanted) => [wanted, {read_js(VISIT)}, {read_js(WARDROBE)}]"
        resumed = page.load(turns.take(endpoints.resume), [wanted, token, own], shown, js=ask, **QUIET, **HANDLER)
        page.load(endpoints.offer, None, [examples], **QUIET, **DIRECT)
        read = f"() => [null, {read_js(VISIT)}]"
        for answered in (brought, chosen, resumed):
            kept = answered.then(endpoints.visits.keep, [visit, token], [token], js=read, **QUIET, **HANDLER)
            kept.then(None, [token], None, js=write_js(VISIT), **QUIET)
        if download and status:
            follow_download(download, page, endpoints, photo, [status, words, examples])
        add_endpoints(Api(live, endpoints.pictures), turns)
        if offered := endpoints.examples.offered():
            first = next(iter(offered.values()))
            page.example = f"{PAGE}{endpoints.pictures.offer_photo(first.path)}"
    browser = Browser(live, endpoints.pictures)
    add_catalogue(page, browser, turns)
    indexer = Indexer(lambda: live.get().extractor, page.vetter.check)
    add_wardrobe(page, Desk(wardrobes, indexer, live, endpoints.pictures), turns, kept=edit)
    add_explanation(page, Explainer(endpoints), turns)

    def warm_up() -> None:
        live.warm_up()
        browser.warm_up()

    Thread(target=warm_up, daemon=True).start()
    return page


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
        page.load(turns.take(explainer.open), [token], [steps], js=f"() => [{read_js(VISIT)}]", **QUIET, **HANDLER)


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
        "i18n": gr.I18n(**{one: {key: load_texts(one)(own) for key, own in OWN_TEXTS.items()} for one in LANGUAGES}),
        "mcp_server": find_spec("mcp") is not None,
        # Gradio would keep visitors' photos in their browsers, and figures of their visits under /monitoring.
        "run_history": False,
        "enable_monitoring": False,
        "ssr_mode": False,
    }

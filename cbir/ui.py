"""The page: a photo in by drop, upload, webcam or clipboard; the three most similar garments and the proof out.

Torch is not imported here: the page comes up first, and the network while somebody looks for a photo.
"""

from __future__ import annotations

from collections import Counter
from html import escape
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import gradio as gr

from cbir.errors import CbirError, PhotoError
from cbir.images import DECODE_SIDE, load_image
from cbir.live import LiveSearcher
from cbir.uploads import GuardedBlocks

if TYPE_CHECKING:
    from cbir.arrival import Arrival
    from cbir.search import Match, Searcher, SearchResult

Upload = dict[str, Any] | None
"""An image input as handlers get it: Gradio's FileData, of which only the path counts, checked by GuardedBlocks."""

MATCHES = 3
EXAMPLES = 6
SHOWN_BY_BROWSERS = frozenset((".avif", ".bmp", ".gif", ".jfif", ".jpeg", ".jpg", ".png", ".webp"))
TITLE = (
    "<h1>Find clothes that look like this</h1>"
    "<p>A photo in, the three most similar garments out, and proof that no closer one was missed.</p>"
)
INVITATION = "Drop a photo of a garment here\nor click to choose one"
SYSTEM_FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica", "Arial", "sans-serif"]


def build_page(folder: Path, arrival: Arrival | None = None) -> gr.Blocks:
    """The page over the catalogue of a folder, which need not be there yet; an arrival's takes its place."""
    live = LiveSearcher(lambda: arrival.folder if arrival else folder)

    def answer(upload: Upload, wanted: bool) -> tuple[Any, list[tuple[str, str]], str, gr.Gallery]:
        if upload is None:
            return None, [], greeting(live), gr.Gallery([], visible=False)
        photo = upload["path"]
        try:
            searcher = live.get()
            result = searcher.search(photo, MATCHES)
        except CbirError as error:
            kept = None if isinstance(error, PhotoError) else photo
            return kept, [], notice(reword(error, photo)), gr.Gallery([], visible=False)
        shown = photo if Path(photo).suffix.lower() in SHOWN_BY_BROWSERS else load_image(photo, short_side=800)
        found = [(str(match.thumb), caption(match)) for match in result.matches]
        return shown, found, proof(result), show_evidence(searcher, photo, result.matches, wanted)

    def look_closer(upload: Upload, wanted: bool) -> gr.Gallery:
        return answer(upload, wanted)[3] if wanted else gr.Gallery([], visible=False)

    def answer_plainly(upload: Upload) -> dict[str, Any]:
        """The three most similar photos of the catalogue, their Euclidean distances, and what was proven."""
        if upload is None:
            raise gr.Error("No photo came along; send one.")
        try:
            return live.get().search(upload["path"], MATCHES).as_json()
        except CbirError as error:
            raise gr.Error(reword(error, upload["path"])) from error

    with GuardedBlocks(title="Visual search for clothes", analytics_enabled=False) as page:
        gr.HTML(TITLE, elem_id="title", padding=False)
        news = gr.HTML(elem_id="arrival", padding=False) if arrival else None
        with gr.Row(elem_id="desk"):
            with gr.Column(scale=2, min_width=280):
                photo = gr.Image(
                    label="Your photo",
                    show_label=False,
                    type="filepath",
                    image_mode=None,
                    sources=["upload", "webcam", "clipboard"],
                    placeholder=INVITATION,
                    height=420,
                    elem_id="photo",
                )
            with gr.Column(scale=5, min_width=280):
                gallery = cards("matches", "Most similar")
                words = gr.HTML(elem_id="proof", padding=False)
                wanted = gr.Checkbox(label="Show where they look alike", elem_id="wanted", container=False)
        evidence = cards("evidence", "Where they look alike", visible=False)
        shown = [photo, gallery, words, evidence]
        if examples := choose_examples(live):
            offered = gr.Examples(
                examples,
                inputs=[photo],
                examples_per_page=len(examples),
                label="Or try one of these",
                elem_id="examples",
            )
            offered.load_input_event.then(answer, [photo, wanted], shown, preprocess=False, api_visibility="private")
        photo.input(
            answer,
            [photo, wanted],
            shown,
            preprocess=False,
            api_visibility="private",
            show_progress="minimal",
            trigger_mode="always_last",
        )
        wanted.input(
            look_closer,
            [photo, wanted],
            [evidence],
            preprocess=False,
            api_visibility="private",
            show_progress="minimal",
            trigger_mode="always_last",
        )
        page.load(lambda: greeting(live), None, [words], api_visibility="private", show_progress="hidden")
        if arrival and news:
            follow(arrival, page, live, photo, news, words)
        endpoint = gr.Button(visible=False)
        endpoint.click(answer_plainly, [photo], [gr.JSON(visible=False)], preprocess=False, api_name="search")
    Thread(target=live.warm_up, daemon=True).start()
    return page


def cards(name: str, label: str, *, visible: bool = True) -> gr.Gallery:
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


def follow(
    arrival: Arrival, page: gr.Blocks, live: LiveSearcher, photo: gr.Image, news: gr.HTML, words: gr.HTML
) -> None:
    """Show how an arrival goes, as long as it goes on, and at its end greet anew who sees no answer to a photo."""
    timer = gr.Timer(2)

    def tell(photo: Upload) -> tuple[str, Any, gr.Timer]:
        text, final = arrival.news
        greets = final and photo is None
        return f"<p>{escape(text)}</p>", greeting(live) if greets else gr.skip(), gr.Timer(active=not final)

    gr.on(
        [page.load, timer.tick],
        tell,
        [photo],
        [news, words, timer],
        preprocess=False,
        api_visibility="private",
        show_progress="hidden",
    )


def launch_options(folder: Path, arrival: Arrival | None = None) -> dict[str, Any]:
    """What the page needs when it is launched: looks, and leave to show the thumbnails of its catalogues."""
    folders = [folder, arrival.catalogue] if arrival else [folder]
    return {
        "theme": gr.themes.Soft(
            primary_hue="teal", neutral_hue="stone", font=SYSTEM_FONTS, font_mono=["ui-monospace", "monospace"]
        ),
        "css_paths": [Path(__file__).with_name("ui.css")],
        "allowed_paths": [str(one.resolve() / name) for one in folders for name in ("thumbs", "examples")],
        "max_file_size": "100mb",
        "footer_links": ["api"],
        "ssr_mode": False,
    }


def caption(match: Match) -> str:
    """Rank, garment, its description where there is one, and distance, for below a match."""
    name = match.label or Path(match.photo).stem
    # A long name is a number such as 4285fab0-751a-4b74-8e9b-43af05deee22, and tells a person nothing.
    lines = [f"{match.rank}. {name if match.label or len(name) < 30 else 'photo'}", match.description]
    return "\n".join([*filter(None, lines), f"distance {match.distance:.3f}"])


def show_evidence(searcher: Searcher, photo: str, matches: list[Match], wanted: bool) -> gr.Gallery:
    """Photo and match side by side for each match, with heat where they look alike; hidden if not wanted."""
    if not wanted or not matches:
        return gr.Gallery([], visible=False)
    from cbir.evidence import draw_pair, explain

    query = load_image(photo, short_side=DECODE_SIDE)
    evidence = explain(searcher.extractor, query, [match.thumb for match in matches])
    pairs = [
        (draw_pair(query, match.thumb, split), f"Your photo and {match.rank}: bright places are alike")
        for match, split in zip(matches, evidence)
    ]
    return gr.Gallery(pairs, visible=True)


def proof(result: SearchResult) -> str:
    """One line: what was proven over how many photos, and how long each part took."""
    times = result.timings_ms
    mark = "<span class='proven'>✓</span> " if result.exact else ""
    line = f"{mark}{escape(result.proof)}"
    if not result.graph_agreed:
        line += " The graph search alone would have missed one."
    if result.query_in_catalogue:
        line += " <b>The first is your photo itself: it is in the catalogue.</b>"
    took = f"Decoding {times.decoding:.0f} ms, features {times.features:.0f} ms, search {times.search:.1f} ms."
    return f"<p role='status'>{line} <span class='times'>{took}</span></p>"


def notice(text: str) -> str:
    """A message in place of an answer."""
    return f"<p role='alert' class='notice'>{escape(text)}</p>"


def greeting(live: LiveSearcher) -> str:
    """What stands below the empty gallery."""
    try:
        count = len(live.catalogue().records)
    except CbirError as error:
        return notice(reword(error))
    return f"<p role='status'>{count:,} photos are ready. Drop one in to see the three most similar.</p>"


def reword(error: CbirError, photo: str = "") -> str:
    """A message for the page, which calls an upload by its name and not by its path on the server."""
    text = str(error)
    return text.replace(photo, Path(photo).name) if photo else text


def choose_examples(live: LiveSearcher) -> list[str]:
    """Pictures to click on: the catalogue's examples, or else the first photo of each of its commonest labels."""
    try:
        catalogue = live.catalogue()
    except CbirError:
        return []
    if catalogue.examples:
        return [str(path) for path in catalogue.examples]
    first: dict[str | None, int] = {}
    for number, record in enumerate(catalogue.records):
        first.setdefault(record.label, number)
    common = Counter(record.label for record in catalogue.records).most_common(EXAMPLES)
    return [str(catalogue.thumb(first[label])) for label, _ in common]

"""The layout of the page on which a wardrobe is filled and changed."""

from __future__ import annotations

from typing import Any

import gradio as gr

from cbir.web.parts import CHOOSE_JS, HANDLER, QUIET, add_title, choosing_html, read_script, saving_html
from cbir.web.tab import WARDROBE, read_js, write_js
from cbir.web.texts import mark
from cbir.web.turns import Turns
from cbir.web.wardrobes.desk import LATER, Desk, Place
from cbir.web.wardrobes.store import VISITOR

ROUTE = "wardrobe"
EVERY: dict[str, Any] = QUIET | {"trigger_mode": "multiple"}
"""Further options of what is not to be lost if something else is asked for before it is done."""


def add_wardrobe(page: gr.Blocks, desk: Desk, turns: Turns, *, kept: bool) -> None:
    """A page for the wardrobe of a tab; or for the page's own catalogue, if that is kept."""
    with page.route(mark("edit_page" if kept else "wardrobe_page"), ROUTE):
        if kept:
            add_title("edit_title", "edit_lead")
        else:
            add_title("wardrobe_title", "wardrobe_lead")
        with gr.Row(elem_id="desk"):
            with gr.Column(scale=2, min_width=280):
                files = gr.File(
                    label=mark("bring"), file_count="multiple", show_label=False, height=200, elem_id="bring"
                )
                garments = gr.Checkbox(True, label=mark("find_garments"), elem_id="garments", container=False)
                most = VISITOR.photos or 0
                limits = mark("edit_limits") if kept else mark("wardrobe_limits", count=most)
                gr.HTML(f"<p>{limits}</p>", elem_id="limits", padding=False)
                told = gr.HTML(elem_id="told", padding=False)
            with gr.Column(scale=5, min_width=280):
                script = CHOOSE_JS + read_script("kinds")
                shelf = choosing_html("closet", script=script)
                saved = saving_html()
        choosing_html("sender", script=read_script("shrink"))
        token, seen, timer = gr.Textbox(visible=False), gr.State(Place()), gr.Timer(LATER)
        shown = [told, shelf, seen, timer, garments]
        opened = f"(_) => [{read_js(WARDROBE)}]"
        page.load(desk.open, [token], shown, js=opened, **QUIET, **HANDLER)
        page.load(None, [token], [token], js=opened, **QUIET)
        timer.tick(desk.follow, [token, seen], shown, **QUIET, **HANDLER)
        brought = files.upload(
            turns.take(desk.bring), [files, garments, token, seen], [files, token, *shown], **EVERY, **HANDLER
        )
        chosen = shelf.select(turns.take(desk.choose), [token, seen], [token, saved, *shown], **EVERY, **HANDLER)
        for done in (brought, chosen):
            done.then(None, [token], None, js=write_js(WARDROBE), **QUIET)

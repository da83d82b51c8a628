"""What can be taken along of an answer: a link that brings it back, and files. Nothing of Gradio."""

from __future__ import annotations

from html import escape
from time import time_ns

from cbir.web.texts import Texts

FORMS = {"Picture": ".png", "JSON": ".json", "CSV": ".csv"}
"""Suffixes of the files that are offered, by what the page sends to ask for one."""


def draw_handover(link: str, say: Texts) -> str:
    """HTML of the row below the matches. link: the parameters of the answer's address; "" if there is none."""
    copied, field = (escape(say(key), quote=True) for key in ("copied", "link"))
    copy = (
        f"<button type='button' data-copied='{copied}' data-field='{field}'>{say('copy_link')}</button>" if link else ""
    )
    saves = "".join(_draw_save(form, say("picture") if form == "Picture" else form, say) for form in FORMS)
    address, name = escape(link, quote=True), escape(say("keep"), quote=True)
    return (
        f"<div class='handover' role='group' aria-label='{name}' data-link='{address}'>{copy * bool(link)}{saves}</div>"
    )


def draw_saved(where: str, name: str) -> str:
    """HTML of a link that the page follows, to save a file. where: the file's address. name: what it is saved as."""
    # The time makes the same file, asked for again, another value: the page sees that it came.
    return f"<a href='{escape(where, quote=True)}' download='{escape(name, quote=True)}' data-time='{time_ns()}'></a>"


def _draw_save(form: str, shown: str, say: Texts) -> str:
    name = escape(say("save_as", form=shown), quote=True)
    return f"<button type='button' data-save='{form}' aria-label='{name}'>{shown}</button>"

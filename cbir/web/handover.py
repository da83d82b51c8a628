"""What can be taken along of an answer: a link that brings it back, and files. Nothing of Gradio."""

from __future__ import annotations

from html import escape

FORMS = {"Picture": ".png", "JSON": ".json", "CSV": ".csv"}
"""Suffixes of the files that are offered, by what they are called."""


def draw_handover(link: str) -> str:
    """HTML of the row below the matches. link: the parameters of the answer's address; "" if there is none."""
    copy = "<button type='button' data-copy>Copy link</button>" if link else ""
    saves = "".join(
        f"<button type='button' data-save='{form}' aria-label='Save as {form}'>{form}</button>" for form in FORMS
    )
    address = escape(link, quote=True)
    return f"<div class='handover' role='group' aria-label='Keep this' data-link='{address}'>{copy}{saves}</div>"

"""What a browser tells when something of the page is chosen (choose.js)."""

from __future__ import annotations

import gradio as gr


def read_choice(event: gr.EventData) -> object:
    """What was chosen, which may be anything; None if nothing was said of it."""
    sent: object = event._data
    return sent.get("choice") if isinstance(sent, dict) else None

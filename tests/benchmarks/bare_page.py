"""A bare Gradio page, which shows the same three pictures whatever is brought.

python -m tests.benchmarks.bare_page; with `direct` behind it, the answer does not go through Gradio's queue.
"""

from __future__ import annotations

import sys

import gradio as gr
from PIL import Image


def main() -> None:
    """Serve it where GRADIO_SERVER_PORT says."""
    pictures = [Image.new("RGB", (200, 200), colour) for colour in ("teal", "khaki", "salmon")]
    with gr.Blocks(analytics_enabled=False) as page:
        photo = gr.Image(type="filepath")
        matches = gr.Gallery()
        photo.input(lambda _: pictures, photo, matches, queue="direct" not in sys.argv)
    page.launch(quiet=True)


if __name__ == "__main__":
    main()

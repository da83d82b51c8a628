"""The port of the page, as the environment asks for it."""

from __future__ import annotations

import os

VARIABLE = "GRADIO_SERVER_PORT"
PORT = 7860
"""Without the variable."""
LARGEST = 2**16 - 1


def asked_port() -> int | None:
    """The port that the variable names, or PORT without it; None if what it names is no port."""
    asked = os.environ.get(VARIABLE, str(PORT))
    return int(asked) if asked.isdecimal() and 0 < int(asked) <= LARGEST else None

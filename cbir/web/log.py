"""The log of the page, on its error output: a line for each answer, of which nothing tells who asked for what."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cbir.results import SearchResult

LOG = logging.getLogger("cbir.web")


def start_log() -> None:
    """Write lines to standard error from now on, each with its time (UTC)."""
    line = logging.Formatter("time=%(asctime)s %(message)s", "%Y-%m-%dT%H:%M:%SZ")
    line.converter = time.gmtime
    handler = logging.StreamHandler()
    handler.setFormatter(line)
    LOG.addHandler(handler)
    LOG.setLevel(logging.INFO)
    LOG.propagate = False  # else each line is there twice as soon as a library logs anything by itself


def log_search(result: SearchResult) -> None:
    """A line for an answer: how long it took, how many matches it has, and over how many photos it is proven."""
    LOG.info(
        "event=search ms=%.1f k=%d exact=%s photos=%d",
        sum(result.timings_ms),
        len(result.matches),
        str(result.exact).lower(),
        result.subset_size,
    )


def log_odd(error: Exception) -> None:
    """A line for a request that no page of ours sends, and that Gradio failed at: the kind of the error."""
    LOG.warning("event=odd_request error=%s", type(error).__name__)

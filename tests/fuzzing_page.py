"""Damaged photos sent to the endpoint of a page that is up: each is answered or refused, and the page stays well."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from tests.support.encoded import corners, encoded
from tests.support.serving import Served
from tests.web.test_uploads import META, call_endpoint, upload

NO_REASON = re.compile(r"^data: null$", re.MULTILINE)
"""What Gradio tells of an error that nobody foresaw."""


class PageFound(NamedTuple):
    """What became of the files."""

    answered: int
    refused: int
    unhandled: list[str]
    """Of each other one: its number, its format, and what was wrong."""
    longest: float
    """Seconds, from the first byte sent to the last one that came."""
    memory: int
    """Most bytes that the page's process took; 0 if the system does not tell."""

    def __str__(self) -> str:
        return "\n".join(
            (
                f"{self.answered + self.refused + len(self.unhandled):,} cases, {self.answered:,} answers, "
                f"{self.refused:,} refusals",
                f"longest: {1000 * self.longest:,.0f} ms",
                f"most memory: {self.memory / 2**20:,.0f} MB",
                f"unhandled: {len(self.unhandled)}",
                *self.unhandled,
            )
        )


def fuzz_page(files: Iterable[tuple[str, bytes]], page: Served, *, seconds: float) -> PageFound:
    """Send each file, one after the other, so that none waits for its turn.

    files: format and content. seconds: that an answer may take. Unhandled is a status of 500, an error without a
    reason, a trace in the log, an answer that takes longer, and a page that is gone.
    """
    answered, refused, longest, unhandled = 0, 0, 0.0, list[str]()
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "photo"
        path.write_bytes(encoded(corners(), "PNG"))
        call_endpoint(page.address, {"path": upload(page.address, path)} | META)  # waits for the network
        for number, (kind, content) in enumerate(files):
            path.write_bytes(content)
            logged, began = page.errors.stat().st_size, time.monotonic()
            try:
                told = call_endpoint(page.address, {"path": upload(page.address, path)} | META)
            except OSError as failure:  # that urllib raises for a status of 500 as well
                told = f"no answer: {failure}"
            took = time.monotonic() - began
            longest = max(longest, took)
            trace = "Traceback" in page.errors.read_text(errors="replace")[logged:]
            complete, refusal = told.startswith("event: complete"), told.startswith("event: error")
            if not (complete or refusal) or NO_REASON.search(told) or trace or took > seconds:
                unhandled.append(f"{number}, {kind}: {'a trace; ' * trace}{took:.1f} s; {told[:100].strip()}")
            else:
                answered, refused = answered + complete, refused + refusal
    return PageFound(answered, refused, unhandled, longest, read_peak(page.process))


def read_peak(process: int) -> int:
    """Most bytes of memory that a process took so far; 0 if the system does not tell, or it is gone."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return 1024 * int(found[1]) if found else 0

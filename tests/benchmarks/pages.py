"""What the page costs, seen from outside: time until it is there and answers, and memory. Each run is a process."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

from gradio_client import Client, handle_file

from tests.benchmarks.timing import Row
from tests.support.serving import served

BARE = "import gradio, torch, torchvision"
START_AIM = 1 / 1.3


class Visit(NamedTuple):
    """One start of the page, by a visitor who waits for it and then asks once."""

    page: float
    """Seconds from the command to the page."""
    answer: float
    """Seconds from there to the answer to a first photo, the client's own start included."""
    memory: int
    """Bytes that the page took at most, photos asked for included."""


def compare_start(folder: Path, photos: list[Path], *, rounds: int = 5) -> tuple[list[Row], Visit]:
    """The page over a catalogue against the bare imports, in turns."""
    imports, visits = [], []
    for number in range(1 + rounds):
        bare, visit = _time_imports(), visit_page(folder, photos)
        if number:  # the first round fills the system's caches
            imports.append(bare)
            visits.append(visit)
    middle = Visit(
        median(visit.page for visit in visits),
        median(visit.answer for visit in visits),
        max(visit.memory for visit in visits),
    )
    return [Row("start, until the page is there", middle.page, BARE, median(imports), START_AIM)], middle


def visit_page(folder: Path, photos: list[Path]) -> Visit:
    """Start the page over a catalogue, wait for it, ask for each photo, and stop it."""
    start = time.perf_counter()
    with served(folder) as (address, _, process):
        there = time.perf_counter()
        client = Client(address, verbose=False)
        client.predict(handle_file(photos[0]), api_name="/search")
        answered = time.perf_counter()
        for photo in photos[1:]:
            client.predict(handle_file(photo), api_name="/search")
        return Visit(there - start, answered - there, peak_memory(process))


def import_memory() -> int:
    """Bytes that the bare imports take at most."""
    code = f"{BARE}; print(open('/proc/self/status').read())"
    status = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    return _peak(status)


def peak_memory(process: int | str) -> int:
    """Bytes that a process has had in memory at most, mapped files included (Linux)."""
    return _peak(Path(f"/proc/{process}/status").read_text())


def _peak(status: str) -> int:
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found, "no VmHWM; Linux is needed"
    return 1024 * int(found[1])


def _time_imports() -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", BARE], check=True)
    return time.perf_counter() - start

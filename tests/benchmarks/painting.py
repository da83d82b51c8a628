"""From the choice of a photo to three painted pictures, in a real Chromium: the page beside a bare Gradio page, and a
large photo over a slow line, sent as it is and sent small.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright

from cbir import Searcher
from tests.benchmarks.pipeline import enlarge
from tests.benchmarks.timing import Row, take_turns
from tests.support.browsing import CHROMIUM
from tests.support.serving import served

SETTLED = 2000
"""Milliseconds after which a page that is open has nothing more to do; its network never rests."""
OURS, BARE = "#matches .cards img", ".gallery-container img, .grid-container img"
AFAR = "a.shop.example"
"""A name of this machine by which the page takes it for another one, and sends photos small."""
UPLINK = 10e6 / 8
"""Bytes a second that a phone sends in a good place: 10 Mbit."""
WATCH = """(shown) => {
    window.painted = new Promise((done) => {
        let start = 0;
        window.addEventListener("change", () => { start = performance.now(); }, { capture: true, once: true });
        const look = () => {
            const pictures = [...document.querySelectorAll(shown)];
            const there = pictures.length >= 3 && pictures.every((one) => one.complete && one.naturalWidth);
            if (start && there) requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
            else requestAnimationFrame(look);
        };
        look();
    });
}"""
"""Seconds from the browser's own event to the frame after the third picture is there, without the test's own way."""


def compare_painting(folder: Path, photos: Sequence[Path], *, rounds: int = 12) -> list[Row]:
    """Medians, in turns; in the second and third row without the time of the search itself, garments found included."""
    bare = [sys.executable, "-m", "tests.benchmarks.bare_page"]
    with (
        served(folder) as ours,
        served(folder, command=bare) as queued,
        served(folder, command=[*bare, "direct"]) as direct,
        tempfile.TemporaryDirectory() as place,
        sync_playwright() as playwright,
    ):
        flags = ["--no-sandbox", f"--host-resolver-rules=MAP {AFAR} 127.0.0.1"]
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        large = Path(place) / "large.jpg"
        large.write_bytes(enlarge(photos[0], noise=4))
        afar = ours.address.replace("127.0.0.1", AFAR)
        ways = {
            "ours": (ours.address, OURS, None),
            "bare": (queued.address, BARE, None),
            "direct": (direct.address, BARE, None),
            "small": (afar, OURS, UPLINK),
            "whole": (ours.address, OURS, UPLINK),
        }
        times: dict[str, list[float]] = {way: [] for way in ways}
        for number in range(2 + rounds):
            for way, (address, shown, uplink) in ways.items():
                page = chromium.new_page()
                page.goto(address)
                photo = large if uplink else photos[number % len(photos)]
                seconds = _time_painting(page, shown, photo, uplink)
                page.close()
                if number >= 2:
                    times[way].append(seconds)
        chromium.close()
    searcher = Searcher.open(folder)
    search = take_turns({"search": lambda: searcher.look(photos[0])}, rounds)["search"]
    own, other, other_direct, small, whole = (median(some) for some in times.values())
    return [
        Row("from the photo to three painted matches", own, "a bare page with three fixed pictures", other),
        Row("the same without the search", own - search, "a bare page with three fixed pictures", other),
        Row("the same without the search", own - search, "the bare page without a queue", other_direct),
        Row("12 megapixels over 10 Mbit/s, sent small", small, "sent as they are", whole),
    ]


def _time_painting(page: Page, shown: str, photo: Path, uplink: float | None) -> float:
    page.locator("input[type=file]").first.wait_for(state="attached")
    page.wait_for_timeout(SETTLED)
    if uplink:
        line = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": uplink}
        page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", line)
    page.evaluate(WATCH, shown)
    page.locator("input[type=file]").first.set_input_files(photo)
    return float(page.evaluate("window.painted")) / 1000

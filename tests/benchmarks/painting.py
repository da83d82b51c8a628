"""From the choice of a photo to three painted pictures, in a real Chromium: the page beside a bare Gradio page."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright

from cbir import Searcher
from tests.benchmarks.timing import Row, take_turns
from tests.support.browsing import CHROMIUM
from tests.support.serving import served

SETTLED = 2000
"""Milliseconds after which a page that is open has nothing more to do; its network never rests."""
OURS, BARE = "#matches .cards img", ".gallery-container img, .grid-container img"
WATCH = """(shown) => {
    window.painted = new Promise((done) => {
        let start = 0;
        const input = document.querySelector("input[type=file]");
        input.addEventListener("change", () => { start = performance.now(); }, { capture: true, once: true });
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


def compare_painting(folder: Path, photos: Sequence[Path], *, rounds: int = 25) -> list[Row]:
    """Medians of both, in turns; in the second row without the time of the search itself, garments found included."""
    bare = [sys.executable, "-m", "tests.benchmarks.bare_page"]
    with served(folder) as ours, served(folder, command=bare) as theirs, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        pages = {ours.address: OURS, theirs.address: BARE}
        times: dict[str, list[float]] = {address: [] for address in pages}
        for number in range(2 + rounds):
            for address, shown in pages.items():
                page = chromium.new_page()
                page.goto(address)
                seconds = _time_painting(page, shown, photos[number % len(photos)])
                page.close()
                if number >= 2:
                    times[address].append(seconds)
        chromium.close()
    own, other = (median(times[one.address]) for one in (ours, theirs))
    searcher = Searcher.open(folder)
    search = take_turns({"search": lambda: searcher.look(photos[0])}, rounds)["search"]
    return [
        Row("from the photo to three painted matches", own, "a bare page with three fixed pictures", other),
        Row("the same without the search", own - search, "a bare page with three fixed pictures", other),
    ]


def _time_painting(page: Page, shown: str, photo: Path) -> float:
    page.locator("input[type=file]").first.wait_for(state="attached")
    page.wait_for_timeout(SETTLED)
    page.evaluate(WATCH, shown)
    page.locator("input[type=file]").first.set_input_files(photo)
    return float(page.evaluate("window.painted")) / 1000

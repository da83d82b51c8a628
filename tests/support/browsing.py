"""The page in a real Chromium."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from cbir.results import SearchResult

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_browser = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine (Debian: apt install chromium)"
)


def open_page(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("#proof p").wait_for()
    page.locator("#photo input[type=file]").wait_for(state="attached")


def captions(page: Page) -> list[str]:
    page.locator("#proof .proven").wait_for()
    cards = page.locator("#matches .caption")
    cards.nth(2).wait_for()
    return cards.all_inner_texts()


def wait_for_matches(page: Page, result: SearchResult) -> None:
    """Until the answer is on the page."""
    last = f"{result.matches[-1].distance:.3f}"
    page.locator("#matches .caption").nth(len(result.matches) - 1).get_by_text(last).wait_for()
    assert [text.split()[-1] for text in captions(page)] == [f"{match.distance:.3f}" for match in result.matches]

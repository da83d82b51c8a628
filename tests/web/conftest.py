"""Pages in browsers. A module of tests that wants another catalogue has a fixture `searched` of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.browsing import CHROMIUM, open_page
from tests.support.serving import served

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page


@pytest.fixture(scope="module")
def searched(catalogue: Path) -> Path:
    """The catalogue that the page is over."""
    return catalogue


@pytest.fixture(scope="module")
def address(searched: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    # The catalogue is neither in the page's working folder nor in its folder of temporary files, which Gradio serves.
    with served(searched, TMPDIR=str(tmp_path_factory.mktemp("temporary"))) as (address, *_):
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[BrowserContext]:
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    flags.append("--host-resolver-rules=MAP *.shop.example 127.0.0.1")  # a page that is not of this machine
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield chromium.new_context(permissions=["camera", "clipboard-read", "clipboard-write"])
        chromium.close()


@pytest.fixture
def page(browser: BrowserContext, address: str) -> Iterator[Page]:
    page = browser.new_page()
    open_page(page, address)
    yield page
    page.close()

"""A camera that is refused, or that is not there: the visitor reads what to do, and uploads a photo instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.browsing import CHROMIUM, captions, needs_browser, open_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = needs_browser
FAKE = "--use-fake-device-for-media-stream"
SENTENCE = "The camera cannot be used here. Allow it for this page in your browser, or upload a photo."
NO_DEVICES = "Object.defineProperty(navigator, 'mediaDevices', { value: undefined })"
"""As browsers have it for a page without https."""


@pytest.fixture(scope="module")
def launch() -> Iterator[Callable[..., Browser]]:
    """Starts browsers that ask nobody: without a permission they refuse a camera. Takes their flags."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, ExitStack() as browsers:

        def start(*flags: str) -> Browser:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", *flags])
            browsers.callback(browser.close)
            return browser

        yield start


def ask_for_camera(page: Page) -> None:
    page.get_by_label("Capture from camera").click()
    page.locator("#photo").get_by_text("Click to Access Webcam").click()


def check_uploading(page: Page, photos: Path) -> None:
    page.set_input_files("#photo input[type=file]", photos / "hat/001.jpg")
    assert len(captions(page)) == 3
    assert not page.locator("#camera").is_visible()


@pytest.mark.parametrize("flags", [[FAKE], []], ids=["refused", "absent"])
def test_the_visitor_is_told_and_uploads_a_photo(
    launch: Callable[..., Browser], flags: list[str], address: str, photos: Path
) -> None:
    page = launch(*flags).new_page()
    open_page(page, address)
    assert not page.locator("#camera").is_visible()
    ask_for_camera(page)
    page.get_by_role("alert").filter(has_text=SENTENCE).wait_for()
    page.get_by_label("Upload file").click(trial=True)
    check_uploading(page, photos)


def test_without_https_as_well(launch: Callable[..., Browser], address: str, photos: Path) -> None:
    page = launch().new_page(locale="de-DE")
    page.add_init_script(NO_DEVICES)
    open_page(page, address)
    page.locator("#photo button").nth(-2).click()
    page.locator("#photo [title='grant webcam access'] button").click()
    page.get_by_role("alert").filter(has_text="Ohne https geben Browser keiner Seite die Kamera.").wait_for()
    check_uploading(page, photos)


def test_a_camera_that_is_granted_later_takes_the_sentence_away(launch: Callable[..., Browser], address: str) -> None:
    context = launch(FAKE).new_context()
    page = context.new_page()
    open_page(page, address)
    ask_for_camera(page)
    page.get_by_role("alert").filter(has_text=SENTENCE).wait_for()
    context.grant_permissions(["camera"])
    page.locator("#photo").get_by_text("Click to Access Webcam").click()
    page.wait_for_function("document.querySelector('#photo video')?.videoWidth > 0")
    assert not page.locator("#camera").is_visible()

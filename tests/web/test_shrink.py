"""Photos that the browser makes smaller before it sends them, and those that it sends as they are."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from tests.support.browsing import captions, needs_browser, open_page
from tests.support.drawings import draw_garment

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Response

pytestmark = needs_browser
AFAR = "a.shop.example"
UPLOAD = re.compile(r"/upload(\?|$)")
ORIENTATION, RIGHT = 0x0112, 6


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photo of a phone, which was held upright: 12 megapixels, and where it was taken."""
    path = tmp_path_factory.mktemp("large") / "my dress.jpg"
    noise = np.random.default_rng(0).integers(0, 60, (3000, 4000, 3), np.uint8)
    noise[:1000] += 160  # the left third, as it is shown
    exif = Image.Exif()
    exif[ORIENTATION] = RIGHT
    exif.get_ifd(0x8825)[1] = "N"  # of the place's latitude
    Image.fromarray(noise).save(path, quality=85, exif=exif)
    return path


def send(page: Page, photo: Path) -> bytes:
    """What the server gets of a photo that is chosen."""
    with page.expect_response(UPLOAD) as answer:
        page.set_input_files("#photo input[type=file]", photo)
    return read_upload(answer.value, photo)


def read_upload(answer: Response, photo: Path) -> bytes:
    path = Path(answer.json()[0])
    assert path.name == photo.name
    return path.read_bytes()


@pytest.fixture
def open_at(browser: BrowserContext, address: str) -> Callable[[str], Page]:
    def open_one(host: str) -> Page:
        page = browser.new_page()
        open_page(page, address.replace("127.0.0.1", host))
        return page

    return open_one


def test_a_large_photo_is_sent_small(open_at: Callable[[str], Page], large: Path) -> None:
    page = open_at(AFAR)
    sent = send(page, large)
    assert len(sent) < large.stat().st_size / 3
    with Image.open(io.BytesIO(sent)) as image:
        assert image.format == "JPEG" and image.size == (1536, 2048)
        assert not image.getexif(), "neither the place nor an orientation"
        columns = np.asarray(image.convert("L"), np.float32).mean(0)
    assert columns[1100:].mean() > columns[:1000].mean() + 100, "as it is shown: what is above in the file is right"
    assert len(captions(page)) == 3
    page.close()


def test_on_the_own_machine_it_is_sent_as_it_is(open_at: Callable[[str], Page], large: Path) -> None:
    page = open_at("127.0.0.1")
    assert send(page, large) == large.read_bytes()
    assert len(captions(page)) == 3
    page.close()


@pytest.mark.parametrize("kind", ["long but light", "heavy but small", "torn", "no photo"])
def test_what_is_small_or_cannot_be_read_is_sent_as_it_is(
    open_at: Callable[[str], Page], large: Path, tmp_path: Path, kind: str
) -> None:
    photo = tmp_path / "other.jpg"
    if kind == "long but light":
        Image.new("RGB", (4000, 3000), "teal").save(photo)
    elif kind == "heavy but small":
        noise = np.random.default_rng(1).integers(0, 256, (1000, 1000, 3), np.uint8)
        Image.fromarray(noise).save(photo, quality=98)
    else:
        photo.write_bytes(large.read_bytes()[:3_000_000] if kind == "torn" else bytes(2_000_000))
    page = open_at(AFAR)
    assert send(page, photo) == photo.read_bytes()
    page.close()


def test_one_that_is_dropped_is_sent_small_as_well(open_at: Callable[[str], Page], large: Path) -> None:
    page = open_at(AFAR)
    page.evaluate("() => { document.body.insertAdjacentHTML('beforeend', '<input type=file id=carrier>'); }")
    page.set_input_files("#carrier", large)
    with page.expect_response(UPLOAD) as answer:
        page.evaluate(
            """() => {
                const dataTransfer = new DataTransfer();
                dataTransfer.items.add(document.querySelector("#carrier").files[0]);
                const target = document.querySelector("#photo button[aria-dropeffect]");
                const told = { dataTransfer, bubbles: true, cancelable: true };
                for (const name of ["dragenter", "dragover", "drop"]) target.dispatchEvent(new DragEvent(name, told));
            }"""
        )
    assert len(read_upload(answer.value, large)) < large.stat().st_size / 3
    assert len(captions(page)) == 3
    page.close()


def test_of_many_for_a_wardrobe_those_that_are_large_are_sent_small(
    browser: BrowserContext, address: str, large: Path, tmp_path: Path
) -> None:
    little = tmp_path / "my hat.jpg"
    draw_garment(5, "hat").save(little)
    page = browser.new_page()
    page.goto(f"{address.replace('127.0.0.1', AFAR)}/wardrobe")
    page.locator("#bring input[type=file]").wait_for(state="attached")
    with page.expect_request(UPLOAD) as request:
        page.set_input_files("#bring input[type=file]", [large, little])
    assert int(request.value.all_headers()["content-length"]) < large.stat().st_size / 3
    page.locator("#closet li").nth(1).wait_for(timeout=60_000)
    assert "prepares" not in (page.locator("#bring").get_attribute("class") or "")
    page.close()

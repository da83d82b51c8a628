"""What a person takes along of an answer, in a real Chromium: its link, and files."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from PIL import Image

from cbir import Searcher
from cbir.catalogue.build import index_photos
from cbir.network.extractor import FeatureExtractor
from tests.support.browsing import captions, needs_browser, wait_for_matches
from tests.support.described import fill_described
from tests.support.drawings import draw_garment
from tests.support.serving import served

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

pytestmark = [needs_browser, pytest.mark.usefixtures("any_axes")]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, extractor: FeatureExtractor) -> Path:
    place = tmp_path_factory.mktemp("described")
    photos = fill_described(place / "photos")
    (photos / "examples").mkdir()
    draw_garment(70, "dress").save(photos / "examples" / "a.png")
    index_photos(photos, place / "index", extractor)
    return place / "index"


@pytest.fixture(scope="module")
def searched(index: Path) -> Path:
    return index


@pytest.fixture
def query(tmp_path: Path) -> Path:
    draw_garment(55, "dress").save(tmp_path / "My dress.png")
    return tmp_path / "My dress.png"


def copy_link(page: Page) -> str:
    page.locator("#handover button", has_text="Copy link").click()
    page.locator("#handover button", has_text="Copied").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.url
    return str(link)


def test_a_copied_link_gives_the_same_answer_in_another_browser_and_after_a_restart(
    page: Page, browser: BrowserContext, index: Path, tmp_path: Path
) -> None:
    troubles: list[str] = []
    page.on("console", lambda told: troubles.append(told.text) if told.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    searcher, links = Searcher.open(index), {}
    assert page.locator("#handover button").count() == 0
    page.locator("#examples button").first.click()
    shown = captions(page)
    page.wait_for_url("**/?example=*")
    links[copy_link(page)] = shown
    page.locator("#matches .pick").first.click()
    page.wait_for_url("**/?photo=*")
    row = int(page.url.partition("photo=")[2].partition("-")[0])
    wait_for_matches(page, searcher.search_indexed(row))
    page.locator("#filters summary").click()
    page.locator("#filters select[name=colour]").select_option("blue")
    page.wait_for_url("**&where.colour=blue")
    page.locator("#matches .more").click()
    page.wait_for_url("**&where.colour=blue&k=12")
    expected = searcher.search_indexed(row, 12, where={"colour": "blue"})
    wait_for_matches(page, expected)
    assert len(expected.matches) > 3
    links[copy_link(page)] = captions(page)
    assert browser.browser is not None and troubles == []
    other = browser.browser.new_context()
    (tmp_path / "temporary").mkdir()
    with served(index, TMPDIR=str(tmp_path / "temporary")) as (restarted, *_):
        for link, answer in links.items():
            for opened in (link, f"{restarted}/?{urlsplit(link).query}"):
                second = other.new_page()
                second.goto(opened)
                second.locator("#matches .pick").nth(len(answer) - 1).wait_for()
                assert captions(second) == answer and second.url == opened
                second.close()
    other.close()


def test_an_upload_leaves_no_parameter_of_its_own(page: Page, address: str, query: Path) -> None:
    page.locator("#examples button").first.click()
    page.wait_for_url("**/?example=*")
    page.goto(f"{page.url}&__theme=light")
    captions(page)
    page.set_input_files("#photo input[type=file]", query)
    page.wait_for_url(f"{address}/?__theme=light")
    page.locator("#handover button", has_text="CSV").wait_for()
    assert page.locator("#handover button", has_text="Copy link").count() == 0
    page.get_by_label("Remove photo").click()
    page.locator("#handover button").first.wait_for(state="detached")


def test_one_click_saves_one_file_of_the_answer_that_is_shown(
    page: Page, index: Path, query: Path, tmp_path: Path
) -> None:
    page.set_input_files("#photo input[type=file]", query)
    captions(page)
    page.locator("#matches .more").click()
    page.locator("#matches .pick").nth(11).wait_for()
    expected = Searcher.open(index).search(query, 12).as_json()
    downloads: list[str] = []
    page.on("download", lambda download: downloads.append(download.suggested_filename))
    for name in ("JSON", "CSV", "CSV", "Picture"):
        with page.expect_download() as waiting:
            page.locator("#handover").get_by_role("button", name=name).click()
        waiting.value.save_as(tmp_path / waiting.value.suggested_filename)
    names = [f"similar-to-my-dress.{suffix}" for suffix in ("json", "csv", "csv", "png")]
    assert downloads == names
    told = json.loads((tmp_path / names[0]).read_bytes())
    assert {**told, "timings_ms": 0} == {**expected, "timings_ms": 0}
    with (tmp_path / names[1]).open(encoding="utf-8-sig", newline="") as file:
        assert [row["photo"] for row in csv.DictReader(file)] == [match["photo"] for match in expected["matches"]]
    with Image.open(tmp_path / names[3]) as picture:
        assert picture.format == "PNG" and picture.width > 2_000


def test_where_pages_may_not_copy_the_link_is_selected(page: Page) -> None:
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error()); }")
    page.locator("#examples button").first.click()
    page.wait_for_url("**/?example=*")
    page.locator("#handover button", has_text="Copy link").click()
    field = page.locator("#handover input")
    field.wait_for()
    selected = field.evaluate("(field) => field.value.slice(field.selectionStart, field.selectionEnd)")
    assert field.input_value() == page.url == selected


def test_a_link_to_what_is_gone_gets_a_word(page: Page, address: str) -> None:
    page.goto(f"{address}/?photo=1-0123456789abcdef&where.colour=violet")
    page.locator("#proof .notice", has_text="not in the catalogue").wait_for()
    assert page.locator("#handover button").count() == page.locator("#matches .pick").count() == 0

"""The page over a catalogue in Milvus: as over a folder, and up again by itself when the server is."""

from __future__ import annotations

import json
import shutil
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError

import pytest

from cbir.catalogue.catalogue import Catalogue
from cbir.collection.transfer import push_catalogue
from tests.support.browsing import captions, open_page
from tests.support.milvus import Server, needs_server, serving_milvus
from tests.support.serving import served

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.slow, needs_server]

RECOVERY = 240_000
"""Milliseconds in which a server that is started again can search."""


@pytest.fixture(scope="module")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving_milvus(tmp_path_factory.mktemp("milvus")) as server:
        yield server


@pytest.fixture(scope="module")
def address(catalogue: Path, milvus: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page over the collection that `catalogue` was pushed to."""
    place = tmp_path_factory.mktemp("files")
    push_catalogue(Catalogue.open(catalogue), milvus.address("clothes"), files=str(place), grace=0)
    with served(str(milvus.address("clothes")), TMPDIR=str(tmp_path_factory.mktemp("temporary"))) as (address, *_):
        yield address


def health(address: str) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(f"{address}/healthz") as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        return error.code, json.load(error)


def test_photos_are_searched_looked_through_and_filtered(page: Page, address: str, photos: Path) -> None:
    photo = next(photos.rglob("*.jpg"))
    page.set_input_files("#photo input[type=file]", photo)
    assert captions(page)[0].endswith("distance 0.000")
    assert "none of 24 " in page.locator("#proof").inner_text()
    sizes = page.locator("#matches img").evaluate_all("all => all.map(one => one.naturalWidth)")
    assert len(sizes) == 3 and all(sizes)
    page.goto(f"{address}/catalogue")
    page.locator("#shelf li").nth(23).wait_for()
    page.locator("#shelf .choices button").nth(2).click()
    page.locator("#shelf li").nth(6).wait_for(state="detached")
    page.locator("#shelf li a").first.click()
    captions(page)
    assert "none of the other 23 " in page.locator("#proof").inner_text()
    assert health(address)[0] == 200


def test_it_is_up_again_when_the_server_is(page: Page, address: str, milvus: Server, photos: Path) -> None:
    first, second, *_ = sorted(photos.rglob("*.jpg"))
    page.set_input_files("#photo input[type=file]", first)
    captions(page)
    milvus.kill()
    page.set_input_files("#photo input[type=file]", second)
    page.get_by_text("no Milvus answers there; start it").wait_for()
    status, told = health(address)
    assert status == 503 and "down" in told["reason"]
    milvus.start()
    page.wait_for_function("async () => (await fetch('/healthz')).status === 200", timeout=RECOVERY, polling=500)
    for _ in range(RECOVERY // 1000):  # it answers before it has loaded what it searches
        open_page(page, address)
        page.set_input_files("#photo input[type=file]", second)
        page.locator("#matches .caption, #proof .notice").first.wait_for()
        if page.locator("#matches .caption").count():
            break
        page.wait_for_timeout(1000)
    assert captions(page)[0].endswith("distance 0.000")


def test_a_new_state_is_searched_without_a_restart(
    page: Page, address: str, milvus: Server, catalogue: Path, tmp_path: Path
) -> None:
    from cbir.catalogue.edit import remove_photos

    smaller = tmp_path / "smaller"
    shutil.copytree(catalogue, smaller)
    remove_photos([Catalogue.open(smaller).records[0].photo], smaller)
    push_catalogue(Catalogue.open(smaller), milvus.address("clothes"), grace=0)
    page.goto(f"{address}/catalogue")
    page.get_by_role("button", name="All 23").wait_for()
    assert health(address)[1]["photos"] == 23

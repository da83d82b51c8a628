"""A wardrobe in a real Chromium: photos in by a drop and by a zip, searched, changed, taken along, and gone."""

from __future__ import annotations

import re
import shutil
import sys
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cbir import Searcher
from cbir.catalogue.catalogue import Catalogue
from cbir.system.versions import current_version
from tests.support.browsing import captions, needs_browser
from tests.support.drawings import draw_garment
from tests.support.serving import served
from tests.web.test_page import drop

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Locator, Page

pytestmark = needs_browser
EVIL = "../../evil.jpg"
SHORT_LIVED = """
import runpy, sys
import cbir.web.wardrobes.desk as desk
from cbir.web.wardrobes.store import Wardrobes
desk.LATER, Wardrobes.__init__.__kwdefaults__["seconds"] = 1, 3
sys.argv = ["app.py", "--index", {!r}]
runpy.run_path("app.py", run_name="__main__")
"""
"""A page whose wardrobes are gone after three seconds."""


@pytest.fixture(scope="module")
def own_photos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Photos of five garments that are not in the catalogue."""
    folder = tmp_path_factory.mktemp("own")
    paths = []
    for number, label in enumerate(("dress", "hat", "scarf", "shirt", "dress"), start=100):
        paths.append(folder / f"my {label} {number}.jpg")
        draw_garment(number, label).save(paths[-1])
    return paths


@pytest.fixture(scope="module")
def holiday(own_photos: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A zip with two photos, one of them twice, one that is none, and one whose name leads out."""
    path = tmp_path_factory.mktemp("zipped") / "holiday.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(own_photos[3], "holiday/shirts/shirt.jpg")
        archive.write(own_photos[4], "holiday/dresses/dress.jpg")
        archive.write(own_photos[4], "holiday/dresses/again.jpg")
        archive.writestr("holiday/dresses/broken.jpg", b"no photo")
        archive.writestr(EVIL, own_photos[0].read_bytes())
    return path


@pytest.fixture
def visitor(browser: BrowserContext, address: str) -> Iterator[Page]:
    page = browser.new_page()
    open_wardrobe(page, address)
    yield page
    page.close()


def open_wardrobe(page: Page, address: str) -> None:
    page.goto(f"{address}/wardrobe")
    page.locator("#bring input[type=file]").wait_for(state="attached")
    page.locator("#closet .nothing, #closet li").first.wait_for()


def fill(page: Page, *files: Path) -> Locator:
    """The garments, once as many as can be taken of these files are there and the work is done."""
    page.set_input_files("#bring input[type=file]", list(files))
    page.locator("#closet li").first.wait_for(timeout=60_000)
    page.locator("#told progress").wait_for(state="detached", timeout=60_000)
    return page.locator("#closet li")


def wait_for_none(page: Page, find: Callable[[], list[Path]]) -> bool:
    """Whether all is gone before long: what is worked on is deleted when that is done, as late as on a busy machine."""
    for _ in range(300):
        if not find():
            return True
        page.wait_for_timeout(200)
    return False


def kinds(page: Page) -> list[str]:
    return page.locator("#closet input").evaluate_all("all => all.map(one => one.value)")


def refusals(page: Page) -> dict[str, str]:
    texts = page.locator("#told .refused li").all_inner_texts()
    return {re.split(r"(?<=\.jpg) ", text)[0]: re.split(r"(?<=\.jpg) ", text)[1] for text in texts}


def test_photos_and_a_zip_are_searched_and_what_is_bad_is_told(
    visitor: Page, own_photos: list[Path], holiday: Path, address: str
) -> None:
    assert "appear here" in visitor.locator("#closet").inner_text()
    garments = fill(visitor, *own_photos[:3], holiday, own_photos[0])
    assert garments.count() == 5 and "5 " in visitor.locator("#closet h2").inner_text()
    assert kinds(visitor)[3:] == ["shirts", "dresses"] and all(kinds(visitor)), (
        "folders name kinds, or the network does"
    )
    told = refusals(visitor)
    assert "leads out" in told[EVIL] and "not a photo" in told["dresses/broken.jpg"]
    assert "the same file" in told["dresses/again.jpg"] and "the same file" in told[own_photos[0].name]
    assert len(told) == 4
    sizes = visitor.locator("#closet img").evaluate_all("all => all.map(one => one.naturalWidth)")
    assert all(size > 100 for size in sizes)
    visitor.locator("#closet .main").click()
    visitor.locator("#scopes button").nth(2).wait_for()
    assert re.sub(r"\s+", " ", visitor.locator("#scopes").inner_text()) == "Catalogue 24 Your wardrobe 5 Both 29"
    visitor.set_input_files("#photo input[type=file]", own_photos[1])
    captions(visitor)
    assert "none of 5 " in visitor.locator("#proof").inner_text()
    assert visitor.locator("#matches .caption").first.inner_text().endswith("distance 0.000")
    for scope, size in ((2, 29), (0, 24)):
        visitor.locator("#scopes button").nth(scope).click()
        visitor.get_by_text(f"none of {size} ").wait_for()
    assert not visitor.locator("#matches .caption").first.inner_text().endswith("distance 0.000")


def test_photos_are_dropped_one_after_the_other_and_none_is_lost(visitor: Page, own_photos: list[Path]) -> None:
    for photo in own_photos[:3]:
        drop(visitor, visitor.locator("#bring button").first, photo)
    visitor.locator("#closet li").nth(2).wait_for(timeout=60_000)
    visitor.locator("#told progress").wait_for(state="detached")
    names = visitor.locator("#closet .pick").evaluate_all("all => all.map(one => one.title)")
    assert sorted(names) == sorted(photo.stem for photo in own_photos[:3])
    for count in (2, 1):  # not waiting for what was taken out before
        visitor.locator("#closet .clear").first.click()
        visitor.locator("#closet li").nth(count).wait_for(state="detached")
    visitor.locator("#told progress").wait_for(state="detached")
    visitor.reload()
    visitor.locator("#closet li").first.wait_for()
    assert visitor.locator("#closet li").count() == 1


def test_garments_are_taken_out_and_called_otherwise_with_the_keyboard(visitor: Page, own_photos: list[Path]) -> None:
    visitor.set_viewport_size({"width": 390, "height": 800})
    garments = fill(visitor, *own_photos[:3])
    before = kinds(visitor)
    assert visitor.evaluate("document.documentElement.scrollWidth") <= 390
    visitor.locator("#closet input").nth(1).focus()
    visitor.keyboard.press("Control+A")
    visitor.keyboard.type("bonnet")
    visitor.keyboard.press("Enter")
    visitor.locator("#told progress").wait_for(state="detached")
    visitor.locator("#closet .clear").first.focus()
    visitor.keyboard.press("Enter")
    garments.nth(2).wait_for(state="detached")
    visitor.locator("#told progress").wait_for(state="detached")
    assert kinds(visitor) == ["bonnet", before[2]]
    assert visitor.evaluate("document.activeElement.dataset.choice").startswith("out:"), (
        "the keyboard is at the next one"
    )
    visitor.reload()
    visitor.locator("#closet li").nth(1).wait_for()
    assert kinds(visitor) == ["bonnet", before[2]]
    visitor.locator("#closet .pick").first.click()
    visitor.locator("#stage .what").wait_for()
    assert "bonnet" in visitor.locator("#stage").inner_text()
    captions_of_one = visitor.locator("#matches .caption")
    captions_of_one.first.wait_for()
    assert captions_of_one.count() == 1, "the other one of the wardrobe"
    assert visitor.locator("#handover button[data-copied]").count() == 0, "a link would lead nobody else there"


def test_it_is_downloaded_and_a_page_started_over_it(visitor: Page, own_photos: list[Path], tmp_path: Path) -> None:
    fill(visitor, *own_photos)
    with visitor.expect_download() as download:
        visitor.locator("#closet [data-choice=download]").click()
    packed = tmp_path / "wardrobe.zip"
    download.value.save_as(packed)
    with served(packed) as (address, *_):
        visitor.goto(address)
        visitor.set_input_files("#photo input[type=file]", own_photos[2])
        assert captions(visitor)[0].endswith("distance 0.000")
    result = Searcher.open(tmp_path / "wardrobe").search(own_photos[2])
    assert result.matches[0].photo == own_photos[2].name and result.catalogue_size == 5


def test_visitors_never_see_each_others_photos(
    browser: BrowserContext, visitor: Page, address: str, own_photos: list[Path]
) -> None:
    other = browser.new_page()
    open_wardrobe(other, address)
    fill(visitor, *own_photos[:2])
    fill(other, own_photos[2])
    for page, count in ((visitor, 2), (other, 1)):
        page.reload()
        page.locator("#closet li").nth(count - 1).wait_for()
        assert page.locator("#closet li").count() == count
    tokens = [page.evaluate("sessionStorage.getItem('wardrobe')") for page in (visitor, other)]
    assert len({*tokens}) == 2 and all(len(token) >= 32 for token in tokens)
    key = (other.locator("#closet .pick").first.get_attribute("href") or "").partition("photo=")[2]
    visitor.goto(f"{address}/?photo={key}")
    visitor.locator("#proof .notice").wait_for()
    assert "not in the catalogue" in visitor.locator("#proof").inner_text()
    third = browser.new_page()
    third.goto(address)
    third.evaluate("token => sessionStorage.setItem('wardrobe', token)", tokens[0][:-1] + "x")
    open_wardrobe(third, address)
    third.wait_for_timeout(500)
    assert third.locator("#closet li").count() == 0
    third.close()
    other.close()


def test_no_path_leads_to_a_wardrobe(
    browser: BrowserContext, catalogue: Path, own_photos: list[Path], tmp_path: Path
) -> None:
    with served(catalogue, TMPDIR=str(tmp_path)) as (address, *_):
        page = browser.new_page()
        open_wardrobe(page, address)
        fill(page, own_photos[0])
        (root,) = tmp_path.glob("cbir-wardrobes-*")
        files = [path for path in root.rglob("*") if path.is_file()]
        assert {path.name for path in files} >= {"vectors.npy", "weights.pth", "manifest.json", "records.jsonl"}
        for path in (*files, root / "..", root):
            for form in (path, f"{tmp_path}/gradio/../{path.relative_to(tmp_path)}", f"/{path}"):
                with pytest.raises(urllib.error.HTTPError):
                    urllib.request.urlopen(f"{address}/gradio_api/file={form}")
        page.close()
    assert not root.exists(), "and nothing is left when the page is stopped"


def test_what_nobody_uses_is_deleted_and_the_visitor_told(
    browser: BrowserContext, catalogue: Path, own_photos: list[Path], tmp_path: Path
) -> None:
    command = [sys.executable, "-c", SHORT_LIVED.format(str(catalogue))]
    with served(catalogue, command=command, TMPDIR=str(tmp_path)) as (address, *_):
        page = browser.new_page()
        open_wardrobe(page, address)
        page.set_input_files("#bring input[type=file]", own_photos[0])
        page.get_by_text("was not used for an hour").wait_for(timeout=60_000)
        assert page.locator("#closet li").count() == 0
        assert wait_for_none(page, lambda: [path for path in tmp_path.rglob("cbir-wardrobes-*/*/*") if path.is_dir()])
        page.goto(address)
        page.locator("#scopes .note").wait_for()
        page.set_input_files("#photo input[type=file]", own_photos[1])
        captions(page)
        assert "none of 24 photos" in page.locator("#proof").inner_text()
        page.close()


def test_all_is_deleted_when_the_visitor_says_so(visitor: Page, own_photos: list[Path]) -> None:
    fill(visitor, *own_photos[:2])
    visitor.locator("#closet .end summary").click()
    visitor.locator("#closet [data-choice=end]").click()
    visitor.locator("#closet .nothing").wait_for()
    visitor.reload()
    visitor.locator("#closet .nothing").wait_for()
    assert not visitor.evaluate("sessionStorage.getItem('wardrobe')")
    assert fill(visitor, own_photos[3]).count() == 1


def test_a_catalogue_of_ones_own_is_edited_for_good(
    browser: BrowserContext, catalogue: Path, own_photos: list[Path], tmp_path: Path
) -> None:
    folder = tmp_path / "own"
    shutil.copytree(current_version(catalogue), folder)
    command = [sys.executable, "app.py", "--index", str(folder), "--edit"]
    with served(folder, command=command, GRADIO_SERVER_NAME="0.0.0.0") as (address, *_):
        page = browser.new_page()
        open_wardrobe(page, address)
        page.locator("#closet li").first.wait_for()
        assert "for good" in page.locator("#title").inner_text()
        assert page.locator("#closet .end, #closet [data-choice=download]").count() == 0
        page.set_input_files("#bring input[type=file]", own_photos[0])
        page.get_by_text("25 photos").wait_for(timeout=60_000)
        page.locator("#closet .clear").first.click()
        page.get_by_text("24 photos").wait_for()
        page.locator("#told progress").wait_for(state="detached")
        page.goto(address)
        page.set_input_files("#photo input[type=file]", own_photos[0])
        assert captions(page)[0].endswith("distance 0.000")
        page.close()
        with pytest.raises(OSError, match="refused"):
            urllib.request.urlopen(address.replace("127.0.0.1", "127.0.0.2"), timeout=5)
    names = [record.photo for record in Catalogue.open(folder).records]
    assert len(names) == 24 and names[-1] == own_photos[0].name

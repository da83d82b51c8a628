"""The page in a real Chromium: every way to bring a photo, and what a person then sees."""

from __future__ import annotations

import base64
import json
import os
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from cbir import FeatureExtractor, Searcher
from cbir.catalogue.build import index_photos
from cbir.catalogue.catalogue import Catalogue
from cbir.commands.defaults import SHIPPED
from cbir.web.trail import key_of
from tests.support.archives import Answer, make_archive, serving
from tests.support.browsing import captions, needs_browser, open_page, wait_for_matches
from tests.support.drawings import draw_garment, fill_folder
from tests.support.serving import PROJECT, served

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Locator, Page


@pytest.fixture
def query(tmp_path: Path) -> Path:
    path = tmp_path / "my dress.png"
    draw_garment(55, "dress").save(path)
    return path


def expected_captions(catalogue: Path, photo: Path) -> list[str]:
    matches = Searcher.open(catalogue).search(photo).matches
    return [f"{match.rank}. {match.label}\ndistance {match.distance:.3f}" for match in matches]


def drop(page: Page, target: Locator, photo: Path) -> None:
    """Drop a file on an element, as a browser does after a drag."""
    data = base64.b64encode(photo.read_bytes()).decode()
    transfer = page.evaluate_handle(
        """([data, name]) => {
            const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
            const transfer = new DataTransfer();
            transfer.items.add(new File([bytes], name, { type: "image/png" }));
            return transfer;
        }""",
        [data, photo.name],
    )
    for event in ("dragenter", "dragover", "drop"):
        target.dispatch_event(event, {"dataTransfer": transfer})


@needs_browser
def test_upload(page: Page, catalogue: Path, query: Path) -> None:
    assert "24 photos are ready" in page.locator("#proof").inner_text()
    page.set_input_files("#photo input[type=file]", query)
    assert captions(page) == expected_captions(catalogue, query)
    proof = page.locator("#proof").inner_text()
    assert "Proven: none of 24 photos is closer." in proof and "measured" not in proof
    page.locator("#proof summary").click()
    proof = page.locator("#proof").inner_text()
    assert "Every one measured exactly." in proof
    assert all(part in proof for part in ("Decoding", "features", "search"))
    sizes = page.locator("#matches img").evaluate_all("all => all.map(i => [i.complete, i.naturalWidth, i.width])")
    assert len(sizes) == 3 and all(complete and natural > 200 and wide > 150 for complete, natural, wide in sizes)


@needs_browser
def test_drag_and_drop(page: Page, catalogue: Path, query: Path) -> None:
    drop(page, page.locator("#photo button[aria-dropeffect]"), query)
    assert captions(page) == expected_captions(catalogue, query)
    # Another one is dropped on the first.
    other = query.with_name("my hat.png")
    draw_garment(56, "hat").save(other)
    drop(page, page.locator("#stage .canvas"), other)
    page.locator("#matches .caption", has_text=expected_captions(catalogue, other)[0].split()[-1]).wait_for()
    assert captions(page) == expected_captions(catalogue, other)


@needs_browser
def test_clipboard(page: Page, query: Path) -> None:
    from playwright.sync_api import TimeoutError

    data = base64.b64encode(query.read_bytes()).decode()
    page.evaluate(
        """async (data) => {
            const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
            const blob = new Blob([bytes], { type: "image/png" });
            await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
        }""",
        data,
    )
    page.get_by_label("Paste from clipboard").click()
    # That pastes at once, or brings a button that does.
    try:
        page.locator("#stage img").wait_for(timeout=5000)
    except TimeoutError:
        page.locator("#photo").get_by_text("Paste from Clipboard").click()
    assert len(captions(page)) == 3


@needs_browser
def test_webcam(page: Page) -> None:
    page.get_by_label("Capture from camera").click()
    page.locator("#photo").get_by_text("Click to Access Webcam").click()
    page.wait_for_function("document.querySelector('#photo video')?.videoWidth > 0")
    page.locator("#photo button[aria-label='capture photo']").click()
    assert len(captions(page)) == 3


@needs_browser
def test_where_they_look_alike_is_shown_on_demand(page: Page, query: Path) -> None:
    wanted = page.locator("#wanted input")
    assert not wanted.is_visible()
    page.set_input_files("#photo input[type=file]", query)
    first = captions(page)
    pairs = page.locator("#matches .pair")
    assert pairs.count() == 0
    wanted.check()
    pairs.nth(2).wait_for()
    page.wait_for_function("[...document.querySelectorAll('#matches .pair')].every(i => i.naturalWidth == 648)")
    assert captions(page) == first
    wanted.uncheck()
    pairs.first.wait_for(state="detached")
    # Once asked for, it comes with the next answer, too, and goes with the photo.
    wanted.check()
    pairs.nth(2).wait_for()
    before = pairs.first.get_attribute("src")
    page.locator("#examples button").first.click()
    page.wait_for_function("before => document.querySelector('.pair')?.getAttribute('src') != before", arg=before)
    pairs.nth(2).wait_for()
    page.get_by_label("Remove photo").click()
    pairs.first.wait_for(state="detached")


@needs_browser
def test_examples_by_keyboard(page: Page) -> None:
    page.locator("#examples button").first.focus()
    page.keyboard.press("Enter")
    assert captions(page)[0].startswith("1. dress")


@needs_browser
def test_every_control_is_reached_by_tab(page: Page) -> None:
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate("document.activeElement.ariaLabel || document.activeElement.querySelector('img')?.alt || ''")
        )
    labels = " ".join(reached)
    assert all(
        label in labels for label in ("Upload file", "Capture from camera", "Paste from clipboard", "Example 4: shirt")
    )


@needs_browser
def test_a_photo_of_the_catalogue_is_told(page: Page, photos: Path) -> None:
    page.set_input_files("#photo input[type=file]", photos / "hat" / "001.jpg")
    assert captions(page)[0] == "1. hat\ndistance 0.000"
    assert "The first is your photo itself" in page.locator("#proof").inner_text()


@needs_browser
def test_what_is_no_photo_gets_a_friendly_word(page: Page, query: Path, tmp_path: Path) -> None:
    page.set_input_files("#photo input[type=file]", query)
    captions(page)
    page.get_by_label("Remove photo").click()
    page.locator("#proof", has_text="24 photos are ready").wait_for()
    assert page.locator("#matches .caption").count() == 0
    for name, content in (("notes.jpg", b"not a photo"), ("empty.png", b""), ("half.png", query.read_bytes()[:900])):
        (tmp_path / name).write_bytes(content)
        page.set_input_files("#photo input[type=file]", tmp_path / name)
        page.locator("#proof .notice", has_text=name).wait_for()
        assert page.locator("#proof .notice").inner_text().startswith(f"{name}: ")
        assert page.locator(".toast-body").count() == 0
    page.set_input_files("#photo input[type=file]", query)
    assert len(captions(page)) == 3


@needs_browser
def test_a_format_that_browsers_cannot_show_is_shown(page: Page, tmp_path: Path) -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()
    draw_garment(55, "dress").save(tmp_path / "phone.heic")
    page.set_input_files("#photo input[type=file]", tmp_path / "phone.heic")
    captions(page)
    page.wait_for_function("document.querySelector('#stage img')?.naturalWidth > 0")


@needs_browser
@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (360, "dark"), (768, "light"), (1280, "dark")])
def test_nothing_runs_over_the_edge(page: Page, address: str, query: Path, width: int, scheme: Any) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    open_page(page, address)
    page.set_input_files("#photo input[type=file]", query)
    captions(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    widths = page.locator("#matches .caption").evaluate_all("all => all.map(e => e.scrollWidth - e.clientWidth)")
    assert max(widths) <= 0, "a caption is cut off"
    texts = (
        "#title p, #proof p, #proof summary, .caption b, .caption small, .more, #wanted span, #promise p, footer button"
    )
    ratios = page.locator(f"{texts}, #examples .label, .choices button, #handover button").evaluate_all(CONTRAST)
    assert len(ratios) > 14 and min(ratios) >= 4.5


CONTRAST = """(all) => {
    const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const luminance = (colour) => {
        const linear = numbers(colour).slice(0, 3).map((one) => one / 255)
            .map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    };
    return all.map((element) => {
        const text = luminance(getComputedStyle(element).color);
        const colour = (one) => getComputedStyle(one).backgroundColor;
        let below = element;
        while (below.parentElement && numbers(colour(below))[3] === 0) below = below.parentElement;
        const ground = luminance(colour(below));
        return (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
    });
}"""
"""WCAG 2 contrast of the text of each element with what is below it."""


@needs_browser
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_on_from_a_match_and_back(
    page: Page, address: str, catalogue: Path, query: Path, width: int, scheme: Any
) -> None:
    """By pointer and by keyboard; and nothing is amiss in the console."""
    troubles: list[str] = []
    page.on("console", lambda told: troubles.append(told.text) if told.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    open_page(page, address)
    page.set_input_files("#photo input[type=file]", query)
    first, searcher = captions(page), Searcher.open(catalogue)
    expected = searcher.search_indexed(searcher.search(query).matches[1].row)
    page.locator("#matches .pick").nth(1).click()
    wait_for_matches(page, expected)
    page.locator("#stage img[alt$='From the catalogue']").wait_for()
    page.locator("#trail button").nth(1).wait_for()
    assert page.evaluate("document.querySelector('#trail').getBoundingClientRect().top") > -1  # of a pixel
    # The keyboard stands on the first of the new matches.
    page.keyboard.press("Enter")
    expected = searcher.search_indexed(expected.matches[0].row)
    wait_for_matches(page, expected)
    page.wait_for_function("document.activeElement === document.querySelector('#matches .pick')")
    page.locator("#trail button").first.focus()
    page.keyboard.press("Enter")
    page.locator("#trail button").first.wait_for(state="detached")
    wait_for_matches(page, searcher.search(query))
    page.locator("#stage .choices").wait_for()
    page.locator("#matches .more").focus()
    page.keyboard.press("Enter")
    page.locator("#matches .pick").nth(11).wait_for()
    assert captions(page)[:3] == first and page.locator("#matches .more").count() == 1
    # The first of the further ones is shown larger, until Escape; and nothing else moves.
    page.wait_for_function("document.activeElement === document.querySelectorAll('#matches .pick')[3]")
    cards = page.locator("#matches li")
    places = cards.evaluate_all("all => all.map((one) => one.getBoundingClientRect().top + scrollY)")
    enlarged = "document.activeElement.querySelector('img').getBoundingClientRect().width > 1.3 * "
    enlarged += "document.activeElement.getBoundingClientRect().width"
    page.wait_for_function(enlarged)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.keyboard.press("Escape")
    page.wait_for_function(f"!({enlarged})")
    assert cards.evaluate_all("all => all.map((one) => one.getBoundingClientRect().top + scrollY)") == places
    assert troubles == []


@needs_browser
def test_a_garment_of_the_catalogue_is_looked_up_and_searched(
    browser: BrowserContext, address: str, catalogue: Path
) -> None:
    page, searcher = browser.new_page(), Searcher.open(catalogue)
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{address}/catalogue")
    page.locator("#shelf .choices button", has_text="hat").click()
    page.locator("#shelf .choices button[aria-pressed=true]", has_text="hat").wait_for()
    assert page.locator("#shelf li").count() == 6
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator("#shelf .pick").nth(2).press("Enter")
    wait_for_matches(page, searcher.search_indexed(8))
    assert "/?photo=8-" in page.url and page.locator("#stage .canvas").is_visible()
    page.goto(f"{address}/?photo=8-0123456789abcdef")
    page.locator("#proof .notice", has_text="not in the catalogue").wait_for()
    page.close()


@needs_browser
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_map_of_the_catalogue_is_looked_at_and_searched(
    browser: BrowserContext, address: str, catalogue: Path, width: int, scheme: Any
) -> None:
    """By pointer and by keyboard; what is shown of a garment is its own picture."""
    page, opened = browser.new_page(), Catalogue.open(catalogue)
    troubles: list[str] = []
    page.on("console", lambda told: troubles.append(told.text) if told.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{address}/catalogue")
    page.locator("#shelf .choices button", has_text="Map").click()
    links, card = page.locator("#shelf .ground a"), page.locator("#shelf .peek")
    links.nth(23).wait_for()
    page.wait_for_function("document.activeElement.textContent === 'Map'")
    assert not card.is_visible() and page.evaluate("document.documentElement.scrollWidth") <= width
    assert min(page.locator("#shelf .note, #shelf .ground i").evaluate_all(CONTRAST)) >= 4.5
    assert page.locator("#shelf .ground i").all_inner_texts() == ["dress", "hat", "scarf", "shirt"]
    links.nth(7).hover()
    page.wait_for_function("document.querySelector('.peek img[src]')?.naturalWidth > 200")
    key = str(links.nth(7).get_attribute("href")).partition("photo=")[2]
    row = int(key.partition("-")[0])
    assert card.locator("b").inner_text() == opened.records[row].label
    source = str(card.locator("img").evaluate("one => one.src"))
    assert page.request.get(source).body() == opened.thumb(row).read_bytes()
    inside = """[...document.querySelectorAll('.map, .peek')].map((one) => one.getBoundingClientRect())
        .reduce((map, card) => card.left >= map.left && card.top >= map.top && card.right <= map.right)"""
    assert page.evaluate(inside)
    page.mouse.move(1, 1)
    card.wait_for(state="hidden")
    # One garment is reached by Tab, the others from there by arrows, each in its direction.
    page.locator("#shelf .choices button", has_text="Map").focus()
    page.keyboard.press("Tab")
    if page.evaluate("!document.activeElement.closest('.ground')"):  # some browsers stop at what scrolls
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement === document.querySelector('.ground a')")
    card.wait_for()
    cell = "[...'xy'].map((one) => Number(document.activeElement.style.getPropertyValue(`--${one}`)))"
    for arrow, axis, sign in (("Down", 1, 1), ("Right", 0, 1), ("Up", 1, -1), ("Left", 0, -1)):
        before = page.evaluate(cell)
        page.keyboard.press(f"Arrow{arrow}")
        assert sign * (page.evaluate(cell)[axis] - before[axis]) > 0
    assert page.locator(".ground a[tabindex='0']").count() == 1
    page.keyboard.press("Escape")
    card.wait_for(state="hidden")
    assert troubles == []
    links.nth(7).click()
    wait_for_matches(page, Searcher.open(catalogue).search_indexed(row))
    assert f"/?photo={key}" in page.url
    page.close()


@needs_browser
def test_by_finger_the_map_is_moved_and_a_second_tap_searches(
    browser: BrowserContext, address: str, catalogue: Path
) -> None:
    assert browser.browser
    phone = browser.browser.new_context(viewport={"width": 240, "height": 180}, has_touch=True, is_mobile=True)
    page = phone.new_page()
    page.goto(f"{address}/catalogue")
    page.locator("#shelf .choices button", has_text="Map").tap()
    view, card, link = (
        page.locator("#shelf .view"),
        page.locator("#shelf .peek"),
        page.locator("#shelf .ground a").first,
    )
    view.wait_for()
    room = view.evaluate("one => [one.scrollWidth - one.clientWidth, one.scrollHeight - one.clientHeight]")
    assert min(room) > 20 and page.evaluate("document.documentElement.scrollWidth") <= 240
    assert link.evaluate("one => one.getBoundingClientRect().width") >= 28
    link.tap()
    card.wait_for()
    assert page.url.endswith("/catalogue")
    key = str(link.get_attribute("href")).partition("photo=")[2]
    assert str(card.get_attribute("href")).endswith(f"/?photo={key}")
    card.tap()
    wait_for_matches(page, Searcher.open(catalogue).search_indexed(int(key.partition("-")[0])))
    assert f"/?photo={key}" in page.url
    phone.close()


def test_the_map_gives_a_picture_for_a_key_and_nothing_for_junk(address: str, catalogue: Path) -> None:
    config = json.loads(urllib.request.urlopen(f"{address}/config").read())
    (shelf,) = [one["id"] for one in config["components"] if one["props"].get("elem_id") == "shelf"]

    def show(key: object) -> str:
        body = {"data": key, "component_id": shelf, "fn_name": "show", "session_hash": "a"}
        asked = urllib.request.Request(
            f"{address}/gradio_api/component_server",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        return str(json.loads(urllib.request.urlopen(asked).read()))

    opened = Catalogue.open(catalogue)
    got = show(key_of(5, opened.records[5]))
    assert urllib.request.urlopen(f"{address}/{got}").read() == opened.thumb(5).read_bytes()
    for junk in ("", "5-0123456789abcdef", "../../etc/passwd", str(opened.thumb(5)), 7, None, [1], {"path": "/etc"}):
        assert show(junk) == ""


def test_what_is_served_beside_the_page(address: str) -> None:
    """Its icon and what other sites show of a link to it; neither history nor figures of visits."""

    def get(path: str, host: str = "shop.example") -> tuple[int, str, bytes]:
        try:
            with urllib.request.urlopen(urllib.request.Request(f"{address}{path}", headers={"Host": host})) as answer:
                return answer.status, answer.headers["content-type"], answer.read()
        except urllib.error.HTTPError as error:
            return error.code, "", b""

    for path in ("/", "/catalogue", "/how"):
        html = get(path)[2].decode()
        assert re.findall('og:title" content="([^"]*)"', html) == ["Visual search for clothes"]
        assert re.findall('og:image" content="([^"]*)"', html) == ["http://shop.example/preview.jpg"]
        assert "@Gradio" not in html and "header-image" not in html
    assert b"<script>1" not in get("/", "x<script>1</script>")[2]
    assert get("/preview.jpg")[1] == "image/jpeg" and get("/favicon.ico")[1] == "image/svg+xml"
    config = json.loads(get("/config")[2])
    assert config["run_history"] is config["analytics_enabled"] is False
    for path in ("/monitoring", "/monitoring/summary", "/gradio_api/run-history/buckets", "/pwa_icon/99999"):
        assert get(path)[0] >= 400, path


@needs_browser
def test_without_a_catalogue_page_and_terminal_say_how_to_build_one(
    browser: BrowserContext, tmp_path: Path, extractor: FeatureExtractor, query: Path
) -> None:
    folder = tmp_path / "index"
    (tmp_path / "temporary").mkdir()
    with served(folder, TMPDIR=str(tmp_path / "temporary")) as (address, errors, _):
        command = f"python -m cbir index PHOTOS --out {folder}"
        assert f"{folder}: no catalogue; build one with: {command}" in errors.read_text()
        page = browser.new_page()
        open_page(page, address)
        notice = page.locator("#proof .notice")
        assert command in notice.inner_text()
        page.set_input_files("#photo input[type=file]", query)
        page.locator("#photo img").wait_for()
        assert "python -m cbir index" in notice.inner_text()
        # Built while the page is up, the catalogue is found at the next search.
        index_photos(fill_folder(tmp_path / "photos", 8), folder, extractor)
        page.set_input_files("#photo input[type=file]", query)
        assert captions(page) == expected_captions(folder, query)
        # And so is the one that takes its place.
        index_photos(fill_folder(tmp_path / "photos", 12), folder, extractor)
        page.get_by_label("Remove photo").click()
        page.locator("#proof", has_text="12 photos are ready").wait_for()
        page.set_input_files("#photo input[type=file]", query)
        page.locator("#proof", has_text="none of 12 photos").wait_for()
        assert captions(page) == expected_captions(folder, query)
        page.wait_for_function("[...document.querySelectorAll('#matches img')].every((one) => one.naturalWidth > 200)")
        page.close()


@needs_browser
@pytest.mark.slow
def test_real_photos_come_in_while_the_page_is_up(
    browser: BrowserContext, catalogue: Path, copy_of: Callable[[Path], Path], query: Path, tmp_path: Path
) -> None:
    sample, archive, go_on = copy_of(catalogue), make_archive(40), Event()
    project = Path(tmp_path / "project")
    project.mkdir()
    (project / "cbir").symlink_to(PROJECT / "cbir")
    (project / "index").symlink_to(sample)
    (project / "app.py").write_text(
        "import pathlib, runpy\nimport cbir.web.background, cbir.datasets.clothing.download\n"
        "cbir.web.background.PERSISTENT, cbir.datasets.clothing.download.LEAST = pathlib.Path('absent'), 40\n"
        f"runpy.run_path({str(PROJECT / 'app.py')!r}, run_name='__main__')\n"
    )
    clothing = project / "clothing" / "index"
    with (
        serving(Answer(archive, pause=(len(archive) // 2, go_on))) as server,
        served(sample, project=project, CBIR_CATALOGUE="clothing", CBIR_CLOTHING_URL=server.url) as (address, *_),
    ):
        page, other = browser.new_page(), browser.new_page()
        other.set_viewport_size({"width": 360, "height": 800})
        for one in (page, other):
            open_page(one, address)
            one.locator("#arrival", has_text=re.compile(r"Bringing in .* photos: downloading (49|50)%\.")).wait_for()
            assert "24 photos are ready" in one.locator("#proof").inner_text()
        page.set_input_files("#photo input[type=file]", query)
        assert captions(page) == expected_captions(sample, query)
        go_on.set()
        for one in (page, other):
            one.locator("#arrival", has_text="Now searching 40 real photos").wait_for()
            assert one.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert "none of 24 photos" in page.locator("#proof").inner_text(), "an answer stays until the next"
        other.locator("#proof", has_text="40 photos are ready").wait_for()
        page.set_input_files("#photo input[type=file]", query)
        page.locator("#proof", has_text="none of 40 photos").wait_for()
        assert [text.partition("\n")[2] for text in captions(page)] == [
            text.partition("\n")[2] for text in expected_captions(clothing, query)
        ]
        page.wait_for_function("[...document.querySelectorAll('#matches img')].every((one) => one.naturalWidth > 200)")
        for one in (page, other):
            one.close()


@needs_browser
@pytest.mark.slow
def test_the_sample_answers_at_once(browser: BrowserContext, tmp_path: Path) -> None:
    """What comes along answers an example; CBIR_PICTURES=DIR keeps the pictures that README.md shows."""
    pictures = Path(os.environ.get("CBIR_PICTURES") or tmp_path)
    with served(SHIPPED) as (address, *_):
        page = browser.new_page()
        page.set_viewport_size({"width": 1280, "height": 720})
        open_page(page, address)
        assert page.locator("#examples button").count() == 12
        page.locator("#examples button").nth(5).click()
        assert [caption.splitlines()[0] for caption in captions(page)] == [f"{rank}. Longsleeve" for rank in (1, 2, 3)]
        page.wait_for_function("[...document.querySelectorAll('#matches img')].every((one) => one.naturalWidth > 200)")
        page.mouse.move(640, 5)
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=pictures / "page.jpg", type="jpeg", quality=85)
        page.locator("#wanted input").check()
        page.wait_for_function("document.querySelectorAll('#matches .pair').length == 3")
        page.wait_for_function("[...document.querySelectorAll('.pair')].every((one) => one.naturalWidth > 200)")
        page.mouse.move(1279, 1)
        page.locator("#matches .cards").screenshot(path=pictures / "evidence.jpg", type="jpeg", quality=85)
        page.goto(f"{address}/catalogue")
        page.locator("#shelf button", has_text="Map").click()
        page.locator("#shelf .ground a").nth(200).hover()
        page.wait_for_function("document.querySelector('.peek img')?.naturalWidth > 100")
        page.wait_for_timeout(500)  # the picture of all garments is a background, of which nothing tells
        page.screenshot(path=pictures / "map.jpg", type="jpeg", quality=80)
        page.close()

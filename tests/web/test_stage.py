"""The photo with its garments: what is drawn on it, and what a person can choose there, in a real Chromium."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
import pytest
from PIL import Image

from cbir import Searcher
from cbir.network.garments import Garment
from cbir.photos.region import WHOLE, Region
from cbir.results import Look, Match
from cbir.web.endpoints import Endpoints
from cbir.web.pictures import Pictures
from cbir.web.reloading import LiveSearcher
from cbir.web.sources import Sources
from cbir.web.stage import OtherLook, draw_others, draw_stage
from cbir.web.texts import load_texts
from tests.support.browsing import captions, needs_browser
from tests.support.drawings import draw_garment

if TYPE_CHECKING:
    from playwright.sync_api import Page

SAY = load_texts("en")
SQUARE = ((0.1, 0.2), (0.5, 0.2), (0.5, 0.6), (0.1, 0.6))
TOP = Garment("top", 0.9, Region(0.1, 0.2, 0.5, 0.6), 0.16, (SQUARE,))
SCARVES = [Garment("scarf", 0.8, Region(0.2, 0.1 + 0.3 * n, 0.4, 0.2 + 0.3 * n), 0.02, (SQUARE,)) for n in (0, 1)]


def test_outlines_and_buttons_name_the_same_garments() -> None:
    html = draw_stage("photo.jpg", [TOP, *SCARVES], TOP.box, SAY)
    assert html.count("<path") == 3
    assert "M100 400Q100 200 300 200Q500 200 500 400Q500 600 300 600Q100 600 100 400Z" in html
    assert (
        "data-choice='0' aria-pressed='true'>top<" in html and "data-choice='2' aria-pressed='false'>scarf 2<" in html
    )
    assert "data-choice='whole' aria-pressed='false'" in html


def test_a_box_that_was_drawn_is_shown() -> None:
    html = draw_stage("photo.jpg", [TOP], Region(0.25, 0.5, 0.75, 1.0), SAY)
    assert "<rect class='box' x='250' y='500' width='500' height='500'/>" in html and "aria-pressed='true'" not in html
    assert "class='box' x" not in draw_stage("photo.jpg", [TOP], WHOLE, SAY)


def test_nothing_foreign_becomes_html() -> None:
    match = Match(1, "<script>.jpg", "<b>\u202e", 0.5, Path("thumb.jpg"))
    html = draw_others([OtherLook(1, "<i>", "a'b.jpg", [("'>x", match)])], SAY) + draw_stage(
        "'><script>", [], WHOLE, SAY
    )
    assert "<script" not in html and "<b>" not in html and "<i>" not in html and "'>x" not in html
    assert "\u202e" not in html
    assert draw_others([], SAY) == ""


@pytest.fixture(scope="module")
def query(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photo in which the random finder sees somebody and several garments."""
    picture = Image.new("RGB", (600, 900), "white")
    picture.paste(draw_garment(5, "shirt", size=(500, 450)), (50, 50))
    picture.paste(draw_garment(6, "hat", size=(300, 350)), (150, 520))
    path = tmp_path_factory.mktemp("query") / "person.png"
    picture.save(path)
    return path


@pytest.fixture(scope="module")
def looks(worn_catalogue: Path, query: Path) -> list[Look]:
    found = Searcher.open(worn_catalogue).look(query)
    assert len(found) >= 2 and found[0].result.region != WHOLE, "the random finder sees too little: take another seed"
    return found


@pytest.fixture(scope="module")
def searched(worn_catalogue: Path) -> Path:
    return worn_catalogue


@pytest.fixture
def page(page: Page, query: Path) -> Page:
    page.set_input_files("#photo input[type=file]", query)
    captions(page)
    return page


def expected(result: Any) -> list[str]:
    return [f"{match.rank}. {match.label}\ndistance {match.distance:.3f}" for match in result.matches]


def wait_for(page: Page, result: Any) -> None:
    """Until the answer is on the page."""
    last = expected(result)[-1].split()[-1]
    page.locator("#matches .caption").nth(2).get_by_text(last).wait_for()
    assert captions(page) == expected(result)


@needs_browser
def test_the_plainest_garment_is_searched_and_the_others_stand_below(page: Page, looks: list[Look]) -> None:
    wait_for(page, looks[0].result)
    assert page.locator("#stage path.garment").count() == len(looks)
    assert page.locator("#stage .choices [aria-pressed=true]").inner_text().split()[0] == looks[0].garment.kind
    rows = page.locator("#others .look")
    assert rows.count() == len(looks) - 1
    for place, look in enumerate(looks[1:]):
        assert look.garment.kind in rows.nth(place).inner_text()
        assert f"{look.result.matches[2].distance:.3f}" in rows.nth(place).inner_text()
    page.wait_for_function("[...document.querySelectorAll('#others img')].every((one) => one.complete)")
    sizes = page.locator("#others img, #stage img").evaluate_all("all => all.map((one) => one.naturalWidth)")
    assert len(sizes) == 1 + 4 * (len(looks) - 1) and min(sizes) > 50


@needs_browser
def test_a_tap_searches_a_garment_and_the_whole_is_one_tap_away(
    page: Page, looks: list[Look], worn_catalogue: Path, query: Path
) -> None:
    page.locator("#stage .choices button", has_text=looks[1].garment.kind).last.click()
    last = max(number for number, look in enumerate(looks) if look.garment.kind == looks[1].garment.kind)
    wait_for(page, looks[last].result)
    page.locator("#others .look").first.click()
    wait_for(page, looks[0 if last else 1].result)
    page.get_by_text("whole photo").click()
    wait_for(page, Searcher.open(worn_catalogue).search(query))
    assert page.locator("#others .look").count() == len(looks)
    page.locator("#stage path.garment").first.dispatch_event("click")
    wait_for(page, looks[0].result)


@needs_browser
def test_garments_are_reached_and_chosen_by_keyboard(page: Page, looks: list[Look]) -> None:
    button = page.locator("#stage .choices button").nth(2)
    page.locator("#stage .choices button").first.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert button.evaluate("one => one === document.activeElement")
    page.keyboard.press("Enter")
    wait_for(page, looks[1].result)


@needs_browser
@pytest.mark.parametrize("finger", [False, True])
def test_a_box_is_drawn(page: Page, finger: bool, worn_catalogue: Path, query: Path) -> None:
    """By mouse at once; by finger after the button that says so."""
    if finger:
        page.get_by_text("draw a box").click()
    box = page.locator("#stage .canvas").bounding_box()
    assert box is not None
    points = [
        (box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in ((0.2, 0.3), (0.5, 0.5), (0.7, 0.8))
    ]
    if finger:
        for name, (x, y) in zip(("pointerdown", "pointermove", "pointerup"), points):
            page.locator("#stage .canvas svg").dispatch_event(
                name, {"clientX": x, "clientY": y, "pointerType": "touch", "button": 0, "bubbles": True}
            )
    else:
        page.mouse.move(*points[0])
        page.mouse.down()
        page.mouse.move(*points[1])
        page.mouse.move(*points[2])
        page.mouse.up()
    page.locator("#stage .box:not(.drawing)").wait_for(state="attached")
    shape = page.locator("#stage .box:not(.drawing)")
    left, upper, width, height = (int(shape.get_attribute(name) or 0) for name in ("x", "y", "width", "height"))
    assert abs(left - 200) < 12 and abs(upper - 300) < 12 and abs(width - 500) < 12 and abs(height - 500) < 12
    found = Searcher.open(worn_catalogue).search(query, region=(0.2, 0.3, 0.7, 0.8))
    page.wait_for_function(
        """([name, distance]) => {
            const text = document.querySelector("#matches .caption").innerText;
            return text.startsWith(name) && Math.abs(text.split(" ").pop() - distance) < 0.03;
        }""",
        arg=[expected(found)[0].split("\n")[0], found.matches[0].distance],
    )
    assert page.locator("#stage .choices [data-choice][aria-pressed=true]").count() == 0


@needs_browser
def test_the_heat_shows_what_was_searched(page: Page, looks: list[Look], tmp_path: Path) -> None:
    page.locator("#wanted input").check()
    page.wait_for_function("document.querySelector('#matches .pair')?.naturalWidth == 648")
    first = page.locator("#matches .pair").first.get_attribute("src")
    page.get_by_text("whole photo").click()
    page.wait_for_function(
        "before => document.querySelector('#matches .pair')?.getAttribute('src') != before", arg=first
    )
    page.locator("#wanted input").uncheck()
    page.locator("#matches .pair").first.wait_for(state="detached")
    page.locator("#wanted input").check()
    page.locator("#matches .pair").nth(2).wait_for()


@needs_browser
def test_a_photo_that_is_taken_off_makes_room(page: Page, query: Path) -> None:
    page.get_by_label("Remove photo").click()
    page.locator("#proof", has_text="24 photos are ready").wait_for()
    assert page.locator("#stage .canvas").count() == 0 and page.locator("#others .look").count() == 0
    page.locator("#photo").wait_for(state="visible")
    page.set_input_files("#photo input[type=file]", query)
    captions(page)


@needs_browser
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_runs_over_the_edge(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.locator("#others .look").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_on_the_way_back_the_same_garment_is_chosen(worn_catalogue: Path, query: Path, looks: list[Look]) -> None:
    """As an outline and not as a box; and so it is after a visit to another page."""
    endpoints = Endpoints(Sources(LiveSearcher(lambda: worn_catalogue)), Pictures(set()))
    first = endpoints.choose(
        False, endpoints.answer({"path": str(query)}, False).visit, gr.EventData(None, {"choice": "1"})
    )
    assert first.visit.now.region == looks[1].result.region and "class='box' x" not in first.stage
    key = re.findall("data-choice='(photo:[^']+)'", first.matches)[0]
    further = endpoints.choose(False, first.visit, gr.EventData(None, {"choice": key}))
    back = endpoints.choose(False, further.visit, gr.EventData(None, {"choice": "step:0"}))
    token = endpoints.visits.keep(first.visit, None)
    resumed = endpoints.resume(False, token, "", gr.Request(query_params={}))
    for answer in (back, resumed):
        assert (answer.stage, answer.matches, answer.visit) == (first.stage, first.matches, first.visit)


def test_a_choice_that_is_none_gives_the_answer_as_at_first(
    worn_catalogue: Path, query: Path, looks: list[Look]
) -> None:
    endpoints = Endpoints(Sources(LiveSearcher(lambda: worn_catalogue)), Pictures(set()))
    first = endpoints.answer({"path": str(query)}, False)
    assert first.visit.now.region == looks[0].result.region
    boxes: list[object] = [[], [1, 2], [0, 0, 0, 0], ["a"] * 4, [9e99] * 4]
    for choice in (*boxes, "99", "-1", "9" * 5000, "nonsense", {}, None, 7):
        for sent in ({"choice": choice}, choice):
            answer = endpoints.choose(False, first.visit, gr.EventData(None, sent))
            assert answer.visit == first.visit and answer.matches == first.matches
    small = endpoints.choose(False, first.visit, gr.EventData(None, {"choice": [0.2, 0.3, 0.7, 0.8]}))
    assert small.visit.now.region == (0.2, 0.3, 0.7, 0.8) and small.matches != first.matches

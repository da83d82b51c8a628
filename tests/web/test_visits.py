"""The search that is still there when one comes back, and the page that explains it."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr
import pytest
import torch
from starlette.requests import Request
from torch import nn

from cbir import Searcher
from cbir.commands.defaults import SHIPPED
from cbir.network.googlenet import GoogLeNet
from cbir.system.files import file_digest
from cbir.web.endpoints import Answer, Endpoints
from cbir.web.explain import Explainer, find_bands
from cbir.web.how import STAGES, draw_numbers
from cbir.web.pictures import Pictures
from cbir.web.quality import SENTENCES, read_quality
from cbir.web.reloading import LiveSearcher
from cbir.web.sources import Sources
from cbir.web.trail import Step, Visit
from cbir.web.visits import Visits
from tests.support.browsing import captions, needs_browser, open_page
from tests.support.drawings import draw_garment

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

SEARCHED = Visit((Step("a.jpg", "a", key="0-0"),))


def test_a_visit_is_found_by_its_token_and_by_nothing_else() -> None:
    visits = Visits(10, 60)
    token = visits.keep(SEARCHED, "")
    assert visits.find(token) == SEARCHED and len(token) > 40
    for junk in ("", token[:-1], f"{token} ", token.swapcase(), None, 7, [token], {"token": token}):
        assert visits.find(junk) is None
    other = visits.keep(SEARCHED.go_on(Step("b.jpg", "b")), "chosen by a visitor")
    assert other not in ("chosen by a visitor", token) and visits.find("chosen by a visitor") is None
    assert visits.keep(SEARCHED.go_on(Step("c.jpg", "c")), token) == token and len(visits) == 2
    assert visits.find(token) == SEARCHED.go_on(Step("c.jpg", "c"))
    assert visits.keep(Visit(), token) == "" and visits.find(token) is None and visits.find(other) is not None


def test_visits_are_few_and_none_is_old() -> None:
    now = 0.0
    visits = Visits(3, 60, clock=lambda: now)
    first, *others = [visits.keep(SEARCHED, "") for _ in range(3)]
    assert visits.keep(SEARCHED, first) == first, "used again, it is the newest"
    last = visits.keep(SEARCHED, "")
    assert [visits.find(token) is not None for token in (first, *others, last)] == [True, False, True, True]
    now = 61.0
    assert visits.find(first) is None and len(visits) == 0


@pytest.fixture
def endpoints(catalogue: Path) -> Endpoints:
    return Endpoints(Sources(LiveSearcher(lambda: catalogue)), Pictures(set()))


@pytest.fixture
def query(tmp_path: Path) -> Path:
    path = tmp_path / "my dress.png"
    draw_garment(55, "dress", size=(300, 500)).save(path)
    return path


def resume(endpoints: Endpoints, token: object, address: str = "") -> Answer:
    request = Request({"type": "http", "path": "/", "query_string": address.encode(), "headers": []})
    return endpoints.resume(False, token, "", gr.Request(request))


def choose(endpoints: Endpoints, visit: Visit, choice: str) -> Answer:
    return endpoints.choose(False, visit, gr.EventData(None, {"choice": choice}))


def test_what_was_left_is_resumed(endpoints: Endpoints, query: Path) -> None:
    """The photo, a match of it, a filter and more matches; not where the page's address asks for another photo."""
    first = endpoints.answer({"path": str(query)}, False)
    (key, *_) = re.findall("data-choice='(photo:[^']+)'", first.matches)
    second = choose(endpoints, first.visit, key)
    filtered = choose(endpoints, second.visit, 'where:{"kind": "dress"}')
    more = choose(endpoints, second.visit, "more")
    for left, began in ((first, first), (second, second), (filtered, second), (more, second)):
        again = resume(endpoints, endpoints.visits.keep(left.visit, ""))
        cards = left.matches.replace(" data-focus", "")
        assert (again.visit, again.matches, again.filters) == (left.visit, cards, left.filters)
        assert (again.stage, again.trail, again.others) == (began.stage, began.trail, began.others)
    token = endpoints.visits.keep(first.visit, "")
    assert resume(endpoints, token, f"photo={key.removeprefix('photo:')}").visit.steps == second.visit.steps[1:]
    query.unlink()
    for one in (token, "", "junk", None, 7, ["a"]):
        answer = resume(endpoints, one)
        assert "24 photos are ready" in answer.words and answer.matches == gr.skip()


def test_the_explanation_tells_the_very_numbers(endpoints: Endpoints, catalogue: Path, query: Path) -> None:
    explainer, searcher = Explainer(endpoints), Searcher.open(catalogue)
    first = endpoints.answer({"path": str(query)}, False)
    part = endpoints.choose(False, first.visit, gr.EventData(None, {"choice": [0.1, 0.2, 0.6, 0.9]}))
    (key, *_) = re.findall("data-choice='(photo:[^']+)'", first.matches)
    indexed = choose(endpoints, first.visit, key)
    for answer, what in (
        (first, "your photo: its central square"),
        (part, "the part in the frame"),
        (indexed, "this garment of the"),
    ):
        html = explainer.open(endpoints.visits.keep(answer.visit, ""))
        shown = re.findall(r"distance ([.\d]+)<", answer.matches)
        assert re.findall(r"</b><small>([.\d]+)</small>", html) == ["0.000", *shown]
        assert what in html and "your last search" in html
        size = 23 if answer is indexed else 24
        assert f"<b>{size}</b><small>photos searched" in html
    feature = searcher.extractor.extract([query])[0]
    html = explainer.open(endpoints.visits.keep(first.visit, ""))
    assert f"{(feature == 0).sum():,} of them are 0, the darkest; the brightest is {feature.max():.3f}" in html
    assert draw_numbers(feature) in html and "one of 4 kinds" in html
    assert "How well it works" not in html and "class='bands'" not in html, "nothing was measured of these weights"
    query.unlink()
    for token in (endpoints.visits.keep(first.visit, ""), "junk", None):
        assert "this is an example" in explainer.open(token)


def test_without_a_catalogue_the_page_says_so(tmp_path: Path) -> None:
    endpoints = Endpoints(Sources(LiveSearcher(lambda: tmp_path / "none")), Pictures(set()))
    assert "role='alert'" in Explainer(endpoints).open("")


def test_the_stages_are_the_networks() -> None:
    """What the layers of the network itself give."""
    network, sizes = GoogLeNet("bvlc").eval(), []

    def note(_: nn.Module, __: object, given: torch.Tensor) -> None:
        sizes.append((given.shape[-1], given.shape[1]))

    for layer in ("conv1", "conv3", "inception3b", "inception4e", "inception5b", "avgpool"):
        getattr(network, layer).register_forward_hook(note)
    with torch.inference_mode():
        network(torch.zeros(1, 3, 224, 224, dtype=torch.uint8))
    assert [(224, 3), *sizes] == [stage[1:] for stage in STAGES]


def test_figures_are_told_of_the_network_that_ships_alone() -> None:
    figures = read_quality(file_digest(SHIPPED / "weights.pth"))
    assert [figure.sentence for figure in figures] == [*SENTENCES.values()]
    assert all(figure.low < figure.value < figure.high and figure.size > 100 for figure in figures)
    assert read_quality("0" * 64) == []


def test_bands_are_what_the_calibration_says() -> None:
    searcher = Searcher.open(SHIPPED)
    assert searcher.calibration is not None
    photo = searcher.catalogue.examples[0]
    result, feature = searcher.search(photo), searcher.extractor.extract([photo])[0]
    bands = find_bands(searcher, feature, result)
    assert bands[0].since == 0 and len(bands) > 1
    for match in result.matches:
        (band,) = [one for one in bands if one.since <= match.distance < one.until]
        assert match.closeness is not None and band.word == match.closeness.word
    assert all(one.until == other.since for one, other in itertools.pairwise(bands))


def wait_until_kept(page: Page, *, kept: bool = True) -> None:
    page.wait_for_function(f"Boolean(sessionStorage.getItem('visit')) === {str(kept).lower()}")


@needs_browser
def test_a_search_is_still_there_in_this_tab_and_in_no_other(
    page: Page, browser: BrowserContext, address: str, query: Path
) -> None:
    troubles: list[str] = []
    page.on("console", lambda told: troubles.append(told.text) if told.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.set_input_files("#photo input[type=file]", query)
    first = captions(page)
    wait_until_kept(page)
    page.get_by_role("link", name="Catalogue").click()
    page.locator("#shelf li").first.wait_for()
    page.get_by_role("link", name="Search", exact=True).click()
    assert captions(page) == first
    page.locator("#stage .canvas img").wait_for()
    token = page.evaluate("sessionStorage.getItem('visit')")
    assert token not in page.url and page.evaluate("localStorage.getItem('visit')") is None
    page.get_by_role("link", name="How it works").click()
    page.locator("#how .lead", has_text="your last search").wait_for()
    distances = page.locator("#how .line li small").all_inner_texts()
    assert distances == ["0.000", *(caption.split()[-1] for caption in first)]
    page.wait_for_function("[...document.querySelectorAll('#how img')].every((one) => one.naturalWidth > 0)")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    other = browser.new_page()
    open_page(other, address)
    assert "24 photos are ready" in other.locator("#proof").inner_text() and other.locator("#matches li").count() == 0
    other.goto(f"{address}/how")
    other.locator("#how .lead", has_text="this is an example").wait_for()
    other.close()

    page.get_by_role("link", name="Search", exact=True).click()
    captions(page)
    page.get_by_label("Remove photo").click()
    wait_until_kept(page, kept=False)
    page.reload()
    page.locator("#proof", has_text="24 photos are ready").wait_for()
    assert page.locator("#matches .caption").count() == 0
    assert troubles == []

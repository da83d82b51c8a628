"""The catalogue to look through, and what a hostile browser sends of it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import gradio as gr
import pytest

from cbir import FeatureExtractor
from cbir.catalogue.build import index_photos
from cbir.catalogue.catalogue import Catalogue
from cbir.catalogue.kinds import sort_by_kind
from cbir.web.browse import Browser
from cbir.web.examples import Example, choose_examples
from cbir.web.pictures import Pictures
from cbir.web.reloading import LiveSearcher


@pytest.fixture
def browser(catalogue: Path, monkeypatch: pytest.MonkeyPatch) -> Browser:
    monkeypatch.setattr("cbir.web.browse.PER_PAGE", 4)
    return Browser(LiveSearcher(lambda: catalogue), Pictures(set()))


def rows(html: str) -> list[int]:
    return [int(row) for row in re.findall(r"href='\./\?photo=(\d+)-[0-9a-f]{16}'", html)]


def turn(browser: Browser, choice: object) -> str:
    return browser.turn(gr.EventData(None, {"choice": choice}))


def test_every_garment_is_on_one_page_of_its_kind(browser: Browser) -> None:
    first = browser.open()
    assert re.findall(r">(\w+) <small>(\d+)<", first) == [
        ("All", "24"),
        *((kind, "6") for kind in ("dress", "hat", "scarf", "shirt")),
    ]
    assert rows(first) == [0, 1, 2, 3] and "1 of 6" in first and "data-focus" not in first
    everything = [row for page in range(6) for row in rows(turn(browser, f"0.{page}"))]
    assert everything == list(range(24))
    hats = [row for page in range(2) for row in rows(turn(browser, f"2.{page}"))]
    assert hats == list(range(6, 12))
    last = turn(browser, "2.1")
    assert last.count("data-focus") == 1 and "data-choice='2.2' disabled" in last and "data-choice='2.0'>" in last


def test_a_choice_that_is_none_gives_the_nearest_that_is_there(browser: Browser) -> None:
    first = browser.open()
    for choice in ("", "x", "-1.0", "0.-1", "1.", "9" * 5000 + ".0", "\u0661.0", "1.0\n", 7, None, [1, 2], {"a": 1}):
        assert turn(browser, choice) == first
    assert browser.turn(gr.EventData(None, "1.0")) == first
    assert turn(browser, "999999.999999999") == turn(browser, "4.1")


def test_kinds_stand_by_their_count_and_those_without_one_under_all() -> None:
    labels = ["hat", None, "coat", "coat", ""]
    assert [(kind.name, list(kind.rows)) for kind in sort_by_kind(range(5), labels.__getitem__)] == [
        (None, [0, 1, 2, 3, 4]),
        ("coat", [2, 3]),
        ("hat", [0]),
    ]


def test_without_a_catalogue_the_page_says_so(tmp_path: Path) -> None:
    html = Browser(LiveSearcher(lambda: tmp_path / "none"), Pictures(set())).open()
    assert "role='alert'" in html and "python -m cbir index" in html


def test_photos_without_labels_are_offered_as_well(photos: Path, extractor: FeatureExtractor, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    for photo in sorted(photos.rglob("*.jpg"))[:3]:
        shutil.copy(photo, tmp_path / "photos")
    index_photos(tmp_path / "photos", tmp_path / "index", extractor)
    catalogue = Catalogue.open(tmp_path / "index")
    assert choose_examples(catalogue) == [Example(catalogue.thumb(0), None)]

"""Filters in the API: those of a catalogue are searched by, and whatever else a visitor sends is refused in words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import gradio as gr
import orjson
import pytest

from cbir.catalogue.build import index_photos
from cbir.network.extractor import FeatureExtractor
from cbir.web.api import Api
from cbir.web.endpoints import Answer, Endpoints
from cbir.web.filters import CHARACTERS, COLUMNS, LONGEST, RULE, VALUES, draw_filters
from cbir.web.pictures import Pictures
from cbir.web.reloading import LiveSearcher
from cbir.web.sources import Sources
from cbir.web.texts import load_texts
from cbir.web.trail import Visit, key_of
from tests.support.described import fill_described, numbers_with


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill_described(tmp_path_factory.mktemp("described") / "photos")


@pytest.fixture(scope="module")
def endpoints(folder: Path, extractor: FeatureExtractor) -> Endpoints:
    index_photos(folder, folder.parent / "index", extractor)
    return Endpoints(Sources(LiveSearcher(lambda: folder.parent / "index")), Pictures(set()))


@pytest.fixture
def api(endpoints: Endpoints) -> Api:
    return Api(endpoints.live, endpoints.pictures)


@pytest.fixture
def upload(folder: Path) -> dict[str, Any]:
    return {"path": str(folder / "003.jpg")}


def test_a_filter_limits_the_answer(api: Api, upload: dict[str, Any]) -> None:
    answer = orjson.loads(orjson.dumps(api.search(upload, where={"colour": "Blue", "size": ["m", "XL"]})))
    blue = numbers_with("blue", sizes=("M", "XL"))
    assert {match["photo"] for match in answer["matches"]} <= {f"{number:03}.jpg" for number in blue}
    assert answer["where"] == {"colour": ["blue"], "size": ["M", "XL"]} and answer["exact"] is True
    assert (answer["subset_size"], answer["catalogue_size"], len(answer["matches"])) == (len(blue), 24, 3)


@pytest.mark.parametrize("where", [None, {}], ids=str)
def test_without_a_filter_all_are_searched(api: Api, upload: dict[str, Any], where: object) -> None:
    answer = api.search(upload, where=where)
    assert api.search(upload)["matches"] == answer["matches"]
    assert (answer["subset_size"], answer["where"], answer["matches"][0]["photo"]) == (24, {}, "003.jpg")


HOSTILE: dict[str, object] = {
    "text": "colour=blue",
    "list": ["colour"],
    "number": 3,
    "false": False,
    "value of no text": {"colour": 3},
    "no value": {"colour": None},
    "values of no text": {"colour": ["blue", None]},
    "object in an object": {"colour": {"blue": "blue"}},
    "lists in a list": {"colour": [["blue"]]},
    "file": {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}},
    "many columns": {f"c{number}": "blue" for number in range(COLUMNS + 1)},
    "many values": {"colour": ["blue"] * (VALUES + 1)},
    "long value": {"colour": "x" * (CHARACTERS + 1)},
    "long value of many": {"colour": ["blue", "x" * 1_000_000]},
    "long column": {"c" * (CHARACTERS + 1): "blue"},
}


@pytest.mark.parametrize("where", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_filter_is_refused(api: Api, upload: dict[str, Any], where: object) -> None:
    with pytest.raises(gr.Error) as raised:
        api.search(upload, where=where)
    assert raised.value.message == RULE


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ({"colour": []}, "column colour has to have a text"),
        ({"color": "blue"}, "its columns are kind, colour, size, price"),
        ({"colour": "bleu"}, "the nearest are blue"),
        ({"colour": "\x1b[31m\ud800\u202e" + "x" * 400}, r"no value '\x1b[31m\ud800\u202exxx"),
        ({"<script>\n": "blue"}, r"no column '<script>\n' in the catalogue"),
    ],
    ids=str,
)
def test_what_is_not_there_is_told(api: Api, upload: dict[str, Any], where: dict[str, Any], message: str) -> None:
    with pytest.raises(gr.Error) as raised:
        api.search(upload, where=where)
    told = str(raised.value.message)
    orjson.dumps(told)
    assert message in told and told.isprintable() and len(told) < 300 and upload["path"] not in told


def choose(endpoints: Endpoints, visit: Visit, choice: str) -> Answer:
    return endpoints.choose(False, visit, gr.EventData(None, {"choice": choice}))


def test_the_page_filters_what_is_searched(endpoints: Endpoints, upload: dict[str, Any]) -> None:
    """The photo that was brought, and then a match, among blue ones; the filter stays until another is chosen."""
    searcher = endpoints.live.get()
    first = endpoints.answer(upload, False)
    assert "<details class='filters'><summary>" in first.filters and "selected" not in first.filters
    blue = choose(endpoints, first.visit, 'where:{"colour": "Blue"}')
    expected = searcher.search(upload["path"], where={"colour": "blue"})
    assert re.findall(r"distance ([.0-9]+)<", blue.matches) == [f"{match.distance:.3f}" for match in expected.matches]
    assert f"{expected.subset_size} photos with colour blue" in blue.words
    assert "open><summary>Filter (1)" in blue.filters and blue.filters.count("selected") == 1
    key = f"photo:{key_of(expected.matches[0].row, searcher.catalogue.records[expected.matches[0].row])}"
    second = choose(endpoints, blue.visit, key)
    again = searcher.search_indexed(expected.matches[0].row, where={"colour": "blue"})
    assert re.findall(r"distance ([.0-9]+)<", second.matches) == [f"{match.distance:.3f}" for match in again.matches]
    assert "the other" in second.words and "with colour blue" in second.words
    plain = choose(endpoints, second.visit, "where:{}")
    assert "with colour" not in plain.words and "selected" not in plain.filters
    assert "with colour blue" in choose(endpoints, blue.visit, "whole").words


def test_a_filter_of_the_page_may_be_anything(endpoints: Endpoints, upload: dict[str, Any]) -> None:
    visit = endpoints.answer(upload, False).visit
    deep, long = "[" * 5_000, '{"colour": "' + "x" * LONGEST + '"}'
    for sent in ("", "null", "7", "[]", '{"colour": 7}', '{"colour"', deep, long, '{"colour": {"a": "b"}}'):
        answer = choose(endpoints, visit, f"where:{sent}")
        assert "role='alert'" in answer.words and not isinstance(answer.matches, str)
    assert "no column &#x27;&lt;b&gt;&#x27;" in choose(endpoints, visit, 'where:{"<b>": "x"}').words
    assert load_texts("en")("forgotten") in choose(endpoints, Visit(), 'where:{"colour": "blue"}').words


def test_names_and_values_of_filters_are_escaped() -> None:
    html = draw_filters(
        {"<b>": {"'><script>": 2, "x\u202e": 1}, "one": {"value": 3}}, {"<b>": ["'><SCRIPT>"]}, load_texts("en")
    )
    assert "<script" not in html and "<b>" not in html and html.count("selected") == 1 and "one" not in html
    assert draw_filters({"one": {"value": 3}}, {}, load_texts("en")) == ""

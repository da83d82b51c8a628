"""Filters in the API: those of a catalogue are searched by, and whatever else a visitor sends is refused in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
import orjson
import pytest

from cbir.catalogue.build import index_photos
from cbir.network.extractor import FeatureExtractor
from cbir.web.endpoints import FILTER_CHARACTERS, FILTER_COLUMNS, FILTER_RULE, FILTER_VALUES, Endpoints
from cbir.web.pictures import Pictures
from cbir.web.reloading import LiveSearcher
from tests.support.described import fill_described, numbers_with


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill_described(tmp_path_factory.mktemp("described") / "photos")


@pytest.fixture(scope="module")
def endpoints(folder: Path, extractor: FeatureExtractor) -> Endpoints:
    index_photos(folder, folder.parent / "index", extractor)
    return Endpoints(LiveSearcher(lambda: folder.parent / "index"), Pictures(set()))


@pytest.fixture
def upload(folder: Path) -> dict[str, Any]:
    return {"path": str(folder / "003.jpg")}


def test_a_filter_limits_the_answer(endpoints: Endpoints, upload: dict[str, Any]) -> None:
    answer = orjson.loads(orjson.dumps(endpoints.search_api(upload, {"colour": "Blue", "size": ["m", "XL"]})))
    blue = numbers_with("blue", sizes=("M", "XL"))
    assert {match["photo"] for match in answer["matches"]} <= {f"{number:03}.jpg" for number in blue}
    assert answer["where"] == {"colour": ["blue"], "size": ["M", "XL"]} and answer["exact"] is True
    assert (answer["subset_size"], answer["catalogue_size"], len(answer["matches"])) == (len(blue), 24, 3)


@pytest.mark.parametrize("where", [(), (None,), ({},)], ids=str)
def test_without_a_filter_all_are_searched(endpoints: Endpoints, upload: dict[str, Any], where: tuple[Any]) -> None:
    answer = endpoints.search_api(upload, *where)
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
    "many columns": {f"c{number}": "blue" for number in range(FILTER_COLUMNS + 1)},
    "many values": {"colour": ["blue"] * (FILTER_VALUES + 1)},
    "long value": {"colour": "x" * (FILTER_CHARACTERS + 1)},
    "long value of many": {"colour": ["blue", "x" * 1_000_000]},
    "long column": {"c" * (FILTER_CHARACTERS + 1): "blue"},
}


@pytest.mark.parametrize("where", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_filter_is_refused(endpoints: Endpoints, upload: dict[str, Any], where: object) -> None:
    with pytest.raises(gr.Error) as raised:
        endpoints.search_api(upload, where)
    assert raised.value.message == FILTER_RULE


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
def test_what_is_not_there_is_told(
    endpoints: Endpoints, upload: dict[str, Any], where: dict[str, Any], message: str
) -> None:
    with pytest.raises(gr.Error) as raised:
        endpoints.search_api(upload, where)
    told = str(raised.value.message)
    orjson.dumps(told)
    assert message in told and told.isprintable() and len(told) < 300 and upload["path"] not in told

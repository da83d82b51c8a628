"""Names of any bytes on the page and in its API: sent as JSON of the web, which is UTF-8, and shown with escapes."""

from __future__ import annotations

import os
import re
from html import unescape
from pathlib import Path

import gradio as gr
import orjson
import pytest

from cbir.catalogue.build import index_photos
from cbir.network.extractor import FeatureExtractor
from cbir.web.api import Api
from cbir.web.endpoints import Endpoints
from cbir.web.pictures import Pictures
from cbir.web.reloading import LiveSearcher
from cbir.web.sources import Sources
from tests.support.drawings import draw_garment

NAMES = (b"caf\xe9/h\xfct.jpg", "gpj.\u202egnp/\x1b[31m\n<b>.jpg".encode(), b"plain/a.jpg")


@pytest.fixture(scope="module")
def odd_photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("odd")
    for number, name in enumerate(NAMES):
        path = folder / os.fsdecode(name)
        path.parent.mkdir()
        draw_garment(90 + number, "hat").save(path)
    return folder


@pytest.fixture(scope="module")
def endpoints(odd_photos: Path, extractor: FeatureExtractor, tmp_path_factory: pytest.TempPathFactory) -> Endpoints:
    out = tmp_path_factory.mktemp("odd index") / "index"
    index_photos(odd_photos, out, extractor)
    return Endpoints(Sources(LiveSearcher(lambda: out)), Pictures(set()))


def test_the_api_answers_in_utf_8(endpoints: Endpoints, odd_photos: Path) -> None:
    """As Gradio does, with orjson, which refuses what is no UTF-8."""
    answer = Api(endpoints.live, endpoints.pictures).search({"path": str(odd_photos / "plain" / "a.jpg")})
    matches = orjson.loads(orjson.dumps(answer))["matches"]
    assert {match["photo"] for match in matches} == {
        r"caf\udce9/h\udcfct.jpg",
        "gpj.\u202egnp/\x1b[31m\n<b>.jpg",
        "plain/a.jpg",
    }
    assert {match["label"] for match in matches} == {r"caf\udce9", "gpj.\u202egnp", "plain"}


def test_the_page_shows_names_with_escapes(endpoints: Endpoints, odd_photos: Path) -> None:
    html = endpoints.answer({"path": str(odd_photos / "plain" / "a.jpg")}, False).matches
    assert orjson.loads(orjson.dumps(html)) == html and html.isprintable()
    names = {unescape(name) for name in re.findall(r"<b>\d\. (.*?)</b>", html)}
    assert names == {r"caf\udce9", r"gpj.\u202egnp", "plain"}


@pytest.mark.parametrize("name", ["caf\udce9.jpg", "\x1b[31m\n.jpg", "\u202e.jpg"])
def test_errors_name_a_photo_with_escapes(endpoints: Endpoints, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"no photo")
    upload = {"path": str(tmp_path / name)}
    words = endpoints.answer(upload, False).words
    with pytest.raises(gr.Error) as raised:
        Api(endpoints.live, endpoints.pictures).search(upload)
    for text in (words, str(raised.value.message)):
        orjson.dumps(text)
        assert text.isprintable() and str(tmp_path) not in text and ".jpg" in text

"""What is saved from the page is the answer that it shows, and tells nothing of the server."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from urllib.parse import unquote

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from cbir.catalogue.build import index_photos
from cbir.network.extractor import FeatureExtractor
from cbir.report.picture import draw_answers
from cbir.report.words import Answered
from cbir.web.endpoints import Endpoints
from cbir.web.handover import FORMS
from cbir.web.pictures import Pictures
from cbir.web.reloading import LiveSearcher
from cbir.web.saving import Saver, name_file
from cbir.web.sources import Sources
from cbir.web.texts import load_texts
from cbir.web.trail import Step, Visit
from tests.support.described import fill_described
from tests.support.drawings import draw_garment

pytestmark = pytest.mark.usefixtures("any_axes", "one_thread")


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory, extractor: FeatureExtractor) -> LiveSearcher:
    place = tmp_path_factory.mktemp("described")
    index_photos(fill_described(place / "photos"), place / "index", extractor)
    return LiveSearcher(lambda: place / "index")


@pytest.fixture
def upload(tmp_path: Path) -> dict[str, str]:
    draw_garment(55, "dress").save(tmp_path / "My Dress.png")
    return {"path": str(tmp_path / "My Dress.png")}


def choose(endpoints: Endpoints, visit: Visit, choice: str) -> Visit:
    chosen = endpoints.choose(False, visit, gr.EventData(None, {"choice": choice})).visit
    assert isinstance(chosen, Visit)
    return chosen


def save(live: LiveSearcher, visit: Visit, form: object, files: set[str] | None = None) -> tuple[str, bytes]:
    """Name and bytes of the file that the page gets."""
    html, words = Saver(Sources(live), Pictures(set() if files is None else files)).save(
        visit, gr.EventData(None, {"choice": form})
    )
    assert words == gr.skip()
    where, name = re.findall("<a href='gradio_api/file=([^']+)' download='([^']+)' data-time='[0-9]+'></a>", html)[0]
    return name, Path(unquote(where)).read_bytes()


def test_json_and_table_have_what_is_shown_with_its_filter_and_number(
    live: LiveSearcher, upload: dict[str, str]
) -> None:
    endpoints = Endpoints(Sources(live), Pictures(set()))
    visit = choose(endpoints, endpoints.answer(upload, False).visit, 'where:{"kind": ["Dress", "Hat"]}')
    visit = choose(endpoints, visit, "more")
    name, data = save(live, visit, "JSON")
    expected = live.get().search(upload["path"], 12, where={"kind": ["Dress", "Hat"]}).as_json()
    told = json.loads(data)
    for one in (told, expected):
        del one["timings_ms"]
    assert name == "similar-to-my-dress.json" and told == expected and len(told["matches"]) == 12
    name, table = save(live, visit, "CSV")
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"), newline="")))
    assert name == "similar-to-my-dress.csv"
    assert [(row["rank"], row["photo"], row["distance"]) for row in rows] == [
        (str(match["rank"]), match["photo"], f"{match['distance']:.4f}") for match in expected["matches"]
    ]
    assert [row["size"] for row in rows] == [match["columns"]["size"] for match in expected["matches"]]
    server = str(Path(upload["path"]).parent).encode()
    assert server not in data + table and str(live.catalogue().folder).encode() not in data + table


def test_the_picture_is_that_of_the_answer(live: LiveSearcher, upload: dict[str, str]) -> None:
    endpoints, files = Endpoints(Sources(live), Pictures(set())), set[str]()
    visit = endpoints.answer(upload, False).visit
    name, data = save(live, visit, "Picture", files)
    expected = draw_answers([Answered(upload["path"], live.get().search(upload["path"]))])
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(data))), np.asarray(expected))
    assert name == "similar-to-my-dress.png" and len(files) == 1, "it is swept as uploads are"
    key = re.findall("data-choice='(photo:[^']+)'", endpoints.answer(upload, False).matches)[0]
    name, data = save(live, choose(endpoints, visit, key), "Picture")
    with Image.open(io.BytesIO(data)) as picture:
        assert re.fullmatch("similar-to-[a-z]+.png", name) and picture.width > 2_000


def test_what_cannot_be_saved_gets_a_word_and_what_is_no_form_nothing(
    live: LiveSearcher, upload: dict[str, str]
) -> None:
    saver, visit = (
        Saver(Sources(live), Pictures(set())),
        Endpoints(Sources(live), Pictures(set())).answer(upload, False).visit,
    )
    for sent in ({"choice": "EXE"}, {"choice": ["JSON"]}, {"choice": None}, {}, "JSON", None, 7):
        assert saver.save(visit, gr.EventData(None, sent)) == (gr.skip(), gr.skip())
    for form in FORMS:
        assert load_texts("en")("forgotten") in saver.save(Visit(), gr.EventData(None, {"choice": form}))[1]
    Path(upload["path"]).unlink()
    assert load_texts("en")("gone") in saver.save(visit, gr.EventData(None, {"choice": "JSON"}))[1]


@pytest.mark.parametrize(
    ("stem", "words"),
    [
        ("My  Dress_2", "my-dress-2"),
        ("M\u00fctze \u65e5\u672c", "m\u00fctze-\u65e5\u672c"),
        ("'><script>alert(1)", "script-alert-1"),
        ("caf\udce9\x1b\u202e", "caf"),
        ("-..-", "photo"),
        ("x" * 300, "x" * 60),
    ],
)
def test_names_of_files_are_plain_words(stem: str, words: str) -> None:
    for step in (Step("", "", photo=f"photos/{stem}.jpg"), Step("", stem, key="1-0123456789abcdef")):
        assert name_file(step, ".png") == f"similar-to-{words}.png"

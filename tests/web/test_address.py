"""The address of an answer: it brings the answer back, and holds nothing of a photo that was brought."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import pytest
from starlette.datastructures import QueryParams

from cbir.catalogue.build import index_photos
from cbir.catalogue.records import Record, Records
from cbir.network.extractor import FeatureExtractor
from cbir.photos.region import Region
from cbir.web.address import read_address, write_address
from cbir.web.endpoints import Answer, Endpoints
from cbir.web.examples import UNKNOWN, Examples
from cbir.web.pictures import Pictures
from cbir.web.reloading import LiveSearcher
from cbir.web.sources import Sources
from cbir.web.trail import Step, Visit, key_of, row_of
from tests.support.described import fill_described
from tests.support.drawings import draw_garment

pytestmark = pytest.mark.usefixtures("any_axes", "one_thread")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos with a table that describes them, and two examples."""
    folder = fill_described(tmp_path_factory.mktemp("described") / "photos")
    (folder / "examples").mkdir()
    for number, name in ((70, "a.png"), (71, "b.png")):
        draw_garment(number, "dress").save(folder / "examples" / name)
    return folder


@pytest.fixture(scope="module")
def index(folder: Path, extractor: FeatureExtractor) -> Path:
    index_photos(folder, folder.parent / "index", extractor)
    return folder.parent / "index"


@pytest.fixture
def endpoints(index: Path) -> Endpoints:
    return serve(index)


def serve(index: Path) -> Endpoints:
    """The handlers of a page that was started just now."""
    return Endpoints(Sources(LiveSearcher(lambda: index)), Pictures(set()))


def open_address(endpoints: Endpoints, address: str) -> Answer:
    request = SimpleNamespace(query_params=QueryParams(address.removeprefix("?")))
    return endpoints.open(False, "", cast(gr.Request, request))


def choose(endpoints: Endpoints, visit: Visit, choice: object) -> Answer:
    return endpoints.choose(False, visit, gr.EventData(None, {"choice": choice}))


def link(answer: Answer) -> str:
    (found,) = re.findall("data-link='([^']*)'", answer.handover)
    return cast(str, found).replace("&amp;", "&")


def assert_same(answer: Answer, again: Answer) -> None:
    """The same but for times and the copies of pictures that are made anew."""
    assert (again.matches, again.filters, link(again)) == (answer.matches, answer.filters, link(answer))
    assert again.words.partition("<details")[0] == answer.words.partition("<details")[0]


def test_an_address_brings_back_a_photo_of_the_catalogue_its_filter_and_how_many(
    endpoints: Endpoints, index: Path
) -> None:
    key = key_of(3, endpoints.live.catalogue().records[3])
    answer = choose(endpoints, Visit(), f"photo:{key}")
    assert link(answer) == f"?photo={key}" and "3. " in answer.matches
    assert_same(answer, open_address(serve(index), link(answer)))
    blue = choose(endpoints, answer.visit, 'where:{"colour": "Blue", "size": "L"}')
    assert link(blue) == f"?photo={key}&where.colour=Blue&where.size=L"
    assert_same(blue, open_address(serve(index), link(blue)))
    more = choose(endpoints, choose(endpoints, answer.visit, "more").visit, 'where:{"colour": "blue"}')
    more = choose(endpoints, more.visit, "more")
    assert link(more) == f"?photo={key}&where.colour=blue&k=12"
    again = open_address(serve(index), link(more))
    assert again.matches.count("class='pick'") == more.matches.count("class='pick'") > 3
    assert re.findall("distance [.0-9]+", again.matches) == re.findall("distance [.0-9]+", more.matches)


def test_an_example_is_known_by_its_bytes_and_found_by_its_name_alone(
    endpoints: Endpoints, index: Path, tmp_path: Path
) -> None:
    first = endpoints.live.catalogue().examples[0]
    copy, name = tmp_path / "other name.jpg", hashlib.sha256(first.read_bytes()).hexdigest()[:16]
    shutil.copy(first, copy)
    answer = endpoints.answer({"path": str(copy)}, False)
    assert link(answer) == f"?example={name}"
    again = open_address(serve(index), link(answer))
    assert_same(answer, again)
    assert again.photo != str(copy) and Path(again.photo).read_bytes() == copy.read_bytes()
    box = choose(endpoints, answer.visit, [0.123456, 0.1, 0.87654321, 0.9])
    assert link(box) == f"?example={name}&part=0.1235,0.1,0.8765,0.9"
    assert_same(box, open_address(serve(index), link(box)))
    for other in ("", "0" * 16, first.name, "../examples/001.jpg", str(first), "\0", "<b>", "b" * 9999):
        told = open_address(endpoints, str(QueryParams({"example": other})))
        assert UNKNOWN in told.words and "role='alert'" in told.words


def test_an_upload_is_in_no_address(endpoints: Endpoints, tmp_path: Path) -> None:
    path = tmp_path / "secret dress.png"
    draw_garment(55, "dress").save(path)
    for answer in (
        first := endpoints.answer({"path": str(path)}, False),
        choose(endpoints, first.visit, 'where:{"colour": "blue"}'),
        choose(endpoints, first.visit, "more"),
        choose(endpoints, first.visit, [0.2, 0.2, 0.8, 0.8]),
    ):
        assert link(answer) == "" and "Copy link" not in answer.handover and "secret" not in answer.handover
    key = re.findall("data-choice='photo:([^']+)'", first.matches)[0]
    second = choose(endpoints, first.visit, f"photo:{key}")
    assert link(second) == f"?photo={key}"
    assert link(choose(endpoints, second.visit, "step:0")) == ""
    assert choose(endpoints, second.visit, "clear").handover == ""


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("photo=", "not in the catalogue"),
        ("photo=0-0000000000000000", "not in the catalogue"),
        ("photo=/etc/passwd", "not in the catalogue"),
        ("photo=<script>&example=b.png", "not in the catalogue"),
        ("photo={key}&where.colour=violet", "no value &#x27;violet&#x27; in column colour"),
        ("photo={key}&where.cut=long", "no column &#x27;cut&#x27; in the catalogue"),
        ("photo={key}&where.=x", "no column"),
        ("photo={key}&where.colour=" + "x" * 501, "A filter is an object of at most"),
        ("photo={key}&" + "&".join(f"where.{number}=x" for number in range(17)), "A filter is an object of at most"),
        ("photo={key}&" + "where.colour=x&" * 65, "A filter is an object of at most"),
        ("example={name}&part=left", "no region"),
        ("example={name}&part=nan,0,1,1", "no region"),
        ("example={name}&part=0.5,0,0.5,1", "encloses nothing"),
    ],
)
def test_what_cannot_be_found_gets_a_word(endpoints: Endpoints, address: str, message: str) -> None:
    key = key_of(3, endpoints.live.catalogue().records[3])
    name = next(iter(endpoints.examples.offered()))
    answer = open_address(endpoints, address.replace("{key}", key).replace("{name}", name))
    assert message in answer.words and "role='alert'" in answer.words and "<script" not in answer.words
    assert answer.matches == answer.photo == gr.skip() and answer.visit == Visit()


def test_parameters_of_others_and_odd_counts_make_no_difference(endpoints: Endpoints) -> None:
    key = key_of(3, endpoints.live.catalogue().records[3])
    for odd in ("k=4", "k=-1", "k=", f"k={'9' * 5000}", "k=12.0", "k=\u0663", "__theme=dark&colour=blue", "where=x"):
        assert link(open_address(endpoints, f"photo={key}&{odd}")) == f"?photo={key}"
    for greeted in ("", "k=12&where.colour=blue", "part=whole", "view=api"):
        assert "24 photos are ready" in open_address(endpoints, greeted).words


def test_a_link_survives_that_its_photo_moves(
    folder: Path, index: Path, tmp_path: Path, extractor: FeatureExtractor
) -> None:
    """Photos before it are gone, and others have come."""
    records = serve(index).live.catalogue().records
    keys = {record.photo: key_of(row, record) for row, record in enumerate(records)}
    moved = tmp_path / "photos"
    shutil.copytree(folder, moved)
    (moved / "photos.csv").unlink()
    shutil.rmtree(moved / "examples")
    for number in (0, 1, 4):
        (moved / f"{number:03}.jpg").unlink()
    draw_garment(99, "hat").save(moved / "0000.jpg")
    index_photos(moved, tmp_path / "index", extractor)
    endpoints = serve(tmp_path / "index")
    after = endpoints.live.catalogue().records
    assert after[row_of(keys["020.jpg"], after)].photo == "020.jpg" != after[20].photo
    answer = open_address(endpoints, f"photo={keys['020.jpg']}")
    assert link(answer) == f"?photo={key_of(row_of(keys['020.jpg'], after), records[20])}"
    assert "not in the catalogue" in open_address(endpoints, f"photo={keys['001.jpg']}").words


def test_garments_of_one_photo_are_told_apart_wherever_they_are() -> None:
    parts = [(Region(0, 0, 0.5, 0.5), "top"), (Region(0, 0.5, 0.5, 1), "skirt"), (None, None)]
    records = [Record("a.jpg", None, "ab" * 32, region=region, kind=kind) for region, kind in parts]
    keys = [key_of(row, record) for row, record in enumerate(records)]
    moved = Records("".join(record.as_line() for record in reversed(records)).encode())
    assert [row_of(key, moved) for key in keys] == [2, 1, 0]


def test_addresses_of_any_values_come_back() -> None:
    where: dict[str, Any] = {"a=b&c": ["1 + 1", "100%"], "photo": "\u65e5\u672c #?", "k": "x:y,z"}
    visit = Visit((Step("", "", key="8-0123456789abcdef"),), shown=24, where=where)
    address = write_address(visit)
    assert re.fullmatch(r"\?[\w.=&%+:,-]+", address, re.ASCII)
    asked = read_address(QueryParams(address[1:]))
    assert (asked.photo, asked.shown) == ("8-0123456789abcdef", 24)
    assert asked.where == {name: [values] if isinstance(values, str) else values for name, values in where.items()}
    surrogate = write_address(visit._replace(where={"label": "caf\udce9"}))
    assert read_address(QueryParams(surrogate[1:])).where == {"label": [r"caf\udce9"]}


def test_without_examples_the_pictures_offered_have_names(catalogue: Path, tmp_path: Path) -> None:
    examples = Examples(LiveSearcher(lambda: catalogue), Pictures(set()))
    offered = examples.offered()
    assert [one.label for one in offered.values()] == ["dress", "hat", "scarf", "shirt"]
    for name, (path, _) in offered.items():
        assert examples.find(name) == path and examples.name_of(shutil.copy(str(path), str(tmp_path / "x.jpg"))) == name
    (tmp_path / "y.jpg").write_bytes(bytes(path.stat().st_size))
    assert examples.name_of(str(tmp_path / "y.jpg")) is None
    assert Examples(LiveSearcher(lambda: tmp_path / "none"), Pictures(set())).offered() == {}

"""The handlers of the page of a wardrobe, without a browser, and what a hostile browser sends to them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import gradio as gr
import pytest

from cbir import FeatureExtractor, Searcher
from cbir.catalogue.catalogue import Catalogue
from cbir.catalogue.pack import pack_catalogue, unpack_catalogue
from cbir.web.pictures import Pictures
from cbir.web.reloading import LiveSearcher
from cbir.web.texts import load_texts
from cbir.web.wardrobes.desk import LATER, SOON, Desk, Place, Shown, read_uploads
from cbir.web.wardrobes.garments import Garments
from cbir.web.wardrobes.indexer import Indexer
from cbir.web.wardrobes.intake import Brought
from cbir.web.wardrobes.shelf import draw_refused, draw_work
from cbir.web.wardrobes.status import Status
from cbir.web.wardrobes.store import KeptWardrobe, Wardrobes
from cbir.web.wardrobes.wardrobe import Wardrobe
from tests.support.drawings import draw_garment
from tests.support.obstacles import within
from tests.support.wardrobes import Hands, draw, key_at, names

SAY = load_texts("en")
HOSTILE = "\"><img src=x onerror='alert(1)'><script>"


class Page:
    """A tab: what it shows, and what it sends."""

    def __init__(self, desk: Desk, indexer: Indexer) -> None:
        self.desk, self._indexer = desk, indexer
        self.token, self.seen = "", Place()
        self.told = self.shelf = self.saved = ""
        self.seconds = 0.0
        self.show(desk.open(self.token))

    def show(self, shown: Sequence[Any]) -> None:
        told, shelf, seen, timer, _ = shown
        self.told, self.seen, self.seconds = told, seen, timer.value
        self.shelf = self.shelf if shelf == gr.skip() else shelf

    def bring(self, *files: Brought, garments: bool = False) -> None:
        uploads = [{"path": str(file.path), "orig_name": file.name} for file in files]
        emptied, self.token, *shown = self.desk.bring(uploads, garments, self.token, self.seen)
        assert emptied is None
        self.show(shown)

    def choose(self, choice: object) -> None:
        self.token, saved, *shown = self.desk.choose(self.token, self.seen, gr.EventData(None, {"choice": choice}))
        self.saved = "" if saved == gr.skip() else saved
        self.show(shown)

    def follow(self) -> None:
        self.show(self.desk.follow(self.token, self.seen))

    def wait(self) -> None:
        with within(120):
            self._indexer.wait()
        self.follow()

    @property
    def keys(self) -> list[str]:
        return re.findall("data-choice='out:([^']*)'", self.shelf)

    @property
    def photos(self) -> list[str]:
        return re.findall("class='pick' href='[^']*' title='([^']*)'", self.shelf)


class Tags(HTMLParser):
    """The elements of HTML as a browser reads them, and their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += attrs


@pytest.fixture(scope="module")
def live(catalogue: Path) -> LiveSearcher:
    return LiveSearcher(lambda: catalogue)


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def wardrobes(clock: Hands) -> Wardrobes:
    return Wardrobes(clock=clock, most=2)


@pytest.fixture
def indexer(extractor: FeatureExtractor) -> Indexer:
    return Indexer(lambda: extractor)


@pytest.fixture
def page(wardrobes: Wardrobes, indexer: Indexer, live: LiveSearcher) -> Page:
    return Page(Desk(wardrobes, indexer, live, Pictures(set())), indexer)


@pytest.fixture
def own(page: Page, wardrobes: Wardrobes, three_photos: Path) -> Wardrobe:
    """The wardrobe of the page, of three photos."""
    page.token = wardrobes.begin()
    wardrobe = wardrobes.use(page.token)
    assert wardrobe is not None
    shutil.copytree(three_photos, wardrobe.folder)
    page.show(page.desk.open(page.token))
    return wardrobe


@pytest.fixture
def kept(filled: Wardrobe, indexer: Indexer, extractor: FeatureExtractor) -> Page:
    """The page on which a catalogue that is kept is changed."""
    wardrobe = KeptWardrobe(filled.folder)
    return Page(Desk(wardrobe, indexer, LiveSearcher(lambda: filled.folder), Pictures(set())), indexer)


def test_photos_are_brought_and_appear(page: Page, wardrobes: Wardrobes, inbox: Path) -> None:
    assert SAY("wardrobe_empty") in page.shelf and page.told == "" and page.seconds == LATER and len(wardrobes) == 0
    (inbox / "notes.jpg").write_text("no photo")
    page.bring(draw(inbox, 1), draw(inbox, 2, "my hat.jpg"), Brought("notes.jpg", inbox / "notes.jpg"))
    token = page.token
    assert token and len(wardrobes) == 1
    page.wait()
    assert page.photos == ["001", "my hat"] and len(set(page.keys)) == 2 and page.token == token
    assert "<b>notes.jpg</b>" in page.told and SAY("refused", count=1) in page.told
    assert "progress" not in page.told and page.seconds == LATER
    tags = Tags(page.shelf)
    kinds = [value for name, value in tags.attributes if name == "value"]
    assert {"dress", "hat", "scarf", "shirt"} <= set(kinds), "the catalogue's are offered"
    pictures = [value for name, value in tags.attributes if name == "src" and value]
    assert len(pictures) == 2 and all(Path(unquote(src.partition("=")[2])).is_file() for src in pictures)
    before = page.shelf
    page.show(page.desk.open(token))
    assert page.shelf.count("<li>") == before.count("<li>") and page.photos == ["001", "my hat"]


def test_the_work_can_be_followed(page: Page, wardrobes: Wardrobes, own: Wardrobe, inbox: Path) -> None:
    other = wardrobes.use(wardrobes.begin())
    assert other is not None
    own.status = Status("photos", 1, 4)
    page.follow()
    assert page.seconds == SOON and "<progress value='1' max='4'" in page.told and "1 of 4 photos" in page.told
    own.status = Status()
    page.follow()
    assert page.seconds == LATER and page.told == ""


@pytest.mark.parametrize("garments", [True, False])
def test_garments_are_found_if_they_are_wanted(garments: bool, page: Page, wardrobes: Wardrobes, inbox: Path) -> None:
    page.bring(draw(inbox, 1), garments=garments)
    wardrobe = wardrobes.look(page.token)
    assert wardrobe is not None and wardrobe.by_garment == garments
    page.wait()


def test_a_shelf_is_drawn_again_only_if_it_is_another_one(page: Page, own: Wardrobe) -> None:
    assert page.desk.follow(page.token, page.seen).shelf == gr.skip()
    own.take_out(key_at(own, 0))
    page.follow()
    assert page.photos == ["101", "102"]
    assert page.desk.follow(page.token, page.seen).shelf == gr.skip()
    assert page.desk.follow(page.token, Place()).shelf != gr.skip()


def test_what_changes_while_a_shelf_is_drawn_is_on_the_next_one(
    page: Page, own: Wardrobe, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = [key_at(own, 0)]
    find = Wardrobe.garments

    def find_and_change(wardrobe: Wardrobe) -> Garments:
        found = find(wardrobe)
        if gone:
            wardrobe.take_out(gone.pop())
        return found

    monkeypatch.setattr(Wardrobe, "garments", find_and_change)
    page.show(page.desk.open(page.token))
    assert page.photos == ["100", "101", "102"]
    page.follow()
    assert page.photos == ["101", "102"]


def test_taken_out_called_otherwise_and_deleted(page: Page, own: Wardrobe, wardrobes: Wardrobes) -> None:
    first, second, _ = page.keys
    page.choose(f"out:{first}")
    assert page.photos == ["101", "102"], "at once"
    page.choose(f"kind:{second}:ball: gown")
    assert "value='ball: gown'" in page.shelf
    page.wait()
    catalogue = own.catalogue()
    assert catalogue is not None
    assert catalogue.records[0].label == "ball: gown" and len(catalogue.records) == 2
    page.choose(f"out:{first}")
    assert "role='alert'" in page.told and len(page.keys) == 2
    page.choose("end")
    assert page.token == "" and SAY("wardrobe_empty") in page.shelf and page.told == "" and len(wardrobes) == 0
    assert not own.folder.exists()
    page.choose(f"out:{second}")
    assert SAY("wardrobe_empty") in page.shelf and len(wardrobes) == 0


def test_pages_are_turned(page: Page, own: Wardrobe, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("desk", "shelf"):
        monkeypatch.setattr(f"cbir.web.wardrobes.{module}.PER_PAGE", 2)
    page.choose("0.0")
    assert page.photos == ["100", "101"] and "1 of 2" in page.shelf
    page.choose("0.1")
    assert page.photos == ["102"] and page.seen.page == 1
    page.choose("0.999999")
    assert page.photos == ["102"] and page.seen.page == 1
    page.choose(f"out:{page.keys[0]}")
    assert page.photos == ["100", "101"] and page.seen.page == 0, "the nearest page that there is"
    page.wait()


def test_garments_of_a_kind_are_looked_at_by_themselves(
    page: Page, own: Wardrobe, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "aria-pressed" not in page.shelf, "so few are all in view"
    for module in ("desk", "shelf"):
        monkeypatch.setattr(f"cbir.web.wardrobes.{module}.PER_PAGE", 2)
    page.choose(f"kind:{page.keys[1]}:gown")
    page.choose("0.0")
    kinds = re.findall(r">([\w-]+) <small>(\d+)<", page.shelf)
    assert kinds[0] == ("All", "3") and ("gown", "1") in kinds
    page.choose(f"{kinds.index(('gown', '1'))}.0")
    assert page.photos == ["101"] and "3 photos" in page.shelf
    page.choose(f"out:{page.keys[0]}")
    assert "gown" not in dict(re.findall(r">([\w-]+) <small>(\d+)<", page.shelf)) and page.photos


def test_uploads_are_deleted_and_not_what_the_page_made(
    wardrobes: Wardrobes, indexer: Indexer, live: LiveSearcher, inbox: Path
) -> None:
    pictures = Pictures(set())
    made = Path(pictures.bring(draw(inbox, 5).path))
    page, first, second = (
        Page(Desk(wardrobes, indexer, live, pictures), indexer),
        draw(inbox, 1),
        Brought("a.jpg", made),
    )
    page.bring(first, second)
    page.wait()
    assert len(page.keys) == 2 and not first.path.exists() and made.exists()


def test_choices_that_are_none_change_nothing(page: Page, own: Wardrobe) -> None:
    before, seen = Tags(page.shelf).names, page.seen
    digest = page.keys[0].partition("-")[2]
    for choice in (
        *(None, 7, "", "0", "0.-1", "0.1\n", "\u0660.\u0660", "9" * 5000, ["out"], {"out": 1}, "delete", "\0"),
        *("out:", "out:../../x", f"out:-1-{digest}", f"out:0-{digest}\n", "out:0-0000000000000000", "kind:", "kind::"),
        *("kind:0-0000000000000000:hat", "kind:../x:hat", f"out:0-{HOSTILE}", "out"),
    ):
        page.choose(choice)
        assert Tags(page.shelf or "").names in ([], before) and page.seen in (seen, Place(revision=seen.revision))
        assert "<script" not in page.told and page.saved == "" and not own.has_work
    event = gr.EventData(None, "out:" + page.keys[0])
    page.desk.choose(page.token, page.seen, event)
    assert names(own) == ["100.jpg", "101.jpg", "102.jpg"] and page.token


@pytest.mark.parametrize("token", [None, 7, ["x"], "", "x" * 100_000, "\0", HOSTILE])
def test_tokens_that_are_none_show_nothing(page: Page, own: Wardrobe, token: object) -> None:
    for shown in (page.desk.open(token), page.desk.follow(token, page.seen)):
        assert isinstance(shown, Shown) and shown.told == "" and SAY("wardrobe_empty") in shown.shelf
    out = gr.EventData(None, {"choice": f"out:{page.keys[0]}"})
    assert SAY("wardrobe_empty") in page.desk.choose(token, page.seen, out)[3]
    assert not own.has_work


def test_bringing_nothing_makes_no_wardrobe(page: Page, wardrobes: Wardrobes) -> None:
    sent: tuple[object, ...] = (None, [], "x", 7)
    for uploads in sent:
        emptied, token, *_ = page.desk.bring(uploads, True, "", page.seen)
        assert emptied == token == gr.skip() and len(wardrobes) == 0


def test_uploads_have_the_name_that_the_browser_said() -> None:
    sent = [{"path": "/tmp/a/b.jpg", "orig_name": "my hat.jpg"}, {"path": "/tmp/a/b.jpg", "orig_name": None}]
    assert read_uploads(sent) == [Brought("my hat.jpg", Path("/tmp/a/b.jpg")), Brought("b.jpg", Path("/tmp/a/b.jpg"))]


def test_what_is_downloaded_is_the_catalogue(page: Page, own: Wardrobe, tmp_path: Path) -> None:
    page.choose("download")
    (href,) = re.findall("href='gradio_api/file=([^']+)' download='wardrobe.zip'", page.saved)
    shutil.copy(unquote(href), tmp_path / "wardrobe.zip")
    folder = unpack_catalogue(tmp_path / "wardrobe.zip")
    query, catalogue = draw_garment(55, "dress"), own.catalogue()
    assert catalogue is not None
    sent, here = (searcher.search(query) for searcher in (Searcher.open(folder), Searcher.over(catalogue)))
    assert [(match.photo, match.distance) for match in sent.matches] == [
        (match.photo, match.distance) for match in here.matches
    ]
    assert len(sent.matches) == 3
    page.choose("download")
    assert page.saved.count("<a ") == 1, "as often as it is wanted"


def test_what_waits_is_done_before_it_is_downloaded(page: Page, own: Wardrobe) -> None:
    own.take_out(key_at(own, 0))
    page.choose("download")
    assert page.saved == "" and SAY("download_waits") in page.told
    page.choose("0.0")
    page.wait()
    own.status = Status("photos", 1, 4)  # those do not wait any more
    page.choose("download")
    assert page.saved == "" and SAY("download_waits") in page.told
    own.status = Status()
    page.choose("download")
    assert page.saved.count("<a ") == 1 and page.told == ""


def test_one_that_is_deleted_while_it_is_packed_is_not_sent(
    page: Page, own: Wardrobe, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pack_meanwhile(catalogue: Catalogue, name: str) -> bytes:
        own.close()
        return pack_catalogue(catalogue, name)

    monkeypatch.setattr("cbir.web.wardrobes.desk.pack_catalogue", pack_meanwhile)
    page.choose("download")
    assert page.saved == "" and SAY("download_gone") in page.told


def test_uploads_are_deleted_once_they_are_taken_or_refused(page: Page, own: Wardrobe, inbox: Path) -> None:
    files = [draw(inbox, 1), Brought("gone.jpg", inbox / "gone.jpg"), draw(inbox, 2)]
    page.bring(*files)
    assert not any(file.path.exists() for file in files) and "<b>gone.jpg</b>" in page.told
    page.wait()
    assert page.photos == ["100", "101", "102", "001", "002"] and "<b>gone.jpg</b>" in page.told
    own.close()
    late = draw(inbox, 3)
    page.bring(late)
    assert late.path.exists(), "nobody took it"


def test_there_is_nothing_to_download_of_an_empty_one(page: Page, wardrobes: Wardrobes) -> None:
    page.token = wardrobes.begin()
    page.choose("download")
    assert page.saved == "" and page.token


def test_one_that_is_gone_is_explained_and_can_be_begun_anew(
    page: Page, own: Wardrobe, wardrobes: Wardrobes, clock: Hands, inbox: Path
) -> None:
    clock.now = 3601
    page.follow()
    assert SAY("wardrobe_old") in page.told and SAY("wardrobe_empty") in page.shelf and page.photos == []
    former = page.token
    page.bring(draw(inbox, 1))
    page.wait()
    assert page.token != former and page.photos == ["001"] and page.told == ""
    for _ in range(2):
        wardrobes.begin()
    page.follow()
    assert SAY("wardrobe_room") in page.told and page.photos == []


def test_what_is_hostile_in_names_and_kinds_is_text(page: Page, own: Wardrobe, inbox: Path) -> None:
    plain = Tags(page.shelf)
    (inbox / "none").write_text("no photo")
    name = "'\"><img onerror=x>"
    page.bring(draw(inbox, 1, name + ".jpg"), Brought(HOSTILE + ".png", inbox / "none"))
    page.wait()
    for key in page.keys[:2]:
        page.choose(f"kind:{key}:{HOSTILE}")
    shelf, told = Tags(page.shelf), Tags(page.told)
    assert set(shelf.names) == set(plain.names) and shelf.names.count("img") == 4
    assert {name for name, _ in shelf.attributes} == {name for name, _ in plain.attributes}
    assert ("value", HOSTILE) in shelf.attributes and ("title", name) in shelf.attributes
    assert not {"img", "script"} & set(told.names)
    page.wait()


def test_kinds_of_the_catalogue_are_offered_as_text(kept: Page, filled: Wardrobe) -> None:
    plain = Tags(kept.shelf)
    kept.choose(f"kind:{kept.keys[0]}:{HOSTILE}")
    kept.wait()
    kept.show(kept.desk.open(""))
    shelf = Tags(kept.shelf)
    assert shelf.attributes.count(("value", HOSTILE)) == 2, "the garment's, and the one that is offered"
    assert set(shelf.names) == set(plain.names)
    assert {name for name, _ in shelf.attributes} == {name for name, _ in plain.attributes}


def test_a_catalogue_that_is_kept_is_changed_and_stays(kept: Page, filled: Wardrobe, inbox: Path) -> None:
    assert kept.photos == ["100", "101", "102"]
    assert "data-choice='download'" not in kept.shelf and "data-choice='end'" not in kept.shelf
    for choice in ("download", "end"):
        kept.choose(choice)
        assert kept.saved == "" and len(kept.keys) == 3
    kept.choose(f"out:{kept.keys[0]}")
    kept.bring(draw(inbox, 1))
    kept.wait()
    assert kept.photos == ["101", "102", "001"]
    assert [record.photo for record in Searcher.open(filled.folder).catalogue.records] == names(filled)
    for key in kept.keys:
        kept.choose(f"out:{key}")
    kept.wait()
    assert "role='alert'" in kept.told and "no photo would be left" in kept.told
    assert len(Searcher.open(filled.folder).catalogue.records) > 0


def test_many_refusals_are_folded() -> None:
    drawn = draw_refused([(f"{number}.jpg", HOSTILE) for number in range(10)], SAY)
    shown, folded = drawn.split("<details>")
    assert shown.count("<li>") == 8 and folded.count("<li>") == 2 and SAY("more_refused", count=2) in folded
    assert "details" not in draw_refused([("a.jpg", "no photo")] * 8, SAY) and draw_refused([], SAY) == ""
    assert set(Tags(drawn).names) == {"section", "p", "ul", "li", "b", "details", "summary"}


def test_the_work_is_told_in_words() -> None:
    assert draw_work(Status(), 3, SAY) == ""
    assert SAY("work_waits", count=2) in draw_work(Status("waiting"), 2, SAY)
    assert SAY("work_begins") in draw_work(Status("waiting"), 0, SAY)
    photos = draw_work(Status("photos", 3, 8, 0.2), 0, SAY)
    assert SAY("work_photos", done=3, total=8) in photos and SAY("seconds_left", count=1) in photos
    assert "value" not in draw_work(Status("graph", 3, 8), 0, SAY), "a bar that only moves"


def test_two_files_sent_at_once_come_to_one_wardrobe(page: Page, wardrobes: Wardrobes, inbox: Path) -> None:
    request = gr.Request(SimpleNamespace(headers={}), session_hash="one tab")  # type: ignore[arg-type]
    tokens = []
    for number in range(2):
        upload = {"path": str(draw(inbox, number).path), "orig_name": f"{number}.jpg"}
        tokens.append(page.desk.bring([upload], False, "", Place(), request)[1])
    assert tokens[0] == tokens[1] and len(wardrobes) == 1
    other = gr.Request(SimpleNamespace(headers={}), session_hash="another")  # type: ignore[arg-type]
    assert page.desk.bring([{"path": str(draw(inbox, 3).path)}], False, "", Place(), other)[1] != tokens[0]
    page.wait()


def test_who_begins_one_wardrobe_after_another_deletes_none_of_others(
    page: Page, wardrobes: Wardrobes, inbox: Path
) -> None:
    """Two are kept here: an address that begins three has one of them."""

    def begin(address: str, tab: str) -> str:
        client = SimpleNamespace(host=address)
        request = gr.Request(SimpleNamespace(headers={}, client=client), session_hash=tab)  # type: ignore[arg-type]
        uploads = [{"path": str(draw(inbox, 1).path), "orig_name": "1.jpg"}]
        return str(page.desk.bring(uploads, False, "", page.seen, request)[1])

    mine = begin("1.1.1.1", "mine")
    many = [begin("6.6.6.6", tab) for tab in "abc"]
    assert [bool(wardrobes.look(token)) for token in (mine, *many)] == [True, False, False, True]
    page.wait()

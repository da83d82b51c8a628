"""The searcher of a page, without a browser: many who ask at once, and updates while they do."""

from __future__ import annotations

import gc
import json
import logging
import shutil
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event
from typing import Any
from unittest.mock import Mock

import pytest

from cbir import FeatureExtractor, Searcher
from cbir.catalogue.build import index_photos
from cbir.catalogue.catalogue import Catalogue
from cbir.errors import CatalogueError
from cbir.system.versions import IN_USE, VERSIONS, current_version
from cbir.web.examples import Examples
from cbir.web.pictures import Pictures
from cbir.web.reloading import LiveSearcher
from tests.support.drawings import draw_garment, fill_folder

VISITORS = 6
pytestmark = pytest.mark.usefixtures("any_axes")


class Loading:
    """Counts the searchers that are made, and holds the next one back when told to."""

    def __init__(self) -> None:
        self.made: list[Path] = []
        self.begun, self.go_on = Event(), Event()
        self.go_on.set()

    def over(self, make: Callable[[Catalogue], Searcher], catalogue: Catalogue) -> Searcher:
        self.made.append(catalogue.folder)
        self.begun.set()
        assert self.go_on.wait(60)
        return make(catalogue)


@pytest.fixture
def loading(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loading]:
    loading, make = Loading(), Searcher.over
    monkeypatch.setattr(Searcher, "over", lambda catalogue: loading.over(make, catalogue))
    yield loading
    loading.go_on.set()


@pytest.fixture
def eight(tmp_path: Path) -> Path:
    """Eight drawings of its own."""
    return fill_folder(tmp_path / "eight", 8)


@pytest.fixture
def out(eight: Path, extractor: FeatureExtractor, tmp_path: Path) -> Path:
    index_photos(eight, tmp_path / "index", extractor)
    return tmp_path / "index"


def update(eight: Path, out: Path, extractor: FeatureExtractor) -> Path:
    """One photo more; the folder of the version."""
    count = len(list(eight.rglob("*.jpg")))
    draw_garment(count, "hat").save(eight / "hat" / f"{count:03}.jpg")
    assert index_photos(eight, out, extractor).count == count + 1
    return current_version(out)


def test_all_who_ask_at_the_start_wait_for_one_searcher(out: Path, loading: Loading) -> None:
    live, together = LiveSearcher(lambda: out), Barrier(VISITORS)

    def ask(_: int) -> Searcher:
        together.wait()
        return live.get()

    with ThreadPoolExecutor(VISITORS) as visitors:
        found = set(visitors.map(ask, range(VISITORS)))
    assert len(found) == 1 and len(loading.made) == 1
    assert live.get() in found and live.catalogue() is live.get().catalogue


def test_the_catalogue_is_there_before_the_network(out: Path, loading: Loading) -> None:
    live = LiveSearcher(lambda: out)
    loading.go_on.clear()
    with ThreadPoolExecutor() as pool:
        warming = pool.submit(live.warm_up)
        assert loading.begun.wait(60)
        assert len(live.catalogue().records) == 8 and not warming.done()
        loading.go_on.set()
    assert live.get().catalogue is live.catalogue() and len(loading.made) == 1


def test_two_visitors_and_an_update(out: Path, eight: Path, extractor: FeatureExtractor, loading: Loading) -> None:
    """Who comes first after an update loads it; the other is answered meanwhile, from what he saw before."""
    live = LiveSearcher(lambda: out)
    photo = eight / "hat" / "001.jpg"
    former = live.get()
    version = update(eight, out, extractor)
    loading.begun.clear()
    loading.go_on.clear()
    with ThreadPoolExecutor() as pool:
        first = pool.submit(lambda: live.get().search(photo))
        assert loading.begun.wait(60)
        second = live.get().search(photo)
        assert not first.done() and live.get() is former and live.catalogue() is former.catalogue
        assert second.catalogue_size == 8 and all(match.thumb.exists() for match in second.matches)
        loading.go_on.set()
        assert first.result().catalogue_size == 9
    assert live.get().catalogue.folder == live.catalogue().folder == version
    assert loading.made == [former.catalogue.folder, version]


def test_searches_go_on_through_updates(out: Path, eight: Path, extractor: FeatureExtractor, loading: Loading) -> None:
    live, ending = LiveSearcher(lambda: out), Event()
    photo = eight / "hat" / "001.jpg"
    live.warm_up()

    def visit() -> list[int]:
        sizes = []
        while not ending.is_set():
            result = live.get().search(photo)
            assert result.exact and result.matches[0].photo == "hat/001.jpg" and result.matches[0].thumb.name
            sizes.append(result.catalogue_size)
        return sizes

    with ThreadPoolExecutor(2) as pool:
        visitors = [pool.submit(visit) for _ in range(2)]
        versions = [update(eight, out, extractor) for _ in range(4)]
        ending.set()
        for visitor in visitors:
            assert {*visitor.result()} <= {8, 9, 10, 11, 12}
    assert live.get().search(photo).catalogue_size == 12
    assert len(loading.made) == len(set(loading.made)), "one searcher for a version at most"
    assert loading.made[-1] == versions[-1]


def test_what_is_not_used_any_more_is_let_go(
    out: Path, eight: Path, extractor: FeatureExtractor, loading: Loading
) -> None:
    live = LiveSearcher(lambda: out)
    first = live.catalogue().folder
    gone = weakref.ref(live.get())
    open_before = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 0
    for _ in range(3):
        update(eight, out, extractor)
        live.get()
    gc.collect()
    assert gone() is None and not first.exists()
    assert len(list((out / VERSIONS / IN_USE).iterdir())) == 1
    if open_before:
        assert len(list(Path("/proc/self/fd").iterdir())) <= open_before
    assert len(loading.made) == 4


def test_an_update_that_cannot_be_used_leaves_the_former_searcher(
    out: Path, eight: Path, extractor: FeatureExtractor, caplog: pytest.LogCaptureFixture
) -> None:
    live = LiveSearcher(lambda: out)
    former = live.get()
    records = update(eight, out, extractor) / "records.jsonl"
    whole = records.read_bytes()
    records.write_bytes(whole[:-1])
    with caplog.at_level(logging.WARNING):
        assert live.get() is former and live.catalogue() is former.catalogue
    assert "Still searching the former catalogue" in caplog.text and "records.jsonl: damaged" in caplog.text
    assert former.search(eight / "hat" / "001.jpg").catalogue_size == 8
    records.write_bytes(whole)
    assert len(live.catalogue().records) == len(live.get().catalogue.records) == 9


def test_a_catalogue_that_comes_later_is_found(
    out: Path, eight: Path, extractor: FeatureExtractor, tmp_path: Path
) -> None:
    live = LiveSearcher(lambda: tmp_path / "later")
    for ask in (live.get, live.catalogue):
        with pytest.raises(CatalogueError, match="no catalogue; build one with"):
            ask()
    live.warm_up()
    assert not (tmp_path / "later").exists()
    shutil.copytree(current_version(out), tmp_path / "later")
    assert live.get().catalogue.folder == tmp_path / "later"
    update(eight, tmp_path / "later", extractor)
    assert len(live.catalogue().records) == 9


def test_another_folder_takes_the_place(out: Path, catalogue: Path) -> None:
    places = [out]
    live = LiveSearcher(lambda: places[-1])
    assert live.get().search(catalogue / "thumbs" / next((catalogue / "thumbs").iterdir()).name).catalogue_size == 8
    places.append(catalogue)
    assert len(live.catalogue().records) == 24 and live.get().catalogue.folder == catalogue


def test_no_record_is_parsed_twice_at_the_start(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = list[str]()

    def counting(line: bytes) -> Any:
        parsed.append(json.loads(line)["photo"])
        return json.loads(line)

    monkeypatch.setattr("cbir.catalogue.records.json", Mock(loads=counting))
    assert len(Examples(LiveSearcher(lambda: out), Pictures(set())).offered()) == 4
    # Once more only those four whose thumbnails are offered.
    assert len(set(parsed[:8])) == 8 and len(parsed) == 8 + 4

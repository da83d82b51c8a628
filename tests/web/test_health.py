"""What programs that watch the page are told: whether it can search."""

from __future__ import annotations

import json
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from cbir.catalogue.catalogue import Catalogue
from cbir.web import health
from cbir.web.background import BackgroundDownload, Status
from cbir.web.health import Health, digest_program
from cbir.web.reloading import LiveSearcher
from tests.support.serving import Served, served


def ask(address: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@pytest.fixture(scope="module")
def page(worn_catalogue: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(worn_catalogue, TMPDIR=str(tmp_path_factory.mktemp("temporary"))) as page:
        yield page


def test_a_page_that_searches_is_well(page: Served, worn_catalogue: Path) -> None:
    status, told = ask(page.address)
    weights = Catalogue.open(worn_catalogue).manifest["weights"]
    assert status == 200 and told.pop("uptime_s") >= 0
    assert told == {"status": "ok", "photos": 24, "weights": weights, "version": digest_program()}


def test_other_addresses_and_methods_are_gradios(page: Served) -> None:
    for request in (f"{page.address}/healthz/x", urllib.request.Request(f"{page.address}/healthz", b"")):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=60)
        assert refused.value.code in (404, 405)


def test_without_a_catalogue_it_is_not_until_one_comes(
    tmp_path: Path, catalogue: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "AGAIN", 0.0)
    watched = Health(LiveSearcher(lambda: tmp_path / "index"))
    status, told = watched.tell()
    assert (status, told["status"]) == (503, "absent") and str(tmp_path) not in told["reason"]
    shutil.copytree(catalogue, tmp_path / "index")
    assert watched.tell()[0] == 200
    nowhere = Path("no name of a folder" * 50)
    assert Health(LiveSearcher(lambda: nowhere)).tell()[0] == 503


def test_a_damaged_catalogue_is_not_read_at_each_question(
    catalogue: Path, copy_of: Callable[[Path], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, now = copy_of(catalogue), 1000.0
    (folder / "records.jsonl").write_text("damaged")
    opening = Mock(side_effect=Catalogue.open)
    monkeypatch.setattr(Catalogue, "open", opening)
    monkeypatch.setattr(health, "monotonic", lambda: now)
    watched = Health(LiveSearcher(lambda: folder))
    for _ in range(3):
        status, told = watched.tell()
        assert (status, told["status"]) == (503, "unusable") and "/" not in told["reason"]
    assert opening.call_count == 1
    shutil.copyfile(catalogue / "records.jsonl", folder / "records.jsonl")
    now += health.AGAIN
    for _ in range(3):
        assert watched.tell()[0] == 200
    assert opening.call_count == 2


def test_a_download_is_the_reason_until_it_ends(tmp_path: Path, catalogue: Path) -> None:
    download = BackgroundDownload(tmp_path / "absent", tmp_path / "out", tmp_path)
    watched = Health(LiveSearcher(lambda: download.folder), download)
    assert watched.tell() == (503, {"status": "downloading", "reason": download.status.text})
    download.status = Status(f"{tmp_path}: disk full", final=True)
    status, told = watched.tell()
    assert (status, told["status"]) == (503, "absent") and str(tmp_path) not in told["reason"]
    searching = BackgroundDownload(catalogue, tmp_path / "out", tmp_path)
    assert Health(LiveSearcher(lambda: searching.folder), searching).tell()[0] == 200, "the sample is searched"


def test_a_newer_catalogue_is_not_loaded_for_it(catalogue: Path, worn_catalogue: Path) -> None:
    places = [catalogue]
    live = LiveSearcher(lambda: places[-1])
    former = live.get()
    places.append(worn_catalogue)
    assert Health(live).tell()[0] == 200 and live.searched() is former.catalogue

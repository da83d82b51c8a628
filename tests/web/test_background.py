"""Real photos that come in while a page is up: what is told, and what is searched."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from cbir.datasets.clothing import download
from cbir.system.versions import current_version
from cbir.web import background
from cbir.web.background import BackgroundDownload, start_download
from tests.support.archives import Answer, make_archive, serving


@pytest.fixture(autouse=True)
def project(tmp_path: Path, weights_file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of its own, with a network, and a small dataset."""
    (tmp_path / "index").mkdir()
    shutil.copyfile(weights_file, tmp_path / "index" / "weights.pth")
    monkeypatch.setattr(background, "PERSISTENT", tmp_path / "data")
    monkeypatch.setattr(download, "LEAST", 10)
    return tmp_path


def wait_for(coming: BackgroundDownload | None) -> BackgroundDownload:
    assert coming is not None
    while not coming.status.final:
        time.sleep(0.01)
    return coming


def test_not_asked_for(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for value in (None, ""):
        monkeypatch.delenv("CBIR_CATALOGUE", raising=False)
        if value is not None:
            monkeypatch.setenv("CBIR_CATALOGUE", value)
        assert start_download(Path("sample"), project / "index") is None


@pytest.mark.parametrize("storage", [False, True])
def test_asked_for(project: Path, monkeypatch: pytest.MonkeyPatch, storage: bool) -> None:
    if storage:
        (project / "data").mkdir()
    monkeypatch.setenv("CBIR_CATALOGUE", "clothing")
    with serving(Answer(make_archive(10))) as server:
        monkeypatch.setenv("CBIR_CLOTHING_URL", server.url)
        for _ in range(2):
            come = wait_for(start_download(Path("sample"), project / "index"))
            assert come.status.text == "Now searching 10 real photos, from the clothing dataset (CC0)."
            assert come.folder == come.catalogue == (project / "data" if storage else project) / "clothing" / "index"
            assert (current_version(come.folder) / "manifest.json").is_file()
        assert len(server.asked) == 1


def test_a_failure_leaves_the_sample(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CBIR_CATALOGUE", "clothing")
    with serving(Answer(status=404)) as server:
        monkeypatch.setenv("CBIR_CLOTHING_URL", server.url)
        come = wait_for(start_download(Path("sample"), project / "index"))
    assert come.folder == Path("sample")
    assert come.status.text.startswith("The real photos did not come, and are tried again at the next start.")
    assert "404" in come.status.text and capsys.readouterr().err == come.status.text + "\n"


def test_an_unknown_name(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("CBIR_CATALOGUE", "shoes")
    come = start_download(Path("sample"), project / "index")
    assert come is not None and come.folder == Path("sample")
    assert come.status == ("CBIR_CATALOGUE=shoes: no such catalogue; set it to clothing, or not at all.", True)
    assert capsys.readouterr().err == come.status.text + "\n"


def test_the_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("cbir.system.progress.monotonic", lambda: now)
    coming = BackgroundDownload(Path("sample"), Path("clothing"), Path("index"))

    def told(seconds: float, stage: str, done: int, total: int | None) -> str:
        nonlocal now
        now = 1000 + seconds
        coming._show_progress(stage, done, total)
        return coming.status.text.removeprefix("Bringing in 5,400 real photos: ")

    assert told(0, "download", 100, 1000) == "downloading 10%."
    assert told(10, "download", 200, 1000) == "downloading 20%, about 1 minute left."
    assert told(30, "download", 200, 1000) == "downloading 20%, about 4 minutes left."
    assert told(40, "download", 900, 1000) == "downloading 90%, less than a minute left."
    assert told(41, "download", 0, 1000) == "downloading 0%.", "begun anew"
    assert told(50, "download", 12_000_000, None) == "downloading, 12 MB so far."
    assert told(51, "photos", 1, 2) == "indexing 50%."

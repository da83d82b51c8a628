"""The clothing dataset from a server that breaks off, changes its mind, lies, or sends something else."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cbir.catalogue.catalogue import Catalogue
from cbir.commands.parser import main
from cbir.datasets.clothing import download
from cbir.datasets.clothing.download import COMMIT, PAUSES, TOP, download_clothing
from cbir.datasets.reader import read_photos
from cbir.errors import CatalogueError, DownloadError
from cbir.system.files import locked
from tests.support.archives import Answer, make_archive, serving
from tests.support.power import OUTCOMES, Disk

PROJECT = Path(__file__).parents[2]
COUNT = 10
FIRST = "images/00000000-751a-4b74-8e9b-43af05deee22.jpg"


@pytest.fixture(scope="module")
def archive() -> bytes:
    return make_archive(COUNT)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "clothing"


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "LEAST", COUNT)


def fetch(out: Path, url: str, **options: Any) -> list[float]:
    """Download in short order; returns the pauses that would have been made."""
    pauses: list[float] = []
    download_clothing(out, url=url, sleep=pauses.append, **options)
    return pauses


def assert_whole(out: Path) -> None:
    found = read_photos(out)
    assert len(found.photos) == COUNT and not found.missing
    assert sorted(path.name for path in out.iterdir()) == ["README.md", "photos", "photos.csv"]
    assert [path.name for path in out.parent.iterdir()] == [out.name]


def test_all_at_once(archive: bytes, out: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    with serving(Answer(archive)) as server:
        assert fetch(out, server.url, progress=lambda *news: told.append(news)) == []
        assert_whole(out)
        assert "Range" not in server.asked[0]
        assert ("download", len(archive), len(archive)) in told and ("unpack", COUNT, COUNT) in told
        fetch(out, server.url)
        assert len(server.asked) == 1, "what is there is not fetched again"
    first, *_, last = read_photos(out).photos
    assert (first.name, first.label, first.contributor) == (FIRST.replace("images", "photos"), "dress", "0")
    assert last.label is None, "'Not sure' is no label"
    assert (out / "photos.csv").read_text().splitlines()[0] == "photo,label,contributor,kids"


@pytest.mark.parametrize("answer", [Answer(chunked=True), Answer(length=-1), Answer(etag=""), Answer(etag='W/"weak"')])
def test_without_length_or_tag(archive: bytes, out: Path, answer: Answer) -> None:
    answer.body = archive
    with serving(answer) as server:
        fetch(out, server.url)
    assert_whole(out)


def test_a_redirect_is_followed(archive: bytes, out: Path) -> None:
    with serving(Answer(archive)) as there, serving(Answer(status=302, location=there.url)) as here:
        fetch(out, here.url)
    assert_whole(out)


@pytest.mark.parametrize("chunked", [False, True])
def test_only_the_rest_is_fetched(archive: bytes, out: Path, chunked: bool) -> None:
    half = len(archive) // 2
    broken = Answer(archive, cut=half, chunked=chunked)
    with serving(broken, Answer(status=503), Answer(archive)) as server:
        assert fetch(out, server.url) == list(PAUSES[:2])
        have = int(server.asked[2]["Range"].removeprefix("bytes=").removesuffix("-"))
        assert 0 < have <= half and server.asked[2]["If-Range"] == '"one"'
        assert server.sent[2] == len(archive) - have
    assert_whole(out)


def test_what_came_outlives_the_run(archive: bytes, out: Path) -> None:
    half = len(archive) // 2
    with serving(Answer(archive, cut=half), Answer(status=500), Answer(status=500)) as server:
        with pytest.raises(DownloadError, match=r"archive\.zip: .*500.*; run the same command again to go on"):
            fetch(out, server.url)
        assert len(server.asked) == 1 + len(PAUSES)
        assert not out.exists()
        server.answers = [Answer(archive)]
        assert fetch(out, server.url) == []
        assert server.sent[-1] == len(archive) - half
    assert_whole(out)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {"ranges": False}),
        ({}, {"etag": '"two"'}),
        ({"etag": ""}, {}),
        ({"etag": 'W/"weak"'}, {}),
    ],
    ids=["no ranges", "another tag", "no tag", "a weak tag"],
)
def test_begun_anew_where_the_rest_may_be_of_something_else(
    archive: bytes, out: Path, first: dict[str, Any], second: dict[str, Any]
) -> None:
    with serving(Answer(archive[::-1], cut=len(archive) // 2, **first), Answer(archive, **second)) as server:
        fetch(out, server.url)
        assert server.sent[1] == len(archive)
    assert_whole(out)


def test_a_rest_with_another_tag_is_not_taken(archive: bytes, out: Path) -> None:
    changed = Answer(archive, etag='"two"', careless=True)
    with serving(Answer(archive[::-1], cut=len(archive) // 2), changed) as server:
        fetch(out, server.url)
        assert server.sent[2] == len(archive) and "Range" not in server.asked[2]
    assert_whole(out)


def test_range_not_satisfiable_begins_anew(archive: bytes, out: Path) -> None:
    shorter = Answer(archive, careless=True)
    with serving(Answer(archive * 3, cut=2 * len(archive)), shorter) as server:
        fetch(out, server.url)
        assert "Range" in server.asked[1] and "Range" not in server.asked[2]
    assert_whole(out)


def test_a_length_that_is_never_reached(archive: bytes, out: Path) -> None:
    with serving(Answer(archive, length=len(archive) + 5, ranges=False)) as server:
        with pytest.raises(DownloadError, match=rf"{len(archive):,} of {len(archive) + 5:,} bytes came.*to go on"):
            fetch(out, server.url)
        assert len(server.asked) == 1 + len(PAUSES)


def test_a_redirect_to_nowhere(out: Path) -> None:
    with serving(Answer(status=302, location="http://[")) as server, pytest.raises(DownloadError, match="broke off"):
        fetch(out, server.url)


def test_nobody_answers(out: Path) -> None:
    with serving(Answer()) as server:
        pass
    with pytest.raises(DownloadError, match=r"Connection refused.*; run the same command again to go on"):
        fetch(out, server.url)


def test_a_server_that_falls_silent(archive: bytes, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    def be_patient(pause: float) -> None:
        """The first answer is the silent one, however late it came, and the second has all the time it needs."""
        while not server.asked:
            time.sleep(0.01)
        monkeypatch.setattr(download, "TIMEOUT", 60)
        pauses.append(pause)

    monkeypatch.setattr(download, "TIMEOUT", 0.05)
    with serving(Answer(archive, pause=(100, threading.Event())), Answer(archive)) as server:
        download_clothing(out, url=server.url, sleep=be_patient)
    assert pauses == [PAUSES[0]]
    assert_whole(out)


def test_not_found_is_final(archive: bytes, out: Path) -> None:
    with serving(Answer(status=404), Answer(archive)) as server:
        with pytest.raises(DownloadError, match=r"archive\.zip: the server answers 404 .*; name another address"):
            fetch(out, server.url)
        assert len(server.asked) == 1
        fetch(out, server.url)
    assert_whole(out)


def corrupted() -> bytes:
    """An archive one of whose photos has a wrong byte in the middle."""
    archive = bytearray(make_archive(COUNT))
    archive[archive.index((TOP + FIRST).encode()) + 5000] ^= 1
    return bytes(archive)


WRONG: dict[str, tuple[Callable[[], Answer], str]] = {
    "a page": (lambda: Answer(b"<html>Sign in</html>"), "not a whole zip archive"),
    "nothing": (lambda: Answer(b""), "not a whole zip archive"),
    "half": (lambda: Answer(make_archive(COUNT), length=3000), "not a whole zip archive"),
    "another commit": (lambda: Answer(make_archive(COUNT, commit="0" * 40)), f"not the archive of commit {COMMIT}"),
    "no comment": (lambda: Answer(make_archive(COUNT, commit="")), "not the archive of commit"),
    "corrupt": (lambda: Answer(corrupted()), "its images/[0-9a-f-]+.jpg is damaged"),
    "few": (lambda: Answer(make_archive(COUNT - 1)), "only 9 photos of its images.csv are in it, not 10"),
    "missing": (lambda: Answer(make_archive(COUNT, without=(FIRST,))), "only 9 photos"),
    "no table": (lambda: Answer(make_archive(COUNT, without=("images.csv",))), "images.csv is not in it"),
    "no columns": (lambda: Answer(make_archive(COUNT, members={"images.csv": b"a,b\n"})), "no column 'image'"),
    "no text": (lambda: Answer(make_archive(COUNT, members={"images.csv": b"\xff\xfe"})), "images.csv is no table"),
    "a link": (
        lambda: Answer(make_archive(COUNT, members={FIRST: b"/etc/passwd"}, links=(FIRST,))),
        "is not a plain file",
    ),
    **{
        name: (
            lambda name=name: Answer(  # type: ignore[misc]
                make_archive(
                    COUNT,
                    members={
                        "images.csv": f"image,sender_id,label,kids\n{name},1,Hat,False\n".encode(),
                        f"images/{name}.jpg": b"evil",
                    },
                )
            ),
            "not the name of a photo",
        )
        for name in ("../../evil", "/tmp/evil", "..\\evil", "C:evil", "", ".")
    },
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_not_the_dataset_is_refused_and_removed(kind: str, archive: bytes, out: Path) -> None:
    answer, reason = WRONG[kind][0](), WRONG[kind][1]
    with serving(answer, Answer(archive)) as server:
        with pytest.raises(
            DownloadError, match=rf"archive\.zip: .*{reason}.*it was removed: run the same command again"
        ):
            fetch(out, server.url)
        assert list(out.parent.iterdir()) == []
        fetch(out, server.url)
        assert "Range" not in server.asked[1]
    assert_whole(out)


def test_names_that_lead_elsewhere_are_never_written(out: Path) -> None:
    names = ["../evil.jpg", "../../evil.jpg", "/evil.jpg", "..\\evil.jpg", "C:evil.jpg", "images/../../../evil.jpg"]
    with serving(Answer(make_archive(COUNT, members=dict.fromkeys(names, b"evil")))) as server:
        fetch(out, server.url)
    assert_whole(out)
    assert not list(out.parents[2].rglob("*evil.jpg")) and not Path("/evil.jpg").exists()


@pytest.mark.parametrize(("limit", "reason"), [("LARGEST", "more than|larger than"), ("LARGEST_FILE", "larger than")])
def test_too_large(limit: str, reason: str, archive: bytes, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, limit, 5000)
    with serving(Answer(archive)) as server, pytest.raises(DownloadError, match=reason):
        fetch(out, server.url)


def test_a_bomb(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = make_archive(COUNT, members={FIRST: b"\0" * 3_000_000})
    monkeypatch.setattr(download, "LARGEST", 2_000_000)
    with serving(Answer(bomb)) as server, pytest.raises(DownloadError, match="when unpacked"):
        fetch(out, server.url)


def test_no_room(archive: bytes, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=50_000))
    with serving(Answer(archive)) as server:
        with pytest.raises(DownloadError, match=r"clothing\.building: 0 MB are needed and 0 MB are free; make room"):
            fetch(out, server.url)
        with pytest.raises(DownloadError, match=r"unpacked: .*make room"):
            server.answers = [Answer(archive, length=-1)]
            fetch(out, server.url)
        monkeypatch.undo()
        monkeypatch.setattr(download, "LEAST", COUNT)
        fetch(out, server.url)
        assert len(server.asked) == 2, "what was fetched is not lost"
    assert_whole(out)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/a.zip", "http://example.org/a.zip"])
def test_unsafe_addresses_are_refused(url: str, out: Path) -> None:
    with pytest.raises(DownloadError, match="begins with https://"):
        fetch(out, url)
    with serving(Answer(status=302, location=url)) as server, pytest.raises(DownloadError):
        fetch(out, server.url)


def test_https_leads_to_https_only() -> None:
    download._refuse_unsafe("https://example.org/a.zip", after="https://example.com")
    with pytest.raises(DownloadError, match="not a safe address"):
        download._refuse_unsafe("http://127.0.0.1/a.zip", after="https://example.com")


def test_what_stands_there_already_stays(archive: bytes, out: Path) -> None:
    with serving(Answer(archive)) as server:
        out.mkdir(parents=True)
        (out / "holiday.jpg").write_bytes(b"mine")
        with pytest.raises(DownloadError, match=f"{out}: something else is there; choose another folder"):
            fetch(out, server.url)
        (out / "holiday.jpg").rename(out / "photos.csv")
        (out / "photos.csv").write_text("photo\n")
        with pytest.raises(DownloadError, match=f"{out}: fewer than 10 photos are there"):
            fetch(out, server.url)
        (out / "photos.csv").unlink()
        fetch(out, server.url)
    assert_whole(out)


def test_two_runs_at_once(archive: bytes, out: Path) -> None:
    work = out.with_name("clothing.building")
    work.mkdir(parents=True)
    with locked(work / "lock"), pytest.raises(CatalogueError, match="another run is writing there"):
        fetch(out, "https://example.org")


@pytest.mark.skipif(sys.platform != "linux", reason="synced files are known by /proc")
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_photos_in_their_place_outlive_a_power_loss(archive: bytes, tmp_path: Path, outcome: str) -> None:
    places = [tmp_path / "whole", tmp_path / "cut off"]
    with serving(*(Answer(archive) for _ in places)) as server:
        steps = None
        for place in places:
            place.mkdir()
            disk = Disk(place)
            with disk.losing_power(steps):
                fetch(place / "clothing", server.url)
            steps = disk.steps
    left = disk.write(outcome, tmp_path / "left") / "clothing"
    for path in (places[0] / "clothing").rglob("*.*"):
        assert (left / path.relative_to(places[0] / "clothing")).read_bytes() == path.read_bytes()


def test_killed_while_downloading_and_while_unpacking(archive: bytes, out: Path) -> None:
    half = len(archive) // 2
    script = "\n".join(
        [
            "import sys",
            "from cbir.datasets.clothing.download import download_clothing",
            "download_clothing(sys.argv[1], url=sys.argv[2])",
        ]
    )
    with serving(Answer(archive, pause=(half, threading.Event())), Answer(archive)) as server:
        process = subprocess.Popen([sys.executable, "-c", script, str(out), server.url], cwd=PROJECT)
        part = out.with_name("clothing.building") / "archive.zip.part"
        while not part.exists() or part.stat().st_size < half // 2:
            assert process.poll() is None
            time.sleep(0.01)
        process.kill()
        assert process.wait() == -signal.SIGKILL
        have = part.stat().st_size
        with pytest.raises(KeyboardInterrupt):
            fetch(out, server.url, progress=lambda stage, *_: interrupt() if stage == "unpack" else None)
        assert server.sent[1] == len(archive) - have and not out.exists()
        fetch(out, server.url)
        assert len(server.asked) == 2, "a whole archive is not fetched again"
    assert_whole(out)


def interrupt() -> None:
    raise KeyboardInterrupt


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    archive = make_archive(COUNT + 1, without=(FIRST,))
    out = tmp_path / "clothing"
    with serving(Answer(archive)) as server:
        monkeypatch.setenv("CBIR_CLOTHING_URL", server.url)
        assert main(["download", "--out", str(out)]) == 0
        told = capsys.readouterr()
        start = f"start the page over them with: python -m cbir page --index {out / 'index'}"
        assert told.out == f"{out}: 10 photos; {start}\n"
        assert "download: 100%" in told.err and "B/s" in told.err and "unpack: 100%" in told.err
        assert "left out photos/00000000-751a-4b74-8e9b-43af05deee22.jpg: listed, but not there" in told.err
        assert main(["download", "--out", str(out), "--url", server.url]) == 0
        assert capsys.readouterr().out == f"{out}: 10 photos, all there already; {start}\n"
        assert len(server.asked) == 1
    assert len(Catalogue.open(out / "index").records) == COUNT
    assert not os.path.lexists(tmp_path / "clothing.building")

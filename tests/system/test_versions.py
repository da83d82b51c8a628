"""Versions of a folder: one is current, and those that somebody reads stay."""

from __future__ import annotations

import gc
import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cbir.errors import CatalogueError
from cbir.system.versions import (
    CURRENT,
    IN_USE,
    VERSIONS,
    Lease,
    current_version,
    publish,
    read_current,
    remove_unused,
    strange_files,
)
from tests.support.serving import PROJECT

PLAIN_CONTENT = ("text", "more", "mark")


def update(place: Path, text: str) -> Path:
    """A new version that holds a text."""
    new = place / VERSIONS / "unfinished" / "new"
    new.mkdir(parents=True)
    (new / "text").write_text(text)
    publish(place, new, hashlib.sha256(text.encode()).hexdigest())
    remove_unused(place, PLAIN_CONTENT)
    return current_version(place)


def make_plain(place: Path) -> Path:
    (place / "more").mkdir(parents=True)
    for name in ("text", "more/text", "mark"):
        (place / name).write_text("plain")
    return place


def versions(place: Path) -> set[str]:
    return {path.name for path in (place / VERSIONS).iterdir()} - {CURRENT, IN_USE, "unfinished"}


def test_the_last_one_is_current_and_alone(tmp_path: Path) -> None:
    for text in ("one", "two", "three"):
        version = update(tmp_path, text)
        assert (version / "text").read_text() == text and versions(tmp_path) == {version.name}


def test_a_version_stays_as_long_as_it_is_read(tmp_path: Path) -> None:
    one = update(tmp_path, "one")
    first, second = Lease(tmp_path, one), Lease(tmp_path, one)
    two = update(tmp_path, "two")
    assert versions(tmp_path) == {one.name, two.name} and (one / "text").read_text() == "one"
    assert not first.is_current and Lease(tmp_path, two).is_current
    first.release()
    update(tmp_path, "three")
    assert one.exists() and not two.exists()
    del second
    update(tmp_path, "four")
    assert not one.exists()


def test_the_same_content_again_disturbs_no_reader(tmp_path: Path) -> None:
    one = update(tmp_path, "one")
    lease = Lease(tmp_path, one)
    update(tmp_path, "two")
    again = update(tmp_path, "one")
    assert again != one and (again / "text").read_text() == (one / "text").read_text() == "one"
    lease.release()
    remove_unused(tmp_path, PLAIN_CONTENT)
    assert versions(tmp_path) == {again.name}


def test_a_plain_folder_is_its_own_version_until_an_update(tmp_path: Path) -> None:
    place = make_plain(tmp_path / "place")
    assert current_version(place) == place
    lease = Lease(place, place)
    version = update(place, "new")
    assert current_version(place) == version and not lease.is_current
    assert (place / "text").read_text() == (place / "more" / "text").read_text() == "plain"
    lease.release()
    (place / "diary").write_text("not of the version")
    remove_unused(place, PLAIN_CONTENT)
    assert {path.name for path in place.iterdir()} == {VERSIONS, "diary"} and versions(place) == {version.name}


def test_what_has_no_mark_of_a_plain_version_stays(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("of the user")
    update(tmp_path, "new")
    assert (tmp_path / "text").read_text() == "of the user"


@contextmanager
def reading(place: Path, version: Path, *, then: str = "") -> Iterator[subprocess.Popen[str]]:
    """Another process that reads a version, until the end of the block. then: what else it does first."""
    script = (
        "import os, sys; from pathlib import Path; from cbir.system.versions import Lease\n"
        f"lease = Lease(*map(Path, sys.argv[1:]))\n{then}\nprint('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", script, str(place), str(version)]
    with subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout and reader.stdout.readline() == "held\n"
        yield reader


def test_a_reader_that_is_killed_keeps_nothing(tmp_path: Path) -> None:
    one = update(tmp_path, "one")
    with reading(tmp_path, one) as reader:
        update(tmp_path, "two")
        assert one.exists(), "held by another process"
        reader.kill()
        assert reader.wait() == -signal.SIGKILL
    assert list((tmp_path / VERSIONS / IN_USE).iterdir()), "nobody was there to remove it"
    update(tmp_path, "three")
    assert not one.exists() and not list((tmp_path / VERSIONS / IN_USE).iterdir())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_fork_does_not_let_go_what_its_parent_reads(tmp_path: Path) -> None:
    one = update(tmp_path, "one")
    fork = "if os.fork() == 0:\n    lease.release(); sys.exit()\nos.wait()"
    with reading(tmp_path, one, then=fork) as reader:
        update(tmp_path, "two")
        assert one.exists()
    assert reader.returncode == 0
    assert not list((tmp_path / VERSIONS / IN_USE).iterdir()), "let go at the end"


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are counted by /proc")
def test_leases_that_are_let_go_leave_nothing_open_and_nothing_behind(tmp_path: Path) -> None:
    version = update(tmp_path, "one")
    gc.collect()
    before = len(list(Path("/proc/self/fd").iterdir()))
    leases = [Lease(tmp_path, version) for _ in range(20)]
    assert len(list((tmp_path / VERSIONS / IN_USE).iterdir())) == 20
    del leases
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert not list((tmp_path / VERSIONS / IN_USE).iterdir())


def test_who_may_not_write_there_reads_without_a_lease(tmp_path: Path) -> None:
    version = update(tmp_path, "one")
    (tmp_path / VERSIONS / IN_USE).touch()  # no folder, so no lock file can be made, not even by root
    lease = Lease(tmp_path, version)
    assert lease.is_current
    (tmp_path / VERSIONS / IN_USE).unlink()
    update(tmp_path, "two")
    assert not version.exists() and not lease.is_current
    lease.release()


def test_reading_starts_anew_when_the_version_was_replaced_meanwhile(tmp_path: Path) -> None:
    one, texts = update(tmp_path, "one"), list[str]()

    def read(folder: Path) -> str:
        texts.append((folder / "text").read_text())
        if len(texts) == 1:
            update(tmp_path, "two")
            assert not one.exists()
            (one / "text").read_text()
        elif len(texts) == 2:
            update(tmp_path, "three")
        return texts[-1]

    assert read_current(tmp_path, read) == "three" and texts == ["one", "two", "three"]


def test_an_error_that_no_update_explains_is_told(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        raise CatalogueError(f"{folder.name}: damaged")

    with pytest.raises(CatalogueError, match=f"{update(tmp_path, 'one').name}: damaged"):
        read_current(tmp_path, fail)


@pytest.mark.parametrize("name", ["diary", "0123456789abcde", "../../elsewhere"])
def test_what_is_not_of_versions_is_told_and_never_removed(tmp_path: Path, name: str) -> None:
    version = update(tmp_path, "one")
    strange = tmp_path / VERSIONS / Path(name).name
    strange.mkdir()
    assert strange_files(tmp_path) == [strange]
    remove_unused(tmp_path, PLAIN_CONTENT)
    assert versions(tmp_path) == {version.name, strange.name}
    (tmp_path / VERSIONS / CURRENT).write_text(name)
    assert current_version(tmp_path) == tmp_path, "a name that is none of a version leads nowhere"


def test_a_file_in_place_of_the_versions_is_told(tmp_path: Path) -> None:
    (tmp_path / VERSIONS).touch()
    assert strange_files(tmp_path) == [tmp_path / VERSIONS] and current_version(tmp_path) == tmp_path

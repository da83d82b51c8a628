"""Files and folders that are whole or not there."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest

from cbir.errors import CatalogueError
from cbir.system.files import file_digest, link_or_copy, locked, replacing
from tests.support.power import OUTCOMES, Disk
from tests.support.serving import PROJECT


def test_digest_of_a_known_text(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    assert file_digest(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(RuntimeError), replacing(path) as part:
        part.write_text("ne")
        raise RuntimeError
    assert path.read_text() == "old"
    with replacing(path) as part:
        part.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new" and list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform != "linux", reason="synced files are known by /proc")
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_replaced_file_outlives_a_power_loss(tmp_path: Path, outcome: str) -> None:
    place = tmp_path / "place"
    (place / "deep").mkdir(parents=True)
    for name in ("deep/file", "other"):
        (place / name).write_text("old")
    disk = Disk(place)
    with disk.losing_power(before=None), replacing(place / "deep" / "file") as part:
        part.write_text("new")
    (place / "deep" / "file").write_text("old")
    steps, disk = disk.steps, Disk(place)
    with disk.losing_power(before=steps + 1):
        with replacing(place / "deep" / "file") as part:
            part.write_text("new")
        (place / "other").unlink()
    assert disk.lost[outcome][Path("deep/file")] == b"new"


@pytest.mark.parametrize("links", [True, False])
def test_a_file_at_two_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool) -> None:
    source, place = tmp_path / "source", tmp_path / "place"
    source.write_bytes(b"content")
    if not links:
        monkeypatch.setattr(os, "link", Mock(side_effect=OSError("not on this file system")))
    link_or_copy(source, place)
    assert place.read_bytes() == b"content"
    assert place.samefile(source) == links
    link_or_copy(source, place)  # a second time changes nothing
    source.unlink()
    assert place.read_bytes() == b"content"


def test_a_lock_is_held_by_one_process_and_ends_with_it(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from cbir.system.files import locked\n"
        "with locked(Path(sys.argv[1])):\n    print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "lock")]
    with subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout and other.stdout.readline() == "held\n"
        with (
            pytest.raises(CatalogueError, match="another run is writing there; wait for it"),
            locked(tmp_path / "lock"),
        ):
            pass
        other.kill()
    with locked(tmp_path / "lock"):
        pass


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    fcntl = pytest.importorskip("fcntl")
    monkeypatch.setattr(fcntl, "flock", Mock(side_effect=OSError(number, os.strerror(number))))
    with (
        pytest.raises(CatalogueError, match=r"has no locks .*; choose a folder on another disk"),
        locked(tmp_path / "lock"),
    ):
        pass

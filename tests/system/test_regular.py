"""Reading a file whole, and never waiting for what is none."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from cbir.system.regular import NotAFileError, read_regular
from tests.support.obstacles import IRREGULAR, within


def test_a_file_and_a_link_to_one_are_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to("file")
    assert read_regular(tmp_path / "file") == read_regular(str(tmp_path / "link")) == b"content"


@pytest.mark.parametrize("make", IRREGULAR.values(), ids=IRREGULAR)
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "x.jpg")
    with within(20), pytest.raises(NotAFileError, match=r"a (pipe|socket|device), not a file"):
        read_regular(tmp_path / "x.jpg")


def test_a_pipe_that_takes_the_place_of_a_file_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at it and the opening."""
    (tmp_path / "x.jpg").write_bytes(b"content")
    system_open = os.open

    def swap_and_open(path: Path, flags: int) -> int:
        path.unlink()
        os.mkfifo(path)
        return system_open(path, flags)

    monkeypatch.setattr(os, "open", swap_and_open)
    with within(20), pytest.raises(NotAFileError, match="a pipe"):
        read_regular(tmp_path / "x.jpg")


def test_a_folder_and_nothing_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(NotAFileError, match="a folder"):
        read_regular(tmp_path)
    with pytest.raises(FileNotFoundError):
        read_regular(tmp_path / "absent")

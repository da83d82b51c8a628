"""Files and folders that are whole or not there."""

from __future__ import annotations

import os
from pathlib import Path
from unittest.mock import Mock

import pytest

from cbir.system import files
from cbir.system.files import file_digest, link_or_copy, replacing, swap_folders


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


@pytest.mark.parametrize("can_exchange", [True, False])
def test_folders_change_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_exchange: bool) -> None:
    if not can_exchange:
        monkeypatch.setattr(files, "_exchange", lambda *_: False)
    place = tmp_path / "place"
    for text in ("first", "second"):
        (tmp_path / "new").mkdir()
        (tmp_path / "new" / "file").write_text(text)
        swap_folders(tmp_path / "new", place)
        assert (place / "file").read_text() == text
        if text == "second":
            assert (tmp_path / "new" / "file").read_text() == "first"
    assert {path.name for path in tmp_path.iterdir()} == {"new", "place"}


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

"""Files at addresses of fsspec, read within limits."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fsspec.implementations.memory import MemoryFileSystem

from cbir.system.remote import open_address


def test_of_a_file_of_untold_size_no_more_is_read_than_a_photo_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    place, listing = f"/{uuid4()}", MemoryFileSystem.ls
    for name, content in (("long", b"0123456789"), ("empty", b"")):
        MemoryFileSystem().pipe_file(f"{place}/{name}", content)

    def list_without_sizes(self: Any, path: str, **options: Any) -> list[dict[str, Any]]:
        return [{**one, "size": None} for one in listing(self, path, **options)]

    monkeypatch.setattr(MemoryFileSystem, "ls", list_without_sizes)
    monkeypatch.setattr("cbir.system.remote.MOST_BYTES", 4)
    folder = open_address(f"memory:/{place}")
    assert not isinstance(folder, Path)
    assert folder.joinpath("empty").read_bytes() == b""
    assert folder.joinpath("long").read_bytes() == b"0123"

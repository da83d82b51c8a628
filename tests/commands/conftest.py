"""Catalogues to deploy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cbir.catalogue.catalogue import Catalogue
from cbir.catalogue.edit import remove_photos
from cbir.system.versions import VERSIONS


@pytest.fixture
def edited(catalogue: Path, copy_of: Callable[[Path], Path]) -> Iterator[Path]:
    """A catalogue with versions, as somebody reads the plain one that it was."""
    folder = copy_of(catalogue)
    reader = Catalogue.open(folder)
    remove_photos(["hat/001.jpg"], folder)
    assert (folder / VERSIONS).is_dir() and (folder / "manifest.json").is_file()
    yield folder
    reader.lease.release()

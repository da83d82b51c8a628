"""Wardrobes without a page: files are brought to them by the test, and worked on in its thread."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest

from cbir.network.extractor import FeatureExtractor
from cbir.web.wardrobes.wardrobe import Wardrobe
from tests.support.wardrobes import draw, fill, make_wardrobe

FILLED = 3
"""Photos in a wardrobe that is filled."""


@pytest.fixture(autouse=True)
def temporary(any_axes: None, one_thread: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of temporary files, of the test alone; Gradio's is in it."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder / "gradio"))
    return folder


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """Where browsers' files lie."""
    folder = tmp_path / "uploads"
    folder.mkdir()
    return folder


@pytest.fixture
def wardrobe(tmp_path: Path) -> Wardrobe:
    """An empty one."""
    return make_wardrobe(tmp_path / "own")


@pytest.fixture(scope="session")
def three_photos(tmp_path_factory: pytest.TempPathFactory, extractor: FeatureExtractor) -> Path:
    """The catalogue of a wardrobe: 100.jpg, 101.jpg, 102.jpg. Not to be changed: it is shared."""
    place = tmp_path_factory.mktemp("three photos")
    made = make_wardrobe(place / "own")
    (place / "uploads").mkdir()
    fill(made, extractor, *(draw(place / "uploads", 100 + number) for number in range(FILLED)))
    return made.folder


@pytest.fixture
def filled(wardrobe: Wardrobe, three_photos: Path) -> Wardrobe:
    """One of three photos."""
    shutil.copytree(three_photos, wardrobe.folder)
    return wardrobe

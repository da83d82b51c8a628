"""The disk is full at any point of an indexing run: that is told with a remedy, and nothing is lost."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from cbir.catalogue.build import index_photos
from cbir.catalogue.catalogue import Catalogue
from cbir.catalogue.verify import check_catalogue
from cbir.commands.parser import main
from cbir.errors import CatalogueError
from cbir.nearest.arrays import save_array
from cbir.nearest.exact import ExactIndex
from cbir.nearest.hnsw import GRAPH
from cbir.network.extractor import FeatureExtractor
from cbir.search import Searcher
from cbir.system.versions import VERSIONS, WORK
from tests.support.counting import CountingExtractor
from tests.support.disks import filled, small_disk
from tests.support.drawings import fill_folder
from tests.support.neighbours import clustered

DISK = 64_000_000
REMEDY = "index: its disk is full (No space left on device); free some space and run the same command again"
FULL = Path("/dev/full")
needs_full_device = pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with small_disk(tmp_path_factory.mktemp("disks") / "disk", DISK) as disk:
        yield disk


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return fill_folder(tmp_path / "photos", 8)


@pytest.fixture
def indexed(disk: Path, photos: Path, extractor: FeatureExtractor) -> Iterator[Path]:
    """A catalogue of eight photos on the disk; eight more have come since."""
    index_photos(photos, disk / "index", extractor)
    fill_folder(photos, 16)
    yield disk / "index"
    shutil.rmtree(disk / "index")


def check_former(place: Path, photos: Path) -> None:
    """The catalogue of the first eight photos is whole and searched."""
    catalogue = Catalogue.open(place)
    check_catalogue(catalogue)
    assert len(catalogue.records) == 8
    assert Searcher.over(catalogue).search(photos / "hat/001.jpg").matches[0].photo == "hat/001.jpg"
    catalogue.lease.release()


@pytest.mark.usefixtures("any_axes")
def test_between_batches(
    disk: Path, indexed: Path, photos: Path, extractor: FeatureExtractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cbir.catalogue.embed.BATCH", 2)
    with filled(disk, 60_000), pytest.raises(CatalogueError) as raised:
        index_photos(photos, indexed, extractor)
    assert str(raised.value).endswith(REMEDY)
    check_former(indexed, photos)
    counting = CountingExtractor(extractor)
    assert index_photos(photos, indexed, counting).count == 16
    assert 0 < counting.count < 8, "what was finished is not embedded again"


@pytest.mark.usefixtures("any_axes")
def test_anywhere_in_the_bundle(
    disk: Path, indexed: Path, photos: Path, extractor: FeatureExtractor, capsys: pytest.CaptureFixture[str]
) -> None:
    """With ever more space, until it is enough."""
    needed = sum(path.stat().st_size for path in indexed.rglob("*") if path.is_file())
    failed = 0
    for free in (needed // 2, *range(needed - 150_000, 2 * needed, 30_000)):
        shutil.rmtree(indexed / VERSIONS / WORK / "bundle", ignore_errors=True)
        with filled(disk, free):
            status = main(["index", str(photos), "--out", str(indexed)])
        told = capsys.readouterr().err
        if status == 0:
            break
        failed += 1
        assert told.splitlines()[-1].endswith(REMEDY), free
        check_former(indexed, photos)
    assert failed > 5, "in the weights, the numbers, the graph and the digests"
    counting = CountingExtractor(extractor)
    report = index_photos(photos, indexed, counting)
    assert (report.count, counting.count) == (16, 0), "the photos were finished"
    check_catalogue(Catalogue.open(indexed))


@pytest.mark.parametrize("command", ["add", "remove"])
def test_an_edit(disk: Path, indexed: Path, photos: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    names = {"add": str(photos / "hat/009.jpg"), "remove": "hat/005.jpg"}
    with filled(disk, 1_000_000):
        assert main([command, str(indexed), names[command]]) == 1
    assert capsys.readouterr().err.splitlines()[-1].endswith(REMEDY)
    check_former(indexed, photos)
    assert main([command, str(indexed), names[command]]) == 0


def save_graph(folder: Path) -> None:
    """hnswlib itself says nothing of a full disk."""
    ExactIndex.build(clustered(500, 48, seed=3)).save(folder)


def save_numbers(folder: Path) -> None:
    """NumPy itself says how many bytes it wrote, and not why."""
    save_array(folder / GRAPH, np.arange(10_000))


@needs_full_device
@pytest.mark.parametrize("save", [save_graph, save_numbers])
def test_what_cannot_be_written_whole_is_an_error(tmp_path: Path, save: Callable[[Path], None]) -> None:
    (tmp_path / GRAPH).symlink_to(FULL)
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)) as raised:
        save(tmp_path)
    assert raised.value.errno == errno.ENOSPC

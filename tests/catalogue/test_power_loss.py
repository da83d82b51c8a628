"""The power goes before any step of an indexing run: what was there stays, and what was told as done is not lost."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cbir.catalogue.build import index_photos
from cbir.catalogue.catalogue import Catalogue
from cbir.catalogue.verify import check_catalogue
from cbir.errors import CatalogueError
from cbir.network.extractor import FeatureExtractor
from cbir.system.versions import CURRENT, IN_USE, LOCK, VERSIONS, current_version
from tests.support.drawings import fill_folder
from tests.support.power import OUTCOMES, Disk

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="synced files are known by /proc"),
    pytest.mark.usefixtures("any_axes"),
]


def prepare_nothing(folder: Path, out: Path, extractor: FeatureExtractor) -> None:
    """The first run."""


def prepare_versions(folder: Path, out: Path, extractor: FeatureExtractor) -> None:
    """An update of a catalogue."""
    index_photos(folder, out, extractor)


def prepare_plain(folder: Path, out: Path, extractor: FeatureExtractor) -> None:
    """An update of a bundle on its own, as former versions of this project made them."""
    index_photos(folder, out.parent / "made", extractor)
    current_version(out.parent / "made").rename(out)
    shutil.rmtree(out.parent / "made")


Prepare = Callable[[Path, Path, FeatureExtractor], None]


class Scenario:
    """A run that is to be cut off, in a folder of its own."""

    def __init__(self, place: Path, prepare: Prepare, extractor: FeatureExtractor) -> None:
        self.photos, self.extractor = fill_folder(place / "photos", 6), extractor
        (place / "disk").mkdir()
        self.out = place / "disk" / "index"
        prepare(self.photos, self.out, extractor)
        self.before = list(Catalogue.open(self.out).records) if self.out.exists() else None
        fill_folder(self.photos, 10)
        (self.photos / "hat" / "001.jpg").unlink()
        self.told = 0

    def run(self, cut: int | None) -> Disk:
        def progress(stage: str, done: int, total: int | None) -> None:
            if stage == "photos":
                self.told = done

        disk = Disk(self.out.parent)
        with disk.losing_power(cut):
            index_photos(self.photos, self.out, self.extractor, progress=progress)
        return disk

    def check(self, out: Path) -> None:
        """What is there after the power loss is whole, and the next run ends as one that was never cut off."""
        if self.before is None and not (out / VERSIONS / CURRENT).exists():
            with pytest.raises(CatalogueError, match="no catalogue; build one"):
                Catalogue.open(out)
        else:
            found = Catalogue.open(out)
            check_catalogue(found)
            assert list(found.records) == self.before or len(found.records) == 9
            found.lease.release()
        known = {record.sha256 for record in self.before or ()}
        report = index_photos(self.photos, out, self.extractor)
        catalogue = Catalogue.open(out)
        check_catalogue(catalogue)
        assert [record.photo for record in catalogue.records] == [
            path.relative_to(self.photos).as_posix() for path in sorted(self.photos.rglob("*.jpg"))
        ]
        told = {record.sha256 for record in catalogue.records[: self.told]}
        assert report.embedded <= len({record.sha256 for record in catalogue.records} - known - told)
        assert {path.name for path in out.iterdir()} == {VERSIONS}
        left = {path.name for path in (out / VERSIONS).iterdir()}
        assert left == {catalogue.folder.name, CURRENT, IN_USE, LOCK}


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cbir.catalogue.embed.BATCH", 4)


def cut_off(place: Path, prepare: Prepare, extractor: FeatureExtractor, *, every: int) -> None:
    """Cut off a run before every so many-th step, and see what the next one makes of what is left.

    The outcomes take turns.
    """
    place.mkdir()
    whole = Scenario(place / "whole", prepare, extractor)
    steps = whole.run(None).steps
    assert steps > 40, "as many steps as there are files at least"
    for number, cut in enumerate(range(1, steps + 1, every)):
        scenario = Scenario(place / f"before step {cut}", prepare, extractor)
        disk = scenario.run(cut)
        assert disk.lost
        left = disk.write(OUTCOMES[number % 3], place / f"after step {cut}")
        scenario.check(left / "index")
        shutil.rmtree(place / f"before step {cut}")
        shutil.rmtree(left)


@pytest.mark.parametrize("prepare", [prepare_nothing, prepare_versions, prepare_plain])
def test_power_goes_before_some_steps(prepare: Prepare, extractor: FeatureExtractor, tmp_path: Path) -> None:
    cut_off(tmp_path / "some", prepare, extractor, every=13)


@pytest.mark.slow
@pytest.mark.parametrize("prepare", [prepare_nothing, prepare_versions, prepare_plain])
def test_power_goes_before_many_steps(prepare: Prepare, extractor: FeatureExtractor, tmp_path: Path) -> None:
    cut_off(tmp_path / "many", prepare, extractor, every=4)

"""Photos that are deleted or changed while a run indexes them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cbir.catalogue.build import index_photos
from cbir.catalogue.catalogue import Catalogue
from cbir.catalogue.verify import check_catalogue
from cbir.errors import DatasetError
from cbir.network.extractor import FeatureExtractor
from cbir.system.files import file_digest
from cbir.system.progress import Progress
from tests.support.counting import CountingExtractor
from tests.support.drawings import draw_garment, fill_folder

GONE = "is gone since the folder was read; bring it back, or run again without it"


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch, any_axes: None) -> None:
    monkeypatch.setattr("cbir.catalogue.embed.BATCH", 2)


def after_two(act: Callable[[], object]) -> Progress:
    """Do something once two photos are finished, while some after them are read ahead and others are not."""

    def progress(stage: str, done: int, total: int | None) -> None:
        if (stage, done) == ("photos", 2):
            act()

    return progress


def test_a_folder_that_is_deleted(extractor: FeatureExtractor, tmp_path: Path) -> None:
    photos, out = fill_folder(tmp_path / "photos", 20), tmp_path / "index"
    report = index_photos(photos, out, extractor, progress=after_two(lambda: shutil.rmtree(photos)))
    assert 2 <= report.count < 20 and report.count + len(report.refused) == 20
    assert {reason for _, reason in report.refused} == {GONE}
    with pytest.raises(DatasetError, match="no such folder"):
        index_photos(photos, out, extractor)
    catalogue = Catalogue.open(out)
    check_catalogue(catalogue)
    assert len(catalogue.records) == report.count


def test_a_folder_that_is_deleted_during_an_update_keeps_what_was_known(
    extractor: FeatureExtractor, tmp_path: Path
) -> None:
    photos, out = fill_folder(tmp_path / "photos", 8), tmp_path / "index"
    index_photos(photos, out, extractor)
    known = {record.photo for record in Catalogue.open(out).records}
    fill_folder(photos, 24)
    report = index_photos(photos, out, extractor, progress=after_two(lambda: shutil.rmtree(photos)))
    catalogue = Catalogue.open(out)
    check_catalogue(catalogue)
    assert known <= {record.photo for record in catalogue.records} and report.dropped == 0 < report.kept


def test_photos_that_are_changed_are_taken_as_they_were_read(extractor: FeatureExtractor, tmp_path: Path) -> None:
    photos, out = fill_folder(tmp_path / "photos", 20), tmp_path / "index"
    paths = sorted(photos.rglob("*.jpg"))
    before = {path.relative_to(photos).as_posix(): file_digest(path) for path in paths}

    def change() -> None:
        for number, path in enumerate(paths, start=100):
            draw_garment(number, path.parent.name).save(path, quality=90)

    index_photos(photos, out, extractor, progress=after_two(change))
    after = {path.relative_to(photos).as_posix(): file_digest(path) for path in paths}
    catalogue = Catalogue.open(out)
    check_catalogue(catalogue)
    found = {record.photo: record.sha256 for record in catalogue.records}
    assert found.keys() == before.keys() and all(found[name] in (before[name], after[name]) for name in found)
    stale = [name for name in found if found[name] != after[name]]
    assert 2 <= len(stale) < 20, "some were read before, and some after"
    counting = CountingExtractor(extractor)
    index_photos(photos, out, counting)
    assert counting.count == len(stale)
    assert {record.photo: record.sha256 for record in Catalogue.open(out).records} == after

"""Large catalogues that are changed where photos came and went, tried on small ones."""

from __future__ import annotations

import shutil
from pathlib import Path
from threading import Event, Thread

import pytest

from cbir import FeatureExtractor, Searcher
from cbir.catalogue.build import index_photos
from cbir.catalogue.catalogue import Catalogue
from cbir.catalogue.edit import add_photos, remove_photos
from cbir.catalogue.verify import check_catalogue
from cbir.datasets.photo import Photo
from cbir.nearest.hnsw import LABELS
from cbir.system.versions import current_version
from tests.support.drawings import draw_garment, fill_folder

pytestmark = pytest.mark.usefixtures("any_axes")


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """All catalogues count as large ones."""
    monkeypatch.setattr("cbir.catalogue.bundle.LEAST", 1)
    monkeypatch.setattr("cbir.nearest.project.FEW", 10**9)  # large ones have axes for what comes later


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return fill_folder(tmp_path / "photos", 40, labels=("hat", "dress"))


def bring(photos: Path, number: int) -> None:
    draw_garment(number, "hat").save(photos / "hat" / f"{number}.jpg")


def assert_like_a_new_one(photos: Path, out: Path, extractor: FeatureExtractor, queries: Path) -> None:
    catalogue = Catalogue.open(out)
    check_catalogue(catalogue)
    index_photos(photos, out.with_name("new"), extractor)
    new = Searcher.open(out.with_name("new"))
    assert list(catalogue.records) == list(new.catalogue.records)
    for query in sorted(queries.rglob("*.jpg")):
        expected = new.search(query, 5)
        found = Searcher.open(out).search(query, 5)
        assert [(match.photo, match.distance) for match in found.matches] == [
            (match.photo, match.distance) for match in expected.matches
        ]
        assert found.exact
    shutil.rmtree(out.with_name("new"))


def test_photos_that_come_and_go(photos: Path, extractor: FeatureExtractor, tmp_path: Path) -> None:
    out, queries = tmp_path / "index", fill_folder(tmp_path / "queries", 6)
    index_photos(photos, out, extractor)
    assert Catalogue.open(out).changed == 0
    (photos / "hat" / "000.jpg").unlink()
    bring(photos, 70)
    bring(photos, 71)
    report = index_photos(photos, out, extractor)
    assert (report.embedded, report.dropped, report.changed) == (2, 1, True)
    assert (current_version(out) / LABELS).exists() and Catalogue.open(out).changed == 3
    assert_like_a_new_one(photos, out, extractor, queries)
    assert not index_photos(photos, out, extractor).changed

    # A photo under another name, and one twice.
    (photos / "hat" / "70.jpg").rename(photos / "hat" / "000 again.jpg")
    shutil.copyfile(photos / "hat" / "71.jpg", photos / "hat" / "0 twice.jpg")
    assert index_photos(photos, out, extractor).embedded == 0
    assert Catalogue.open(out).changed == 4
    assert_like_a_new_one(photos, out, extractor, queries)
    (photos / "hat" / "71.jpg").unlink()
    index_photos(photos, out, extractor)
    assert_like_a_new_one(photos, out, extractor, queries)


def test_the_map_keeps_what_is_there_still(photos: Path, extractor: FeatureExtractor, tmp_path: Path) -> None:
    out = tmp_path / "index"
    index_photos(photos, out, extractor)
    before = Catalogue.open(out)
    (photos / "hat" / "000.jpg").unlink()
    bring(photos, 70)
    index_photos(photos, out, extractor)
    after = Catalogue.open(out)
    assert before.map and after.map
    cells = [
        {catalogue.records[row].photo: tuple(cell) for row, cell in zip(drawn.rows.tolist(), drawn.cells.tolist())}
        for catalogue, drawn in ((before, before.map), (after, after.map))
    ]
    del cells[0]["hat/000.jpg"]
    assert cells[0] == cells[1]


def test_linked_anew_after_many_changes_or_if_asked(
    photos: Path, extractor: FeatureExtractor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, new = tmp_path / "index", tmp_path / "new"
    index_photos(photos, out, extractor)
    for number in range(7):
        (photos / "hat" / f"{2 * number:03}.jpg").unlink()
        index_photos(photos, out, extractor)
        # Seven are more than a fifth of the 33 that are left.
        assert Catalogue.open(out).changed == (number + 1) % 7

    def files(place: Path) -> dict[str, bytes]:
        root = current_version(place)
        return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}

    index_photos(photos, new, extractor)
    assert files(out) == files(new), "the same photos linked at once give the same files"
    bring(photos, 79)
    index_photos(photos, out, extractor)
    assert Catalogue.open(out).changed == 1
    assert index_photos(photos, out, extractor, rebuild=True).changed
    index_photos(photos, new, extractor, rebuild=True)
    assert files(out) == files(new)
    assert not index_photos(photos, out, extractor, rebuild=True).changed
    monkeypatch.undo()
    bring(photos, 80)
    index_photos(photos, out, extractor)
    assert Catalogue.open(out).changed == 0, "small ones always are"


def test_who_reads_meanwhile_sees_the_old_catalogue_or_the_new(
    photos: Path, tmp_path: Path, extractor: FeatureExtractor
) -> None:
    out, query = tmp_path / "own", tmp_path / "query.jpg"
    index_photos(photos, out, extractor)
    draw_garment(300, "hat").save(query)
    seen: set[tuple[int, float]] = set()
    faults: list[BaseException] = []
    done = Event()

    def read() -> None:
        try:
            while not done.is_set():
                catalogue = Catalogue.open(out)
                result = Searcher(catalogue, extractor).search(query)
                assert result.exact and all(match.thumb.read_bytes() for match in result.matches)
                seen.add((len(catalogue.records), result.matches[0].distance))
        except BaseException as error:
            faults.append(error)

    readers = [Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for _ in range(4):
        add_photos([Photo("hat/new.jpg", query, "hat")], out, extractor)
        remove_photos(["hat/new.jpg"], out)
    done.set()
    for reader in readers:
        reader.join()
    assert not faults
    assert {(size, distance < 1e-3) for size, distance in seen} == {(40, False), (41, True)}

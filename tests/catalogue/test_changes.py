"""What a catalogue keeps, drops and knows again when its folder changes or cannot be read."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cbir.catalogue.build import index_photos
from cbir.catalogue.catalogue import Catalogue
from cbir.catalogue.changes import compare_records, keep_records
from cbir.catalogue.records import Record
from cbir.catalogue.verify import check_catalogue
from cbir.errors import CatalogueError, DatasetError
from cbir.network.extractor import FeatureExtractor
from cbir.network.weights import load_weights, save_weights
from tests.support.drawings import draw_garment, fill_folder
from tests.support.obstacles import IRREGULAR, break_file, break_folder, within

Obstacle = Callable[[pytest.MonkeyPatch, Path], None]


def records_of(out: Path) -> list[Record]:
    return list(Catalogue.open(out).records)


def lose_behind_link(_: pytest.MonkeyPatch, place: Path) -> None:
    """As where a link leads to a disk that is away."""
    shutil.rmtree(place) if place.is_dir() else place.unlink()
    place.symlink_to("/not mounted/here")


def turn_in_circles(_: pytest.MonkeyPatch, place: Path) -> None:
    shutil.rmtree(place) if place.is_dir() else place.unlink()
    place.symlink_to(place)


OUT_OF_REACH: dict[str, tuple[str, Obstacle]] = {
    "folder without permission": ("hat", break_folder),
    "folder with I/O errors": ("hat", lambda patch, place: break_folder(patch, place, errno.EIO)),
    "folder on a disk that is away": ("hat", lose_behind_link),
    "photo without permission": ("hat/001.jpg", break_file),
    "photo with I/O errors": ("hat/001.jpg", lambda patch, place: break_file(patch, place, errno.EIO)),
    "photo behind a link to itself": ("hat/001.jpg", turn_in_circles),
}


@pytest.mark.parametrize(("place", "obstacle"), OUT_OF_REACH.values(), ids=OUT_OF_REACH)
def test_what_cannot_be_read_now_is_kept(
    extractor: FeatureExtractor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, obstacle: Obstacle
) -> None:
    folder, out = fill_folder(tmp_path / "photos", 6), tmp_path / "index"
    index_photos(folder, out, extractor)
    before = records_of(out)
    lost = [record for record in before if f"{record.photo}/".startswith(f"{place}/")]
    (folder / "dress" / "000.jpg").unlink()
    obstacle(monkeypatch, folder / place)
    report = index_photos(folder, out, extractor)
    assert (report.count, report.kept, report.dropped, report.embedded) == (5, len(lost), 1, 0)
    [(name, reason)] = report.refused
    assert name == place and ";" in reason
    assert records_of(out) == before[1:]
    check_catalogue(Catalogue.open(out))

    report = index_photos(folder, out, extractor, forget=True)
    assert (report.count, report.kept, report.dropped) == (5 - len(lost), 0, len(lost))
    assert records_of(out) == [record for record in before[1:] if record not in lost]


def test_what_is_gone_is_dropped_and_what_is_damaged_as_well(extractor: FeatureExtractor, tmp_path: Path) -> None:
    folder, out = fill_folder(tmp_path / "photos", 8), tmp_path / "index"
    index_photos(folder, out, extractor)
    (folder / "hat" / "001.jpg").unlink()
    shutil.rmtree(folder / "scarf")
    (folder / "shirt" / "003.jpg").write_bytes(b"damaged")
    report = index_photos(folder, out, extractor)
    assert (report.count, report.kept, report.dropped) == (4, 0, 4)
    assert [name for name, _ in report.refused] == ["shirt/003.jpg"]


def test_rows_out_of_reach_keep_their_place_in_the_table(
    extractor: FeatureExtractor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, out = tmp_path / "set", tmp_path / "index"
    fill_folder(folder / "photos", 4)
    rows = ["scarf/002.jpg,Shawl", "dress/000.jpg,Gown", "shirt/003.jpg,Tee", "hat/001.jpg,Cap"]
    (folder / "photos.csv").write_text("\n".join(["photo,label", *rows]))
    index_photos(folder, out, extractor)
    before = records_of(out)
    with monkeypatch.context() as patch:
        break_file(patch, folder / "photos" / "dress" / "000.jpg")
        report = index_photos(folder, out, extractor)
    assert (report.kept, report.changed) == (1, False) and records_of(out) == before
    shutil.move(folder / "photos", tmp_path / "nas")
    (folder / "photos").symlink_to(tmp_path / "nas")
    assert not index_photos(folder, out, extractor).changed
    (tmp_path / "nas").rename(tmp_path / "away")
    report = index_photos(folder, out, extractor)
    assert (report.kept, report.changed) == (4, False) and records_of(out) == before


def test_another_network_does_not_lose_what_it_cannot_read(
    weights_file: Path, extractor: FeatureExtractor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, out = fill_folder(tmp_path / "photos", 8), tmp_path / "index"
    index_photos(folder, out, extractor)
    before = records_of(out)
    weights = load_weights(weights_file)
    weights.tensors["conv1.conv.bias"].add_(0.25)
    save_weights(weights, tmp_path / "other.pth")
    other = FeatureExtractor.open(tmp_path / "other.pth")
    break_folder(monkeypatch, folder / "hat")
    with pytest.raises(DatasetError, match=r"hat/001\.jpg: cannot be read now.*--forget"):
        index_photos(folder, out, other)
    assert records_of(out) == before
    assert index_photos(folder, out, other, forget=True).count == 6


def test_what_is_no_file_does_not_stop_the_run(extractor: FeatureExtractor, tmp_path: Path) -> None:
    folder = fill_folder(tmp_path / "photos", 4)
    for label, make in zip(("dress", "hat", "scarf", "shirt"), IRREGULAR.values(), strict=True):
        make(folder / label / "x.jpg")
    with within(60):
        report = index_photos(folder, tmp_path / "index", extractor)
    assert report.count == 4
    assert [name for name, _ in report.refused] == ["dress/x.jpg", "hat/x.jpg", "scarf/x.jpg", "shirt/x.jpg"]


def test_renamed_photos_are_not_dropped(extractor: FeatureExtractor, tmp_path: Path) -> None:
    folder, out = fill_folder(tmp_path / "photos", 8), tmp_path / "index"
    index_photos(folder, out, extractor)
    (folder / "hat" / "001.jpg").rename(folder / "hat" / "new.jpg")
    (folder / "scarf").rename(folder / "shawl")
    (folder / "dress" / "000.jpg").unlink()
    shutil.copy(folder / "dress" / "004.jpg", folder / "dress" / "copy.jpg")
    report = index_photos(folder, out, extractor)
    assert (report.count, report.renamed, report.dropped, report.embedded) == (8, 3, 1, 0)


def test_two_copies_one_of_which_goes_are_one_dropped() -> None:
    former = [Record("a.jpg", None, "1" * 64), Record("b.jpg", None, "1" * 64), Record("c.jpg", None, "2" * 64)]
    assert compare_records(former, former[1:]) == (1, 0)
    moved = [former[0]._replace(photo="x/a.jpg"), former[1]._replace(photo="x/b.jpg"), former[2]]
    assert compare_records(former, moved) == (0, 2)
    assert compare_records(former, moved[1:]) == (1, 1)
    assert compare_records([], former) == (0, 0)


def test_kept_records_follow_those_that_they_followed() -> None:
    former = [Record(name, None, f"{number:064}") for number, name in enumerate(["a/1", "a/2", "b", "c/d/3", "e"])]
    read = [Record("new", None, "f" * 64), former[2], former[4]]
    merged, kept = keep_records(read, former, ["a", "c/d/3", "e/f"])
    assert [record.photo for record in merged] == ["a/1", "a/2", "new", "b", "c/d/3", "e"]
    assert kept == [former[0], former[1], former[3]]
    assert keep_records(read, former, ["a/", "c/d/3/x", "aa", ""]) == (read, [])


def test_the_report_tells_of_litter_and_other_kinds(extractor: FeatureExtractor, tmp_path: Path) -> None:
    folder = fill_folder(tmp_path / "photos", 4)
    index_photos(folder, folder / "hat" / "old index", extractor)
    fill_folder(folder / "hat" / "@eaDir", 2)
    (folder / "film.mov").touch()
    report = index_photos(folder, tmp_path / "index", extractor)
    assert (report.count, report.others, report.refused) == (4, {".mov": 1}, [])
    assert sorted(report.litter) == ["hat/@eaDir", "hat/old index"]


@pytest.mark.parametrize("out", [".", "./", "sub/..", "../place/"])
def test_the_catalogue_may_go_where_one_stands(
    extractor: FeatureExtractor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str
) -> None:
    photos, place = fill_folder(tmp_path / "photos", 2), tmp_path / "place"
    place.mkdir()
    monkeypatch.chdir(place)
    assert index_photos(photos, out, extractor).count == 2
    assert len(Catalogue.open(place).records) == 2 and sorted(tmp_path.iterdir()) == [photos, place]
    monkeypatch.chdir(place)
    assert not index_photos(photos, out, extractor).changed


@pytest.mark.parametrize("out", ["/", ".", ".."])
def test_a_place_that_holds_something_else_is_refused(
    photos: Path, extractor: FeatureExtractor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str
) -> None:
    (tmp_path / "place").mkdir()
    (tmp_path / "place" / "mine.txt").touch()
    monkeypatch.chdir(tmp_path / "place")
    with pytest.raises(CatalogueError, match="not part of a catalogue"):
        index_photos(photos, out, extractor)


def test_names_of_any_bytes_survive(extractor: FeatureExtractor, tmp_path: Path) -> None:
    folder, out = fill_folder(tmp_path / "photos", 1), tmp_path / "index"
    names = [b"caf\xe9/h\xfct.jpg", b"\xff\xfe/\x1b[31m\n.jpg", "gpj.\u202egnp/\u200b.jpg".encode()]
    for number, name in enumerate(names):
        path = Path(os.fsdecode(os.fsencode(folder) + b"/" + name))
        path.parent.mkdir()
        draw_garment(90 + number, "hat").save(path)
    assert index_photos(folder, out, extractor).count == 4
    records = records_of(out)
    assert {os.fsencode(record.photo) for record in records} > set(names)
    assert {os.fsencode(record.label or "") for record in records} > {name.partition(b"/")[0] for name in names}
    check_catalogue(Catalogue.open(out))
    assert not index_photos(folder, out, extractor).changed
    assert [json.loads(json.dumps(record.photo)) for record in records] == [record.photo for record in records]

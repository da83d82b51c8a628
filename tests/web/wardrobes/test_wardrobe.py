"""A catalogue that is changed while it is searched: what is asked for is done, told, and never half of it."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from cbir import FeatureExtractor, Searcher
from cbir.catalogue import edit
from cbir.catalogue.build import index_photos
from cbir.catalogue.catalogue import Catalogue
from cbir.catalogue.columns import KIND
from cbir.catalogue.edit import Edit, change_records
from cbir.catalogue.records import Record, Records
from cbir.catalogue.verify import check_catalogue
from cbir.errors import CatalogueError, PhotoError, WeightsError
from cbir.photos.region import Region
from cbir.system.files import measure_folder
from cbir.system.progress import Progress
from cbir.web.trail import key_of
from cbir.web.wardrobes.garments import change
from cbir.web.wardrobes.intake import LONGEST, Brought
from cbir.web.wardrobes.status import Status
from cbir.web.wardrobes.wardrobe import Limits, Wardrobe
from tests.support.drawings import fill_folder
from tests.support.wardrobes import draw, files_below, fill, key_at, make_wardrobe, names, pack

JUNK = (None, 7, "", "0", "0-0000000000000000", "../../x", "9" * 5000, "\0", ["0"], {"key": "0"})


def opened(wardrobe: Wardrobe) -> Catalogue:
    catalogue = wardrobe.catalogue()
    assert catalogue is not None
    return catalogue


def labels(wardrobe: Wardrobe) -> list[str | None]:
    now = wardrobe.garments()
    return [now.record(row).label for row in now.rows]


def full_disk(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/srv/secret/vectors.npy")


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> list[tuple[str, int, int | None]]:
    """Have something done once, while photos go through the network; gives what was told of that."""
    add, told = edit.add_photos, list[tuple[str, int, int | None]]()

    def add_and_act(*args: Any, progress: Progress, **options: Any) -> Edit:
        def follow(stage: str, done: int, total: int | None, /) -> None:
            told.append((stage, done, total))
            progress(stage, done, total)
            if len(told) == 1:
                act()

        return add(*args, progress=follow, **options)

    monkeypatch.setattr(edit, "add_photos", add_and_act)
    return told


def test_photos_that_are_brought_can_be_searched(wardrobe: Wardrobe, inbox: Path, extractor: FeatureExtractor) -> None:
    assert wardrobe.catalogue() is None and names(wardrobe) == [] and not wardrobe.has_work
    (inbox / "notes.jpg").write_text("no photo")
    files = [draw(inbox, 1), draw(inbox, 2), draw(inbox, 1, "again.jpg"), Brought("notes.jpg", inbox / "notes.jpg")]
    zipped = pack(inbox, {"hats/hat.jpg": draw(inbox, 5)})
    wardrobe.bring([*files, zipped])
    assert wardrobe.status.stage == "waiting" and wardrobe.has_work and wardrobe.size > 0
    for file in (*files, zipped):
        file.path.unlink()
    wardrobe.work(lambda: extractor)
    assert (wardrobe.status, wardrobe.has_work, wardrobe.failure) == (Status(), False, None)
    assert names(wardrobe) == ["001.jpg", "002.jpg", "hat.jpg"] and wardrobe.revision == 1
    assert [name for name, _ in wardrobe.refused] == ["again.jpg", "notes.jpg"]
    check_catalogue(opened(wardrobe))
    assert labels(wardrobe)[0] in extractor.weights.classes
    match = Searcher.over(opened(wardrobe)).search(draw(inbox, 2).path).matches[0]
    assert match.photo == "002.jpg" and match.distance < 1e-3


def test_photos_are_not_kept_once_they_are_indexed(
    wardrobe: Wardrobe, inbox: Path, extractor: FeatureExtractor, tmp_path: Path
) -> None:
    files = [draw(inbox, 1), pack(inbox, {"a.jpg": draw(inbox, 2)}), Brought("x.zip", inbox / "x.zip")]
    files[2].path.write_bytes(b"PK\5\6" + bytes(18))
    contents = {file.path.read_bytes() for file in files} | {draw(inbox, 2).path.read_bytes()}
    fill(wardrobe, extractor, *files)
    assert files_below(tmp_path / "own" / "inbox") == []
    kept = [tmp_path / "own" / name for name in files_below(tmp_path / "own")]
    assert not any(path.read_bytes() in contents for path in kept)
    assert wardrobe.size == sum(path.stat().st_size for path in kept)


def test_each_turn_tells_what_it_left_out(filled: Wardrobe, inbox: Path, extractor: FeatureExtractor) -> None:
    fill(filled, extractor, draw(inbox, 100, "twice.jpg"))
    (refusal,) = filled.refused
    assert refusal[0] == "twice.jpg" and "the same file as 100.jpg" in refusal[1]
    fill(filled, extractor, draw(inbox, 5, "101.jpg"))
    assert filled.refused == [] and names(filled) == ["100.jpg", "101.jpg", "102.jpg", "101 (2).jpg"]


def test_a_wardrobe_holds_no_more_than_its_limits(tmp_path: Path, inbox: Path, extractor: FeatureExtractor) -> None:
    small = make_wardrobe(tmp_path / "small", Limits(photos=2, unpacked=50_000))
    bulky = pack(inbox, {"bulky.jpg": os.urandom(60_000)})
    fill(small, extractor, bulky, *(draw(inbox, number) for number in range(3)))
    assert names(small) == ["000.jpg", "001.jpg"]
    assert [name for name, _ in small.refused] == ["bulky.jpg", "002.jpg"]
    small.take_out(key_at(small, 0))
    fill(small, extractor, draw(inbox, 2))
    assert names(small) == ["001.jpg", "002.jpg"], "what was taken out made room"


def test_what_is_taken_out_is_gone_at_once_and_then_for_good(filled: Wardrobe, extractor: FeatureExtractor) -> None:
    revision, gone = filled.revision, key_at(filled, 1)
    filled.take_out(gone)
    filled.take_out(gone)
    assert names(filled) == ["100.jpg", "102.jpg"] and filled.revision > revision and filled.has_work
    assert len(opened(filled).records) == 3
    revision = filled.revision
    filled.work(lambda: extractor)
    assert names(filled) == ["100.jpg", "102.jpg"] and len(opened(filled).records) == 2 and not filled.has_work
    assert filled.revision > revision, "its rows are others now"
    check_catalogue(opened(filled))
    with pytest.raises(CatalogueError):
        filled.take_out(gone)


def test_a_visitors_wardrobe_can_be_emptied_and_filled_anew(
    filled: Wardrobe, inbox: Path, extractor: FeatureExtractor
) -> None:
    for place in range(3):
        filled.take_out(key_at(filled, 0))
        assert len(names(filled)) == 2 - place
    filled.work(lambda: extractor)
    assert filled.catalogue() is None and filled.failure is None and files_below(filled.folder) == []
    with pytest.raises(CatalogueError):
        filled.take_out("0-0000000000000000")
    fill(filled, extractor, draw(inbox, 100))
    assert names(filled) == ["100.jpg"]


def test_the_last_photo_of_a_catalogue_that_is_kept_stays(
    filled: Wardrobe, inbox: Path, extractor: FeatureExtractor
) -> None:
    filled.limits = Limits(photos=None, unpacked=10_000_000)
    before = list(opened(filled).records)
    for _ in before:
        filled.take_out(key_at(filled, 0))
    filled.work(lambda: extractor)
    assert filled.failure is not None and "no photo would be left" in filled.failure
    assert str(filled.folder) not in filled.failure
    assert list(opened(filled).records) == before and names(filled) == ["100.jpg", "101.jpg", "102.jpg"]
    assert not filled.has_work
    fill(filled, extractor, draw(inbox, 5))
    assert len(names(filled)) == 4


def test_what_comes_back_is_another_revision(filled: Wardrobe, extractor: FeatureExtractor) -> None:
    filled.limits = Limits(photos=None, unpacked=10_000_000)
    for _ in range(3):
        filled.take_out(key_at(filled, 0))
    revision, there = filled.revision, names(filled)
    filled.work(lambda: extractor)
    assert names(filled) != there and filled.revision != revision


def test_photos_are_indexed_even_if_a_change_cannot_be_done(
    filled: Wardrobe, inbox: Path, extractor: FeatureExtractor
) -> None:
    filled.limits = Limits(photos=None, unpacked=10_000_000)
    for _ in range(3):
        filled.take_out(key_at(filled, 0))
    filled.bring([draw(inbox, 5)])
    filled.work(lambda: extractor)
    assert not filled.has_work, "nobody asks again"


def test_what_is_called_otherwise_is_found_by_that(filled: Wardrobe, inbox: Path, extractor: FeatureExtractor) -> None:
    given = {1: "  ball gown ", 0: "", 2: "x\n\u202e" * 100}
    for place, label in given.items():
        filled.call(key_at(filled, place), label)
    shown = [None, "ball gown", ("x\\n\\u202e" * 100)[:LONGEST]]
    assert labels(filled) == shown and filled.has_work
    filled.work(lambda: extractor)
    assert [record.label for record in opened(filled).records] == shown == labels(filled) and not filled.has_work
    searcher = Searcher.over(opened(filled))
    found = searcher.search(draw(inbox, 5).path, where={KIND: ("ball gown",)})
    assert [match.photo for match in found.matches] == ["101.jpg"]


def test_what_is_asked_for_during_a_change_is_not_lost(
    filled: Wardrobe, extractor: FeatureExtractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, _ = (key_at(filled, place) for place in range(3))

    def change_meanwhile(*arguments: Any) -> Edit:
        edit = change_records(*arguments)
        filled.call(first, "gown")
        filled.take_out(second)
        return edit

    filled.call(first, "robe")
    with monkeypatch.context() as patch:
        patch.setattr("cbir.catalogue.edit.change_records", change_meanwhile)
        filled.work(lambda: extractor)
    assert opened(filled).records[0].label == "robe" and labels(filled)[0] == "gown" and filled.has_work
    assert names(filled) == ["100.jpg", "102.jpg"] and filled.status.stage == "waiting"
    filled.work(lambda: extractor)
    assert opened(filled).records[0].label == "gown" and len(opened(filled).records) == 2 and not filled.has_work


def test_what_is_gone_stays_so_while_the_catalogue_follows(
    filled: Wardrobe, extractor: FeatureExtractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    find, left = Wardrobe.catalogue, [lambda: filled.work(lambda: extractor)]

    def find_and_work(wardrobe: Wardrobe) -> Catalogue | None:
        found = find(wardrobe)
        if left:
            left.pop()()
        return found

    filled.take_out(key_at(filled, 1))
    filled.call(key_at(filled, 0), "gown")
    monkeypatch.setattr(Wardrobe, "catalogue", find_and_work)
    now = filled.garments()
    assert [(now.record(row).photo, now.record(row).label == "gown") for row in now.rows] == [
        ("100.jpg", True),
        ("102.jpg", False),
    ]
    assert not filled.has_work


def test_what_is_asked_for_during_the_work_is_not_lost(
    filled: Wardrobe, inbox: Path, extractor: FeatureExtractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask() -> None:
        assert filled.status.stage == "photos" and filled.status.total == 1
        filled.take_out(key_at(filled, 0))
        filled.bring([draw(inbox, 6)])

    meanwhile(monkeypatch, ask)
    fill(filled, extractor, draw(inbox, 5))
    assert names(filled) == ["101.jpg", "102.jpg", "005.jpg"], "it is gone at once"
    assert filled.has_work and filled.status.stage == "waiting" and len(opened(filled).records) == 4
    filled.work(lambda: extractor)
    assert names(filled) == ["101.jpg", "102.jpg", "005.jpg", "006.jpg"] and len(opened(filled).records) == 4
    assert not filled.has_work and filled.status == Status()


@pytest.mark.parametrize("key", JUNK, ids=lambda key: repr(key)[:20])
def test_a_key_that_is_none_changes_nothing(filled: Wardrobe, wardrobe: Wardrobe, key: object) -> None:
    revision = filled.revision
    for one in (filled, make_wardrobe(filled.folder.parent / "empty")):
        with pytest.raises(CatalogueError, match="not in the catalogue"):
            one.take_out(key)
        with pytest.raises(CatalogueError, match="not in the catalogue"):
            one.call(key, "hat")
        assert not one.has_work and one.status == Status()
    assert filled.revision == revision and len(names(filled)) == 3


def test_a_wardrobe_that_is_closed_leaves_nothing(
    filled: Wardrobe, inbox: Path, extractor: FeatureExtractor, tmp_path: Path
) -> None:
    filled.bring([draw(inbox, 5)])
    filled.close()
    assert files_below(tmp_path / "own") == []
    assert not filled.bring([draw(inbox, 6)])
    filled.work(lambda: extractor)
    assert files_below(tmp_path / "own") == [] and filled.catalogue() is None and names(filled) == []


@pytest.mark.parametrize("fresh", [True, False], ids=["begun", "there before"])
def test_one_that_is_closed_during_the_work_leaves_nothing(
    fresh: bool,
    wardrobe: Wardrobe,
    inbox: Path,
    extractor: FeatureExtractor,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not fresh:
        fill(wardrobe, extractor, draw(inbox, 5))
    told = meanwhile(monkeypatch, wardrobe.close)
    wardrobe.bring([draw(inbox, number) for number in range(6)])
    wardrobe.work(lambda: extractor)
    assert files_below(tmp_path / "own") == [] and wardrobe.catalogue() is None
    assert not wardrobe.has_work and wardrobe.size == 0
    assert len(told) == 2, "the other photos are not waited for"


@pytest.mark.parametrize("where", ["write_bundle", "publish"])
def test_a_full_disk_is_told_and_what_was_there_stays(
    where: str, filled: Wardrobe, inbox: Path, extractor: FeatureExtractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = list(opened(filled).records)
    with monkeypatch.context() as patch:
        patch.setattr(f"cbir.catalogue.edit.{where}", full_disk)
        filled.bring([draw(inbox, 5)])
        filled.work(lambda: extractor)
    assert filled.failure is not None and os.strerror(errno.ENOSPC) in filled.failure
    assert "/" not in filled.failure and "still there" in filled.failure
    assert list(opened(filled).records) == before and not filled.has_work and filled.status == Status()
    check_catalogue(opened(filled))
    fill(filled, extractor, draw(inbox, 6))
    assert names(filled) == ["100.jpg", "101.jpg", "102.jpg", "006.jpg"]


def test_what_nobody_expects_is_told_without_what_it_was(
    filled: Wardrobe, inbox: Path, extractor: FeatureExtractor, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> FeatureExtractor:
        raise ZeroDivisionError("/srv/secret")

    filled.bring([draw(inbox, 5)])
    filled.work(fail)
    assert filled.failure is not None and "/" not in filled.failure and "log" in filled.failure
    assert "ZeroDivisionError: /srv/secret" in caplog.text
    assert len(names(filled)) == 3 and not filled.has_work


def test_a_network_that_is_not_there_is_told(filled: Wardrobe, inbox: Path, extractor: FeatureExtractor) -> None:
    def fail() -> FeatureExtractor:
        raise WeightsError("weights.pth: absent; train it")

    filled.bring([draw(inbox, 5)])
    filled.work(fail)
    assert filled.failure is not None and "weights.pth: absent; train it" in filled.failure
    fill(filled, extractor, draw(inbox, 5))
    assert len(names(filled)) == 4


def test_a_photo_of_a_person_is_indexed_garment_by_garment(
    wardrobe: Wardrobe, tmp_path: Path, finder_weights: Path
) -> None:
    network = FeatureExtractor.open(finder_weights)
    photos = fill_folder(tmp_path / "people", 2)
    index_photos(photos, tmp_path / "index", network, garments=True)
    expected = [(record.photo, record.region, record.kind) for record in Catalogue.open(tmp_path / "index").records]
    wardrobe.by_garment = True
    files = sorted(photos.rglob("*.jpg"))
    fill(wardrobe, network, *(Brought(path.name, path) for path in files))
    own = [(record.photo, record.region, record.kind) for record in opened(wardrobe).records]
    assert own == [(Path(photo).name, region, kind) for photo, region, kind in expected]
    assert opened(wardrobe).by_garment and len(own) > len(files)


def test_garments_of_one_photo_are_taken_out_one_after_the_other(
    wardrobe: Wardrobe, inbox: Path, finder_weights: Path
) -> None:
    network = FeatureExtractor.open(finder_weights)
    wardrobe.by_garment = True
    fill(wardrobe, network, draw(inbox, 0), draw(inbox, 1))
    photo = next(name for name in names(wardrobe) if names(wardrobe).count(name) > 1)
    every = wardrobe.garments()
    parts = [key_of(row, every.record(row)) for row in every.rows if every.record(row).photo == photo]
    others = [record for record in opened(wardrobe).records if record.photo != photo]
    for count, key in enumerate(parts[:2], start=1):
        wardrobe.take_out(key)
        assert names(wardrobe).count(photo) == len(parts) - count
        wardrobe.work(lambda: network)
        assert wardrobe.failure is None and names(wardrobe).count(photo) == len(parts) - count
        assert [record for record in opened(wardrobe).records if record.photo != photo] == others
        check_catalogue(opened(wardrobe))


def test_copies_of_a_photo_lose_the_same_garments() -> None:
    parts = Region(0, 0, 0.5, 1), Region(0.5, 0, 1, 1)
    garments = [Record(photo, "top", "a" * 64, None, part, "top") for photo in ("a.jpg", "b.jpg") for part in parts]
    whole = [Record(photo, "hat", "b" * 64) for photo in ("c.jpg", "d.jpg")]
    records = Records("".join(record.as_line() for record in (*garments, *whole)).encode())
    left = change(records, {key_of(0, garments[0]), key_of(4, whole[0])}, {key_of(3, garments[3]): "coat"})
    assert left == [garments[1], garments[3]._replace(label="coat"), whole[1]]


def test_a_full_disk_is_told_to_who_brings_files(
    filled: Wardrobe, inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def copy_half(_: Path, target: Path) -> None:
        target.write_bytes(b"half")
        full_disk()

    monkeypatch.setattr("cbir.web.wardrobes.wardrobe.link_or_copy", copy_half)
    assert filled.bring([draw(inbox, 5)]) and not filled.has_work
    ((name, reason),) = filled.refused
    assert name == "005.jpg" and os.strerror(errno.ENOSPC) in reason and "bring it again" in reason
    assert "/" not in reason and files_below(tmp_path / "own" / "inbox") == []


def test_a_file_that_cannot_be_kept_does_not_stop_the_others(
    wardrobe: Wardrobe, inbox: Path, extractor: FeatureExtractor
) -> None:
    fill(wardrobe, extractor, draw(inbox, 1), Brought("gone.jpg", inbox / "gone.jpg"), draw(inbox, 2))
    assert names(wardrobe) == ["001.jpg", "002.jpg"]
    assert wardrobe.refused == [("gone.jpg", "it could not be kept (No such file or directory); bring it again")]


def test_what_failed_is_told_until_something_else_is_asked_for(filled: Wardrobe, inbox: Path) -> None:
    first, second, _ = (key_at(filled, place) for place in range(3))
    asked: list[Callable[[], object]] = [
        lambda: filled.bring([draw(inbox, 5)]),
        lambda: filled.take_out(first),
        lambda: filled.call(second, "gown"),
    ]
    for ask in asked:
        filled.failure = "the disk was full"
        ask()
        assert filled.failure is None


def test_without_a_finder_photos_are_indexed_whole(
    wardrobe: Wardrobe, inbox: Path, extractor: FeatureExtractor
) -> None:
    wardrobe.by_garment = True
    fill(wardrobe, extractor, draw(inbox, 1))
    assert names(wardrobe) == ["001.jpg"]


def test_what_vanishes_while_sizes_are_counted_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("file", "folder/file", "stays/file"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"1234")
    look, scan = Path.stat, os.scandir

    def vanish(path: Path, **options: Any) -> os.stat_result:
        if path == tmp_path / "file":
            path.unlink()
        return look(path, **options)

    def vanish_as_a_whole(folder: str | Path) -> Any:
        if Path(folder) == tmp_path / "folder":
            (tmp_path / "folder/file").unlink()
            (tmp_path / "folder").rmdir()
        return scan(folder)

    monkeypatch.setattr(Path, "stat", vanish)
    monkeypatch.setattr(os, "scandir", vanish_as_a_whole)
    assert measure_folder(tmp_path) == 4
    assert measure_folder(tmp_path / "absent") == 0


def test_sizes_are_counted_while_others_use_the_wardrobe(
    filled: Wardrobe, extractor: FeatureExtractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, found = key_at(filled, 1), list[bool]()

    def count(_: Path) -> int:
        other = Thread(target=filled.take_out, args=[key], daemon=True)
        other.start()
        other.join(20)
        found.append(other.is_alive())
        return 7

    monkeypatch.setattr("cbir.web.wardrobes.wardrobe.measure_folder", count)
    filled.call(key_at(filled, 0), "gown")
    filled.work(lambda: extractor)
    assert found == [False, False] and filled.size == 14
    assert names(filled) == ["100.jpg", "102.jpg"] and filled.status.stage == "waiting"


def test_a_catalogue_that_is_kept_is_not_counted(
    filled: Wardrobe, extractor: FeatureExtractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled.limits = Limits(photos=None, unpacked=10_000_000)
    monkeypatch.setattr("cbir.web.wardrobes.wardrobe.measure_folder", full_disk)
    filled.take_out(key_at(filled, 0))
    filled.work(lambda: extractor)
    assert filled.status == Status() and names(filled) == ["101.jpg", "102.jpg"]


def test_work_that_is_broken_off_is_not_told_for_ever(filled: Wardrobe, inbox: Path, tmp_path: Path) -> None:
    def stop() -> FeatureExtractor:
        raise KeyboardInterrupt

    filled.bring([draw(inbox, 5)])
    with pytest.raises(KeyboardInterrupt):
        filled.work(stop)
    assert filled.status == Status() and not filled.has_work
    filled.close()
    assert files_below(tmp_path / "own") == [], "nobody works on it, so it is deleted at once"


def test_photos_that_are_not_to_be_decoded_are_refused(
    wardrobe: Wardrobe, inbox: Path, extractor: FeatureExtractor
) -> None:
    bad = hashlib.sha256(draw(inbox, 2).path.read_bytes()).hexdigest()

    def check(photo: Path) -> None:
        if hashlib.sha256(photo.read_bytes()).hexdigest() == bad:
            raise PhotoError(f"{photo}: not safe; save it as JPEG")

    zipped = pack(inbox, {"in a zip.jpg": draw(inbox, 2)})
    wardrobe.bring([draw(inbox, 1), zipped])
    wardrobe.work(lambda: extractor, check)
    assert names(wardrobe) == ["001.jpg"] and wardrobe.refused == [("in a zip.jpg", "not safe; save it as JPEG")]

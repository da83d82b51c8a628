"""Photos of people, indexed garment by garment: whole, resumable, repeatable, and switched on and off."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cbir import FeatureExtractor, Searcher
from cbir.catalogue.build import index_photos
from cbir.catalogue.catalogue import Catalogue
from cbir.catalogue.changes import keep_records
from cbir.catalogue.journal import Journal
from cbir.catalogue.records import WHOLE_PHOTO, GarmentCounts, Record
from cbir.catalogue.verify import check_catalogue
from cbir.commands.parser import main
from cbir.errors import CatalogueError, DatasetError, WeightsError
from cbir.network.garments import AREA, FILE, GLANCE_AREA, GarmentFinder
from cbir.network.preprocess import side_for, to_pixels
from cbir.photos.decode import DECODE_SIDE, load_image
from cbir.photos.region import WHOLE, Region
from cbir.system.versions import VERSIONS, WORK, current_version
from tests.support.counting import CountingExtractor
from tests.support.obstacles import break_file
from tests.support.people import NOBODY, Seeing, draw_person, save_random_finder

pytestmark = pytest.mark.usefixtures("any_axes", "one_thread")

WORN = {"a.png": 2, "b.png": NOBODY, "c.jpg": 1, "street/d.jpg": 3, "street/e.png": 0, "street/f.png": NOBODY}
"""Photos with the number of garments that are found in each; e shows somebody of whom none is found."""
RECORDS = sum(number % NOBODY or 1 for number in WORN.values())


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory, extractor: FeatureExtractor) -> FeatureExtractor:
    """With a finder beside it."""
    return save_random_finder(tmp_path_factory.mktemp("network"), extractor.weights)


@pytest.fixture
def seeing(monkeypatch: pytest.MonkeyPatch) -> Seeing:
    return Seeing(monkeypatch)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    for number, (name, garments) in enumerate(WORN.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        draw_person(number, garments, size=(1440, 1800) if path.suffix == ".jpg" else (320, 400)).save(path)
    return folder


@pytest.fixture
def out(folder: Path, tmp_path: Path, network: FeatureExtractor, seeing: Seeing) -> Path:
    """A catalogue by garment of the folder."""
    report = index_photos(folder, tmp_path / "index", network, garments=True)
    assert (report.count, report.embedded, report.garments) == (RECORDS, len(WORN), GarmentCounts(len(WORN), 6))
    seeing.looks.clear()
    return tmp_path / "index"


def records_of(out: Path) -> list[Record]:
    return list(Catalogue.open(out).records)


def lines_of(out: Path) -> bytes:
    return (current_version(out) / "records.jsonl").read_bytes()


def vectors_of(out: Path) -> dict[tuple[str, Region | None], np.ndarray]:
    catalogue = Catalogue.open(out)
    return {(record.photo, record.region): catalogue.index.vectors[row] for row, record in enumerate(catalogue.records)}


def test_each_garment_has_a_record_and_a_vector_of_its_own(folder: Path, out: Path, network: FeatureExtractor) -> None:
    catalogue = Catalogue.open(out)
    check_catalogue(catalogue)
    assert catalogue.by_garment and catalogue.manifest["by_garment"] is True
    records = list(catalogue.records)
    assert [record.photo for record in records] == [
        name for name, number in WORN.items() for _ in range(number % NOBODY or 1)
    ]
    kinds = {name: {record.kind for record in records if record.photo == name} for name in WORN}
    assert kinds["a.png"] == {"coat", "shoes"} and kinds["c.jpg"] == {"coat"} and len(kinds["street/d.jpg"]) == 3
    assert kinds["b.png"] == kinds["street/e.png"] == {None}
    assert all((record.kind is None) == (record.region is None) for record in records)
    assert [record.label for record in records] == [
        "street" if record.photo.startswith("street/") else record.kind for record in records
    ]
    assert all(edge == round(edge, 4) for record in records for edge in record.region or ())
    assert len({(record.photo, record.region) for record in records}) == len(records)
    assert len(list((catalogue.folder / "thumbs").iterdir())) == len(WORN)
    for row, record in enumerate(records):
        side = side_for([one.region for one in records if one.photo == record.photo and one.region] or [WHOLE])
        picture = load_image(folder / record.photo, short_side=side)
        expected = network.embed(to_pixels(picture, record.region or WHOLE)[None])[0]
        np.testing.assert_allclose(catalogue.index.vectors[row], expected, atol=1e-5)


def test_garments_are_cut_from_a_photo_as_sharp_as_a_query(folder: Path, out: Path, network: FeatureExtractor) -> None:
    row, record = next(pair for pair in enumerate(records_of(out)) if pair[1].photo == "c.jpg")
    assert record.region
    coarse = network.embed(to_pixels(load_image(folder / "c.jpg", short_side=DECODE_SIDE), record.region)[None])[0]
    assert np.abs(Catalogue.open(out).index.vectors[row] - coarse).max() > 1e-4
    (look,) = Searcher.open(out).look(folder / "c.jpg")
    assert look.result.query_in_catalogue and look.result.matches[0].region == record.region == look.garment.box


def test_nobody_costs_a_glance_and_everybody_a_look(
    folder: Path, tmp_path: Path, network: FeatureExtractor, seeing: Seeing
) -> None:
    index_photos(folder, tmp_path / "index", network, garments=True)
    people = sum(number != NOBODY for number in WORN.values())
    assert sorted(seeing.looks) == sorted([GLANCE_AREA] * len(WORN) + [AREA] * people)


def test_nothing_new_is_up_to_date_without_a_look(
    folder: Path, out: Path, network: FeatureExtractor, seeing: Seeing
) -> None:
    before = current_version(out)
    for garments in (None, True):
        counting = CountingExtractor(network)
        report = index_photos(folder, out, counting, garments=garments)
        assert (report.changed, report.embedded, report.garments) == (False, 0, GarmentCounts(len(WORN), 6))
        assert counting.count == 0 and not seeing.looks and current_version(out) == before


def test_renamed_and_dropped_photos_take_their_garments_along(
    folder: Path, out: Path, network: FeatureExtractor, seeing: Seeing
) -> None:
    before, vectors = records_of(out), vectors_of(out)
    (folder / "a.png").unlink()
    (folder / "street" / "d.jpg").rename(folder / "moved.jpg")
    shutil.copy(folder / "c.jpg", folder / "street" / "copy.jpg")
    report = index_photos(folder, out, network)
    assert (report.count, report.dropped, report.renamed, report.embedded) == (RECORDS - 1, 1, 1, 0)
    assert report.garments == GarmentCounts(len(WORN), 5) and not seeing.looks
    check_catalogue(Catalogue.open(out))
    after, moved = records_of(out), [record for record in before if record.photo == "street/d.jpg"]
    assert [record for record in after if record.photo == "moved.jpg"] == [
        record._replace(photo="moved.jpg", label=record.kind) for record in moved
    ]
    assert [record.label for record in after if record.photo in ("c.jpg", "street/copy.jpg")] == ["coat", "street"]
    now = vectors_of(out)
    for record in moved:
        np.testing.assert_array_equal(now["moved.jpg", record.region], vectors["street/d.jpg", record.region])
    assert len({vector.tobytes() for vector in now.values()}) == len(after) - 1, "only the copy is like another"


def test_a_photo_out_of_reach_keeps_its_garments(
    folder: Path, out: Path, network: FeatureExtractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = records_of(out)
    break_file(monkeypatch, folder / "street" / "d.jpg")
    report = index_photos(folder, out, network)
    assert (report.count, report.kept, report.changed) == (RECORDS, 1, False) and records_of(out) == before
    with pytest.raises(
        DatasetError, match=r"street/d\.jpg: cannot be read now, and has to go through the network anew"
    ):
        index_photos(folder, out, network, garments=False)
    assert records_of(out) == before
    assert index_photos(folder, out, network, forget=True).count == RECORDS - 3


def test_a_copy_of_a_photo_out_of_reach_does_not_stand_for_it(
    folder: Path, out: Path, network: FeatureExtractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(folder / "street" / "d.jpg", folder / "copy.jpg")
    index_photos(folder, out, network)
    before = records_of(out)
    break_file(monkeypatch, folder / "street" / "d.jpg")
    with pytest.raises(
        DatasetError, match=r"street/d\.jpg: cannot be read now, and has to go through the network anew"
    ):
        index_photos(folder, out, network, garments=False)
    assert records_of(out) == before


def test_kept_garments_stand_once_behind_those_before_them() -> None:
    former = [Record(photo, kind, photo * 64, None, WHOLE, kind) for photo in "abc" for kind in ("coat", "shoes")]
    assert keep_records(former[:2] + former[4:], former, ["b"]) == (former, former[2:4])


def test_a_run_that_was_broken_off_goes_on(
    folder: Path, tmp_path: Path, network: FeatureExtractor, seeing: Seeing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cbir.catalogue.embed.BATCH", 2)
    with pytest.raises(KeyboardInterrupt):
        index_photos(folder, tmp_path / "index", CountingExtractor(network, stop_after=4), garments=True)
    seeing.looks.clear()
    counting = CountingExtractor(network)
    report = index_photos(folder, tmp_path / "index", counting, garments=True)
    assert (report.embedded, counting.count) == (2, 2), "a, b, c and d were done, of which d has three garments"
    assert sorted(seeing.looks) == [GLANCE_AREA, GLANCE_AREA, AREA]
    index_photos(folder, tmp_path / "fresh", network, garments=True)
    assert lines_of(tmp_path / "index") == lines_of(tmp_path / "fresh")
    fresh = vectors_of(tmp_path / "fresh")
    for key, vector in vectors_of(tmp_path / "index").items():
        np.testing.assert_allclose(vector, fresh[key], atol=1e-5)


def test_a_journal_cut_anywhere_has_all_garments_of_a_photo_or_none(
    folder: Path, tmp_path: Path, network: FeatureExtractor, seeing: Seeing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cbir.catalogue.embed.BATCH", 2)
    with pytest.raises(KeyboardInterrupt):
        index_photos(folder, tmp_path / "index", CountingExtractor(network, stop_after=4), garments=True)
    path = tmp_path / "index" / VERSIONS / WORK / "journal"
    whole = path.read_bytes()
    finder = GarmentFinder.beside(network)
    assert finder
    known = network.weights.digest, finder.weights.digest
    written = Journal(path.parent, *known).written
    assert [len(one.parts) for one in written.values()] == [2, 1, 1, 3]
    for cut in range(0, len(whole), 1009):
        path.write_bytes(whole[:cut])
        found = Journal(path.parent, *known).written
        assert found.items() <= written.items() and path.stat().st_size <= cut
        ends = [one.place for one in list(written.values())[1:]] + [len(whole)]
        assert len(found) == sum(end <= cut for end in ends)
    path.write_bytes(whole)
    assert not Journal(path.parent, network.weights.digest).written, "other work than that of whole photos"


def test_switching_embeds_what_is_seen_otherwise(
    folder: Path, tmp_path: Path, network: FeatureExtractor, seeing: Seeing
) -> None:
    out, plain = tmp_path / "index", tmp_path / "plain"
    index_photos(folder, plain, network)
    assert index_photos(folder, out, network).garments is None and not seeing.looks
    counting = CountingExtractor(network)
    report = index_photos(folder, out, counting, garments=True)
    assert (report.changed, report.embedded, counting.count, report.dropped) == (True, 3, 6, 0)
    check_catalogue(Catalogue.open(out))
    index_photos(folder, tmp_path / "fresh", network, garments=True)
    assert lines_of(out) == lines_of(tmp_path / "fresh")
    assert not index_photos(folder, out, network).changed, "it stays as it is"
    report = index_photos(folder, out, network, garments=False)
    assert (report.changed, report.embedded, report.garments) == (True, 3, None)
    check_catalogue(Catalogue.open(out))
    assert lines_of(out) == lines_of(plain)
    assert not index_photos(folder, out, network).changed


def test_photos_of_nobody_can_be_switched_as_well(
    folder: Path, tmp_path: Path, network: FeatureExtractor, seeing: Seeing
) -> None:
    for name, garments in WORN.items():
        if garments != NOBODY:
            (folder / name).unlink()
    index_photos(folder, tmp_path / "index", network)
    for by_garment in (True, False):
        report = index_photos(folder, tmp_path / "index", network, garments=by_garment)
        assert (report.changed, report.embedded, report.count) == (True, 0, 2)
        assert Catalogue.open(tmp_path / "index").by_garment == by_garment


def test_a_plain_catalogue_has_the_files_that_it_always_had(
    folder: Path, tmp_path: Path, network: FeatureExtractor
) -> None:
    index_photos(folder, tmp_path / "index", network, garments=False)
    records = records_of(tmp_path / "index")
    expected = [
        {"photo": record.photo, "label": record.label, "sha256": record.sha256, "description": record.description}
        for record in records
    ]
    assert lines_of(tmp_path / "index").decode() == "".join(json.dumps(one) + "\n" for one in expected)
    assert [record.part for record in records] == [*WHOLE_PHOTO] * len(WORN)
    catalogue = Catalogue.open(tmp_path / "index")
    assert not catalogue.by_garment and list(catalogue.manifest) == [
        *("format", "count", "dimension", "metric", "preprocessing", "weights", "graph", "files", "sha256")
    ]


def test_another_finder_looks_again(
    folder: Path, out: Path, tmp_path: Path, network: FeatureExtractor, seeing: Seeing
) -> None:
    other = CountingExtractor(save_random_finder(tmp_path / "other", network.weights, note="another"))
    before = lines_of(out)
    report = index_photos(folder, out, other)
    assert (report.changed, report.embedded) == (True, 0) and seeing.looks and lines_of(out) == before
    third = CountingExtractor(save_random_finder(tmp_path / "third", network.weights, note="a third"))
    seeing.lower = 1
    report = index_photos(folder, out, third)
    assert (report.changed, report.embedded, report.count, third.count) == (True, 3, RECORDS, 6)
    check_catalogue(Catalogue.open(out))
    assert lines_of(out) != before


def test_a_finder_that_changes_meanwhile_is_found_out(
    folder: Path, tmp_path: Path, network: FeatureExtractor, seeing: Seeing
) -> None:
    mine = save_random_finder(tmp_path / "mine", network.weights)

    def replace(stage: str, done: int, _: int | None) -> None:
        if (stage, done) == ("photos", len(WORN)):
            save_random_finder(tmp_path / "mine", network.weights, note="another")

    with pytest.raises(CatalogueError, match=r"garments\.pth: changed while the photos were indexed; run again"):
        index_photos(folder, tmp_path / "index", mine, garments=True, progress=replace)


def test_without_a_finder_the_remedy_is_named(
    folder: Path, out: Path, tmp_path: Path, extractor: FeatureExtractor, network: FeatureExtractor
) -> None:
    with pytest.raises(WeightsError, match=r"garments\.pth.*cbir finder --help.*--no-garments"):
        index_photos(folder, tmp_path / "other", extractor, garments=True)
    before = lines_of(out)
    # The catalogue has the finder itself, for the same network.
    assert not index_photos(folder, out, extractor).changed and lines_of(out) == before
    (tmp_path / "alone").mkdir()
    shutil.copy(current_version(out) / "weights.pth", tmp_path / "alone")
    assert index_photos(folder, tmp_path / "plain", FeatureExtractor.open(tmp_path / "alone")).count == len(WORN)
    assert not (current_version(tmp_path / "plain") / FILE).exists()


def test_a_search_tells_where_the_garment_is(folder: Path, out: Path) -> None:
    wanted = next(record for record in records_of(out) if record.photo == "a.png" and record.kind == "shoes")
    assert wanted.region
    result = Searcher.open(out).search(folder / "a.png", k=RECORDS, region=wanted.region)
    first = result.matches[0]
    assert (first.photo, first.label, first.region) == ("a.png", "shoes", wanted.region) and result.query_in_catalogue
    assert [match.photo for match in result.matches].count("a.png") == 2
    plain = result.as_json()["matches"]
    assert plain[0] == {
        **{"rank": 1, "photo": "a.png", "label": "shoes"},
        **{"distance": first.distance, "region": [*wanted.region]},
    }
    assert {one["photo"]: "region" in one for one in plain} == {name: 0 < number < 4 for name, number in WORN.items()}
    assert f"none of {RECORDS} garments is closer" in result.proof


def test_the_commands_tell_of_photos_and_garments(
    folder: Path, tmp_path: Path, network: FeatureExtractor, seeing: Seeing, capsys: pytest.CaptureFixture[str]
) -> None:
    out, plot = tmp_path / "index", tmp_path / "plot.png"
    index = ["index", str(folder), "--out", str(out)]
    assert main([*index, "--weights", str(network.weights.path), "--garments"]) == 0
    assert capsys.readouterr().out == f"{out}: 6 photos with 6 garments, 6 photos embedded now\n"
    assert main(index) == 0
    assert capsys.readouterr().out == (f"{out}: 6 photos with 6 garments, 0 photos embedded now; it was up to date\n")
    assert main(["verify", str(out)]) == 0
    assert capsys.readouterr().out.startswith(f"{out}: 6 photos with 6 garments; files")
    search = ["search", str(folder / "c.jpg"), "--index", str(out), "-k", str(RECORDS), "--plot", str(plot)]
    assert main(search) == 0
    lines = capsys.readouterr().out.splitlines()
    (record,) = [record for record in records_of(out) if record.photo == "c.jpg"]
    assert sum(line.endswith(f" coat         c.jpg, at {record.region}") for line in lines) == 1
    assert sum(line.endswith(" b.png") for line in lines) == 1
    with Image.open(plot) as picture:
        assert picture.width > picture.height
    assert main([*index, "--no-garments"]) == 0
    assert capsys.readouterr().out == f"{out}: 6 photos, 3 embedded now\n"

"""A folder of photos to a catalogue: repeatable, resumable, up to date, and honest about what it left out."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cbir.catalogue.build import Report, index_photos
from cbir.catalogue.catalogue import Catalogue
from cbir.catalogue.verify import check_catalogue
from cbir.errors import CatalogueError, DatasetError, WeightsError
from cbir.nearest.hnsw import GraphSettings
from cbir.network.extractor import FeatureExtractor
from cbir.network.weights import Weights, load_weights, save_weights
from cbir.photos.decode import MAX_BYTES
from cbir.search import Searcher
from cbir.system.files import locked
from cbir.system.versions import LOCK, VERSIONS, WORK, current_version
from tests.support.counting import CountingExtractor
from tests.support.drawings import draw_garment, fill_folder


def contents(place: Path) -> dict[str, bytes]:
    """The files of a catalogue's current version, or of another folder."""
    folder = current_version(place)
    files = (path for path in folder.rglob("*") if path.is_file() and folder / VERSIONS not in path.parents)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_the_same_photos_give_the_same_files(
    photos: Path, catalogue: Path, extractor: FeatureExtractor, tmp_path: Path
) -> None:
    steps: list[tuple[str, int, int]] = []
    report = index_photos(photos, tmp_path / "again", extractor, progress=lambda *step: steps.append(step))
    assert report == Report(count=24, embedded=24, dropped=0, refused=[], changed=True)
    assert contents(tmp_path / "again") == contents(catalogue)
    assert steps == [("photos", done, 24) for done in range(1, 25)] + [("graph", 24, 24)] + [
        ("map", done, 250) for done in range(25, 251, 25)
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["again"]


def test_vectors_are_the_features_of_the_photos(photos: Path, catalogue: Path, extractor: FeatureExtractor) -> None:
    opened = Catalogue.open(catalogue)
    expected = extractor.extract([photos / record.photo for record in opened.records])
    np.testing.assert_allclose(opened.index.vectors[:], expected, atol=1e-5)
    for number, record in enumerate(opened.records):
        with Image.open(opened.thumb(number)) as thumb, Image.open(photos / record.photo) as photo:
            assert max(thumb.size) == 400
            difference = np.abs(np.asarray(thumb, float) - np.asarray(photo.resize(thumb.size), float))
            assert difference.mean() < 4


def test_a_second_run_embeds_only_what_is_new(
    photos: Path, copy_of: Callable[[Path], Path], extractor: FeatureExtractor, tmp_path: Path
) -> None:
    folder, out = copy_of(photos), tmp_path / "index"
    index_photos(folder, out, extractor)
    before = current_version(out)
    counting = CountingExtractor(extractor)
    assert index_photos(folder, out, counting) == Report(24, 0, 0, [], changed=False)
    assert current_version(out) == before

    (folder / "dress" / "000.jpg").unlink()
    draw_garment(99, "hat").save(folder / "hat" / "new.jpg")
    draw_garment(98, "scarf").save(folder / "scarf" / "002.jpg")
    (folder / "shirt" / "003.jpg").rename(folder / "shirt" / "renamed.jpg")
    shutil.copy(folder / "hat" / "001.jpg", folder / "hat" / "copy.jpg")
    report = index_photos(folder, out, counting)
    assert report == Report(count=25, embedded=2, dropped=1, renamed=1, refused=[], changed=True)
    assert counting.count == 2
    check_catalogue(Catalogue.open(out))
    index_photos(folder, tmp_path / "fresh", extractor)
    updated, fresh = contents(out), contents(tmp_path / "fresh")
    for name in updated.keys() | fresh.keys():
        if name == "records.jsonl" or name.startswith("thumbs/"):
            assert updated[name] == fresh[name]
    vectors = Catalogue.open(tmp_path / "fresh").index.vectors[:]
    np.testing.assert_allclose(Catalogue.open(out).index.vectors[:], vectors, atol=1e-5)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cbir.catalogue.embed.BATCH", 8)


@pytest.mark.usefixtures("small_batches")
def test_a_run_that_was_broken_off_goes_on(extractor: FeatureExtractor, tmp_path: Path) -> None:
    folder = fill_folder(tmp_path / "photos", 20)
    stopping = CountingExtractor(extractor, stop_after=16)
    with pytest.raises(KeyboardInterrupt):
        index_photos(folder, tmp_path / "index", stopping)
    with pytest.raises(CatalogueError, match="no catalogue"):
        Catalogue.open(tmp_path / "index")
    counting = CountingExtractor(extractor)
    assert index_photos(folder, tmp_path / "index", counting).embedded == counting.count == 4


@pytest.mark.usefixtures("small_batches")
def test_work_of_other_weights_is_not_taken_over(
    weights_file: Path, extractor: FeatureExtractor, tmp_path: Path
) -> None:
    folder = fill_folder(tmp_path / "photos", 20)
    with pytest.raises(KeyboardInterrupt):
        index_photos(folder, tmp_path / "index", CountingExtractor(extractor, stop_after=16))
    weights = load_weights(weights_file)
    weights.tensors["conv1.conv.bias"].add_(0.25)
    save_weights(weights, tmp_path / "other.pth")
    assert index_photos(folder, tmp_path / "index", FeatureExtractor.open(tmp_path / "other.pth")).embedded == 20


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("damage", [lambda data: data[:-10], lambda data: data[:-30_000] + bytes(30_000)])
def test_half_written_work_is_cut_back(
    extractor: FeatureExtractor, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    folder = fill_folder(tmp_path / "photos", 20)
    with pytest.raises(KeyboardInterrupt):
        index_photos(folder, tmp_path / "index", CountingExtractor(extractor, stop_after=16))
    journal = tmp_path / "index" / VERSIONS / WORK / "journal"
    journal.write_bytes(damage(journal.read_bytes()))
    counting = CountingExtractor(extractor)
    index_photos(folder, tmp_path / "index", counting)
    assert 5 <= counting.count <= 8
    index_photos(folder, tmp_path / "fresh", extractor)
    index, fresh = (Catalogue.open(tmp_path / name).index for name in ("index", "fresh"))
    np.testing.assert_allclose(index.vectors[:], fresh.vectors[:], atol=1e-5)


def test_photos_that_cannot_be_read_are_listed_and_left_out(
    photos: Path, copy_of: Callable[[Path], Path], extractor: FeatureExtractor, tmp_path: Path
) -> None:
    folder = copy_of(photos)
    (folder / "dress" / "text.jpg").write_text("not a photo")
    (folder / "hat" / "empty.png").touch()
    (folder / "hat" / "half.jpg").write_bytes((folder / "hat" / "001.jpg").read_bytes()[:1500])
    (folder / "notes.txt").write_text("left alone without a word")
    report = index_photos(folder, tmp_path / "index", extractor)
    assert report.count == 24
    assert [name for name, _ in report.refused] == ["dress/text.jpg", "hat/empty.png", "hat/half.jpg"]
    assert [reason.split(";")[0].split(" (")[0] for _, reason in report.refused] == [
        "not a photo that can be read",
        "the file is empty",
        "the photo is damaged or incomplete",
    ]


def test_photos_csv_names_the_labels(photos: Path, extractor: FeatureExtractor, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    (folder / "photos").mkdir(parents=True)
    for name in ("hat/001.jpg", "dress/000.jpg"):
        shutil.copy(photos / name, folder / "photos")
    (folder / "photos.csv").write_text("photo,label\n001.jpg,Cap\n000.jpg,\ngone.jpg,Cap\n")
    report = index_photos(folder, tmp_path / "index", extractor)
    records = Catalogue.open(tmp_path / "index").records
    assert [(record.photo, record.label) for record in records] == [("photos/001.jpg", "Cap"), ("photos/000.jpg", None)]
    assert report.refused == [("gone.jpg", "listed, but not there; copy it or take it off the list")]


def test_examples_and_descriptions_come_along(photos: Path, extractor: FeatureExtractor, tmp_path: Path) -> None:
    source, out = tmp_path / "source", tmp_path / "index"
    shutil.copytree(photos, source / "photos")
    (source / "photos.csv").write_text(
        "photo,label,description\nhat/001.jpg,hat,a straw hat\nscarf/002.jpg,scarf,\n", encoding="utf-8"
    )
    (source / "examples").mkdir()
    Image.new("RGB", (600, 300), "red").save(source / "examples" / "b.png")
    Image.new("RGB", (300, 300), "blue").save(source / "examples" / "a.jpg")
    (source / "examples" / "c.jpg").write_bytes(b"no picture")
    report = index_photos(source, out, extractor)
    assert [name for name, _ in report.refused] == ["examples/c.jpg"]
    catalogue = Catalogue.open(out)
    check_catalogue(catalogue)
    assert [record.description for record in catalogue.records] == ["a straw hat", None]
    match = Searcher.open(out).search(photos / "hat" / "001.jpg").matches[0]
    assert (match.label, match.description) == ("hat", "a straw hat")
    assert [Image.open(path).size for path in catalogue.examples] == [(300, 300), (400, 200)]
    assert not index_photos(source, out, extractor).changed
    (source / "examples" / "a.jpg").unlink()
    assert index_photos(source, out, extractor).changed
    assert len(Catalogue.open(out).examples) == 1


def test_other_weights_or_graph_settings_build_anew(
    photos: Path, weights_file: Path, extractor: FeatureExtractor, tmp_path: Path
) -> None:
    out = tmp_path / "index"
    index_photos(photos, out, extractor)
    assert index_photos(photos, out, extractor, settings=GraphSettings(M=8)).embedded == 0
    assert Catalogue.open(out).index.settings.M == 8
    weights = load_weights(weights_file)
    weights.tensors["conv1.conv.bias"].add_(0.25)
    save_weights(weights, tmp_path / "other.pth")
    report = index_photos(photos, out, FeatureExtractor.open(tmp_path / "other.pth"))
    assert report.embedded == 24 and report.changed


def test_the_catalogue_may_lie_among_the_photos(
    photos: Path, copy_of: Callable[[Path], Path], extractor: FeatureExtractor
) -> None:
    folder = copy_of(photos)
    shutil.copytree(photos / "hat", folder / "index.building" / "thumbs")  # of a run that a former release began
    for _ in range(2):
        assert index_photos(folder, folder / "index", extractor).count == 24


def test_nothing_of_the_user_is_replaced(photos: Path, extractor: FeatureExtractor, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary.txt").write_text("dear diary")
    with pytest.raises(CatalogueError, match=r"diary\.txt: not part of a catalogue"):
        index_photos(photos, tmp_path / "mine", extractor)
    with pytest.raises(CatalogueError, match=r"diary\.txt: a file"):
        index_photos(photos, tmp_path / "mine" / "diary.txt", extractor)
    assert contents(tmp_path) == {"mine/diary.txt": b"dear diary"}


def test_no_photos_leave_the_catalogue_as_it_is(
    catalogue: Path, copy_of: Callable[[Path], Path], extractor: FeatureExtractor, tmp_path: Path
) -> None:
    out = copy_of(catalogue)
    before = contents(out)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(DatasetError, match="empty: no photo to index"):
        index_photos(empty, out, extractor)
    (empty / "text.jpg").write_text("not a photo")
    with pytest.raises(DatasetError, match=r"no photo to index \(text\.jpg: not a photo"):
        index_photos(empty, out, extractor)
    assert contents(out) == before
    assert not (out / VERSIONS / WORK).exists()


def test_a_network_without_a_file_is_refused_at_once(photos: Path, weights_file: Path, tmp_path: Path) -> None:
    weights = load_weights(weights_file)
    unsaved = FeatureExtractor(Weights(weights.variant, weights.tensors))
    with pytest.raises(WeightsError, match="save and load it first"):
        index_photos(photos, tmp_path / "index", unsaved)
    assert not list(tmp_path.iterdir())


def test_two_runs_at_once_are_refused(photos: Path, extractor: FeatureExtractor, tmp_path: Path) -> None:
    with (
        locked(tmp_path / "index" / VERSIONS / LOCK),
        pytest.raises(CatalogueError, match="another run is writing there"),
    ):
        index_photos(photos, tmp_path / "index", extractor)


def test_a_damaged_catalogue_is_not_built_upon(
    photos: Path, catalogue: Path, copy_of: Callable[[Path], Path], extractor: FeatureExtractor
) -> None:
    out = copy_of(catalogue)
    (out / "vectors.npy").write_bytes(b"damaged")
    with pytest.raises(CatalogueError, match=r"vectors\.npy: damaged"):
        index_photos(photos, out, extractor)


def test_a_file_that_is_too_long_is_refused_unread(
    photos: Path,
    copy_of: Callable[[Path], Path],
    extractor: FeatureExtractor,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder, read = copy_of(photos), []
    with (folder / "hat" / "long.tif").open("wb") as file:
        file.truncate(MAX_BYTES + 1)

    def note(path: Path) -> bytes:
        read.append(path.name)
        return path.read_bytes()

    monkeypatch.setattr("cbir.catalogue.embed.read_regular", note)
    report = index_photos(folder, tmp_path / "index", extractor)
    assert report.count == 24 and len(read) == 24
    assert report.refused == [("hat/long.tif", "512 MB, more than 512; save it as JPEG")]

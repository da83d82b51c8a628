"""Photos put into a catalogue and taken out of it, by functions and on the command line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cbir import FeatureExtractor, Searcher
from cbir.catalogue.build import index_photos
from cbir.catalogue.catalogue import Catalogue
from cbir.catalogue.edit import add_photos, change_records, remove_photos
from cbir.catalogue.records import Record, Records
from cbir.catalogue.verify import check_catalogue
from cbir.commands.parser import main
from cbir.datasets.photo import Photo
from cbir.datasets.reader import read_photos
from cbir.errors import CatalogueError, DatasetError, WeightsError
from cbir.network.weights import Weights, load_weights, save_weights
from cbir.system.versions import VERSIONS, WORK, current_version
from tests.support.drawings import draw_garment, fill_folder

pytestmark = pytest.mark.usefixtures("any_axes")


@pytest.fixture
def out(catalogue: Path, tmp_path: Path) -> Path:
    shutil.copytree(current_version(catalogue), tmp_path / "own")
    return tmp_path / "own"


@pytest.fixture
def scarf(tmp_path: Path) -> Photo:
    path = tmp_path / "my scarf.png"
    draw_garment(61, "scarf").save(path)
    return Photo(path.name, path, "scarf")


def names(out: Path) -> list[str]:
    return [record.photo for record in Catalogue.open(out).records]


@pytest.mark.parametrize("least", [1, 4096], ids=["changed in place", "linked anew"])
def test_in_and_out_again(
    out: Path, scarf: Photo, extractor: FeatureExtractor, monkeypatch: pytest.MonkeyPatch, least: int
) -> None:
    monkeypatch.setattr("cbir.catalogue.bundle.LEAST", least)
    before = Catalogue.open(out)
    edit = add_photos([scarf], out, extractor)
    assert edit == (len(before.records) + 1, ["my scarf.png"], [], [])
    searcher = Searcher.open(out)
    result = searcher.search(scarf.path)
    assert (result.matches[0].photo, result.matches[0].label) == ("my scarf.png", "scarf") and result.exact
    assert result.matches[0].distance < 1e-3
    assert isinstance(searcher.catalogue, Catalogue)
    check_catalogue(searcher.catalogue)
    assert (searcher.catalogue.changed > 0) == (least == 1)
    assert before.thumb(0).exists(), "who has the former one open keeps it"
    assert add_photos([scarf], out, extractor).changed == [], "it is there already"
    assert remove_photos(["my scarf.png"], out) == (len(before.records), ["my scarf.png"], [], [])
    assert list(Catalogue.open(out).records) == list(before.records)
    check_catalogue(Catalogue.open(out))


def test_a_folder_is_taken_out_as_a_whole(out: Path) -> None:
    there = names(out)
    edit = remove_photos(["hat/"], out)
    assert edit.changed == [name for name in there if name.startswith("hat/")] and len(edit.changed) > 1
    assert names(out) == [name for name in there if not name.startswith("hat/")]


def test_what_cannot_be_put_in_is_told(out: Path, scarf: Photo, extractor: FeatureExtractor, tmp_path: Path) -> None:
    (tmp_path / "notes.jpg").write_text("no photo")
    taken, other = names(out)[0], scarf._replace(name=names(out)[0])
    notes, absent = (Photo(name, tmp_path / name) for name in ("notes.jpg", "absent.jpg"))
    edit = add_photos([notes, scarf, other, absent], out, extractor)
    assert edit.changed == ["my scarf.png"]
    assert [name for name, _ in edit.refused] == ["notes.jpg", "absent.jpg", taken]
    assert "not a photo that can be read" in edit.refused[0][1] and "another photo of this name" in edit.refused[2][1]


def test_of_two_photos_of_one_name_that_come_together_the_first_is_put_in(
    out: Path, scarf: Photo, extractor: FeatureExtractor, tmp_path: Path
) -> None:
    draw_garment(62, "hat").save(tmp_path / "hat.png")
    hat = Photo(scarf.name, tmp_path / "hat.png", "hat")
    edit = add_photos([scarf, hat, scarf], out, extractor)
    (refusal,) = edit.refused
    assert refusal[0] == scarf.name and "another photo of this name" in refusal[1]
    assert [record.label for record in Catalogue.open(out).records if record.photo == scarf.name] == ["scarf"]
    check_catalogue(Catalogue.open(out))
    remove_photos(["hat/"], out)


@pytest.mark.parametrize("asked", [["hat/000.jpg", "absent.jpg"], ["ha"], [""], ["/"]])
def test_what_is_not_there_takes_nothing_out(out: Path, asked: list[str]) -> None:
    there = names(out)
    with pytest.raises(DatasetError, match="not in the catalogue"):
        remove_photos(asked, out)
    assert names(out) == there


def test_the_last_photo_stays(out: Path) -> None:
    with pytest.raises(DatasetError, match="no photo would be left"):
        remove_photos(names(out), out)
    check_catalogue(Catalogue.open(out))


def test_without_a_catalogue_nothing_is_made(tmp_path: Path, scarf: Photo, extractor: FeatureExtractor) -> None:
    with pytest.raises(CatalogueError, match="no catalogue"):
        add_photos([scarf], tmp_path / "absent", extractor)
    assert not (tmp_path / "absent").exists()


def test_another_network_is_refused(out: Path, scarf: Photo, weights_file: Path, tmp_path: Path) -> None:
    weights = load_weights(weights_file)
    save_weights(Weights(weights.variant, weights.tensors, weights.classes, {"note": "other"}), tmp_path / "other.pth")
    with pytest.raises(WeightsError, match="not the network of the catalogue"):
        add_photos([scarf], out, FeatureExtractor.open(tmp_path / "other.pth"))


def test_work_of_a_broken_off_run_is_kept(
    photos: Path, scarf: Photo, extractor: FeatureExtractor, tmp_path: Path
) -> None:
    out = tmp_path / "index"
    index_photos(photos, out, extractor)
    more = tmp_path / "more"
    more.mkdir()
    draw_garment(80, "hat").save(more / "hat.png")

    def stop(stage: str, done: int, total: int | None) -> None:
        if stage == "graph":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index_photos(more, out, extractor, progress=stop)
    add_photos([scarf], out, extractor)
    assert (out / VERSIONS / WORK / "journal").stat().st_size > 0
    assert index_photos(more, out, extractor).embedded == 0


def test_on_the_command_line(out: Path, scarf: Photo, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    count = len(names(out))
    more = fill_folder(tmp_path / "more", 2, labels=("shirt",))
    assert main(["add", str(out), str(scarf.path), str(more), "--label", "shawl"]) == 0
    assert f"3 photos put in; {count + 3} records now" in capsys.readouterr().out
    labels = {record.photo: record.label for record in Catalogue.open(out).records[count:]}
    assert labels == {"my scarf.png": "shawl", "shirt/000.jpg": "shirt", "shirt/001.jpg": "shirt"}
    assert main(["remove", str(out), "shirt/000.jpg", "shirt/001.jpg", "my scarf.png"]) == 0
    assert f"3 photos taken out; {count} records now" in capsys.readouterr().out
    assert main(["remove", str(out), "absent.jpg"]) == 1
    assert "absent.jpg: not in the catalogue" in capsys.readouterr().err


def test_what_a_table_says_wrongly_is_told(out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = tmp_path / "more"
    more.mkdir()
    draw_garment(80, "hat").save(more / "new hat.png")
    (more / "photos.csv").write_text("photo,link\nnew hat.png,javascript:alert(1)\n")
    assert main(["add", str(out), str(more)]) == 0
    told = capsys.readouterr().err
    assert "taken all the same new hat.png: its link in line 2" in told and "it is left out" in told


@pytest.mark.parametrize("garments", [False, True], ids=["photos", "garments"])
def test_a_catalogue_is_begun_where_there_is_none_and_answers_as_one_of_a_folder(
    tmp_path: Path, finder_weights: Path, garments: bool
) -> None:
    network = FeatureExtractor.open(finder_weights)
    folder = fill_folder(tmp_path / "photos", 6)
    photos = read_photos(folder).photos
    edit = add_photos(photos, tmp_path / "begun", network, garments=garments, batch=2)
    index_photos(folder, tmp_path / "indexed", network, garments=garments)
    begun, indexed = (Catalogue.open(tmp_path / name) for name in ("begun", "indexed"))
    assert edit == (len(indexed.records), [photo.name for photo in photos], [], [])
    assert begun.by_garment == garments and list(begun.records) == list(indexed.records)
    check_catalogue(begun)
    own, other = (Searcher.over(one).search(photos[0].path) for one in (begun, indexed))
    assert [match.distance for match in own.matches] == [match.distance for match in other.matches]
    add_photos(photos[:1], tmp_path / "begun", network, garments=not garments)
    assert Catalogue.open(tmp_path / "begun").by_garment == garments, "it stays what it was begun as"


def test_nothing_is_begun_of_photos_that_are_all_refused(tmp_path: Path, extractor: FeatureExtractor) -> None:
    (tmp_path / "bad.jpg").write_bytes(b"no photo")
    edit = add_photos([Photo("bad.jpg", tmp_path / "bad.jpg")], tmp_path / "own", extractor, garments=False)
    assert edit.size == 0 and [name for name, _ in edit.refused] == ["bad.jpg"]
    with pytest.raises(CatalogueError):
        Catalogue.open(tmp_path / "own")


def test_what_has_no_label_is_called_what_the_network_takes_it_for(
    out: Path, scarf: Photo, extractor: FeatureExtractor, weights_file: Path
) -> None:
    unnamed = scarf._replace(name="unnamed.png", label=None)
    draw_garment(62, "hat").save(scarf.path.with_name("second.png"))
    other = Photo("second.png", scarf.path.with_name("second.png"))
    add_photos([scarf, unnamed, other], out, extractor, name_kinds=True)
    known = {record.photo: record.label for record in Catalogue.open(out).records}
    assert known["my scarf.png"] == "scarf", "a label that came along stays"
    (expected,) = extractor.weights.classify(extractor.extract([other.path]))
    last = load_weights(weights_file).tensors["fc.weight"].numpy()
    logits = last @ extractor.extract([other.path])[0]
    assert known["second.png"] == expected == extractor.weights.classes[int(logits.argmax())]


def test_records_get_other_labels_and_answers_stay(out: Path, photos: Path) -> None:
    first = read_photos(photos).photos[0]
    before = Searcher.open(out).search(first.path)

    def rename(records: Records) -> list[Record]:
        return [record._replace(label="gown" if row == 0 else record.label) for row, record in enumerate(records)]

    assert change_records(out, rename).changed == []
    searcher = Searcher.open(out)
    assert searcher.catalogue.records[0].label == "gown"
    check_catalogue(Catalogue.open(out))
    after = searcher.search(first.path)
    assert [match.distance for match in after.matches] == [match.distance for match in before.matches]
    with pytest.raises(DatasetError, match="no photo would be left"):
        change_records(out, lambda _: [])
    assert len(Catalogue.open(out).records) == len(searcher.catalogue.records)

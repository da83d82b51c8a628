"""Readers while a catalogue is updated: whoever opens one finds it whole, and whoever has one open keeps it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cbir import FeatureExtractor, Searcher
from cbir.catalogue.build import index_photos
from cbir.catalogue.catalogue import Catalogue
from cbir.catalogue.manifest import check_files
from cbir.catalogue.verify import check_catalogue
from cbir.errors import CatalogueError
from cbir.system.versions import CURRENT, IN_USE, LOCK, VERSIONS, current_version
from tests.support.drawings import draw_garment, fill_folder
from tests.support.serving import PROJECT

pytestmark = pytest.mark.usefixtures("any_axes")

READER = """
import sys
from threading import Event, Thread
from cbir.catalogue.catalogue import Catalogue
from cbir.catalogue.verify import check_catalogue

ending = Event()
Thread(target=lambda: (sys.stdin.read(), ending.set()), daemon=True).start()
seen = []
while not ending.is_set():
    catalogue = Catalogue.open(sys.argv[1])
    check_catalogue(catalogue)
    assert len(catalogue.records) in (8, 9)
    seen.append(catalogue.folder.name)
    if len(seen) == 1:
        print("reading", flush=True)
print(len(seen), len(set(seen)))
"""


@contextmanager
def another_process(place: Path) -> Iterator[Callable[[], list[int]]]:
    """Opens a catalogue, checks all of it, and so on. What is given ends that, and tells how many it opened and saw."""
    command = [sys.executable, "-c", READER, str(place)]
    one_thread = os.environ | {"OMP_NUM_THREADS": "1"}  # else it keeps the cores from those who update
    with subprocess.Popen(
        command, cwd=PROJECT, env=one_thread, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdin and reader.stdout and reader.stdout.readline() == "reading\n"
        yield lambda: [int(number) for number in reader.communicate()[0].split()]
    assert reader.returncode == 0


def toggle(photos: Path) -> None:
    """Bring or take away one photo more than eight."""
    more = photos / "hat" / "more.jpg"
    if more.exists():
        more.unlink()
    else:
        draw_garment(99, "hat").save(more)


def answers(searcher: Searcher, photos: Path) -> list[tuple[str, float, bytes]]:
    """What a searcher says of three photos, with the thumbnails."""
    asked = sorted(photos.rglob("0*.jpg"))[:3]
    matches = [match for photo in asked for match in searcher.search(photo).matches]
    return [(match.photo, match.distance, match.thumb.read_bytes()) for match in matches]


def make_plain(source: Path, out: Path, extractor: FeatureExtractor) -> Path:
    """A catalogue as former versions of this project made them."""
    index_photos(source, out.with_name("made"), extractor)
    shutil.copytree(current_version(out.with_name("made")), out)
    return out


def test_twenty_updates_under_readers(extractor: FeatureExtractor, tmp_path: Path) -> None:
    """The first finds a catalogue as former versions of this project made them."""
    photos = fill_folder(tmp_path / "photos", 8)
    out = make_plain(photos, tmp_path / "index", extractor)
    early = Searcher.open(out)
    expected = answers(early, photos)
    with another_process(out) as end:
        for number in range(20):
            toggle(photos)
            assert index_photos(photos, out, extractor).changed
            if number == 1:
                later, expected_later = (searcher := Searcher.open(out)), answers(searcher, photos)
        opened, different = end()
    assert opened > 1 and different > 1, "the other process saw updates"
    for searcher, said in ((early, expected), (later, expected_later)):
        assert answers(searcher, photos) == said and searcher.catalogue.folder != current_version(out)
        assert isinstance(searcher.catalogue, Catalogue)
        check_catalogue(searcher.catalogue)
    del early, later, searcher
    toggle(photos)
    index_photos(photos, out, extractor)
    assert [path.name for path in out.iterdir()] == [VERSIONS]
    assert not list((out / VERSIONS / IN_USE).iterdir())
    left = {path.name for path in (out / VERSIONS).iterdir()}
    assert left == {current_version(out).name, CURRENT, IN_USE, LOCK}


def test_a_version_is_a_catalogue_on_its_own(
    photos: Path, catalogue: Path, extractor: FeatureExtractor, tmp_path: Path
) -> None:
    out = tmp_path / "index"
    index_photos(photos, out, extractor)
    alone = Path(shutil.copytree(current_version(out), tmp_path / "alone"))
    check_files(alone)
    assert answers(Searcher.open(alone), photos) == answers(Searcher.open(out), photos)


def test_without_a_lease_a_reader_is_told_to_open_anew(extractor: FeatureExtractor, tmp_path: Path) -> None:
    photos, out = fill_folder(tmp_path / "photos", 8), tmp_path / "index"
    index_photos(photos, out, extractor)
    (out / VERSIONS / IN_USE).touch()  # no folder: no lock file can be made in it
    reader = Catalogue.open(out)
    check_catalogue(reader)
    (out / VERSIONS / IN_USE).unlink()
    toggle(photos)
    index_photos(photos, out, extractor)
    with pytest.raises(CatalogueError, match="removed, as it is not the current version any more; open the catalogue"):
        reader.thumb(0)
    check_catalogue(Catalogue.open(out))


def test_without_a_lease_an_update_while_opening_is_no_damage(
    extractor: FeatureExtractor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos, out = fill_folder(tmp_path / "photos", 8), tmp_path / "index"
    index_photos(photos, out, extractor)
    opened: list[Catalogue] = []
    over = Searcher.over

    def replaced_meanwhile(catalogue: Catalogue) -> Searcher:
        opened.append(catalogue)
        if len(opened) == 1:
            catalogue.lease.release()
            toggle(photos)
            index_photos(photos, out, extractor)
        return over(catalogue)

    monkeypatch.setattr(Searcher, "over", replaced_meanwhile)
    assert Searcher.open(out).catalogue.folder == current_version(out) and len(opened) == 2


def test_an_extractor_from_the_catalogue_serves_all_its_updates(weights_file: Path, tmp_path: Path) -> None:
    photos, out = fill_folder(tmp_path / "photos", 8), tmp_path / "index"
    index_photos(photos, out, FeatureExtractor.open(weights_file))
    extractor = FeatureExtractor.open(out)
    for _ in range(3):
        toggle(photos)
        assert index_photos(photos, out, extractor).changed
    check_catalogue(Catalogue.open(out))


def test_the_current_folder_can_be_the_catalogue(
    extractor: FeatureExtractor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = fill_folder(tmp_path / "photos", 8)
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path / "mine")
    for embedded in (8, 0):
        assert index_photos(photos, ".", extractor).embedded == embedded
    check_catalogue(Catalogue.open("."))
    assert {path.name for path in tmp_path.iterdir()} == {"photos", "mine"}


@pytest.mark.parametrize("name", ["diary.txt", f"{VERSIONS}/diary.txt"])
def test_what_is_no_part_of_a_catalogue_is_never_replaced(
    photos: Path, copy_of: Callable[[Path], Path], catalogue: Path, extractor: FeatureExtractor, name: str
) -> None:
    plain = copy_of(catalogue)
    (plain / VERSIONS).mkdir(exist_ok=True)
    (plain / name).write_text("dear diary")
    with pytest.raises(CatalogueError, match=r"diary\.txt: not part of a catalogue; choose another folder"):
        index_photos(photos, plain, extractor)
    assert (plain / name).read_text() == "dear diary" and (plain / "manifest.json").exists()


def test_examples_and_weights_of_the_user_are_not_cleaned_up(
    photos: Path, weights_file: Path, extractor: FeatureExtractor, tmp_path: Path
) -> None:
    (tmp_path / "mine" / "examples").mkdir(parents=True)
    (tmp_path / "mine" / "examples" / "a.jpg").write_text("mine")
    (tmp_path / "mine" / "weights.pth").write_text("mine")
    index_photos(photos, tmp_path / "mine", extractor)
    assert (tmp_path / "mine" / "examples" / "a.jpg").read_text() == "mine"
    assert (tmp_path / "mine" / "weights.pth").read_text() == "mine"
    check_catalogue(Catalogue.open(tmp_path / "mine"))
    assert FeatureExtractor.open(tmp_path / "mine").weights.digest == extractor.weights.digest

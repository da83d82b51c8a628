"""Photos at an address give the catalogue that the same photos in a local folder give."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from fsspec.implementations.memory import MemoryFileSystem
from PIL import Image

from cbir.catalogue.build import index_photos
from cbir.catalogue.catalogue import Catalogue
from cbir.commands.parser import main
from cbir.errors import DatasetError
from cbir.network.extractor import FeatureExtractor
from cbir.photos.decode import MAX_BYTES
from cbir.system import remote
from cbir.system.versions import current_version
from tests.support.counting import CountingExtractor
from tests.support.drawings import fill_folder
from tests.support.stores import STORES, break_reads, in_memory


def contents(catalogue: Path) -> dict[str, bytes]:
    """The files of its current version, by name."""
    folder = current_version(catalogue)
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of eight photos; nobody waits between tries."""
    monkeypatch.setattr(remote, "sleep", lambda _: None)
    return fill_folder(tmp_path / "photos", 8)


@pytest.mark.parametrize("mirror", STORES.values(), ids=STORES)
def test_the_catalogue_is_that_of_a_local_folder(
    own: Path, mirror: Callable[[Path], str], extractor: FeatureExtractor, tmp_path: Path
) -> None:
    (own / "hat" / "text.jpg").write_text("not a photo")
    (own / "hat" / "empty.png").touch()
    local = index_photos(own, tmp_path / "local", extractor)
    address = mirror(own)
    assert index_photos(address, tmp_path / "mirrored", extractor) == local
    assert contents(tmp_path / "mirrored") == contents(tmp_path / "local")
    counting = CountingExtractor(extractor)
    assert not index_photos(address, tmp_path / "local", counting).changed and not counting.count


@pytest.mark.parametrize("mirror", STORES.values(), ids=STORES)
def test_so_it_is_with_a_table_and_examples(
    own: Path, mirror: Callable[[Path], str], extractor: FeatureExtractor, tmp_path: Path
) -> None:
    root = tmp_path / "set"
    shutil.copytree(own, root / "photos")
    table = "photo,label,description,colour,link\nhat/001.jpg,Hat,a hat,red,https://shop.example/1\nscarf/002.jpg,,,,\n"
    (root / "photos.csv").write_text(table)
    (root / "examples").mkdir()
    Image.new("RGB", (600, 300), "red").save(root / "examples" / "b.png")
    (root / "examples" / "a.jpg").write_bytes(b"no picture")
    local = index_photos(root, tmp_path / "local", extractor)
    assert index_photos(mirror(root), tmp_path / "mirrored", extractor) == local
    assert contents(tmp_path / "mirrored") == contents(tmp_path / "local")
    assert [name for name, _ in local.refused] == ["examples/a.jpg"] and local.count == 2


def test_each_photo_is_read_once(
    own: Path, extractor: FeatureExtractor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = in_memory(own)
    asked = break_reads(monkeypatch, "", ConnectionError())
    index_photos(address, tmp_path / "index", extractor)
    assert sorted(asked) == sorted(path.name for path in own.rglob("*.jpg"))


def test_photos_that_cannot_be_read_now_are_kept(
    own: Path, extractor: FeatureExtractor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, out = in_memory(own), tmp_path / "index"
    index_photos(address, out, extractor)
    before = contents(out)
    break_reads(monkeypatch, "001.jpg", ConnectionError("reset by peer"))
    report = index_photos(address, out, extractor)
    assert (report.kept, report.changed) == (1, False) and contents(out) == before
    [(name, reason)] = report.refused
    assert name == "hat/001.jpg" and "reset by peer" in reason
    report = index_photos(address, out, extractor, forget=True)
    assert (report.count, report.dropped, report.kept) == (7, 1, 0)


def test_an_example_that_cannot_be_read_now_is_told(
    own: Path, extractor: FeatureExtractor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (own / "photos.csv").write_text("photo\nhat/001.jpg\n")
    (own / "examples").mkdir()
    Image.new("RGB", (60, 30), "red").save(own / "examples" / "b.png")
    break_reads(monkeypatch, "b.png", ConnectionError("reset by peer"))
    [(name, reason)] = index_photos(in_memory(own), tmp_path / "index", extractor).refused
    assert name == "examples/b.png" and "reset by peer" in reason


def test_a_file_that_is_too_long_is_refused_unread(
    own: Path, extractor: FeatureExtractor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, listing = in_memory(own), MemoryFileSystem.ls

    def list_large(self: MemoryFileSystem, path: str, **options: bool) -> list[dict[str, object]]:
        large = {"size": MAX_BYTES + 1}
        return [info | large if info["name"].endswith("001.jpg") else info for info in listing(self, path, **options)]

    monkeypatch.setattr(MemoryFileSystem, "ls", list_large)
    asked = break_reads(monkeypatch, "", ConnectionError())
    report = index_photos(address, tmp_path / "index", extractor)
    assert report.refused == [("hat/001.jpg", "512 MB, more than 512; save it as JPEG")]
    assert len(asked) == 7 and "001.jpg" not in asked


def test_what_pretends_to_be_short_is_not_read_to_its_end(
    own: Path, extractor: FeatureExtractor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "MOST_BYTES", 1000)
    with pytest.raises(DatasetError, match="no photo to index"):
        index_photos(in_memory(own), tmp_path / "index", extractor)


def test_the_command_takes_an_address_and_tells_no_password(
    own: Path, weights_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "index"
    assert main(["index", in_memory(own), "--out", str(out), "--weights", str(weights_file)]) == 0
    assert len(Catalogue.open(out).records) == 8 and "8 photos" in capsys.readouterr().out
    break_reads(monkeypatch, "", ConnectionError())
    MemoryFileSystem().pipe_file("/anna:secret@host/set/text.jpg", b"not a photo")
    address = "memory://anna:secret@host/set"
    assert main(["index", address, "--out", str(tmp_path / "none"), "--weights", str(weights_file)]) == 1
    told = capsys.readouterr()
    assert "secret" not in told.out + told.err and "memory://anna:***@host/set: no photo to index" in told.err

"""A catalogue packed into one file and unpacked again, and files that are none."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from cbir import Searcher
from cbir.catalogue.catalogue import CONTENT, Catalogue
from cbir.catalogue.edit import remove_photos
from cbir.catalogue.pack import pack_catalogue, unpack_catalogue
from cbir.catalogue.verify import check_catalogue
from cbir.errors import CatalogueError
from cbir.system.versions import VERSIONS
from tests.support.drawings import draw_garment
from tests.support.wardrobes import files_below

pytestmark = pytest.mark.usefixtures("any_axes", "one_thread")


@pytest.fixture(scope="module")
def packed(catalogue: Path) -> bytes:
    return pack_catalogue(Catalogue.open(catalogue), "my clothes")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder in which a zip is unpacked."""
    (tmp_path / "place").mkdir()
    return tmp_path / "place"


def content(catalogue: Path) -> list[str]:
    """What a catalogue consists of, without what those leave in its folder who read it just now."""
    return [name for name in files_below(catalogue) if not name.startswith(f"{VERSIONS}/")]


def write(place: Path, content: bytes) -> Path:
    (place / "sent.zip").write_bytes(content)
    return place / "sent.zip"


def zipped(files: dict[str, bytes], method: int = ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with ZipFile(made, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def test_what_is_unpacked_is_the_same_catalogue(catalogue: Path, packed: bytes, place: Path) -> None:
    folder = unpack_catalogue(write(place, packed))
    assert folder == place / "sent" and sorted(path.name for path in place.iterdir()) == ["sent", "sent.zip"]
    assert files_below(folder) == content(catalogue)
    opened = Catalogue.open(folder)
    check_catalogue(opened)
    query = draw_garment(55, "dress")
    own, other = (Searcher.open(one).search(query, 5) for one in (folder, catalogue))
    assert [(match.photo, match.distance) for match in own.matches] == [
        (match.photo, match.distance) for match in other.matches
    ]


@pytest.mark.parametrize("gone", ["", "manifest.json", "vectors.npy", "weights.pth", "thumbs"])
def test_a_catalogue_whose_files_are_gone_is_not_packed(catalogue: Path, place: Path, gone: str) -> None:
    shutil.copytree(catalogue, place / "own")
    opened = Catalogue.open(place / "own")
    path = opened.thumb(0) if gone == "thumbs" else opened.folder / gone
    path.unlink() if path.is_file() else shutil.rmtree(path)
    with pytest.raises(CatalogueError, match=r"missing; delete the catalogue and build it again"):
        pack_catalogue(opened, "wardrobe")


def test_the_zip_has_one_folder_and_nothing_else_of_where_it_was(
    catalogue: Path, copy_of: Callable[[Path], Path], packed: bytes
) -> None:
    own = copy_of(catalogue)
    remove_photos(["hat"], own)
    (own / "notes.txt").write_text("mine")
    with ZipFile(io.BytesIO(pack_catalogue(Catalogue.open(own), "wardrobe"))) as archive:
        paths = [name.split("/") for name in archive.namelist()]
    assert {path[0] for path in paths} == {"wardrobe"} and {path[1] for path in paths} <= set(CONTENT)
    assert not any("versions" in path for path in paths)
    with ZipFile(io.BytesIO(packed)) as archive:
        assert archive.testzip() is None and {name.split("/")[0] for name in archive.namelist()} == {"my clothes"}


def test_the_same_catalogue_gives_the_same_bytes(
    catalogue: Path, copy_of: Callable[[Path], Path], packed: bytes
) -> None:
    copy = copy_of(catalogue)
    for path in copy.rglob("*"):
        os.utime(path, (0, 0))
    assert pack_catalogue(Catalogue.open(copy), "my clothes") == packed


def test_a_path_that_is_no_zip_is_given_back(catalogue: Path, place: Path) -> None:
    shutil.copytree(catalogue, place / "folder.zip")
    (place / "notes.txt").write_text("no zip")
    for path in (catalogue, place / "folder.zip", place / "absent.zip", place / "absent", place / "notes.txt"):
        assert unpack_catalogue(path) == path
    assert sorted(path.name for path in place.iterdir()) == ["folder.zip", "notes.txt"]


def test_a_folder_that_is_there_is_left_alone(packed: bytes, place: Path) -> None:
    (place / "sent").mkdir()
    (place / "sent" / "mine").write_text("mine")
    assert unpack_catalogue(write(place, packed)) == place / "sent"
    assert files_below(place) == ["sent.zip", "sent/mine"]


def test_a_zip_is_unpacked_once(packed: bytes, place: Path) -> None:
    file = write(place, packed)
    (place / "sent.part").mkdir()
    (place / "sent.part" / "manifest.json").write_text("of a run that was broken off")
    folder = unpack_catalogue(file)
    manifest = (folder / "manifest.json").stat()
    assert unpack_catalogue(file) == folder and (folder / "manifest.json").stat() == manifest
    assert not (place / "sent.part").exists()


@pytest.mark.parametrize("inside", ["", "folder/"])
def test_a_catalogue_may_lie_in_a_folder_or_not(catalogue: Path, place: Path, inside: str) -> None:
    files = {inside + name: (catalogue / name).read_bytes() for name in content(catalogue)}
    check_catalogue(Catalogue.open(unpack_catalogue(write(place, zipped(files)))))


def damaged(_: bytes) -> bytes:
    """Deflated, with bytes in the middle that deflate cannot have made."""
    whole = zipped({"wardrobe/manifest.json": b" ".join(b"%d" % number for number in range(100_000))})
    return whole[:2000] + b"\xff" * 500 + whole[2500:]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: b"",
        lambda _: b"no zip",
        lambda packed: packed[: len(packed) // 2],
        lambda packed: packed[:5000] + bytes(500) + packed[5500:],
        damaged,
    ],
    ids=["empty", "text", "cut off", "damaged", "damaged and deflated"],
)
def test_what_is_no_zip_or_damaged_is_refused(spoil: Callable[[bytes], bytes], packed: bytes, place: Path) -> None:
    file = write(place, spoil(packed))
    with pytest.raises(
        CatalogueError, match=r"sent\.zip: not a zip of a catalogue, or a damaged one .*download it again"
    ):
        unpack_catalogue(file)
    assert files_below(place) == ["sent.zip"] and list(place.iterdir()) == [file]


@pytest.mark.parametrize("names", [[], ["a.jpg"], ["a/b/manifest.json"], ["manifest.json/x"]])
def test_a_zip_without_a_catalogue_is_refused(names: list[str], place: Path) -> None:
    file = write(place, zipped(dict.fromkeys(names, b"{}")))
    with pytest.raises(CatalogueError, match=r"sent\.zip: no catalogue is in it; give the folder"):
        unpack_catalogue(file)
    assert list(place.iterdir()) == [file]


def test_names_that_lead_out_of_the_folder_stay_in_it(catalogue: Path, place: Path, tmp_path: Path) -> None:
    files = {f"mine/{name}": (catalogue / name).read_bytes() for name in content(catalogue)}
    escaping = ("../evil", "../../evil", "/evil", "other/../../../evil", "C:/evil")
    before = files_below(tmp_path)
    folder = unpack_catalogue(write(place, zipped(files | dict.fromkeys(escaping, b"evil"))))
    fresh = set(files_below(tmp_path)) - set(before)
    assert all(name == "place/sent.zip" or name.startswith("place/sent/") for name in fresh)
    assert not Path("/evil").exists() and "mine" not in files_below(folder)
    check_catalogue(Catalogue.open(folder))


def test_a_manifest_alone_is_refused_when_it_is_opened(place: Path) -> None:
    folder = unpack_catalogue(write(place, zipped({"manifest.json": b"{}"})))
    with pytest.raises(CatalogueError, match="manifest"):
        Catalogue.open(folder)

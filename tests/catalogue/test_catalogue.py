"""The bundle: opened whole and checked, or refused by name."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from cbir import Searcher
from cbir.catalogue.catalogue import Catalogue
from cbir.catalogue.manifest import check_files, describe_file, read_manifest, write_manifest
from cbir.catalogue.records import Records
from cbir.catalogue.vectors import block_digests
from cbir.catalogue.verify import check_catalogue
from cbir.errors import CatalogueError
from cbir.nearest.exact import FILES as FILES_OF_INDEX
from cbir.nearest.exact import ExactIndex
from cbir.system.files import file_digest
from cbir.system.versions import VERSIONS

FILES = [*FILES_OF_INDEX, "manifest.json", "map.npy", "records.jsonl", "thumbs.sha256", "vectors.sha256", "weights.pth"]
OPENED = [name for name in FILES if name != "vectors.npy"]
"""Files that are checked when a catalogue is opened."""


def test_what_a_bundle_holds(catalogue: Path) -> None:
    assert sorted(path.name for path in catalogue.iterdir() if path.name != VERSIONS) == sorted([*FILES, "thumbs"])
    opened = Catalogue.open(catalogue)
    check_catalogue(opened)
    assert opened.manifest["count"] == len(opened.records) == len(list((catalogue / "thumbs").iterdir())) == 24
    assert opened.records[0].photo == "dress/000.jpg" and opened.records[0].label == "dress"
    np.testing.assert_allclose(np.linalg.norm(opened.index.vectors[:], axis=1), 1, atol=1e-6)
    assert opened.records[-1] == list(opened.records)[23] and opened.records[2:4] == list(opened.records)[2:4]
    with pytest.raises(IndexError):
        opened.records[24]


def flip(path: Path, position: int) -> None:
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("name", OPENED)
def test_one_flipped_byte_is_refused_before_anything_is_opened(
    catalogue: Path, copy_of: Callable[[Path], Path], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    folder = copy_of(catalogue)
    path = folder / name

    def opened_too_early(*_: object, **__: object) -> None:
        raise AssertionError("opened before it was checked")

    monkeypatch.setattr(ExactIndex, "open", opened_too_early)
    monkeypatch.setattr(torch, "load", opened_too_early)
    size = path.stat().st_size
    for position in (0, size // 3, size // 2, size - 2):
        flip(path, position)
        with pytest.raises(CatalogueError) as refusal:
            Searcher.open(folder)
        assert str(path) in str(refusal.value) and "delete the catalogue and build it again" in str(refusal.value)
        flip(path, position)
    check_files(folder)


def test_a_flipped_byte_of_the_vectors_is_refused_when_it_is_used(
    catalogue: Path, copy_of: Callable[[Path], Path]
) -> None:
    folder = copy_of(catalogue)
    path = folder / "vectors.npy"
    row = Catalogue.open(folder).index.vectors[20].copy()
    flip(path, 128 + 20 * 4096 + 5)
    opened = Catalogue.open(folder)  # which does not read it
    assert opened.index.vectors[3].shape == (1024,)
    with pytest.raises(CatalogueError, match=r"vectors\.npy: damaged in rows 16 and after; delete the catalogue"):
        opened.index.search(row)
    with pytest.raises(CatalogueError, match=r"vectors\.npy: damaged"):
        check_catalogue(Catalogue.open(folder))
    flip(path, 128 + 20 * 4096 + 5)
    for position in (0, 60, 100):
        flip(path, position)
        with pytest.raises(CatalogueError, match=r"vectors\.npy: damaged, not 24 rows of 1,024 numbers"):
            Catalogue.open(folder)
        flip(path, position)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(CatalogueError, match=r"vectors\.npy: damaged"):
        Catalogue.open(folder)


def test_thumbnails_are_checked_when_they_are_used(catalogue: Path, copy_of: Callable[[Path], Path]) -> None:
    folder = copy_of(catalogue)
    opened = Catalogue.open(folder)
    thumb = opened.thumb(3)
    flip(thumb, 50)
    with pytest.raises(CatalogueError, match=f"{thumb.name}: damaged"):
        opened.thumb(3)
    thumb.unlink()
    with pytest.raises(CatalogueError, match=f"{thumb.name}: missing"):
        check_catalogue(opened)


def test_every_byte_of_the_manifest_counts(catalogue: Path, copy_of: Callable[[Path], Path]) -> None:
    path = copy_of(catalogue) / "manifest.json"
    data = path.read_bytes()
    for position in range(len(data)):
        flip(path, position)
        with pytest.raises(CatalogueError, match=r"manifest\.json"):
            read_manifest(path.parent)
        path.write_bytes(data)


def test_absent_and_additional_files_are_refused(catalogue: Path, copy_of: Callable[[Path], Path]) -> None:
    folder = copy_of(catalogue)
    for path in (folder / "graph.hnsw", folder / "records.jsonl", folder / "vectors.npy"):
        aside = path.rename(folder.parent / "aside")
        with pytest.raises(CatalogueError, match=f"{path.name}: missing"):
            Catalogue.open(folder)
        aside.rename(path)
    more = folder / "thumbs" / "more.jpg"
    more.touch()
    with pytest.raises(CatalogueError, match=r"more\.jpg: not part of the catalogue"):
        check_catalogue(Catalogue.open(folder))
    more.rename(folder / "more.jpg")
    with pytest.raises(CatalogueError, match=r"more\.jpg: not part of the catalogue"):
        Catalogue.open(folder)


def test_no_catalogue_says_how_to_build_one(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="no catalogue; build one with: python -m cbir index PHOTOS --out"):
        Catalogue.open(tmp_path / "absent")


def reseal(folder: Path, **changes: object) -> None:
    """Write changes to a manifest with every digest in order, as a faulty program might."""
    manifest = json.loads((folder / "manifest.json").read_text()) | changes
    (folder / "vectors.sha256").write_bytes(block_digests(folder / "vectors.npy"))
    thumbs = [folder / record.thumb for record in Records((folder / "records.jsonl").read_bytes())]
    (folder / "thumbs.sha256").write_bytes(b"".join(bytes.fromhex(file_digest(thumb)) for thumb in thumbs))
    for name in manifest["files"]:
        manifest["files"][name] = describe_file(folder / name)
    write_manifest(folder, manifest)


def test_files_that_contradict_each_other_are_refused(catalogue: Path, copy_of: Callable[[Path], Path]) -> None:
    folder = copy_of(catalogue)
    reseal(folder)
    Catalogue.open(folder)
    for changes, words in (
        ({"count": 23}, r"vectors\.npy: damaged, not 23 rows of 1,024 numbers"),
        ({"dimension": 512}, r"vectors\.npy: damaged, not 24 rows of 512 numbers"),
        ({"metric": "cosine"}, r"manifest\.json promises"),
    ):
        reseal(folder, **changes)
        with pytest.raises(CatalogueError, match=words):
            Catalogue.open(folder)
        reseal(folder, count=24, dimension=1024, metric="euclidean")
    reseal(folder, format=99)
    with pytest.raises(CatalogueError, match="format 99, but this version reads 3"):
        Catalogue.open(folder)
    vectors = np.load(folder / "vectors.npy")
    np.save(folder / "vectors.npy", vectors[:, :512].copy())
    reseal(folder, format=3, dimension=512)
    with pytest.raises(CatalogueError, match="contradict each other"):
        Catalogue.open(folder)
    np.save(folder / "vectors.npy", 2 * vectors)
    reseal(folder, dimension=1024)
    with pytest.raises(CatalogueError, match=r"the vector of dress/000\.jpg has length 2\.000"):
        check_catalogue(Catalogue.open(folder))


def test_a_thumbnail_that_is_no_picture_is_found(catalogue: Path, copy_of: Callable[[Path], Path]) -> None:
    folder = copy_of(catalogue)
    thumb = Catalogue.open(folder).thumb(3)
    thumb.write_bytes(b"not a picture")
    reseal(folder)
    with pytest.raises(CatalogueError, match=thumb.name):
        check_catalogue(Catalogue.open(folder))


def test_the_weights_of_another_catalogue_are_refused(catalogue: Path, copy_of: Callable[[Path], Path]) -> None:
    folder = copy_of(catalogue)
    reseal(folder, weights="0" * 64)
    with pytest.raises(CatalogueError, match=r"weights\.pth"):
        Searcher.open(os.fspath(folder))

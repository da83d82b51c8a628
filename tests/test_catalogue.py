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
from cbir import catalogue as catalogue_module
from cbir.catalogue import Catalogue, check_catalogue, check_files, read_manifest
from cbir.errors import CatalogueError
from cbir.neighbours import ExactIndex

FILES = ["graph.hnsw", "manifest.json", "prefixes.npy", "records.jsonl", "rotation.npy", "vectors.npy", "weights.pth"]


def test_what_a_bundle_holds(catalogue: Path) -> None:
    assert sorted(path.name for path in catalogue.iterdir()) == sorted([*FILES, "thumbs"])
    opened = Catalogue.open(catalogue)
    check_catalogue(opened)
    assert opened.manifest["count"] == len(opened.records) == len(list((catalogue / "thumbs").iterdir())) == 24
    assert opened.records[0].photo == "dress/000.jpg" and opened.records[0].label == "dress"
    np.testing.assert_allclose(np.linalg.norm(opened.index.vectors, axis=1), 1, atol=1e-6)


def flip(path: Path, position: int) -> None:
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("name", [*FILES, "thumbs"])
def test_one_flipped_byte_is_refused_before_anything_is_opened(
    catalogue: Path, copy_of: Callable[[Path], Path], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    folder = copy_of(catalogue)
    path = sorted((folder / "thumbs").iterdir())[5] if name == "thumbs" else folder / name

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
    thumb = sorted((folder / "thumbs").iterdir())[0]
    for path in (folder / "graph.hnsw", folder / "records.jsonl", thumb):
        aside = path.rename(folder.parent / "aside")
        with pytest.raises(CatalogueError, match=f"{path.name}: missing"):
            Catalogue.open(folder)
        aside.rename(path)
    (folder / "thumbs" / "more.jpg").touch()
    with pytest.raises(CatalogueError, match=r"more\.jpg: not part of the catalogue"):
        Catalogue.open(folder)


def test_no_catalogue_says_how_to_build_one(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="no catalogue; build one with: python -m cbir index PHOTOS --out"):
        Catalogue.open(tmp_path / "absent")


def reseal(folder: Path, **changes: object) -> None:
    """Write changes to a manifest with every digest in order, as a faulty program might."""
    manifest = json.loads((folder / "manifest.json").read_text()) | changes
    for name in manifest["files"]:
        manifest["files"][name] = catalogue_module._describe(folder / name)
    manifest["sha256"] = catalogue_module._manifest_digest(manifest)
    (folder / "manifest.json").write_text(catalogue_module._serialise(manifest))


def test_files_that_contradict_each_other_are_refused(catalogue: Path, copy_of: Callable[[Path], Path]) -> None:
    folder = copy_of(catalogue)
    reseal(folder)
    Catalogue.open(folder)
    for changes in ({"count": 23}, {"dimension": 512}, {"metric": "cosine"}):
        reseal(folder, **changes)
        with pytest.raises(CatalogueError, match=r"manifest\.json promises"):
            Catalogue.open(folder)
        reseal(folder, count=24, dimension=1024, metric="euclidean")
    reseal(folder, format=99)
    with pytest.raises(CatalogueError, match="format 99, but this version reads 1"):
        Catalogue.open(folder)
    reseal(folder, format=1)
    vectors = np.load(folder / "vectors.npy")
    np.save(folder / "vectors.npy", vectors[:, :512])
    reseal(folder)
    with pytest.raises(CatalogueError, match="contradict each other"):
        Catalogue.open(folder)
    np.save(folder / "vectors.npy", 2 * vectors)
    reseal(folder)
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

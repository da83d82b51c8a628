"""The map of a catalogue: likes lie together, and the bundle keeps it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cbir.catalogue.build import index_photos
from cbir.catalogue.catalogue import MAP, Catalogue
from cbir.catalogue.manifest import describe_file, read_manifest, write_manifest
from cbir.catalogue.map import Map, choose_rows, make_map
from cbir.catalogue.verify import check_catalogue
from cbir.commands.defaults import SHIPPED
from cbir.errors import CatalogueError
from cbir.network.extractor import FeatureExtractor
from cbir.system.versions import current_version
from tests.support.counting import CountingExtractor

NEIGHBOURS = 12


def trustworthiness(vectors: NDArray[np.float32], points: NDArray[np.float64]) -> float:
    """How far the neighbours on the map are neighbours in truth, at most 1: Venna and Kaski, ICANN 2001."""
    count = len(vectors)
    squared = 2 - 2 * vectors.astype(np.float64) @ vectors.T.astype(np.float64)
    np.fill_diagonal(squared, np.inf)
    ranks = np.empty((count, count), np.int64)
    np.put_along_axis(ranks, squared.argsort(axis=1, kind="stable"), np.arange(1, count + 1)[None], axis=1)
    on_map = np.square(points[:, None] - points).sum(axis=2)
    np.fill_diagonal(on_map, np.inf)
    nearest = on_map.argsort(axis=1, kind="stable")[:, :NEIGHBOURS]
    too_far = np.maximum(np.take_along_axis(ranks, nearest, axis=1) - NEIGHBOURS, 0).sum()
    return float(1 - 2 * too_far / (count * NEIGHBOURS * (2 * count - 3 * NEIGHBOURS - 1)))


def test_likes_lie_together_on_the_shipped_map() -> None:
    catalogue = Catalogue.open(SHIPPED)
    on_map, count = catalogue.map, len(catalogue.records)
    assert on_map is not None and on_map.rows.tolist() == list(range(count))
    vectors = catalogue.index.vectors[:]
    flat = catalogue.index.principal_coordinates(on_map.rows, 2)
    assert trustworthiness(vectors, flat) < 0.88
    assert trustworthiness(vectors, on_map.cells.astype(np.float64)) > 0.97
    labels = np.array([record.label for record in catalogue.records])
    beside = np.abs(on_map.cells[:, None] - on_map.cells).max(axis=2) == 1
    same = labels[:, None] == labels
    chance = (same.sum() - count) / (count * (count - 1))
    assert same[beside].mean() > 0.9 > 0.1 > chance


def test_every_photo_of_a_catalogue_has_a_cell_of_its_own(catalogue: Path) -> None:
    opened = Catalogue.open(catalogue)
    assert opened.map is not None
    assert opened.map.rows.tolist() == list(range(24)) and len(np.unique(opened.map.cells, axis=0)) == 24
    assert opened.map.size == tuple(opened.map.cells.max(axis=0) + 1)
    again = make_map(opened.index, [record.label for record in opened.records])
    assert all(map(np.array_equal, again, opened.map))


def test_of_many_photos_each_kind_has_its_share() -> None:
    labels = ["hat", "coat", None, "coat", "coat"] * 1000
    rows = choose_rows(labels, 500)
    assert len(np.unique(rows)) == 500 and (np.diff(rows) > 0).all() and rows.max() > 4900
    chosen = [labels[row] for row in rows]
    assert {kind: chosen.count(kind) for kind in ("hat", "coat", None)} == {"hat": 100, "coat": 300, None: 100}
    assert choose_rows(labels[:7], 500).tolist() == list(range(7))


@pytest.mark.parametrize(
    "stored",
    [
        [[0, 0, 0], [1, 0, 0]],
        [[0, 0, 0], [0, 1, 0]],
        [[1, 0, 0], [0, 1, 0]],
        [[-1, 0, 0], [0, 1, 0]],
        [[0, 0, 0], [3, 1, 0]],
        [[0, 0, 0], [1, -1, 0]],
        [[0, 0], [1, 1]],
        [0, 1, 2],
        np.empty((0, 3)),
    ],
)
def test_what_is_no_map_is_refused(tmp_path: Path, stored: object) -> None:
    Map(np.array([0, 2]), np.array([[0, 0], [1, 0]])).save(tmp_path / MAP)
    assert Map.open(tmp_path / MAP, 3).size == (2, 1)
    np.save(tmp_path / MAP, np.asarray(stored, "<i4"))
    with pytest.raises(ValueError, match=r"map\.npy"):
        Map.open(tmp_path / MAP, 3)
    np.save(tmp_path / MAP, np.array([[0.5, 0, 0]]))
    with pytest.raises(ValueError, match=r"map\.npy"):
        Map.open(tmp_path / MAP, 3)


def reseal(folder: Path) -> None:
    """Bring the manifest in line with the map, or with its absence."""
    manifest = read_manifest(folder)
    manifest["files"].pop(MAP)
    if (folder / MAP).exists():
        manifest["files"][MAP] = describe_file(folder / MAP)
    write_manifest(folder, {name: value for name, value in manifest.items() if name != "sha256"})


def test_a_catalogue_without_a_map_opens_and_gets_one_at_the_next_run(
    photos: Path, catalogue: Path, extractor: FeatureExtractor, tmp_path: Path
) -> None:
    index_photos(photos, tmp_path / "index", extractor)
    folder = current_version(tmp_path / "index")
    (folder / MAP).unlink()
    with pytest.raises(CatalogueError, match=r"map\.npy: missing"):
        Catalogue.open(folder)
    reseal(folder)
    older = Catalogue.open(tmp_path / "index")
    check_catalogue(older)
    assert older.map is None
    counting = CountingExtractor(extractor)
    assert index_photos(photos, tmp_path / "index", counting).changed and counting.count == 0
    assert (current_version(tmp_path / "index") / MAP).read_bytes() == (catalogue / MAP).read_bytes()
    assert not index_photos(photos, tmp_path / "index", counting).changed


def test_a_map_that_contradicts_the_catalogue_is_refused(catalogue: Path, copy_of: Callable[[Path], Path]) -> None:
    folder = copy_of(catalogue)
    Map(np.array([0, 24]), np.array([[0, 0], [1, 0]])).save(folder / MAP)
    with pytest.raises(CatalogueError, match=r"map\.npy: damaged"):
        Catalogue.open(folder)
    reseal(folder)
    with pytest.raises(CatalogueError, match=r"contradict each other \(map\.npy"):
        Catalogue.open(folder)

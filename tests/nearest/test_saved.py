"""An index on disk: opened as it was saved, refused where its files do not fit, checked down to each code."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from cbir.nearest.exact import FILES, ExactIndex
from cbir.nearest.hnsw import GraphSettings
from tests.support.neighbours import clustered, scan


@pytest.mark.parametrize("dimension", [1, 2, 48])
@pytest.mark.parametrize("count", [0, 1, 2, 2_000])
def test_saved_and_opened_again(tmp_path: Path, count: int, dimension: int) -> None:
    vectors = np.random.default_rng(12).standard_normal((count, dimension)).astype(np.float32)
    built = ExactIndex.build(vectors)
    built.save(tmp_path)
    opened = ExactIndex.open(tmp_path)
    opened.check()
    assert len(opened) == count
    for query in np.random.default_rng(13).standard_normal((20, dimension)).astype(np.float32):
        assert opened.search(query).indices.tolist() == scan(vectors, query, 3)[0].tolist()
        for found, expected in zip(opened.search(query), built.search(query)):
            np.testing.assert_array_equal(found, expected)


def test_the_same_vectors_give_the_same_files(tmp_path: Path) -> None:
    vectors = clustered(2_500, 48, seed=11)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        ExactIndex.build(vectors).save(tmp_path / name)
    for name in FILES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_files_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    """hnswlib would load a graph of another count, or size, without a word."""
    for name, count, dimension in (("right", 50, 48), ("wider", 50, 200), ("longer", 60, 48)):
        (tmp_path / name).mkdir()
        ExactIndex.build(clustered(count, dimension, seed=14)).save(tmp_path / name)
    right = tmp_path / "right"
    graph = (right / "graph.hnsw").read_bytes()
    promised_more = graph[:8] + struct.pack("<Q", 10**12) + graph[16:]
    longer = (tmp_path / "longer" / "graph.hnsw").read_bytes()
    for wrong in (longer, promised_more, graph[:40], b""):
        (right / "graph.hnsw").write_bytes(wrong)
        with pytest.raises(ValueError, match=r"graph\.hnsw: not a graph of 50 vectors of 128 numbers"):
            ExactIndex.open(right)
    (right / "graph.hnsw").write_bytes(graph)
    with pytest.raises(ValueError, match="M = 8"):
        ExactIndex.open(right, settings=GraphSettings(M=8))
    for name in ("fine.npz", "coarse.npz", "rotation.npy"):
        fitting = (right / name).read_bytes()
        (right / name).write_bytes((tmp_path / ("wider" if name == "rotation.npy" else "longer") / name).read_bytes())
        with pytest.raises(ValueError, match="do not fit"):
            ExactIndex.open(right)
        (right / name).write_bytes(fitting)


def test_check_finds_codes_of_other_vectors(tmp_path: Path) -> None:
    for name, seed in (("right", 15), ("wrong", 16)):
        (tmp_path / name).mkdir()
        ExactIndex.build(clustered(50, 48, seed=seed)).save(tmp_path / name)
    right, wrong = tmp_path / "right", tmp_path / "wrong"
    for name in ("fine.npz", "coarse.npz"):
        fitting = (right / name).read_bytes()
        (right / name).write_bytes((wrong / name).read_bytes())
        with pytest.raises(ValueError, match=f"{name} does not follow"):
            ExactIndex.open(right).check()
        (right / name).write_bytes(fitting)
    graph = bytearray((right / "graph.hnsw").read_bytes())
    # Behind a header of 96 bytes, each vector has 132 of links, 512 of numbers, and its row.
    label = 96 + 49 * 652 + 644
    assert graph[label : label + 8] == struct.pack("<Q", 49)
    graph[label : label + 8] = struct.pack("<Q", 48)
    (right / "graph.hnsw").write_bytes(graph)
    with pytest.raises(ValueError, match=r"graph\.hnsw does not name each row once"):
        ExactIndex.open(right).check()
    graph[label : label + 8] = struct.pack("<Q", 49)
    (right / "graph.hnsw").write_bytes(graph)
    ExactIndex.open(right).check()
    rotation = np.load(right / "rotation.npy")
    rotation[:, 3] *= 1 + 1e-8
    np.save(right / "rotation.npy", rotation)
    with pytest.raises(ValueError, match="orthonormal"):
        ExactIndex.open(right).check()


@pytest.mark.parametrize("wrong", [(np.nan, 1, 0), (0, 0, 0), (0, -1, 0), (0, np.inf, 0), (0, 1, -1), (0, 1, np.nan)])
def test_numbers_that_no_codes_have_are_refused(tmp_path: Path, wrong: tuple[float, float, float]) -> None:
    ExactIndex.build(clustered(50, 48, seed=14)).save(tmp_path)
    with np.load(tmp_path / "fine.npz") as file:
        content = dict(file)
    np.savez(tmp_path / "fine.npz", **(content | {"scale": np.array(wrong, np.float64)}))
    with pytest.raises(ValueError, match=r"fine\.npz: offset .*, scale .* and error .* are not those of codes"):
        ExactIndex.open(tmp_path)

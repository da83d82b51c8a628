"""Rows read from disk: those that were checked, as NumPy would choose them, and without holding on to them.

test_catalogue.py damages them as part of a catalogue.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays, integer_array_indices
from numpy.typing import NDArray

from cbir.catalogue.vectors import ROWS_PER_DIGEST, CheckedRows, block_digests, write_rows
from cbir.errors import CatalogueError
from tests.support.settings import QUICK

COUNT = 2 * ROWS_PER_DIGEST + 5
INDICES = st.one_of(
    st.integers(-COUNT - 3, COUNT + 3),
    st.slices(COUNT),
    st.lists(st.integers(-COUNT, COUNT - 1), max_size=8),
    st.lists(st.integers(-COUNT - 3, COUNT + 3), min_size=1, max_size=4),
    integer_array_indices((COUNT,)).map(lambda index: index[0]),
    arrays(np.bool_, COUNT),
    arrays(np.bool_, COUNT).map(list),
    st.sampled_from([np.ones(COUNT - 1, np.bool_), (3, 1), (slice(None), 0), 1.0, "row", [0.0], ..., None]),
)
"""Indices of COUNT rows, of every kind, some of them wrong."""


def numbers(shape: tuple[int, int]) -> NDArray[np.float32]:
    return np.random.default_rng(0).random(shape, np.float32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds right.npy, and damaged0.npy and so on: with one byte wrong in that block."""
    folder = tmp_path_factory.mktemp("rows")
    write_rows(folder / "right.npy", (COUNT, 3), [numbers((COUNT, 3))])
    content = (folder / "right.npy").read_bytes()
    for block in range(3):
        damaged = bytearray(content)
        damaged[len(content) - 4 * 3 * (COUNT - block * ROWS_PER_DIGEST) + 7] ^= 1
        (folder / f"damaged{block}.npy").write_bytes(damaged)
    return folder


def open_rows(folder: Path, name: str) -> CheckedRows:
    return CheckedRows(folder / name, (COUNT, 3), block_digests(folder / "right.npy"), remedy="none")


@QUICK
@given(rows=INDICES)
def test_the_same_rows_as_an_array_has(folder: Path, rows: Any) -> None:
    """Or its IndexError, but for an index of a column: whole rows are what was checked."""
    expected = numbers((COUNT, 3))
    checked = open_rows(folder, "right.npy")
    try:
        assert not isinstance(rows, tuple)
        wanted = expected[rows]
    except (IndexError, AssertionError):
        with pytest.raises(IndexError):
            checked[rows]
    else:
        np.testing.assert_array_equal(checked[rows], wanted, strict=True)


@QUICK
@given(rows=INDICES, block=st.integers(0, 2))
def test_a_wrong_byte_is_noticed_whichever_way_its_row_is_asked_for(folder: Path, rows: Any, block: int) -> None:
    """And only then: rows of other blocks are given."""
    checked = open_rows(folder, f"damaged{block}.npy")
    try:
        asked = np.arange(COUNT)[rows]
    except IndexError:
        return
    if np.any(asked // ROWS_PER_DIGEST == block):
        with pytest.raises(CatalogueError, match=rf"damaged{block}\.npy: damaged in rows {block * ROWS_PER_DIGEST}"):
            checked[rows]
    else:
        np.testing.assert_array_equal(checked[rows], numbers((COUNT, 3))[rows])


def test_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "vectors.npy"
    write_rows(path, (0, 3), [])
    rows = CheckedRows(path, (0, 3), block_digests(path), remedy="none")
    assert rows[:].shape == rows[[]].shape == (0, 3)
    for wrong in (0, -1):
        with pytest.raises(IndexError):
            rows[wrong]


def mapped() -> int:
    """Bytes of files that this process has in memory."""
    found = re.search(r"RssFile:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return 1024 * int(found[1])


@pytest.mark.skipif(sys.platform != "linux", reason="measured by /proc")
def test_what_was_read_is_let_go(tmp_path: Path) -> None:
    shape, path = (16_384, 1024), tmp_path / "vectors.npy"
    rng = np.random.default_rng(0)
    written = rng.random(shape, np.float32)
    write_rows(path, shape, [written[:10_000], written[10_000:]])
    rows = CheckedRows(path, shape, block_digests(path), remedy="none")
    before = mapped()
    for some in rng.permutation(shape[0]).reshape(-1, 128):
        np.testing.assert_array_equal(rows[some], written[some])
    rows[:1]
    assert mapped() - before < written.nbytes // 4

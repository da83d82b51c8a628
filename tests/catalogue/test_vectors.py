"""Rows are read from disk without holding on to them; test_catalogue.py damages them."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from cbir.catalogue.vectors import CheckedRows, block_digests, write_rows


def mapped() -> int:
    """Bytes of files that this process has in memory."""
    found = re.search(r"RssFile:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return 1024 * int(found[1])


@pytest.mark.skipif(sys.platform != "linux", reason="measured by /proc")
def test_what_was_read_is_let_go(tmp_path: Path) -> None:
    shape, path = (16_384, 1024), tmp_path / "vectors.npy"
    numbers = np.random.default_rng(0)
    written = numbers.random(shape, np.float32)
    write_rows(path, shape, [written[:10_000], written[10_000:]])
    rows = CheckedRows(path, shape, block_digests(path), remedy="none")
    before = mapped()
    for some in numbers.permutation(shape[0]).reshape(-1, 128):
        np.testing.assert_array_equal(rows[some], written[some])
    rows[:1]
    assert mapped() - before < written.nbytes // 4

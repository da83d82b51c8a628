"""Catalogues that are to be the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cbir.catalogue.catalogue import Catalogue
from cbir.catalogue.verify import check_catalogue


def assert_same(found: Path, expected: Path) -> None:
    """Two catalogues have the same records and thumbnails in the same order, and vectors that are near enough."""
    one, other = Catalogue.open(found), Catalogue.open(expected)
    check_catalogue(one)
    assert list(one.records) == list(other.records)
    np.testing.assert_allclose(one.index.vectors[:], other.index.vectors[:], atol=1e-5)
    for row in range(len(one.records)):
        assert one.thumb(row).read_bytes() == other.thumb(row).read_bytes()

"""Parts of masks and their outlines, against SciPy's labels and Pillow's polygons."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from cbir.photos.outlines import label_parts, trace_outlines
from tests.support.settings import QUICK

ndimage = pytest.importorskip("scipy.ndimage")
Mask = NDArray[np.bool_]
masks = st.tuples(st.integers(1, 9), st.integers(1, 9)).flatmap(lambda shape: arrays(np.bool_, shape))


@QUICK
@given(masks)
def test_parts_are_those_of_scipy(mask: Mask) -> None:
    expected, count = ndimage.label(mask)
    found, number = label_parts(mask)
    assert number == count and ((found == 0) == ~mask).all()
    pairs = set(zip(found.ravel().tolist(), expected.ravel().tolist()))
    assert len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs})


@QUICK
@given(masks)
def test_outlines_enclose_the_mask_and_nothing_else(mask: Mask) -> None:
    """Filled with the even-odd rule, at eight times the size, so that a pixel's middle is plainly in or out."""
    rows, columns = mask.shape
    filled = np.zeros((8 * rows, 8 * columns), bool)
    for polygon in trace_outlines(mask, tolerance=0.0):
        picture = Image.new("1", (8 * columns, 8 * rows))
        ImageDraw.Draw(picture).polygon([(8 * x - 0.5, 8 * y - 0.5) for x, y in polygon], fill=1)
        filled ^= np.asarray(picture)
    assert (filled[4::8, 4::8] == mask).all()


def test_a_square_has_four_corners() -> None:
    mask = np.zeros((9, 9), bool)
    mask[2:6, 3:8] = True
    (polygon,) = trace_outlines(mask)
    assert sorted(polygon) == [(3, 2), (3, 6), (8, 2), (8, 6)]


def test_a_hole_has_an_outline_of_its_own() -> None:
    mask = np.ones((9, 9), bool)
    mask[3:6, 3:6] = False
    assert sorted(map(len, trace_outlines(mask))) == [4, 4]


def test_a_smooth_edge_needs_few_corners() -> None:
    rows, columns = np.mgrid[0:100, 0:100]
    disc = (rows - 50) ** 2 + (columns - 50) ** 2 < 40**2
    (exact,), (few,) = trace_outlines(disc, tolerance=0.0), trace_outlines(disc, tolerance=1.5)
    assert len(few) < len(exact) / 5
    for x, y in exact:
        assert abs(np.hypot(x - 50, y - 50) - 40) < 2
    away = [distance_to(np.array(few, float), np.array(corner, float)) for corner in exact]
    assert max(away) <= 1.5 + 1e-9


def distance_to(polygon: NDArray[np.float64], point: NDArray[np.float64]) -> float:
    """From a point to the nearest edge."""
    starts, ends = polygon, np.roll(polygon, -1, axis=0)
    spans = ends - starts
    along = ((point - starts) * spans).sum(1) / np.maximum((spans**2).sum(1), 1e-12)
    nearest = starts + along.clip(0, 1)[:, None] * spans
    return float(np.hypot(*(point - nearest).T).min())


def test_nothing_has_no_outline() -> None:
    assert trace_outlines(np.zeros((4, 5), bool)) == [] and label_parts(np.zeros((4, 5), bool))[1] == 0

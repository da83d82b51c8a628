"""Pictures of answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cbir.photos.drawing import draw_matches
from cbir.photos.region import Region
from cbir.results import Match
from tests.support.drawings import draw_garment


@pytest.mark.parametrize("label", ["caf\udce9", "hat\nscarf", "\u202etah", "\x1b[31m"])
def test_titles_show_labels_and_names_with_escapes(tmp_path: Path, label: str) -> None:
    thumb = tmp_path / "thumb.jpg"
    draw_garment(1, "hat").save(thumb)
    plain, shown = Match(1, "a.jpg", label, 0.5, thumb), ascii(label)[1:-1]
    expected = np.asarray(draw_matches(thumb, [plain._replace(label=shown)]))
    for match in (plain, plain._replace(label=None, photo=f"{label}.jpg")):
        np.testing.assert_array_equal(np.asarray(draw_matches(thumb, [match])), expected)


def test_a_frame_shows_the_garment_that_matches(tmp_path: Path) -> None:
    thumb = tmp_path / "thumb.jpg"
    draw_garment(1, "hat").save(thumb)
    plain = Match(1, "a.jpg", "hat", 0.5, thumb)
    framed = plain._replace(rank=2, region=Region(0.25, 0.25, 0.75, 0.5))
    pictures = [np.asarray(draw_matches(thumb, [plain, one])) for one in (plain._replace(rank=2), framed)]
    rows, columns = np.nonzero((pictures[0] != pictures[1]).any(-1))
    height, width = rows.max() - rows.min(), columns.max() - columns.min()
    assert columns.min() > pictures[0].shape[1] * 2 / 3, "the last of three alone"
    assert height == pytest.approx(0.25 * 320, abs=8) and width == pytest.approx(0.5 * 256, abs=8)

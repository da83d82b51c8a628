"""Pictures of answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cbir.photos.drawing import draw_matches
from cbir.search import Match
from tests.support.drawings import draw_garment


@pytest.mark.parametrize("label", ["caf\udce9", "hat\nscarf", "\u202etah", "\x1b[31m"])
def test_titles_show_labels_and_names_with_escapes(tmp_path: Path, label: str) -> None:
    thumb = tmp_path / "thumb.jpg"
    draw_garment(1, "hat").save(thumb)
    plain, shown = Match(1, "a.jpg", label, 0.5, thumb), ascii(label)[1:-1]
    expected = np.asarray(draw_matches(thumb, [plain._replace(label=shown)]))
    for match in (plain, plain._replace(label=None, photo=f"{label}.jpg")):
        np.testing.assert_array_equal(np.asarray(draw_matches(thumb, [match])), expected)

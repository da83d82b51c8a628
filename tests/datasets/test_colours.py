"""Names of colours: of paint that anybody would name so, and of garments in photos."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cbir.datasets.colours import NAMED, name_colour, name_colours
from cbir.datasets.photo import Photo
from cbir.datasets.street import cut_garments
from cbir.photos.lab import to_lab


@pytest.mark.parametrize(
    ("paint", "name"),
    [
        ("#ffffff", "white"),
        ("#000000", "black"),
        ("#808080", "grey"),
        ("#c01020", "red"),
        ("#0a3d0a", "green"),
        ("#1b2a5a", "navy"),
        ("#f0c020", "yellow"),
        ("#e07020", "orange"),
        ("#e08fa0", "pink"),
        ("#5a2a72", "purple"),
        ("#6b4a30", "brown"),
    ],
)
def test_paint(paint: str, name: str) -> None:
    rgb = np.array([[int(paint[place : place + 2], 16) for place in (1, 3, 5)]], np.uint8)
    assert name_colour(to_lab(rgb)[0]) == name


def test_between_two_names_there_is_none() -> None:
    between = (np.array(NAMED["white"][0]) + NAMED["beige"][0]) / 2
    assert name_colour(between) is None


def test_garments_get_the_colour_of_their_own_pixels(tmp_path: Path) -> None:
    """A red coat before a blue wall; half as large in the label map."""
    picture, labels = Image.new("RGB", (60, 80), (20, 40, 160)), Image.new("L", (30, 40))
    picture.paste((190, 20, 30), (20, 20, 40, 60))
    labels.paste(1, (10, 10, 20, 30))
    (tmp_path / "labels").mkdir()
    (tmp_path / "label_names.txt").write_text("null\ncoat\n")
    picture.save(tmp_path / "coat.png")
    labels.save(tmp_path / "labels/coat.png")
    photo = Photo("coat.png", tmp_path / "coat.png", label_map=tmp_path / "labels/coat.png")
    cuts = cut_garments([photo])
    assert [cut.colour for cut in cuts] == [None]
    assert [cut.colour for cut in name_colours(cuts)] == ["red"]

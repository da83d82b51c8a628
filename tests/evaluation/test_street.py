"""Garments worn: counted by hand on photos whose features are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cbir import FeatureExtractor
from cbir.datasets.photo import Photo
from cbir.datasets.reader import read_photos
from cbir.datasets.street import GarmentCut
from cbir.errors import DatasetError
from cbir.evaluation.street import frame_garment, garment_shares, measure_street


class ByColour(FeatureExtractor):
    """Cells of three numbers, the mean colour of each place, beside 1,021 zeros."""

    def __init__(self) -> None:
        pass

    def feature_map(self, pixels: np.ndarray) -> np.ndarray:
        cells = np.zeros((len(pixels), 7, 7, 1024), np.float32)
        cells[..., :3] = pixels.reshape(len(pixels), 7, 32, 7, 32, 3).mean((2, 4)) / 255
        return cells

    def embed(self, pixels: np.ndarray) -> np.ndarray:
        pooled = self.feature_map(pixels).mean((1, 2))
        return pooled / np.linalg.norm(pooled, axis=1, keepdims=True)


@pytest.fixture
def street(tmp_path: Path) -> list[Photo]:
    """Six photos of 280 x 420: a garment, a red or a blue square, in the middle of black ground; two wear scarves."""
    (tmp_path / "photos").mkdir()
    (tmp_path / "labels").mkdir()
    (tmp_path / "label_names.txt").write_text("null\nskin\nscarf\ncoat\n")
    rows = ["photo,tags"]
    for number, colour in enumerate(("red", "blue", "red", "blue", "blue", "blue")):
        picture, labels = Image.new("RGB", (280, 420)), Image.new("L", (280, 420))
        picture.paste(colour, (80, 150, 200, 270))
        labels.paste(2 if colour == "red" else 3, (80, 150, 200, 270))
        picture.save(tmp_path / f"photos/{number}.png")
        if number < 5:
            labels.save(tmp_path / f"labels/{number}.png")
        rows.append(f"{number}.png,{'scarf' if colour == 'red' else 'coat'} skin")
    (tmp_path / "photos.csv").write_text("\n".join(rows))
    return read_photos(tmp_path).photos


def test_scarves_and_focus_by_hand(street: list[Photo]) -> None:
    """Each red query finds the other red photo and then two blue ones: one third, where chance is one in five."""
    worn = measure_street(street, ByColour())
    assert worn.figures["scarves in the top 3 of scarf wearers"].value == pytest.approx(1 / 3)
    assert worn.figures["scarves in the top 3 of scarf wearers, times chance"].value == pytest.approx((1 / 3) / (1 / 5))
    assert tuple(worn.tags["coat"]) == pytest.approx((4, 4 / 6, 1.0))
    assert list(worn.tags) == ["coat", "scarf"], "skin is the wearer's"
    # All colour, and so all evidence, is on the garment: 3 x 3 of 7 x 7 cells, of the five photos with label maps.
    assert worn.figures["evidence on garments"].value == pytest.approx(1.0, abs=0.02)
    assert worn.figures["evidence on garments, times their area"].value == pytest.approx(49 / 9, rel=0.02)
    assert worn.figures["evidence on garments"].size == 5


def test_close_ups_by_hand(street: list[Photo]) -> None:
    """Of the five garments with label maps, a scarf finds the other one and two coats, a coat two coats and a scarf."""
    figures = measure_street(street, ByColour()).figures
    assert figures["scarves in the top 3 of scarf close-ups"].value == pytest.approx(1 / 3)
    assert figures["scarves in the top 3 of scarf close-ups, times chance"].value == pytest.approx((1 / 3) / (1 / 4))
    assert figures["its kind in the top 3 of a garment's close-up"].value == pytest.approx((2 / 3 + 3 * 2 / 3) / 5)


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((80, 150, 200, 270), (62, 132, 218, 288)),  # in the middle: 1.3 times its side
        ((10, 0, 110, 60), (0, 0, 130, 130)),  # moved into the photo
        ((0, 0, 280, 420), (0, 70, 280, 350)),  # longer than the photo is wide: as much as there is
    ],
)
def test_a_close_up_is_a_square_about_the_garment(
    tmp_path: Path, box: tuple[int, int, int, int], expected: tuple[int, int, int, int]
) -> None:
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (420, 280, 3), np.uint8))
    picture.save(tmp_path / "a.png")
    framed = frame_garment(GarmentCut(Photo("a.png", tmp_path / "a.png"), "Scarf", (1,), box))
    assert np.array_equal(np.asarray(framed), np.asarray(picture.crop(expected)))


def test_garments_are_seen_through_the_central_square(street: list[Photo]) -> None:
    cells = garment_shares(street[0])
    expected = np.zeros((7, 7))
    expected[2:5, 2:5] = 1
    assert np.allclose(cells, expected, atol=0.01)


def test_photos_without_tags_or_maps_are_refused(street: list[Photo]) -> None:
    for lacking in ([p._replace(tags=()) for p in street], [p._replace(label_map=None) for p in street]):
        with pytest.raises(DatasetError, match="6 street photos are too few to measure with: tags and label maps"):
            measure_street(lacking, ByColour())
    with pytest.raises(DatasetError, match="0 street photos are too few"):
        measure_street([], ByColour())

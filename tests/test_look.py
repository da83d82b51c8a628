"""A part of a photo searched, and all garments of a photo at once."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cbir import Searcher
from cbir.errors import RegionError, WeightsError
from cbir.evidence import explain
from cbir.network.garments import GLANCE_AREA, Garment, GarmentFinder, Sighting
from cbir.photos.region import WHOLE, Region
from tests.support.drawings import draw_garment

BOXES = (Region(0.1, 0.2, 0.6, 0.5), Region(0.55, 0.6, 0.8, 0.9))


@pytest.fixture(scope="module")
def searcher(worn_catalogue: Path) -> Searcher:
    return Searcher.open(worn_catalogue)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """Two garments on one photo."""
    picture = Image.new("RGB", (800, 1200), "white")
    picture.paste(draw_garment(71, "shirt", size=(400, 360)), (80, 240))
    picture.paste(draw_garment(72, "hat", size=(200, 360)), (440, 720))
    picture.save(tmp_path / "two.png")
    return tmp_path / "two.png"


def sight(monkeypatch: pytest.MonkeyPatch, *garments: Garment, person: float = 0.4) -> list[int]:
    """Let the finder find these; returns the areas that it looked at."""
    areas: list[int] = []

    def find(_: GarmentFinder, image: Image.Image, *, area: int = -1) -> Sighting:
        areas.append(area)
        return Sighting(person, list(garments))

    monkeypatch.setattr(GarmentFinder, "find", find)
    return areas


def test_a_region_is_searched_as_its_picture_alone_would_be(searcher: Searcher, photo: Path) -> None:
    """The photo cut to the region and its air, on grey: nothing else of it counts."""
    region = Region(0.2, 0.25, 0.6, 0.45)
    result = searcher.search(photo, region=region)
    with Image.open(photo) as image:
        shown = image.crop((128, 276, 512, 564))  # 0.04 and 0.02 of air at each side
    square = Image.new("RGB", (384, 384), (123, 117, 104))
    square.paste(shown, (0, 48))
    alone = searcher.search(square)
    assert [match.photo for match in result.matches] == [match.photo for match in alone.matches]
    np.testing.assert_allclose(
        [match.distance for match in result.matches], [match.distance for match in alone.matches], atol=0.02
    )
    assert result.region == region and result.exact
    assert result.matches[0].distance != searcher.search(photo).matches[0].distance


def test_the_whole_photo_is_a_region(searcher: Searcher, photo: Path) -> None:
    one, two = searcher.search(photo), searcher.search(photo, region=[0, 0, 1, 1])
    assert one.matches == two.matches and one.region == two.region == WHOLE
    assert one.as_json()["region"] == [0, 0, 1, 1]


def test_a_small_region_of_a_large_photo_is_seen_sharp(searcher: Searcher, tmp_path: Path) -> None:
    """A sixth of a photo of 3,000 pixels has 500 of its own: fine stripes stay stripes."""
    stripes = np.zeros((3000, 3000, 3), np.uint8)
    stripes[:, ::12] = stripes[:, 1::12] = stripes[:, 2::12] = 255
    Image.fromarray(stripes).save(tmp_path / "stripes.jpg", quality=95)
    sharp = searcher.search(Image.fromarray(stripes[:500, :500]), region=[0.0, 0.0, 0.99, 0.99])
    found = searcher.search(tmp_path / "stripes.jpg", region=[0.0, 0.0, 0.165, 0.165])
    np.testing.assert_allclose(
        [match.distance for match in found.matches], [match.distance for match in sharp.matches], atol=0.05
    )


@pytest.mark.parametrize("region", [[0, 0, 0, 1], [0, 0, 1], "0,0,1,1", [float("nan")] * 4])
def test_what_is_no_region_is_refused(searcher: Searcher, photo: Path, region: list[float]) -> None:
    with pytest.raises(RegionError):
        searcher.search(photo, region=region)


def test_every_garment_comes_with_its_own_proven_answer(
    searcher: Searcher, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    garments = [Garment("top", 0.9, BOXES[0], 0.1), Garment("scarf", 0.7, BOXES[1], 0.05)]
    areas = sight(monkeypatch, *garments)
    looks = searcher.look(photo, k=5)
    assert [look.garment for look in looks] == garments and areas == [GLANCE_AREA, -1]
    for look in looks:
        alone = searcher.search(photo, k=5, region=look.garment)
        assert look.result.exact and look.result.region == look.garment.box == alone.region
        assert [match.photo for match in look.result.matches] == [match.photo for match in alone.matches]
        np.testing.assert_allclose(
            [match.distance for match in look.result.matches], [match.distance for match in alone.matches], atol=0.02
        )
    with photo.open("rb") as file:
        again = searcher.look(file, k=5)
    streamed = searcher.look(io.BytesIO(photo.read_bytes()), k=5)
    assert [look.result.matches for look in again] == [look.result.matches for look in streamed]
    assert [look.result.matches[0].photo for look in again] == [look.result.matches[0].photo for look in looks]


def test_where_nobody_is_the_whole_photo_is_searched_after_one_glance(
    searcher: Searcher, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    areas = sight(monkeypatch, Garment("top", 0.9, BOXES[0], 0.1), Garment("scarf", 0.7, BOXES[1], 0.05), person=0.0)
    (look,) = searcher.look(photo)
    assert areas == [GLANCE_AREA] and look.garment.kind == "top"
    assert look.result.matches == searcher.search(photo).matches and look.result.region == WHOLE
    sight(monkeypatch, person=0.0)
    assert searcher.look(photo) == []


def test_without_a_finder_regions_can_be_searched_and_garments_not(catalogue: Path, photo: Path) -> None:
    plain = Searcher.open(catalogue)
    assert plain.finder is None and plain.search(photo, region=BOXES[0]).exact
    for ask in (plain.look, plain.find):
        with pytest.raises(WeightsError, match="no garment finder"):
            ask(photo)


def test_the_evidence_of_a_region_sums_to_its_similarity(searcher: Searcher, photo: Path) -> None:
    result = searcher.search(photo, region=BOXES[0])
    features = searcher.catalogue.index.vectors[np.array([match.row for match in result.matches])]
    splits = explain(searcher.extractor, photo, [match.thumb for match in result.matches], features, region=BOXES[0])
    for match, split in zip(result.matches, splits):
        assert 2 - 2 * split.query.sum() == pytest.approx(match.distance**2, abs=1e-3)
    whole = explain(searcher.extractor, photo, [result.matches[0].thumb], features[:1])
    assert whole[0].similarity != pytest.approx(splits[0].similarity, abs=1e-3)

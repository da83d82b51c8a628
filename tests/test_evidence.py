"""Evidence: the map is a split of the dot product, and lies where the likeness is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cbir import FeatureExtractor
from cbir.evidence import explain, see_match, split_similarity
from cbir.network.preprocess import read_pixels, to_pixels
from cbir.photos.decode import load_image
from cbir.photos.drawing import GAP, draw_heat, draw_pair
from cbir.photos.region import Region
from tests.support.drawings import draw_garment


def test_maps_sum_to_the_dot_product_of_the_features(extractor: FeatureExtractor, photos: Path) -> None:
    names = [photos / "hat/001.jpg", photos / "hat/005.jpg", photos / "scarf/002.jpg", photos / "hat/001.jpg"]
    query, *others = extractor.extract(names).astype(np.float64)
    for evidence, other in zip(explain(extractor, names[0], names[1:]), others):
        assert evidence.query.shape == evidence.match.shape == (7, 7)
        assert evidence.similarity == pytest.approx(query @ other, abs=1e-5)
        assert evidence.query.sum() == pytest.approx(query @ other, abs=1e-5)
        assert evidence.match.sum() == pytest.approx(query @ other, abs=1e-5)
        assert 2 - 2 * evidence.similarity == pytest.approx(np.square(query - other).sum(), abs=1e-5)


def test_a_photo_is_wholly_like_itself(extractor: FeatureExtractor, photos: Path) -> None:
    (evidence,) = explain(extractor, photos / "hat/001.jpg", [photos / "hat/001.jpg"])
    assert evidence.similarity == pytest.approx(1)
    assert np.allclose(evidence.query, evidence.match)


def test_the_query_is_explained_by_the_features_of_the_catalogue(extractor: FeatureExtractor, photos: Path) -> None:
    """Thumbnails stand for the matches; similarity and the query's map are those of the distance that is shown."""
    query, match = photos / "hat/001.jpg", photos / "scarf/002.jpg"
    features = extractor.extract([query, match])
    thumb = Image.open(match).resize((64, 80))
    (evidence,) = explain(extractor, query, [thumb], features[1:])
    assert evidence.similarity == pytest.approx(float(features[0] @ features[1]), abs=1e-5)
    assert evidence.query.sum() == pytest.approx(evidence.similarity)
    (of_thumb,) = explain(extractor, query, [thumb])
    assert abs(of_thumb.similarity - evidence.similarity) > 1e-4
    assert np.allclose(of_thumb.match, evidence.match)


def test_of_a_garment_its_part_of_the_thumbnail_is_looked_at(extractor: FeatureExtractor, photos: Path) -> None:
    thumb, region = photos / "scarf/002.jpg", Region(0.2, 0.1, 0.7, 0.5)
    feature = extractor.embed(to_pixels(load_image(thumb), region)[None])
    (evidence,) = explain(extractor, photos / "hat/001.jpg", [see_match(thumb, region)], feature)
    assert evidence.match.sum() == pytest.approx(evidence.similarity, abs=1e-5)
    (of_all,) = explain(extractor, photos / "hat/001.jpg", [thumb], feature)
    assert np.abs(of_all.match - evidence.match).max() > 1e-3
    assert see_match(thumb, None) == thumb


def test_cells_are_what_the_last_pool_averages(extractor: FeatureExtractor, photos: Path) -> None:
    pixels = np.stack([read_pixels(photos / "hat/001.jpg"), read_pixels(photos / "scarf/002.jpg")])
    cells = extractor.feature_map(pixels)
    assert cells.shape == (2, 7, 7, 1024) and cells.dtype == np.float32
    pooled = cells.astype(np.float64).mean((1, 2))
    assert np.allclose(pooled / np.linalg.norm(pooled, axis=1, keepdims=True), extractor.embed(pixels), atol=1e-5)


def test_a_split_by_hand() -> None:
    """Two cells, (3, 0) and (0, 4), sum to length 5; the other feature, (0, 2), has length 2."""
    cells = np.array([[[3, 0], [0, 4]]], np.float32)
    assert split_similarity(cells, np.array([0, 2], np.float32)).tolist() == [[0, pytest.approx(0.8)]]
    assert split_similarity(np.zeros((2, 2, 3), np.float32), np.ones(3, np.float32)).tolist() == [[0, 0], [0, 0]]


def test_heat_is_drawn_where_the_evidence_is() -> None:
    evidence = np.zeros((7, 7))
    evidence[1, 5] = 0.9
    drawn = np.asarray(draw_heat(Image.new("RGB", (300, 500), "#808080"), evidence, side=140), np.int64)
    assert drawn.shape == (140, 140, 3)
    brightness = drawn.sum(-1)
    row, column = np.argwhere(brightness == brightness.max()).mean(0)
    assert (row // 20, column // 20) == (1, 5)
    assert brightness[30, 110] > 1.5 * brightness[110, 30]
    even = np.asarray(draw_heat(Image.new("RGB", (300, 500), "#808080"), np.full((7, 7), 0.9 / 49), side=140), np.int64)
    assert even.std() < 40 and even.sum(-1).max() < brightness.max(), "a spread over all places is no hot spot"


def test_a_pair_is_two_squares(extractor: FeatureExtractor, photos: Path) -> None:
    query, match = draw_garment(7, "dress"), photos / "scarf/002.jpg"
    (evidence,) = explain(extractor, query, [match])
    pair = draw_pair(query, match, evidence.query, evidence.match, side=100)
    assert pair.size == (200 + GAP, 100)
    assert np.array_equal(np.asarray(pair)[:, :100], np.asarray(draw_heat(query, evidence.query, side=100)))
    assert np.array_equal(np.asarray(pair)[:, 100 + GAP :], np.asarray(draw_heat(match, evidence.match, side=100)))

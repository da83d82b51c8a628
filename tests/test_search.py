"""The scoring function: the three most similar, proven, of one photo and of many."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cbir import FeatureExtractor, Searcher
from cbir.catalogue.build import index_photos
from cbir.errors import CatalogueError, PhotoError
from tests.support.drawings import draw_garment


@pytest.fixture(scope="module")
def searcher(catalogue: Path) -> Searcher:
    return Searcher.open(catalogue)


def test_matches_are_those_of_an_exhaustive_scan(searcher: Searcher, extractor: FeatureExtractor, photos: Path) -> None:
    names = [path.relative_to(photos).as_posix() for path in sorted(photos.rglob("*.jpg"))]
    features = extractor.extract([photos / name for name in names]).astype(float)
    for number in range(100, 110):
        query = draw_garment(number, "scarf")
        distances = np.linalg.norm(features - extractor.extract([query])[0], axis=1)
        order = np.argsort(distances)[:5]
        result = searcher.search(query, k=5)
        assert [match.photo for match in result.matches] == [names[place] for place in order]
        assert [match.label for match in result.matches] == [names[place].split("/")[0] for place in order]
        np.testing.assert_allclose([match.distance for match in result.matches], distances[order], atol=1e-4)
        assert [match.rank for match in result.matches] == [1, 2, 3, 4, 5]
        assert result.exact and result.catalogue_size == 24 and not result.query_in_catalogue


def test_a_query_from_the_catalogue_comes_first_and_is_told(searcher: Searcher, photos: Path) -> None:
    for path in sorted(photos.rglob("*.jpg"))[::5]:
        result = searcher.search(path)
        assert result.matches[0].photo == path.relative_to(photos).as_posix()
        assert result.matches[0].distance < 1e-4 and result.query_in_catalogue


def test_identical_photos_come_in_the_order_of_the_catalogue(extractor: FeatureExtractor, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    for name in ("c.png", "a.png", "b.png", "z.png"):
        draw_garment(7 if name != "z.png" else 8, "hat").save(tmp_path / "photos" / name)
    index_photos(tmp_path / "photos", tmp_path / "index", extractor)
    result = Searcher.open(tmp_path / "index").search(tmp_path / "photos" / "c.png")
    assert [match.photo for match in result.matches] == ["a.png", "b.png", "c.png"]
    assert len({match.distance for match in result.matches}) == 1


def test_a_photo_of_the_catalogue_finds_the_others(searcher: Searcher) -> None:
    """From its stored vector: an exhaustive scan of all other rows, for every photo and k up to more than there are."""
    vectors = searcher.catalogue.index.vectors[:].astype(float)
    for row, vector in enumerate(vectors):
        distances = np.linalg.norm(vectors - vector, axis=1)
        order = [other for other in np.argsort(distances, kind="stable") if other != row]
        for k in (1, 3, 23, 24, 100):
            result = searcher.search_indexed(row, k)
            assert [match.row for match in result.matches] == order[:k] and result.exact
            np.testing.assert_allclose([match.distance for match in result.matches], distances[order[:k]], atol=1e-6)
        assert result.query_row == row and result.num_exact_distances == 23 and not result.query_in_catalogue
        assert result.proof == "Proven: none of the other 23 photos is closer (every one measured exactly)."
    for absent in (-1, 24, 10**30):
        with pytest.raises(IndexError, match="from 0 to 23"):
            searcher.search_indexed(absent)
    with pytest.raises(ValueError, match="k of 1 or more"):
        searcher.search_indexed(0, 0)


def test_copies_of_a_photo_are_its_matches_and_it_is_none(extractor: FeatureExtractor, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    for name in ("a.png", "b.png", "c.png", "d.png", "z.png"):
        draw_garment(7 if name != "z.png" else 8, "hat").save(tmp_path / "photos" / name)
    index_photos(tmp_path / "photos", tmp_path / "index", extractor)
    searcher = Searcher.open(tmp_path / "index")
    for row, k, expected in ((3, 2, "ab"), (0, 3, "bcd"), (2, 9, "abdz"), (4, 1, "a")):
        result = searcher.search_indexed(row, k)
        assert [match.photo[0] for match in result.matches] == list(expected)
        assert result.query_in_catalogue == (row != 4)


def test_a_catalogue_of_one_photo(extractor: FeatureExtractor, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    draw_garment(1, "hat").save(tmp_path / "photos" / "only.png")
    index_photos(tmp_path / "photos", tmp_path / "index", extractor)
    result = Searcher.open(tmp_path / "index").search(draw_garment(2, "hat"))
    assert [match.photo for match in result.matches] == ["only.png"] and result.matches[0].label is None
    assert result.proof == "Proven: none of 1 photo is closer (every one measured exactly)."
    alone = Searcher.open(tmp_path / "index").search_indexed(0)
    assert alone.matches == [] and alone.proof == "No other photo."


def test_what_is_not_proven_is_not_called_so(searcher: Searcher) -> None:
    result = searcher.search(draw_garment(1, "hat"))
    assert result.proof.startswith("Proven: ")
    assert result._replace(exact=False).proof == "Not proven: one of 24 photos may be closer."


def test_any_source_will_do(searcher: Searcher, photos: Path) -> None:
    path = next(photos.rglob("*.jpg"))
    with Image.open(path) as image:
        answers = [searcher.search(source) for source in (path, str(path), path.read_bytes(), image)]
    assert len({tuple(match.photo for match in answer.matches) for answer in answers}) == 1


def test_wrong_input_is_refused(searcher: Searcher, extractor: FeatureExtractor, tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match=r"absent\.jpg"):
        searcher.search(tmp_path / "absent.jpg")
    with pytest.raises(ValueError, match="k of 1 or more"):
        searcher.search(draw_garment(1, "hat"), k=0)
    with pytest.raises(CatalogueError, match="no catalogue"):
        Searcher.open(tmp_path)


def test_json_has_what_is_promised(searcher: Searcher, photos: Path) -> None:
    plain = searcher.search(photos / "hat" / "001.jpg").as_json()
    assert {
        "matches",
        "exact",
        "graph_exact",
        "num_exact_distances",
        "graph_agreed",
        "measured",
        "catalogue_size",
        "timings_ms",
    } <= plain.keys()
    assert plain["matches"][0].keys() == {"rank", "photo", "label", "distance"}
    assert plain["timings_ms"].keys() == {"decoding", "features", "search"}
    assert plain["exact"] is True and plain["catalogue_size"] == 24


def test_many_photos_get_the_answers_of_each_alone(searcher: Searcher, photos: Path, tmp_path: Path) -> None:
    """In their order, over more than one batch, with the errors of those that cannot be read."""
    (tmp_path / "broken.jpg").write_text("no photo")
    asked = [tmp_path / "broken.jpg", *sorted(photos.rglob("*.jpg")), tmp_path / "absent.jpg"] * 2
    found = list(searcher.search_many(asked, 2))
    assert len(found) == len(asked) > 40
    for photo, one in zip(asked, found):
        if photo.parent == tmp_path:
            assert isinstance(one, PhotoError) and str(one).startswith(f"{photo}: ")
            continue
        alone = searcher.search(photo, 2)
        assert not isinstance(one, PhotoError) and one.exact and one.matches[0].photo == alone.matches[0].photo
        distances = [match.distance for match in alone.matches]
        np.testing.assert_allclose([match.distance for match in one.matches], distances, atol=1e-3)
    assert list(searcher.search_many([])) == []

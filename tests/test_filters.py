"""A search among the photos that satisfy a filter: as exact, and as proven, as one among all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cbir import FeatureExtractor, Searcher
from cbir.catalogue.build import index_photos
from cbir.catalogue.columns import Filter
from cbir.errors import FilterError
from tests.support.described import SIZES, describe_photos, fill_described, numbers_with
from tests.support.drawings import draw_garment
from tests.support.people import Seeing, draw_person, save_random_finder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill_described(tmp_path_factory.mktemp("described") / "photos")


@pytest.fixture(scope="module")
def searcher(folder: Path, extractor: FeatureExtractor) -> Searcher:
    index_photos(folder, folder.parent / "index", extractor)
    return Searcher.open(folder.parent / "index")


@pytest.mark.parametrize(
    ("where", "colour", "sizes"),
    [
        ({"colour": "blue"}, "blue", SIZES),
        ({"colour": "Green", "size": ["m", "XL"]}, "green", ("M", "XL")),
        ({"size": "L"}, None, ("L",)),
    ],
    ids=str,
)
def test_matches_are_those_of_a_scan_of_these_photos(
    searcher: Searcher, extractor: FeatureExtractor, folder: Path, where: Filter, colour: str, sizes: tuple[str, ...]
) -> None:
    numbers = np.array(numbers_with(colour, sizes=sizes))
    features = extractor.extract([folder / f"{number:03}.jpg" for number in numbers]).astype(float)
    for query in (draw_garment(100, "scarf"), draw_garment(101, "hat"), folder / "004.jpg"):
        distances = np.linalg.norm(features - extractor.extract([query])[0], axis=1)
        order = np.argsort(distances)[:4]
        result = searcher.search(query, k=4, where=where)
        assert [match.row for match in result.matches] == numbers[order].tolist()
        np.testing.assert_allclose([match.distance for match in result.matches], distances[order], atol=1e-4)
        assert result.exact and (result.subset_size, result.catalogue_size) == (len(numbers), 24)


def test_of_one_photo_or_none_there_is_what_there_is(searcher: Searcher) -> None:
    query = draw_garment(100, "scarf")
    one = searcher.search(query, where={"price": "7 EUR"})
    assert [match.photo for match in one.matches] == ["007.jpg"] and one.exact and one.subset_size == 1
    assert one.proof == "Proven: none of 1 photo with price 7 EUR is closer (every one measured exactly)."
    none = searcher.search(query, where={"price": "7 EUR", "colour": "green"})
    assert (none.matches, none.exact, none.subset_size, none.query_in_catalogue) == ([], True, 0, False)
    assert none.proof == "No photo with price 7 EUR and colour green."


def test_the_proof_names_filter_and_number(searcher: Searcher) -> None:
    result = searcher.search(draw_garment(1, "hat"), where={"Colour": "BLUE", "kind": ["dress", "hat"]})
    assert result.where == {"colour": ("blue",), "kind": ("Dress", "Hat")}
    assert f"none of {result.subset_size} photos with colour blue and kind Dress or Hat is closer" in result.proof
    assert result._replace(exact=False).proof == (
        f"Not proven: one of {result.subset_size} photos with colour blue and kind Dress or Hat may be closer."
    )
    plain = result.as_json()
    assert plain["where"] == {"colour": ["blue"], "kind": ["Dress", "Hat"]}
    assert (plain["subset_size"], plain["catalogue_size"]) == (result.subset_size, 24)


def test_without_a_filter_all_is_as_before(searcher: Searcher) -> None:
    query = draw_garment(2, "hat")
    results = [searcher.search(query, where=None), searcher.search(query, where={})]
    assert [result.matches for result in results] == [searcher.search(query).matches] * 2
    assert all(not result.where and result.subset_size == 24 for result in results)
    assert results[0].as_json()["where"] == {}


def test_a_match_tells_its_columns_and_link(searcher: Searcher, folder: Path) -> None:
    (odd,) = searcher.search(folder / "003.jpg", k=1).matches
    assert odd.columns == {"colour": "green", "size": "M", "price": "3 EUR"}
    assert odd.link == describe_photos()[3]["link"]
    plain = odd.as_json()
    assert plain["columns"] == odd.columns and plain["link"] == odd.link
    (even,) = searcher.search(folder / "004.jpg", k=1).matches
    assert even.link is None and "link" not in even.as_json() and "colour" not in even.as_json()["columns"]


def test_a_wrong_filter_is_refused_before_the_photo_is_read(searcher: Searcher, tmp_path: Path) -> None:
    with pytest.raises(FilterError, match="no column 'color'"):
        searcher.search(tmp_path / "absent.jpg", where={"color": "blue"})


@pytest.mark.usefixtures("any_axes", "one_thread")
def test_garments_that_are_worn(tmp_path: Path, extractor: FeatureExtractor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each garment has its own kind, and the columns of its photo."""
    network, photos = save_random_finder(tmp_path / "network", extractor.weights), tmp_path / "photos"
    Seeing(monkeypatch)
    photos.mkdir()
    table = ["photo,season"]
    for number in range(4):
        draw_person(number, 2, size=(320, 400)).save(photos / f"{number}.png")
        table.append(f"{number}.png,{'winter' if number % 2 else 'summer'}")
    (photos / "photos.csv").write_text("\n".join(table))
    report = index_photos(photos, tmp_path / "index", network, garments=True)
    assert report.count == 8 and report.columns == {"season": 2}
    searcher = Searcher.open(tmp_path / "index")
    assert searcher.catalogue.columns()["kind"] == {"coat": 4, "shoes": 4}
    result = searcher.search(photos / "1.png", k=9, where={"kind": "Coat", "season": "winter"})
    assert {(match.label, match.photo) for match in result.matches} == {("coat", "1.png"), ("coat", "3.png")}
    assert "none of 2 garments with kind coat and season winter is closer" in result.proof
    looks = searcher.look(photos / "1.png", where={"kind": "shoes", "season": "summer"})
    assert len(looks) == 2 and all(look.result.where and look.result.subset_size == 2 for look in looks)
    assert all({match.label for match in look.result.matches} == {"shoes"} for look in looks)
    with pytest.raises(FilterError, match="no value 'boots' in column kind"):
        searcher.look(photos / "1.png", where={"kind": "boots"})

"""Answers as a picture: what it shows is found again in its pixels, wherever the layout puts it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from cbir.network.closeness import ALIKE, NOT_ALIKE, Closeness
from cbir.photos.region import WHOLE, Region
from cbir.report.picture import ACCENT, draw_answers
from cbir.report.words import Answered
from cbir.results import Match, SearchResult, Timings
from tests.support.drawings import draw_garment

BLUE = (20, 30, 220)
"""Of what is searched."""


def colour_of(rank: int) -> tuple[int, int, int]:
    return (250 - 9 * rank, 9 * rank, 40)


@pytest.fixture
def match(tmp_path: Path) -> Callable[..., Match]:
    """Makes matches whose thumbnails have one colour each."""

    def make(rank: int, label: str | None = "hat", **known: Any) -> Match:
        thumb = tmp_path / f"{rank}.png"
        Image.new("RGB", (300, 400), colour_of(rank)).save(thumb)
        return Match(rank, "a.jpg", label, 0.1 * rank, thumb)._replace(**known)

    return make


def answer(matches: list[Match], *, exact: bool = True, region: Region = WHOLE) -> Answered:
    result = SearchResult(matches, exact, True, 4, 24, 24, Timings(0, 0, 0), region=region)
    return Answered(Image.new("RGB", (300, 400), BLUE), result, region)


def draw(*answers: Answered) -> NDArray[np.uint8]:
    return np.asarray(draw_answers(answers))


def find(picture: NDArray[np.uint8], colour: tuple[int, int, int]) -> tuple[float, float, int]:
    """Mean row and column of the pixels of a colour, and how many there are."""
    rows, columns = np.nonzero((np.abs(picture.astype(int) - colour) <= 2).all(-1))
    return float(rows.mean()), float(columns.mean()), len(rows)


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (3, 3), (4, 4), (12, 4), (24, 6)])
def test_matches_stand_in_their_order_beside_what_is_searched(
    match: Callable[..., Match], count: int, columns: int
) -> None:
    picture = draw(answer([match(rank) for rank in range(1, count + 1)]))
    query, *cards = [find(picture, colour) for colour in (BLUE, *map(colour_of, range(1, count + 1)))]
    assert all(query[1] < card[1] and query[2] > card[2] > 30_000 for card in cards)
    places = [(round(row / 100), round(column / 100)) for row, column, _ in cards]
    assert places == sorted(places), "from the left, row by row"
    assert len({column for _, column in places}) == columns and len({row for row, _ in places}) == -(-count // columns)


def test_each_garment_of_a_photo_has_its_own_rows(match: Callable[..., Match]) -> None:
    first, second = answer([match(1), match(2)]), answer([match(3)])
    picture = draw(first, second)
    rows = [find(picture, colour_of(rank))[0] for rank in (1, 2, 3)]
    assert rows[0] == rows[1] < rows[2] and find(picture, BLUE)[2] == 2 * find(draw(second), BLUE)[2]


@pytest.mark.parametrize("label", ["caf\udce9", "hat\nscarf", "\u202etah", "\x1b[31m"])
def test_titles_show_labels_and_names_with_escapes(match: Callable[..., Match], label: str) -> None:
    expected = draw(answer([match(1, ascii(label)[1:-1])]))
    for one in (match(1, label), match(1, None, photo=f"{label}.jpg")):
        np.testing.assert_array_equal(draw(answer([one])), expected)


@pytest.mark.parametrize(
    "words", ["x" * 5_000, "many words " * 500, "\u65e5\u672c" * 200, "M\u00fctze " * 99, "\U0001f9e5" * 99]
)
def test_long_and_foreign_texts_stay_in_their_card(match: Callable[..., Match], words: str) -> None:
    plain = draw(answer([match(1, "a", description="b"), match(2)]))
    long = draw(answer([match(1, words, description=words), match(2)]))
    columns = np.nonzero((plain != long).any((0, 2)))[0]
    _, card = np.nonzero((plain == colour_of(1)).all(-1))
    assert len(columns) and columns.min() >= card.min() - 60 and columns.max() <= card.max() + 60


def test_a_frame_shows_the_garment_that_matches(match: Callable[..., Match]) -> None:
    framed = match(2, region=Region(0.25, 0.25, 0.75, 0.5))
    changed = (draw(answer([match(1), match(2)])) != draw(answer([match(1), framed]))).any(-1)
    rows, columns = np.nonzero(changed)
    assert rows.max() - rows.min() == pytest.approx(0.25 * 440, abs=12)
    assert columns.max() - columns.min() == pytest.approx(0.5 * 330, abs=12)


def test_a_frame_shows_what_is_searched(match: Callable[..., Match]) -> None:
    whole, part = answer([match(1)]), answer([match(1)], region=Region(0.2, 0.2, 0.6, 0.6))
    rows, columns = np.nonzero((draw(whole) != draw(part)).any(-1))
    _, card, _ = find(draw(whole), colour_of(1))
    assert len(rows) and columns.max() < card - 220


def test_a_check_mark_stands_for_a_proof_alone(match: Callable[..., Match]) -> None:
    accent = tuple(int(ACCENT[place : place + 2], 16) for place in (1, 3, 5))

    def marks(picture: NDArray[np.uint8]) -> int:
        return int((picture == accent).all(-1).sum())

    assert marks(draw(answer([match(1)]))) > 50
    assert marks(draw(answer([match(1)], exact=False))) == marks(draw(answer([]))) == 0


def test_what_is_known_of_a_match_is_shown_and_what_is_not_takes_no_room(match: Callable[..., Match]) -> None:
    bare = draw(answer([match(1)]))
    close, unlike = (match(1, closeness=Closeness(word, 0.6)) for word in (ALIKE, NOT_ALIKE))
    described = match(1, description="navy jersey, crew neck")
    pictures = [bare, *(draw(answer([one])) for one in (close, unlike, described))]
    assert len({picture.tobytes() for picture in pictures}) == 4
    assert draw(answer([described, match(2)])).shape[1] == draw(answer([match(1), match(2)])).shape[1]


def test_the_picture_of_a_search_shows_its_thumbnails(catalogue: Path) -> None:
    from cbir import Searcher

    result = Searcher.open(catalogue).search(draw_garment(5, "dress", size=(300, 200)))
    picture = draw(Answered(draw_garment(5, "dress", size=(300, 200)), result))
    for match in result.matches:
        with Image.open(match.thumb) as thumb:
            ground = thumb.convert("RGB").getpixel((20, 20))
        assert find(picture, ground)[2] > 10_000  # type: ignore[arg-type]

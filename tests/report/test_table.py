"""Answers as tables, read back with the csv module."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from cbir.photos.region import Region
from cbir.report.table import HEAD, write_table
from cbir.report.words import Answered
from cbir.results import Match, SearchResult, Timings


def answer(*matches: Match, name: str = "") -> Answered:
    return Answered(b"", SearchResult(list(matches), True, True, 4, 24, 24, Timings(0, 0, 0)), name=name)


def match(rank: int = 1, photo: str = "a.jpg", label: str | None = "hat") -> Match:
    return Match(rank, photo, label, 0.123456, Path("secret place/thumb.jpg"))


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_row_for_each_match_and_a_column_for_all_that_is_known() -> None:
    known = match()._replace(
        description='red, "wool"', link="https://shop.example/1", region=Region(0.1, 0.2, 0.5, 0.6), copies=(match(),)
    )
    columns = {"colour": "red", "size": "M"}, {"price": "3 EUR", "colour": "blue", "rank": "best"}
    text = write_table([answer(known._replace(columns=columns[0]), match(2, label=None)._replace(columns=columns[1]))])
    assert text.splitlines()[0].split(",") == [*HEAD, "colour", "size", "price", "rank (photos.csv)"]
    first, second = read(text)
    assert list(first.values()) == [
        *("1", "a.jpg", "0.100,0.200,0.500,0.600", "hat", 'red, "wool"', "0.1235", "", "https://shop.example/1", "1"),
        *("red", "M", "", ""),
    ]
    assert (second["rank"], second["label"], second["price"], second["rank (photos.csv)"]) == ("2", "", "3 EUR", "best")
    assert "secret" not in text


def test_without_matches_there_is_a_head() -> None:
    assert write_table([answer()]) == ",".join(HEAD) + "\n"


def test_garments_have_their_kind_in_a_first_column() -> None:
    rows = read(write_table([answer(match(1), match(2), name="coat"), answer(match(1), name="scarf")]))
    assert [(row["query"], row["rank"]) for row in rows] == [("coat", "1"), ("coat", "2"), ("scarf", "1")]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\uff1d", "\uff20"])
def test_a_spreadsheet_computes_nothing(start: str) -> None:
    evil = f'{start}HYPERLINK("http://evil.example")'
    text = write_table([answer(match(1, evil, evil)._replace(description=evil, columns={evil: evil}), name=evil)])
    (row,) = read(text)
    cells = [*row, *row.values()]
    assert cells.count(f"'{evil}") == 6 and evil not in cells


def test_what_steers_a_terminal_or_a_spreadsheet_is_escaped() -> None:
    evil = "\t=1\r\n=2\x1b[31m\u202e\udce9\x00"
    text = write_table([answer(match(1, evil))])
    (row,) = read(text)
    assert row["photo"] == r"\t=1\r\n=2\x1b[31m\u202e\udce9\x00" and text.count("\n") == 2
    text.encode()

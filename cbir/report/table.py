"""Answers as a table of comma-separated values, which programs read and spreadsheets open."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from cbir.report.words import Answered, name_closeness
from cbir.system.text import printable

if TYPE_CHECKING:
    from cbir.results import Match

HEAD = ("rank", "photo", "region", "label", "description", "distance", "closeness", "link", "copies")
FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""With these, narrow or wide, a cell begins that a spreadsheet takes for a formula."""


def write_table(answers: Sequence[Answered]) -> str:
    """A line of column names and one for each match, nearest first: HEAD, then the catalogue's own columns.

    With names of what is searched, a first column `query` has them. `copies` counts what is folded into a match. What
    would steer a terminal is escaped, and an apostrophe stands before a text that a spreadsheet would compute (OWASP,
    "CSV Injection").
    """
    matches = [match for one in answers for match in one.result.matches]
    columns = list(dict.fromkeys(name for match in matches for name in match.columns))
    named = any(one.name for one in answers)
    rows: list[Iterable[object]] = [[*["query"] * named, *HEAD, *map(_name_column, columns)]]
    for one in answers:
        for match in one.result.matches:
            others = (match.columns.get(name, "") for name in columns)
            rows.append([*[one.name] * named, *_list_cells(match), *others])
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([_guard(cell) for cell in row] for row in rows)
    return text.getvalue()


def _list_cells(match: Match) -> tuple[object, ...]:
    """Of one match, in the order of HEAD."""
    return (
        match.rank,
        match.photo,
        match.region or "",
        match.label or "",
        match.description or "",
        f"{match.distance:.4f}",
        name_closeness(match),
        match.link or "",
        len(match.copies),
    )


def _name_column(name: str) -> str:
    return f"{name} (photos.csv)" if name in HEAD else name


def _guard(cell: object) -> str:
    text = printable(cell)
    return f"'{text}" if text.startswith(FORMULA) else text

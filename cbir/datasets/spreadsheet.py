"""The rows of a CSV file, as spreadsheets of many countries and systems save it."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator

from cbir.errors import DatasetError
from cbir.system.regular import read_regular
from cbir.system.remote import PhotoPath

ENCODINGS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Encodings by the byte order mark that a text in them begins with."""
SEPARATORS = ",;\t|"
REMEDY = "save it as CSV in UTF-8"


def read_rows(table: PhotoPath, *, key: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a table that are not empty: the line each begins in, from 1, and its cells by column.

    The first row names the columns, in any capitals and with any spaces around. One of them is `key`. It also tells
    the separator: comma, semicolon, tab or bar. Cells that a row lacks are empty.

    Raises DatasetError, naming the line, for a table that cannot be read.
    """
    text = read_text(table)
    separator, columns = _read_header(table, text, key)
    rows = _parse(table, text, separator)
    next(rows)
    for line, cells in rows:
        if any(cell.strip() for cell in cells[len(columns) :]):
            raise DatasetError(
                f"{table}: line {line} has {len(cells)} cells, but the first names {len(columns)} columns; "
                f"put quotes around a cell that has the separator {separator!r} in it"
            )
        yield line, dict(zip(columns, cells + [""] * len(columns)))


def read_text(path: PhotoPath) -> str:
    """Text in UTF-8, or with a byte order mark in UTF-16 or UTF-32; raises DatasetError if it cannot be read."""
    try:
        data = read_regular(path)
    except OSError as error:
        raise DatasetError(f"{path}: cannot be read ({error.strerror}); check its permissions and its disk") from error
    encoding = next((encoding for mark, encoding in ENCODINGS.items() if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line, name = data[: error.start].count(b"\n") + 1, encoding.removesuffix("-sig").upper()
        raise DatasetError(f"{path}: not a table: line {line} is not {name} ({error.reason}); {REMEDY}") from error


def _read_header(table: PhotoPath, text: str, key: str) -> tuple[str, list[str]]:
    """The separator, and the names of the columns in small letters."""
    most: list[str] = []
    for separator in SEPARATORS:
        try:
            _, cells = next(_parse(table, text, separator), (1, []))
        except DatasetError:  # quotes that another separator explains
            continue
        columns = [cell.strip(' \t"\ufeff\xa0').casefold() for cell in cells]
        if key in columns:
            return separator, columns
        most = max(most, columns, key=len)
    found = f"found: {', '.join(most)}" if most else "found none"
    raise DatasetError(f"{table}: no column '{key}' ({found}); its first line must name the columns")


def _parse(table: PhotoPath, text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not empty, with the line each begins in."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for cells in rows:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = rows.line_num + 1
    except csv.Error as error:
        raise DatasetError(f"{table}: not a table: line {line}, or a quote opened there ({error}); {REMEDY}") from error

"""Filters of a search: what the page offers, and what a visitor sends. Nothing of Gradio."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from html import escape
from typing import TYPE_CHECKING

from cbir.errors import FilterError
from cbir.system.text import printable
from cbir.web.texts import Texts

if TYPE_CHECKING:
    from cbir.catalogue.columns import Filter

COLUMNS, VALUES, CHARACTERS = 16, 64, 500
"""Columns of a filter, values of one, and characters of each, at most."""
RULE = (
    f"A filter is an object of at most {COLUMNS} columns, each with a text or a list of at most {VALUES} texts, "
    f'none longer than {CHARACTERS} characters, such as {{"colour": "blue"}}.'
)
LONGEST = 10_000
"""Characters of a filter as JSON that are read, at most."""
OFFERED = 6
"""Columns that are offered, at most."""


def check_filter(sent: object) -> Filter | None:
    """A filter as a visitor sends it, which may be anything; raises FilterError for what is none or too large."""
    if sent is None:
        return None
    if not isinstance(sent, dict) or len(sent) > COLUMNS:
        raise FilterError(RULE)
    where = {name: [values] if isinstance(values, str) else values for name, values in sent.items()}
    for name, values in where.items():
        few = isinstance(values, list) and len(values) <= VALUES
        if not few or not all(isinstance(text, str) and len(text) <= CHARACTERS for text in (name, *values)):
            raise FilterError(RULE)
    return where


def read_filter(text: str) -> Filter:
    """A filter as JSON. Raises FilterError for what is none or too large."""
    try:
        sent = json.loads(text) if len(text) <= LONGEST else None
    except (ValueError, RecursionError) as error:
        raise FilterError(RULE) from error
    where = check_filter(sent)
    if where is None:
        raise FilterError(RULE)
    return where


def draw_filters(columns: Mapping[str, Mapping[str, int]], where: Filter | None, say: Texts) -> str:
    """HTML of a choice for each column, of its values with their counts; open if something is chosen.

    columns: as of `Catalogue.columns`; those of one value are left out. where: what is chosen, as of `check_filter`.
    """
    where = where or {}
    offered = {name: values for name, values in columns.items() if len(values) > 1}
    fields = [_field(name, offered[name], where.get(name, ()), say) for name in list(offered)[:OFFERED]]
    if not fields:
        return ""
    state, count = (" open", f" ({len(where)})") if where else ("", "")
    inside = f"<summary>{say('filter')}{count}</summary><div>{''.join(fields)}</div>"
    return f"<details class='filters'{state}>{inside}</details>"


def _field(name: str, values: Mapping[str, int], chosen: Collection[str], say: Texts) -> str:
    folded = {one.casefold() for one in chosen}
    options = "".join(
        f"<option value='{escape(value, quote=True)}'{' selected' * (value.casefold() in folded)}>"
        f"{escape(printable(value))} ({say.number(count)})</option>"
        for value, count in values.items()
    )
    shown, sent = escape(printable(name)), escape(name, quote=True)
    return f"<label>{shown} <select name='{sent}'><option value=''>{say('any')}</option>{options}</select></label>"

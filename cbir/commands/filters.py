"""Filters as arguments."""

from __future__ import annotations

import argparse
from collections.abc import Iterable


def condition(text: str) -> tuple[str, str]:
    """COLUMN=VALUE, taken apart; argparse tells what is wrong with another text."""
    column, equals, value = text.partition("=")
    if not (column.strip() and equals and value.strip()):
        raise argparse.ArgumentTypeError("must be COLUMN=VALUE, such as colour=blue")
    return column, value


def join_conditions(conditions: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """A filter: the values that are given for each column.

    >>> join_conditions([("kind", "Dress"), ("colour", "blue"), ("kind", "Skirt")])
    {'kind': ['Dress', 'Skirt'], 'colour': ['blue']}
    """
    where: dict[str, list[str]] = {}
    for column, value in conditions:
        where.setdefault(column, []).append(value)
    return where

"""Names and other foreign text, made fit to be shown or sent."""

from __future__ import annotations

from typing import Any, TypeVar

Plain = TypeVar("Plain")
"""Plain data, as JSON has it."""
INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Characters that Unicode counts as letters or marks and that show nothing."""


def printable(text: object) -> str:
    r"""Text whose every character shows: those that command, turn the direction, hide or stand for a byte are escaped.

    >>> printable("red\x1b[31m\nhat\u202e\udce9.jpg")
    'red\\x1b[31m\\nhat\\u202e\\udce9.jpg'
    """
    return "".join(
        character
        if character.isprintable() and character not in INVISIBLE
        else character.encode("unicode_escape").decode("ascii")
        for character in str(text)
    )


def encodable(text: str, encoding: str = "utf-8") -> str:
    r"""Text that an encoding can hold: characters that it lacks are escaped, such as bytes of a name that is no UTF-8.

    >>> encodable("caf\udce9")
    'caf\\udce9'
    """
    return text.encode(encoding, "backslashreplace").decode(encoding)


def make_encodable(plain: Plain) -> Plain:
    r"""Plain data whose texts, at any depth, UTF-8 can hold.

    >>> make_encodable({"matches": [{"photo": "caf\udce9", "rank": 1}]})
    {'matches': [{'photo': 'caf\\udce9', 'rank': 1}]}
    """
    made: Any = plain
    if isinstance(plain, str):
        made = encodable(plain)
    elif isinstance(plain, dict):
        made = {key: make_encodable(value) for key, value in plain.items()}
    elif isinstance(plain, list):
        made = [make_encodable(value) for value in plain]
    return made

"""Names and other foreign text, made fit to be shown or sent."""

from __future__ import annotations

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

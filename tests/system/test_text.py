"""Foreign text: shown without a character that acts or hides, sent without one that cannot be encoded."""

from __future__ import annotations

import doctest
import unicodedata

import pytest

from cbir.system import text
from cbir.system.text import encodable, printable


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("red\x1b[31m.jpg", r"red\x1b[31m.jpg"),
        ("a\nerror: b\r\tc", r"a\nerror: b\r\tc"),
        ("\x9b2J\x7f\x00", r"\x9b2J\x7f\x00"),
        ("gpj.\u202egnp", r"gpj.\u202egnp"),
        ("a\u200bb\u2060c\ufeff\u3164\u00ad", r"a\u200bb\u2060c\ufeff\u3164\xad"),
        ("line\u2028break\u2029s", r"line\u2028break\u2029s"),
        ("\U000e0041", r"\U000e0041"),
        (b"caf\xe9.jpg".decode("utf-8", "surrogateescape"), r"caf\udce9.jpg"),
        ("Kleid, größer als 日本 👗", "Kleid, größer als 日本 👗"),
    ],
)
def test_what_commands_or_hides_is_escaped(raw: str, shown: str) -> None:
    assert printable(raw) == shown


def test_no_control_or_format_character_comes_through() -> None:
    everything = "".join(map(chr, range(0x110000)))
    kinds = {unicodedata.category(character) for character in printable(everything)}
    assert not kinds & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("encoding", "sent"),
    [("ascii", r"gr\xfcn \u65e5 \udce9"), ("latin-1", r"grün \u65e5 \udce9"), ("utf-8", r"grün 日 \udce9")],
)
def test_what_an_encoding_lacks_is_escaped(encoding: str, sent: str) -> None:
    assert encodable("grün 日 \udce9", encoding) == sent


def test_the_worked_examples() -> None:
    found = doctest.testmod(text)
    assert found.attempted == 3 and not found.failed

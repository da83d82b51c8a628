"""The texts of the page in the languages that it speaks, a file of `texts/` each. Nothing of Gradio.

Errors, the endpoints for programs and the command line speak English.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

LANGUAGES = ("en", "de")
"""The first is for all who speak none of them."""
LONGEST = 500
"""Characters of an Accept-Language header that are read, at most."""
ACCEPTED = re.compile(r"([a-z]{1,8})(?:-[a-z0-9-]*)?(?:\s*;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?", re.I | re.ASCII)
MARK = re.compile("§([a-z_0-9]+)(?:=([0-9]{1,9}))?§")


class Texts(Formatter):
    """The texts of a language.

    >>> load_texts("en")("copies", count=1234), load_texts("de")("distance", distance=0.4124)
    ('+1,234 copies', 'Abstand 0,412')
    """

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        self.language, self._texts = language, texts

    def __call__(self, key: str, **values: object) -> str:
        """A text with values in its places, which are not escaped. count: also chooses between "key_one" and
        "key_other", where there are both. Raises KeyError for a key that is none."""
        if key not in self._texts:
            key += "_one" if values.get("count") == 1 else "_other"
        return self.vformat(self._texts[key], (), values)

    def garment(self, kind: str) -> str:
        """The name of a kind of garment that the finder tells apart; others stay as they are."""
        return self._texts.get(f"garment_{kind}", kind)

    def number(self, value: float, form: str = ",") -> str:
        """A number in the language's form. form: as of Python's format()."""
        return format(value, form).translate(str.maketrans(",.", self("separators")))

    def format_field(self, value: Any, form: str) -> Any:
        """Numbers within texts take the language's form."""
        return self.number(value, form or ",") if isinstance(value, (int, float)) else format(value, form)

    def fill(self, page: str) -> str:
        """What Gradio says of a page, as HTML or JSON, with texts in place of their marks; others stay.

        Such texts have nothing in them that either would have to escape but ends of lines.
        """
        known = {key.removesuffix("_other") for key in self._texts}

        def write(found: re.Match[str]) -> str:
            key, count = found.groups()
            return json.dumps(self(key, count=int(count or 0)), ensure_ascii=False)[1:-1] if key in known else found[0]

        return MARK.sub(write, page)


def mark(key: str, *, count: int | None = None) -> str:
    """What stands for a text until it is known who asks for the page.

    >>> load_texts("de").fill(mark("example", count=3))
    'Beispiel 3'
    """
    return f"§{key}§" if count is None else f"§{key}={count}§"


@cache
def load_texts(language: str) -> Texts:
    """The texts of one of LANGUAGES."""
    file = Path(__file__).parent / "texts" / f"{language}.json"
    return Texts(language, json.loads(file.read_text(encoding="utf-8")))


def choose_language(accepted: str) -> str:
    """The one of LANGUAGES that suits an Accept-Language header best (RFC 9110, section 12.5.4), which may be anything.

    >>> choose_language("fr, en;q=0.3, de-AT;q=0.8")
    'de'
    """
    best, chosen = 0.0, LANGUAGES[0]
    for part in accepted[:LONGEST].split(","):
        if (found := ACCEPTED.fullmatch(part.strip())) and found[1].lower() in LANGUAGES:
            quality = float(found[2] or 1)
            if quality > best:
                best, chosen = quality, found[1].lower()
    return chosen


def texts_for(request: Any) -> Texts:
    """The texts for who sent a request, Gradio's or Starlette's; the first language's if there is none."""
    headers = getattr(request, "headers", None) or {}
    return load_texts(choose_language(headers.get("accept-language") or ""))

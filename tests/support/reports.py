"""Reports as a program reads them, with html.parser."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

EMPTY = ("meta", "img", "br")
"""Elements without an end."""


@dataclass
class CardRead:
    """A match."""

    photo: str
    title: str = ""
    text: str = ""

    @property
    def distance(self) -> float:
        return float(re.findall(r"distance\s([0-9.]+)", self.text)[0])


@dataclass
class SectionRead:
    """What is searched, with its matches."""

    name: str = ""
    text: str = ""
    cards: list[CardRead] = field(default_factory=list)


class Reader(HTMLParser):
    """Takes a report apart."""

    def __init__(self) -> None:
        super().__init__()
        self.sections: list[SectionRead] = []
        self.text = ""
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.pictures: list[str] = []
        self.handlers: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        self.handlers += [name for name in known if name.startswith("on")]
        if tag not in EMPTY:
            self._open.append(tag)
        if tag == "section" and known.get("class") != "refused":
            self.sections.append(SectionRead())
        if tag == "a":
            self.links.append(known["href"])
        if tag == "img":
            self.pictures.append(known["src"])
            if "li" in self._open:
                self.sections[-1].cards.append(CardRead(known["alt"]))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" in self._open:
            return
        self.text += data
        if "section" not in self._open or "main" not in self._open:
            return
        section = self.sections[-1]
        section.text += data
        if "h2" in self._open:
            section.name += data
        if "li" in self._open:
            section.cards[-1].text += data
            section.cards[-1].title += data if "b" in self._open else ""


def read_report(path: Path) -> Reader:
    """A report, every element of which has its end."""
    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    reader.close()
    assert reader._open == []
    return reader

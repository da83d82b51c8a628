"""The report, as html.parser reads it: what it shows, and that it needs nothing and runs nothing."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from cbir.network.closeness import ALIKE, NOTHING, Closeness
from cbir.photos.region import Region
from cbir.report.page import HEAD, MATCH_SIDE, NOTHING_FOUND, QUERY_SIDE, Queried, write_report
from cbir.report.words import Answered
from cbir.results import Match, SearchResult, Timings
from tests.support.drawings import draw_garment
from tests.support.reports import Reader, read_report

EVIL = "</title></style></p><script>alert(1)</script>'\"><img src=x onerror=alert(1)>\x1b[31m\u202e\udce9"
SHOWN = EVIL.replace("\x1b", r"\x1b").replace("\u202e", r"\u202e").replace("\udce9", r"\udce9")


@pytest.fixture
def thumb(tmp_path: Path) -> Path:
    draw_garment(1, "hat").save(tmp_path / "thumb.jpg")
    return tmp_path / "thumb.jpg"


def answer(thumb: Path, *matches: Match, exact: bool = True, name: str = "") -> Answered:
    return Answered(thumb, SearchResult(list(matches), exact, True, 4, 24, 24, Timings(0, 0, 0)), name=name)


def match(thumb: Path, rank: int = 1, distance: float = 0.25, word: str = ALIKE) -> Match:
    return Match(rank, f"hat/{rank}.jpg", "hat", distance, thumb, closeness=Closeness(word, 0.6))


def test_every_photo_with_its_matches_and_what_was_proven(thumb: Path, tmp_path: Path) -> None:
    first = answer(thumb, match(thumb), match(thumb, 2, 0.5))
    path = tmp_path / "out.html"
    summary = write_report(
        path,
        "Similar to queries",
        [
            Queried("a.jpg", [first]),
            Queried("sub/b.jpg", [answer(thumb, match(thumb, word=NOTHING), exact=False)]),
            Queried("broken.jpg", refused="not a photo; save it as JPEG"),
            Queried("c.jpg", [answer(thumb, match(thumb, distance=0.04), name="coat"), answer(thumb, name="scarf")]),
            Queried("d.jpg"),
        ],
        size=24,
        copy_distance=0.05,
    )
    report = read_report(path)
    assert [section.name for section in report.sections] == ["a.jpg", "sub/b.jpg", "c.jpg", "d.jpg"]
    cards = report.sections[0].cards
    assert [(card.photo, card.title, card.distance) for card in cards] == [
        ("hat/1.jpg", "1. hat", 0.25),
        ("hat/2.jpg", "2. hat", 0.5),
    ]
    assert "alike · distance\xa00.250" in report.sections[0].text
    assert "✓ Proven: none of 24 photos is closer." in report.sections[0].text
    assert "✓" not in report.sections[1].text and "Nothing like this here. Not proven" in report.sections[1].text
    assert report.sections[2].text.count("✓") == 1 and "coat" in report.sections[2].text
    assert NOTHING_FOUND in report.sections[3].text
    assert summary.facts(24, "photos") == [
        ("4", "photos searched"),
        ("4", "garments searched"),
        ("1", "with nothing alike"),
        ("1", "copy found"),
        ("3 of 4", "proven: nothing closer was missed"),
        ("24", "photos in the catalogue"),
        ("1", "could not be read"),
    ]
    assert all(f"{number} {what}" in report.text for number, what in summary.facts(24, "photos"))
    assert report.text.rindex("broken.jpg: not a photo; save it as JPEG") > report.text.rindex(NOTHING_FOUND)


def test_it_needs_no_other_file_and_no_script(thumb: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.html"
    framed = match(thumb)._replace(region=Region(0.2, 0.2, 0.8, 0.8), link="https://shop.example/?a=1&b=2")
    unsafe = match(thumb, 2)._replace(link="javascript:alert(1)")
    write_report(path, "x", [Queried("a.jpg", [answer(thumb, framed, unsafe)])], size=24)
    report = read_report(path)
    assert report.links == ["https://shop.example/?a=1&b=2"]
    for side, source in zip((QUERY_SIDE, MATCH_SIDE, MATCH_SIDE), report.pictures, strict=True):
        kind, _, data = source.partition(",")
        with Image.open(io.BytesIO(base64.b64decode(data))) as picture:
            assert kind == "data:image/jpeg;base64" and picture.format == "JPEG" and max(picture.size) <= side
    text = path.read_text(encoding="utf-8")
    assert not report.tags & {"script", "link", "iframe", "object", "base", "form"}
    assert "url(" not in text and "@import" not in text and HEAD in text and str(tmp_path) not in text


def test_hostile_names_and_labels_are_shown_and_do_nothing(thumb: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.html"
    evil = match(thumb)._replace(photo=EVIL, label=EVIL, description=EVIL, link=f"https://shop.example/{EVIL}")
    warned = answer(thumb, evil, name=EVIL)
    warned = warned._replace(result=warned.result._replace(warnings=(EVIL,), where={EVIL: (EVIL,)}))
    write_report(path, EVIL, [Queried(EVIL, [warned]), Queried(EVIL, refused=EVIL)], size=24)
    report = read_report(path)
    assert not report.tags & {"script"} and report.handlers == [] and len(report.pictures) == 2
    assert report.sections[0].name == SHOWN and report.sections[0].cards[0].photo == SHOWN
    assert report.sections[0].cards[0].title == f"1. {SHOWN}" and f"{SHOWN}: {SHOWN}" in report.text


def test_answers_are_taken_as_they_come_and_a_page_is_whole_or_not_there(thumb: Path, tmp_path: Path) -> None:
    path, given = tmp_path / "out.html", 0

    def give(count: int) -> Iterator[Queried]:
        nonlocal given
        for number in range(count):
            given += 1
            yield Queried(f"{number}.jpg", [answer(thumb, match(thumb))])
        raise KeyboardInterrupt

    path.write_text("former")
    with pytest.raises(KeyboardInterrupt):
        write_report(path, "x", give(20), size=24)
    assert given == 20 and path.read_text() == "former"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["out.html", "thumb.jpg"]


def test_the_reader_of_these_tests_sees_what_browsers_would_run() -> None:
    reader = Reader()
    reader.feed("<section><h2>a</h2><img src=x onerror=alert(1)><script>1</script></section>")
    assert reader.handlers == ["onerror"] and "script" in reader.tags and isinstance(reader, HTMLParser)
    assert re.match("<!doctype html>", HEAD)

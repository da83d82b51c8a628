"""Going on from a match: the trail, more matches, links, and what a hostile browser sends of them."""

from __future__ import annotations

import re
from pathlib import Path

import gradio as gr
import pytest

from cbir import Searcher
from cbir.catalogue.records import Record
from cbir.web.endpoints import Answer, Endpoints
from cbir.web.pictures import FileSet, Pictures
from cbir.web.reloading import LiveSearcher
from cbir.web.sources import Sources
from cbir.web.texts import load_texts
from cbir.web.trail import LONGEST, Step, Visit, draw_trail
from tests.support.drawings import draw_garment

SAY = load_texts("en")


@pytest.fixture(scope="module")
def endpoints(catalogue: Path) -> Endpoints:
    return Endpoints(Sources(LiveSearcher(lambda: catalogue)), Pictures(set()))


@pytest.fixture(scope="module")
def searcher(catalogue: Path) -> Searcher:
    return Searcher.open(catalogue)


@pytest.fixture
def query(tmp_path: Path) -> Path:
    draw_garment(55, "dress").save(tmp_path / "my dress.png")
    return tmp_path / "my dress.png"


def choose(endpoints: Endpoints, visit: Visit, choice: object, *, wanted: bool = False) -> Answer:
    return endpoints.choose(wanted, visit, gr.EventData(None, {"choice": choice}))


def keys(answer: Answer) -> list[str]:
    return re.findall("data-choice='(photo:[^']+)'", answer.matches)


def distances(answer: Answer) -> list[str]:
    return re.findall(r"distance ([\d.]+)<", answer.matches)


def test_a_match_is_searched_from_its_vector_and_the_way_back_is_there(
    endpoints: Endpoints, searcher: Searcher, query: Path
) -> None:
    first = endpoints.answer({"path": str(query)}, False)
    assert first.trail == "" and len(keys(first)) == 3
    second = choose(endpoints, first.visit, keys(first)[1], wanted=True)
    row = searcher.search(query).matches[1].row
    expected = searcher.search_indexed(row)
    assert distances(second) == [f"{match.distance:.3f}" for match in expected.matches]
    assert keys(first)[1] not in keys(second) and "none of the other 23 photos is closer" in second.words
    assert second.matches.count("class='pair'") == 3 and SAY("small") in second.matches
    assert SAY("small") not in endpoints.answer({"path": str(query)}, True).matches
    third = choose(endpoints, second.visit, keys(second)[0])
    assert re.findall("data-choice='(step:[^']+)'", third.trail) == ["step:0", "step:1", "step:2"]
    assert third.trail.count("aria-current") == 1 and f"distance {0:.3f}" not in third.matches
    for number, former in ((1, second), (0, first)):
        again = choose(endpoints, third.visit, f"step:{number}")
        assert (again.visit, distances(again), again.stage) == (former.visit, distances(former), former.stage)
    query.unlink()
    assert SAY("gone") in choose(endpoints, third.visit, "step:0").words, "swept meanwhile"


@pytest.mark.parametrize("brought", [True, False])
def test_more_are_shown_on_demand_up_to_all(
    brought: bool, endpoints: Endpoints, searcher: Searcher, query: Path
) -> None:
    answer = endpoints.answer({"path": str(query)}, False)
    if not brought:
        answer = choose(endpoints, answer.visit, keys(answer)[0])
    for count in (12, 24):
        assert "data-choice='more'" in answer.matches
        further = choose(endpoints, answer.visit, "more")
        assert distances(further)[: len(distances(answer))] == distances(answer)
        assert len(keys(further)) == min(count, 24 if brought else 23)
        (fresh,) = re.findall("data-choice='([^']+)' data-focus", further.matches)
        assert fresh == keys(further)[len(keys(answer))] and "Proven: none" in further.words
        answer = further
    assert "data-choice='more'" not in answer.matches
    assert len(keys(choose(endpoints, answer.visit, "more"))) == min(24, len(keys(answer))), "there are no more than 24"


def test_a_hostile_browser_gets_a_word_or_the_answer_as_it_was(endpoints: Endpoints, query: Path) -> None:
    first = endpoints.answer({"path": str(query)}, False)
    digest = keys(first)[0].partition("-")[2]
    for key in (
        *("", "0", "-1", f"-1-{digest}", f"99999999999-{digest}", f"{'9' * 5000}-{digest}"),
        *("0-0000000000000000", f"\u0663-{digest}", f"0-{digest}\n", f"../{digest}", "/etc/passwd", "<script>", "\0"),
    ):
        answer = choose(endpoints, first.visit, f"photo:{key}")
        assert "not in the catalogue" in answer.words and "<script" not in answer.words
        assert answer.matches == answer.visit == gr.skip()
    for step in ("", "1", "-1", "9" * 5000, "0x0", " 0", "\u0660", "nan", "None"):
        answer = choose(endpoints, first.visit, f"step:{step}")
        assert (answer.visit, answer.matches) == (first.visit, first.matches)
    for choice in ("whole", "more", "step:0", [0, 0, 1, 1], None, {"path": "/etc/passwd"}):
        assert SAY("forgotten") in choose(endpoints, Visit(), choice).words
    assert len(keys(choose(endpoints, Visit(), keys(first)[0]))) == 3, "a match can begin a visit"


def test_a_long_trail_is_folded_and_ends_somewhere() -> None:
    visit = Visit()
    for number in range(100):
        visit = visit.go_on(Step(f"{number}.jpg", "<b>'\u202e"))
    assert [step.picture for step in visit.steps] == ["0.jpg", *(f"{number}.jpg" for number in range(77, 100))]
    assert len(visit.steps) == LONGEST
    html = draw_trail(visit, SAY)
    assert html.count("<li>") == 8 and html.count("data-choice") == LONGEST and "+17</summary>" in html
    assert "<b>" not in html and "'\u202e" not in html and "\u202e" not in html
    assert [step.picture for step in visit.back("1").steps] == ["0.jpg", "77.jpg"]
    few = draw_trail(visit.back("7"), SAY)
    assert few.count("<li>") == 8 and "summary" not in few


def test_links_that_are_safe_are_offered(endpoints: Endpoints, query: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = "https://shop.example/dress?a=1&b=2"
    monkeypatch.setattr(Record, "link", shop)
    answer = endpoints.answer({"path": str(query)}, False)
    link = (
        "<a class='link' href='https://shop.example/dress?a=1&amp;b=2' target='_blank' "
        "rel='noopener noreferrer nofollow'>Open its page"
    )
    assert answer.matches.count(link) == 3
    assert link in choose(endpoints, answer.visit, keys(answer)[0]).stage
    monkeypatch.setattr(Record, "link", "javascript:alert(1)")
    assert "<a" not in endpoints.answer({"path": str(query)}, False).matches


def test_the_files_of_the_page_can_grow_while_they_are_swept(tmp_path: Path) -> None:
    """And let go of those that somebody else deleted."""
    kept, swept, new, gone = (str(tmp_path / name) for name in ("kept", "swept", "new", "gone"))
    for path in (kept, swept, new):
        Path(path).touch()
    files = FileSet({kept, swept, gone})
    for _ in files:
        files.add(new)
    files -= {swept}
    assert isinstance(files, FileSet) and files == {kept, new}

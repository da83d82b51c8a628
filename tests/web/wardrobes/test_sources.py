"""What a visit searches: the page's catalogue, the visitor's own wardrobe or both, and never that of another."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import gradio as gr
import pytest

from cbir import FeatureExtractor, Searcher
from cbir.catalogue.build import index_photos
from cbir.catalogue.joined import Scope
from cbir.errors import CatalogueError
from cbir.results import SearchResult
from cbir.web.answers import notice
from cbir.web.endpoints import Answer, Endpoints
from cbir.web.pictures import Pictures
from cbir.web.reloading import LiveSearcher
from cbir.web.saving import Saver
from cbir.web.sources import Sources
from cbir.web.texts import LANGUAGES, load_texts
from cbir.web.trail import Visit, row_of
from cbir.web.wardrobes.store import Wardrobes
from cbir.web.wardrobes.wardrobe import Wardrobe
from tests.support.drawings import draw_garment, fill_folder
from tests.support.wardrobes import Hands, draw, fill, key_at

SAY = load_texts("en")
ALL = 40
"""More than there are in any scope."""


class Visitor(NamedTuple):
    token: str
    wardrobe: Wardrobe

    def visit(self, scope: Scope = Scope.SECOND) -> Visit:
        return Visit(wardrobe=self.token, scope=scope)


@pytest.fixture(scope="module")
def live(catalogue: Path) -> LiveSearcher:
    return LiveSearcher(lambda: catalogue)


@pytest.fixture(scope="module")
def expected(
    tmp_path_factory: pytest.TempPathFactory, catalogue: Path, extractor: FeatureExtractor
) -> dict[Scope, Searcher]:
    """What is to be answered in each scope: by catalogues of folders of the same photos."""
    place = tmp_path_factory.mktemp("expected")
    own, both = place / "own", fill_folder(place / "both", 24)
    own.mkdir()
    for number in range(100, 103):
        made = draw(own, number)
        made.path.rename(own / made.name)
        shutil.copy(own / made.name, both)
    for folder in (own, both):
        index_photos(folder, place / f"index of {folder.name}", extractor)
    folders = {Scope.FIRST: catalogue, Scope.SECOND: place / "index of own", Scope.BOTH: place / "index of both"}
    return {scope: Searcher.open(folder) for scope, folder in folders.items()}


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def wardrobes(clock: Hands) -> Wardrobes:
    return Wardrobes(clock=clock)


@pytest.fixture
def sources(live: LiveSearcher, wardrobes: Wardrobes) -> Sources:
    return Sources(live, wardrobes)


@pytest.fixture
def visitor(wardrobes: Wardrobes, three_photos: Path) -> Visitor:
    """One with a wardrobe of three photos."""
    visitor = begin(wardrobes)
    shutil.copytree(three_photos, visitor.wardrobe.folder)
    return visitor


def begin(wardrobes: Wardrobes) -> Visitor:
    token = wardrobes.begin()
    wardrobe = wardrobes.use(token)
    assert wardrobe is not None
    wardrobe.by_garment = False
    return Visitor(token, wardrobe)


def told(result: SearchResult) -> tuple[list[str], list[float]]:
    """Names of the matches without their folders, and distances."""
    return [Path(match.photo).name for match in result.matches], [match.distance for match in result.matches]


def choose(endpoints: Endpoints, visit: Visit, choice: str) -> Answer:
    return endpoints.choose(False, visit, gr.EventData(None, {"choice": choice}))


def test_who_has_no_wardrobe_searches_the_catalogue(
    sources: Sources, live: LiveSearcher, wardrobes: Wardrobes, visitor: Visitor
) -> None:
    empty = begin(wardrobes)
    for token in ("", "unknown", visitor.token[:-1], empty.token):
        for scope in Scope:
            assert sources.get(Visit(wardrobe=token, scope=scope)) is live.get()
    assert Sources(live).get(visitor.visit()) is live.get(), "a page without wardrobes"


@pytest.mark.parametrize("scope", list(Scope))
def test_each_scope_answers_as_a_catalogue_of_its_photos(
    scope: Scope, sources: Sources, visitor: Visitor, expected: dict[Scope, Searcher]
) -> None:
    query = draw_garment(55, "dress")
    own, other = sources.get(visitor.visit(scope)).search(query, ALL), expected[scope].search(query, ALL)
    names, distances = told(other)
    assert told(own)[0] == names and told(own)[1] == pytest.approx(distances, abs=1e-4)
    assert own.exact and own.subset_size == len(names) == {"first": 24, "second": 3, "both": 27}[scope.value]


def test_a_searcher_stays_as_long_as_nothing_changes(
    sources: Sources, visitor: Visitor, inbox: Path, extractor: FeatureExtractor
) -> None:
    searchers = [sources.get(visitor.visit(scope)) for scope in Scope]
    assert len({id(searcher) for searcher in searchers}) == 3
    assert all(sources.get(visitor.visit(scope)) is former for scope, former in zip(Scope, searchers))
    assert all(searcher.extractor is sources.live.get().extractor for searcher in searchers)
    fill(visitor.wardrobe, extractor, draw(inbox, 55))
    later = [sources.get(visitor.visit(scope)) for scope in Scope]
    assert not any(new is former for new, former in zip(later, searchers))
    assert later[1] is sources.get(visitor.visit(list(Scope)[1]))
    found = sources.get(visitor.visit()).search(draw(inbox, 55).path, ALL)
    assert told(found)[0][0] == "055.jpg" and found.subset_size == 4


def test_what_was_emptied_is_not_searched_any_more(
    sources: Sources, live: LiveSearcher, visitor: Visitor, extractor: FeatureExtractor
) -> None:
    former = sources.get(visitor.visit())
    for _ in range(3):
        visitor.wardrobe.take_out(key_at(visitor.wardrobe, 0))
    visitor.wardrobe.work(lambda: extractor)
    assert sources.get(visitor.visit()) is live.get() is not former


def test_searching_keeps_a_wardrobe_and_telling_scopes_does_not(
    sources: Sources, live: LiveSearcher, visitor: Visitor, clock: Hands
) -> None:
    clock.now = 3000
    assert sources.get(visitor.visit()) is not live.get()
    clock.now = 6000
    assert "scope:yours" in sources.draw_scopes(visitor.visit(), SAY)
    clock.now = 6601
    assert sources.get(visitor.visit()) is live.get()
    drawn = sources.draw_scopes(visitor.visit(), SAY)
    assert SAY("wardrobe_old") in drawn and "scope:" not in drawn


@pytest.mark.parametrize(
    ("scope", "pressed"), [(Scope.FIRST, "catalogue"), (Scope.SECOND, "yours"), (Scope.BOTH, "both")]
)
def test_scopes_are_offered_with_their_sizes(scope: Scope, pressed: str, sources: Sources, visitor: Visitor) -> None:
    drawn = sources.draw_scopes(visitor.visit(scope), SAY)
    found = re.findall(r"data-choice='scope:(\w+)' aria-pressed='(\w+)'>([\w ]+) <small>(\d+)<", drawn)
    assert [(name, count) for name, _, _, count in found] == [("catalogue", "24"), ("yours", "3"), ("both", "27")]
    assert [name for name, state, _, _ in found if state == "true"] == [pressed]
    assert [text for _, _, text, _ in found] == [SAY(f"scope_{name}") for name in ("catalogue", "yours", "both")]


def test_nothing_is_offered_without_a_wardrobe(
    sources: Sources, live: LiveSearcher, wardrobes: Wardrobes, visitor: Visitor
) -> None:
    for token in ("", "unknown", "<b>", begin(wardrobes).token):
        assert sources.draw_scopes(Visit(wardrobe=token), SAY) == ""
    assert Sources(live).draw_scopes(visitor.visit(), SAY) == ""
    wardrobes.end(visitor.token)
    assert sources.draw_scopes(visitor.visit(), SAY) == "", "its owner knows why"


def test_what_made_room_for_others_is_explained(live: LiveSearcher) -> None:
    wardrobes = Wardrobes(most=1)
    first = begin(wardrobes)
    begin(wardrobes)
    assert SAY("wardrobe_room") in Sources(live, wardrobes).draw_scopes(first.visit(), SAY)


def test_an_own_garment_is_searched_in_the_catalogue(
    sources: Sources, visitor: Visitor, expected: dict[Scope, Searcher], inbox: Path
) -> None:
    key, photo = key_at(visitor.wardrobe, 1), draw(inbox, 101).path
    searcher = sources.get(visitor.visit(Scope.FIRST))
    found = searcher.search_indexed(row_of(key, searcher.catalogue.records), ALL)
    names, distances = told(expected[Scope.FIRST].search(photo, ALL))
    assert told(found)[0] == names and told(found)[1] == pytest.approx(distances, abs=1e-4)
    endpoints = Endpoints(sources, Pictures(set()))
    answer = choose(endpoints, visitor.visit(Scope.FIRST), f"photo:{key}")
    own = choose(endpoints, answer.visit, "scope:yours")
    assert re.findall(r"distance ([\d.]+)<", answer.matches) == [f"{distance:.3f}" for distance in distances[:3]]
    assert own.visit.scope is Scope.SECOND and len(re.findall("data-choice='photo:", own.matches)) == 2, "not itself"
    assert choose(endpoints, own.visit, "scope:junk").visit == own.visit


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("saves", [False, True])
def test_a_wardrobe_that_is_deleted_during_a_search_is_told_without_its_path(
    language: str,
    saves: bool,
    sources: Sources,
    wardrobes: Wardrobes,
    visitor: Visitor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    find = Sources.get

    def find_and_end(own: Sources, visit: Visit) -> Searcher:
        found = find(own, visit)
        wardrobes.end(visit.wardrobe)
        return found

    chosen = gr.EventData(None, {"choice": f"photo:{key_at(visitor.wardrobe, 0)}"})
    pictures = Pictures(set())
    endpoints = Endpoints(sources, pictures)
    before = endpoints.choose(False, visitor.visit(), chosen)
    monkeypatch.setattr(Sources, "get", find_and_end)
    asked = gr.Request(SimpleNamespace(headers={"accept-language": language}))  # type: ignore[arg-type]
    gone = notice(load_texts(language)("wardrobe_changed"))
    if saves:
        assert Saver(sources, pictures).save(before.visit, gr.EventData(None, {"choice": "Picture"}), asked)[1] == gone
    else:
        assert endpoints.choose(False, visitor.visit(), chosen, asked).words == gone


def test_nobody_sees_what_another_has(
    sources: Sources, wardrobes: Wardrobes, visitor: Visitor, inbox: Path, extractor: FeatureExtractor
) -> None:
    other = begin(wardrobes)
    fill(other.wardrobe, extractor, draw(inbox, 200))
    endpoints, theirs = Endpoints(sources, Pictures(set())), {f"{number}.jpg" for number in range(100, 103)}
    keys = [key_at(visitor.wardrobe, place) for place in range(3)]
    # The visitor's searchers are made first, so that they could be mistaken for the other's.
    assert [sources.get(visitor.visit(scope)).search(draw(inbox, 100).path).exact for scope in Scope] == [True] * 3
    for token in (other.token, "", "unknown", visitor.token[:-1], visitor.token + " "):
        for scope in Scope:
            visit = Visit(wardrobe=token, scope=scope)
            searcher = sources.get(visit)
            assert not theirs & {record.photo for record in searcher.catalogue.records}
            assert not theirs & set(told(searcher.search(draw(inbox, 100).path, ALL))[0])
            for key in (*keys, f"24-{keys[0].partition('-')[2]}"):
                with pytest.raises(CatalogueError, match="not in the catalogue"):
                    row_of(key, searcher.catalogue.records)
                assert "not in the catalogue" in choose(endpoints, visit, f"photo:{key}").words

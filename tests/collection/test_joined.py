"""A collection searched together with a folder's catalogue, against the folder that the collection was pushed from."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from cbir import Searcher
from cbir.catalogue.columns import Filter
from cbir.catalogue.joined import Scope, join
from cbir.collection import facts
from cbir.collection.address import Address
from cbir.collection.collection import Collection
from cbir.collection.engine import Engine
from cbir.collection.transfer import push_catalogue
from cbir.errors import CatalogueError, FilterError
from cbir.results import Match, SearchResult
from cbir.web.reloading import LiveSearcher
from cbir.web.sources import Sources
from cbir.web.trail import Visit, key_of, row_of
from cbir.web.wardrobes.store import Wardrobes
from tests.catalogue.test_joined import COUNT, OWN, SHARED, Case, make_case
from tests.support.drawings import draw_garment

pytest.importorskip("milvus_lite", reason="Milvus Lite is not installed: pip install pymilvus milvus-lite")
pytestmark = pytest.mark.usefixtures("one_thread")

COUNTED = 4
"""Values of a column that the collection counts: all of each but the prices."""
FILTERS: tuple[Filter, ...] = (
    {"colour": "BLUE"},
    {"colour": ["violet", "Red"], "kind": ["hat", "coat", "Dress"]},
    {"season": "winter"},
    {"season": "winter", "colour": "violet"},
    {"kind": "dress"},
    {"size": "m", "colour": ["green", "violet"]},
    {"price": "7 eur"},
    {"price": ["7 EUR", "11 eur"], "colour": ["red", "violet"]},
    {"price": "7 EUR", "season": "winter"},
)
"""Those of columns and values of both, of one alone, and of values that together no photo has."""


class Twins(NamedTuple):
    case: Case
    """The folders; the collection was pushed from the first."""
    address: Address
    collection: Collection

    def searchers(self, scope: Scope = Scope.BOTH) -> tuple[Searcher, Searcher]:
        """That over the collection, and that over the folder it was pushed from, with the same second."""
        folder = self.case.searcher(scope)
        return folder.of(join(self.collection, self.case.second, scope)), folder


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory, weights_file: Path) -> Iterator[Twins]:
    place = tmp_path_factory.mktemp("collection")
    case, address = make_case(place, weights_file), Address(str(place / "m.db"), "clothes")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(facts, "COMPARED", COUNTED)
        push_catalogue(case.first, address, files=str(place / "files"), grace=0)
    collection = Collection.open(address)
    others = {one["name"]: one["others"] for one in collection.facts.columns}
    assert others == {"kind": 0, "colour": 0, "size": 0, "price": COUNT - COUNTED}
    yield Twins(case, address, collection)
    collection.rows.engine.close()


def describe(matches: Sequence[Match]) -> list[Any]:
    """All of matches but their distances."""
    return [
        (match.row, match.photo, match.label, dict(match.columns), match.link, match.thumb.read_bytes())
        for match in matches
    ]


def assert_same(found: SearchResult, expected: SearchResult) -> None:
    assert describe(found.matches) == describe(expected.matches)
    for one, other in zip(found.matches, expected.matches, strict=True):
        assert one.distance == pytest.approx(other.distance, abs=1e-6)
        assert describe(one.copies) == describe(other.copies)
        distances = [copy.distance for copy in other.copies]
        assert [copy.distance for copy in one.copies] == pytest.approx(distances, abs=1e-6)
    told = [(one.exact, one.subset_size, one.catalogue_size, one.where, one.query_row) for one in (found, expected)]
    assert told[0] == told[1] and found.exact


def find_or_refuse(searcher: Searcher, where: Filter) -> SearchResult | str:
    """An answer, or why there is none."""
    try:
        return searcher.search(draw_garment(50, "hat"), 100, where=where)
    except FilterError as error:
        return str(error).partition(";")[0]


@pytest.mark.parametrize("scope", Scope)
def test_answers_are_those_of_the_folder(twins: Twins, scope: Scope) -> None:
    found, expected = twins.searchers(scope)
    folded = 0
    for query in (draw_garment(50, "hat"), twins.case.photos / "003.jpg", twins.case.photos / "101.jpg"):
        for k in (3, 100):
            for fold in (False, True):
                result = found.search(query, k, fold=fold)
                assert_same(result, expected.search(query, k, fold=fold))
                folded += any(copy.row >= COUNT > match.row for match in result.matches for copy in match.copies)
    assert (folded > 0) == (scope is Scope.BOTH), "copies of photos of the collection are in the second"


@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize("where", FILTERS, ids=str)
def test_filters_know_what_either_has(twins: Twins, scope: Scope, where: Filter) -> None:
    found, expected = (find_or_refuse(searcher, where) for searcher in twins.searchers(scope))
    if isinstance(found, str) or isinstance(expected, str):
        assert found == expected
        return
    # The collection does not count prices, and takes them as they are asked for.
    assert {name: [value.lower() for value in values] for name, values in found.where.items()} == {
        name: [value.lower() for value in values] for name, values in expected.where.items()
    }
    assert_same(found._replace(where=expected.where), expected)
    if scope is Scope.BOTH and where == {"season": "winter", "colour": "violet"}:
        assert sorted(match.row for match in found.matches) == [COUNT + 1, COUNT + 3]


@pytest.mark.parametrize("scope", Scope)
def test_garments_of_either_are_searched_with(twins: Twins, scope: Scope) -> None:
    found, expected = twins.searchers(scope)
    filters: tuple[Filter | None, ...] = (None, {"size": "m"})
    for row in range(COUNT + OWN):
        for where in filters:
            for fold in (False, True):
                result = found.search_indexed(row, 4, where=where, fold=fold)
                assert_same(result, expected.search_indexed(row, 4, where=where, fold=fold))
                assert row not in [match.row for match in result.matches]


@pytest.mark.parametrize("scope", Scope)
def test_values_and_kinds_are_those_of_the_folder(twins: Twins, scope: Scope) -> None:
    found, expected = (searcher.catalogue for searcher in twins.searchers(scope))
    for most in (2, 4, 5, COUNT - 1):
        told = [
            [(name, list(counts.items())) for name, counts in one.columns(most).items()] for one in (found, expected)
        ]
        assert told[0] == told[1]
    assert [(kind.name, list(kind.rows)) for kind in found.kinds()] == [
        (kind.name, list(kind.rows)) for kind in expected.kinds()
    ]
    assert {name: len(values) for name, values in found.values.items()} == {
        name: len(values) for name, values in expected.values.items()
    }
    with pytest.raises(FilterError, match=r"no value 'x' in column kind; the commonest are"):
        found.select({"kind": "x"})


def test_records_vectors_and_thumbnails_are_those_of_the_folder(twins: Twins) -> None:
    found, expected = (searcher.catalogue for searcher in twins.searchers())
    assert list(found.records) == list(expected.records)
    assert np.array_equal(found.index.vectors[:], expected.index.vectors[:])
    for row, record in enumerate(expected.records):
        assert found.thumb(row).read_bytes() == expected.thumb(row).read_bytes()
        shared = SHARED.get(record.photo)
        assert row_of(key_of(row, record), found.records) == row
        assert row_of(f"99-{record.identity}", found.records) == (int(shared[:3]) if shared else row)
    with pytest.raises(CatalogueError, match="not in the catalogue"):
        row_of("3-0123456789abcdef", found.records)


def test_of_the_collection_no_row_is_read_unless_it_is_shown(twins: Twins, monkeypatch: pytest.MonkeyPatch) -> None:
    collection, own = Collection.open(twins.address), twins.case.second
    read: list[int] = []
    fetch = Engine.fetch

    def count(engine: Engine, name: str, rows: Sequence[int], fields: Sequence[str]) -> Iterator[dict[str, Any]]:
        read.extend(rows)
        return fetch(engine, name, rows, fields)

    monkeypatch.setattr(Engine, "fetch", count)
    identity = own.records[1].identity
    for scope in Scope:
        joined = join(collection, own, scope)
        assert joined.columns() and joined.kinds() and joined.select({"size": "M"}).size
        assert len(joined.records) == COUNT + OWN and joined.records.row_of_identity[identity] == COUNT + 1
        assert joined.select(None).size == {Scope.BOTH: COUNT + OWN, Scope.FIRST: COUNT, Scope.SECOND: OWN}[scope]
    assert read == []
    assert joined.records[3].photo == "003.jpg" and read == [3]


def test_a_search_in_the_second_alone_asks_milvus_for_no_neighbours(
    twins: Twins, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one by a garment of the collection, which is left out of rows that are none already."""
    searcher, expected = twins.searchers(Scope.SECOND)
    monkeypatch.setattr(Engine, "search", None)
    assert_same(searcher.search(draw_garment(53, "hat")), expected.search(draw_garment(53, "hat")))
    for row in (3, COUNT + 3):
        assert_same(searcher.search_indexed(row), expected.search_indexed(row))


def test_a_page_over_a_collection_searches_wardrobes_as_well(twins: Twins) -> None:
    wardrobes = Wardrobes()
    token = wardrobes.begin()
    wardrobe = wardrobes.use(token)
    assert wardrobe is not None
    shutil.copytree(twins.case.second.folder, wardrobe.folder)
    sources = Sources(LiveSearcher(lambda: twins.address), wardrobes)
    query = draw_garment(52, "shirt")
    for scope in Scope:
        found = sources.get(Visit(wardrobe=token, scope=scope)).search(query, 100)
        assert_same(found, twins.searchers(scope)[1].search(query, 100))
    alone = sources.get(Visit())
    assert alone is sources.live.get() and alone.search(query, 100).catalogue_size == COUNT

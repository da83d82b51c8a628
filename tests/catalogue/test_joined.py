"""Two catalogues searched as one, against one catalogue of the photos of both, and against the definition."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from cbir import Searcher
from cbir.catalogue.build import index_photos
from cbir.catalogue.catalogue import Catalogue
from cbir.catalogue.columns import Columns, Filter
from cbir.catalogue.joined import JoinedCatalogue, Scope, join
from cbir.catalogue.records import Record, Records
from cbir.errors import CatalogueError, FilterError
from cbir.evidence import explain, see_match
from cbir.nearest.exact import ExactIndex
from cbir.network.weights import load_weights
from cbir.results import SearchResult
from cbir.web.trail import key_of, row_of
from tests.support.closeness import calibrated
from tests.support.described import Row, describe_photos, write_table
from tests.support.drawings import draw_garment

pytestmark = pytest.mark.usefixtures("one_thread")

COUNT, OWN = 12, 5
"""Photos of the first and of the second."""
SHARED = {"102.jpg": "003.jpg", "104.jpg": "000.jpg"}
"""Photos of the second whose files the first has as well, under these names."""


class Case(NamedTuple):
    first: Catalogue
    second: Catalogue
    whole: Catalogue
    """Of the photos of both."""
    photos: Path
    """Those."""
    rows: list[Row]
    """What their tables say."""

    def searcher(self, scope: Scope = Scope.BOTH) -> Searcher:
        return Searcher.over(join(self.first, self.second, scope))


def describe_all() -> list[Row]:
    first = [row | {"season": ""} for row in describe_photos(COUNT)]
    colours, labels = ("BLUE", "violet", "red", "violet ", ""), ("coat", "HAT", "coat", "scarf", "coat")
    second = [
        dict.fromkeys(first[0], "")
        | {"photo": f"{100 + number}.jpg", "label": label, "Colour": colour, "season": "winter", "size": "M"}
        for number, (colour, label) in enumerate(zip(colours, labels))
    ]
    return [*first, *second]


def make_case(place: Path, weights_file: Path) -> Case:
    """The parts begin as copies of the whole, so that a photo has the same vector, to the bit, in both."""
    rows = describe_all()
    folders = {name: place / name for name in ("whole", "first", "second")}
    said = {"whole": rows, "first": rows[:COUNT], "second": rows[COUNT:]}
    extractor = calibrated(place / "network", load_weights(weights_file))
    opened = {}
    for name, folder in folders.items():
        write_table(folder, said[name])
        for row in said[name]:
            source = SHARED.get(row["photo"], row["photo"])
            draw_garment(int(source[:3]), "shirt").save(folder / row["photo"], quality=90)
        if name != "whole":
            shutil.copytree(place / "index of whole", place / f"index of {name}")
        report = index_photos(folder, place / f"index of {name}", extractor)
        assert report.count == len(said[name]) and (name == "whole" or report.embedded == 0)
        opened[name] = Catalogue.open(place / f"index of {name}")
    return Case(opened["first"], opened["second"], opened["whole"], folders["whole"], rows)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory, weights_file: Path) -> Case:
    return make_case(tmp_path_factory.mktemp("joined"), weights_file)


def plain(result: SearchResult) -> dict[str, Any]:
    """All of an answer but its time, and what the graphs alone would have found."""
    left_out = ("timings_ms", "graph_exact", "graph_agreed")
    told = {name: value for name, value in result.as_json().items() if name not in left_out}
    return told | {"rows": [(match.row, [copy.row for copy in match.copies]) for match in result.matches]}


def list_rows(joined: JoinedCatalogue, where: Filter | None) -> list[int]:
    """The rows that a filter chooses, among all."""
    selection = joined.select(where)
    assert selection.rows is not None
    rows: list[int] = joined.index.keep(np.arange(len(joined.index)), selection.rows).tolist()
    assert selection.size == len(rows)
    return rows


def describe_part(part: Catalogue, records: list[Record]) -> Catalogue:
    """A catalogue of nothing but these records, with the weights of another."""
    lines = "".join(record.as_line() for record in records).encode()
    index = ExactIndex.build(np.random.default_rng(0).random((len(records), 2), np.float32))
    return dataclasses.replace(part, records=Records(lines), index=index)


def rows_with(case: Case, scope: Scope, **cells: str) -> list[int]:
    """Rows of the scope whose table has these values, by the definition."""
    among = {Scope.BOTH: range(COUNT + OWN), Scope.FIRST: range(COUNT), Scope.SECOND: range(COUNT, COUNT + OWN)}[scope]
    return [
        row
        for row in among
        if all(case.rows[row][name].strip().lower() == value.lower() for name, value in cells.items())
    ]


def test_answers_are_those_of_one_catalogue(case: Case) -> None:
    joined, whole = case.searcher(), Searcher.over(case.whole)
    folded = 0
    for query in (draw_garment(50, "hat"), case.photos / "003.jpg", case.photos / "101.jpg"):
        for k in (3, 100):
            for fold in (False, True):
                for where in (None, {"colour": "blue"}, {"Colour": ["Violet", "red"], "kind": ["hat", "coat"]}):
                    found = joined.search(query, k, where=where, fold=fold)
                    assert plain(found) == plain(whole.search(query, k, where=where, fold=fold)) and found.exact
                    folded += any(copy.row >= COUNT > match.row for match in found.matches for copy in match.copies)
        region = joined.search(query, region=(0.2, 0.1, 0.8, 0.7))
        assert plain(region) == plain(whole.search(query, region=(0.2, 0.1, 0.8, 0.7)))
    assert folded, "copies of photos of the first are in the second"
    for row in range(COUNT + OWN):
        for k, fold in ((1, False), (4, True), (4, False)):
            assert plain(joined.search_indexed(row, k, fold=fold)) == plain(whole.search_indexed(row, k, fold=fold))


def test_records_and_thumbnails_are_those_of_one_catalogue(case: Case) -> None:
    joined, whole = join(case.first, case.second), case.whole
    assert list(joined.records) == list(whole.records) and len(joined.records) == COUNT + OWN
    for row in (0, COUNT - 1, COUNT, COUNT + OWN - 1, -1, -OWN, -OWN - 1, slice(3, 15), slice(None, None, -5)):
        assert joined.records[row] == whole.records[row]
    for row in range(COUNT + OWN):
        assert joined.thumb(row).read_bytes() == whole.thumb(row).read_bytes()
    for absent in (COUNT + OWN, -COUNT - OWN - 1):
        with pytest.raises(IndexError):
            joined.records[absent]
    assert np.array_equal(joined.index.vectors[:], whole.index.vectors[:])


@pytest.mark.parametrize("scope", Scope)
def test_keys_find_the_same_in_every_scope(case: Case, scope: Scope) -> None:
    """A key whose row is another's by now finds its photo; one that both have is found in the first."""
    records = join(case.first, case.second, scope).records
    assert records.row_of_identity == case.whole.records.row_of_identity
    for row, record in enumerate(records):
        shared = SHARED.get(record.photo)
        assert row_of(key_of(row, record), records) == row
        assert row_of(f"99-{record.identity}", records) == (int(shared[:3]) if shared else row)
    with pytest.raises(CatalogueError, match="not in the catalogue"):
        row_of("3-0123456789abcdef", records)


@pytest.mark.parametrize("scope", Scope)
def test_only_the_scope_is_searched(case: Case, scope: Scope) -> None:
    """By photos, and by garments of either part, against a scan of the rows of the scope."""
    searcher, vectors = case.searcher(scope), case.whole.index.vectors[:].astype(np.float64)
    among = np.array(rows_with(case, scope))
    query = draw_garment(51, "dress")
    feature = searcher.extractor.extract([query])[0]
    asked = [(searcher.search(query, 100), feature.astype(np.float64), among)]
    for row in range(COUNT + OWN):
        asked.append((searcher.search_indexed(row, 100), vectors[row], among[among != row]))
    for result, point, rows in asked:
        distances = np.linalg.norm(vectors[rows] - point, axis=1)
        assert sorted(match.row for match in result.matches) == rows.tolist() and result.exact
        np.testing.assert_allclose([match.distance for match in result.matches], np.sort(distances), atol=1e-4)
        assert (result.subset_size, result.catalogue_size) == (len(rows), COUNT + OWN)
    for row, match in ((COUNT + 2, 3), (3, COUNT + 2)):
        if scope is not Scope.BOTH and match in among:
            (found,) = searcher.search_indexed(row, 1).matches
            assert (found.row, found.distance) == (match, 0)


@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize(
    ("where", "cells"),
    [
        ({"colour": " BLUE"}, {"Colour": "blue"}),
        ({"colour": "violet"}, {"Colour": "violet"}),
        ({"Season": "WINTER", "kind": "Coat"}, {"season": "winter", "label": "coat"}),
        ({"price": "3 eur"}, {"price": "3 EUR"}),
        ({"kind": "hat", "size": "m"}, {"label": "hat", "size": "M"}),
        ({"colour": "mauve"}, {"Colour": "mauve"}),
        ({"brand": "x"}, {"photo": "x"}),
    ],
    ids=str,
)
def test_filters_know_what_the_scope_has(case: Case, scope: Scope, where: Filter, cells: dict[str, str]) -> None:
    searcher = case.searcher(scope)
    if not all(rows_with(case, scope, **{name: value}) for name, value in cells.items()):
        with pytest.raises(FilterError, match=r"no (value|column) '"):
            searcher.search(draw_garment(52, "hat"), where=where)
        return
    expected = rows_with(case, scope, **cells)
    assert list_rows(join(case.first, case.second, scope), where) == expected
    result = searcher.search(draw_garment(52, "hat"), 100, where=where)
    assert sorted(match.row for match in result.matches) == expected and result.exact


def test_values_are_counted_in_the_scope(case: Case) -> None:
    for scope, expected in zip(Scope, (case.whole, case.first, case.second)):
        joined = join(case.first, case.second, scope)
        for most in (4, 100):
            told = joined.columns(most)
            assert told == expected.columns(most) and list(told) == list(expected.columns(most))
    assert join(case.first, case.second).columns()["colour"]["violet"] == 2


def test_columns_of_two_are_those_of_all_their_records(case: Case) -> None:
    """Values in either or in both, spelled in several ways; columns that only one has; records without any."""
    numbers = np.random.default_rng(0)
    records = []
    for number in range(60):
        names = numbers.permutation(["kind", "colour", "Size ", "season"])[: numbers.integers(4)]
        chosen = {str(name): str(numbers.choice(["a", " A", "b", "B ", "c", f"{number // 9}"])) for name in names}
        label = (None, "Hat", "hat")[numbers.integers(3)]
        records.append(Record(f"{number}.jpg", label, f"{number:064}", columns=chosen))
    bare = [Record(f"{number}.jpg", None, f"{number:064}") for number in range(4)]
    sized = [Record("0.jpg", None, "0" * 64, columns={"size": "M"})]
    for first, second in (
        *((records[:cut], records[cut:]) for cut in (0, 1, 9, 30, 59, 60)),
        *((bare, records), (records, bare), (bare, bare), (bare, sized), (sized, bare)),
    ):
        joined = join(describe_part(case.first, first), describe_part(case.second, second))
        expected = Columns([*first, *second])
        assert [(name, list(counts.items())) for name, counts in joined.columns(100).items()] == [
            (name, list(counts.items())) for name, counts in expected.counts().items()
        ]
        for name, counts in expected.counts().items():
            assert len(joined.values[name]) == len(counts)
            for value in counts:
                same = expected.select({name: value})
                assert joined.select({name: value.upper()}).where == same.where and same.rows is not None
                assert list_rows(joined, {name: value.upper()}) == same.rows.tolist()
        if several := {name: list(counts) for name, counts in expected.counts().items()}:
            some = {name: values[::2] for name, values in several.items()}
            same = expected.select(some)
            assert same.rows is not None and list_rows(joined, some) == same.rows.tolist()
    early, late = (describe_part(case.first, some) for some in (records[:30], records[30:]))
    with pytest.raises(FilterError, match="the commonest are"):
        join(early, late).select({"season": "x"})


def test_columns_that_were_joined_stay_as_they_were(case: Case) -> None:
    records = [Record(f"{number}.jpg", None, f"{number:064}", columns={"size": "ML"[number]}) for number in range(2)]
    first, second = (describe_part(case.first, [record]) for record in records)
    assert join(first, second).columns() == {"size": {"L": 1, "M": 1}}
    assert (first.columns(), second.columns()) == ({"size": {"M": 1}}, {"size": {"L": 1}})
    with pytest.raises(FilterError, match="no value 'L'"):
        first.select({"size": "L"})


def test_columns_of_too_many_values_are_not_counted(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    joined = join(case.first, case.second)
    monkeypatch.setattr(type(joined.values["price"].parts[0]), "counts", None)
    assert joined.columns(0) == {}


def test_without_a_filter_a_search_in_both_names_no_rows(case: Case) -> None:
    nothing: tuple[Filter | None, ...] = (None, {})
    for where in nothing:
        assert join(case.first, case.second).select(where) == ({}, COUNT + OWN, None)
    for scope, expected in ((Scope.FIRST, range(COUNT)), (Scope.SECOND, range(COUNT, COUNT + OWN))):
        joined = join(case.first, case.second, scope)
        for where in nothing:
            assert list_rows(joined, where) == list(expected) and joined.select(where).where == {}


def test_evidence_of_matches_of_both(case: Case) -> None:
    searcher, query = case.searcher(), case.photos / "101.jpg"
    matches = searcher.search(query, 6).matches
    assert {match.row < COUNT for match in matches} == {True, False}
    seen = [see_match(match.thumb, match.region) for match in matches]
    features = searcher.catalogue.index.vectors[np.array([match.row for match in matches])]
    found = explain(searcher.extractor, query, seen, features)
    for match, evidence in zip(matches, found, strict=True):
        assert 2 - 2 * evidence.similarity == pytest.approx(match.distance**2, abs=1e-4)
        assert evidence.query.sum() == pytest.approx(evidence.similarity)


def test_of_the_first_no_record_is_parsed_again(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (Catalogue.open(part.folder) for part in (case.first, case.second))
    before = join(first, second)
    assert before.columns() and before.records.row_of_identity
    parsed: list[Record] = []
    parse = Record.from_line

    def count(line: bytes) -> Record:
        parsed.append(parse(line))
        return parsed[-1]

    monkeypatch.setattr(Record, "from_line", count)
    changed = Catalogue.open(case.second.folder)
    for scope in Scope:
        joined = join(first, changed, scope)
        assert joined.columns() and joined.select({"size": "M"}).size and joined.records.row_of_identity
    assert len(parsed) == 2 * OWN, "columns and identities of the second, once each"


def test_what_is_said_of_either_is_said_of_both(case: Case) -> None:
    first, second = case.first, case.second
    joined = join(first, second)
    assert (joined.note, joined.by_garment, joined.map) == (None, False, None)
    assert (joined.folder, joined.examples, joined.weights_digest) == (
        *(first.folder, first.examples),
        first.manifest["weights"],
    )
    for said in ({"by_garment": True}, {"preprocessing": 1}):
        other = [dataclasses.replace(part, manifest=part.manifest | said) for part in (first, second)]
        for one in (join(other[0], second), join(first, other[1])):
            assert (one.by_garment, one.note is not None) == ("by_garment" in said, "preprocessing" in said)
            alone = [dataclasses.replace(one, scope=scope) for scope in (Scope.FIRST, Scope.SECOND)]
            assert [part.by_garment for part in alone].count(True) == ("by_garment" in said)
            assert [part.note for part in alone].count(None) == (1 if "preprocessing" in said else 2)


@pytest.mark.parametrize("scope", Scope)
def test_kinds_are_those_of_all_records(case: Case, scope: Scope) -> None:
    kinds = {kind.name: kind.rows for kind in join(case.first, case.second, scope).kinds()}
    assert {name: list(rows) for name, rows in kinds.items()} == {
        kind.name: list(kind.rows) for kind in case.whole.kinds()
    }
    assert kinds[None][COUNT - 1 : COUNT + 2] == [COUNT - 1, COUNT, COUNT + 1] and kinds[None][-1] == COUNT + OWN - 1


def test_the_commonest_kind_of_both_comes_first(case: Case) -> None:
    records = [Record(f"{row}.jpg", label, f"{row:064}") for row, label in enumerate(["a", "a", "b", None, "b", "b"])]
    joined = join(describe_part(case.first, records[:3]), describe_part(case.second, records[3:]))
    assert [(kind.name, list(kind.rows)) for kind in joined.kinds()] == [
        (None, [*range(6)]),
        ("b", [2, 4, 5]),
        ("a", [0, 1]),
    ]


def test_catalogues_of_different_weights_are_refused(case: Case) -> None:
    other = dataclasses.replace(case.second, manifest=case.second.manifest | {"weights": "0" * 64})
    with pytest.raises(CatalogueError, match=r"different weights; .*--weights .*weights\.pth") as error:
        join(case.first, other)
    assert str(case.first.folder) in str(error.value) and str(other.folder) in str(error.value)

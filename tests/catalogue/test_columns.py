"""Columns of records: kept in the catalogue, counted, and filtered by."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cbir.catalogue.build import index_photos
from cbir.catalogue.catalogue import Catalogue
from cbir.catalogue.columns import Columns, Filter, describe_filter
from cbir.catalogue.records import Record, Records
from cbir.catalogue.verify import check_catalogue
from cbir.errors import CatalogueError, FilterError
from cbir.network.extractor import FeatureExtractor
from cbir.photos.region import Region
from cbir.system.versions import current_version
from tests.catalogue.test_build import contents
from tests.catalogue.test_catalogue import reseal
from tests.support.counting import CountingExtractor
from tests.support.described import SIZES, describe_photos, fill_described, numbers_with, write_table

pytestmark = pytest.mark.usefixtures("any_axes", "one_thread")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return fill_described(tmp_path / "photos")


@pytest.fixture
def out(folder: Path, tmp_path: Path, extractor: FeatureExtractor) -> Path:
    report = index_photos(folder, tmp_path / "index", extractor)
    assert (report.count, report.embedded, report.columns) == (24, 24, {"colour": 3, "size": 3, "price": 24})
    assert report.links == 12
    return tmp_path / "index"


@pytest.fixture(scope="module")
def columns() -> Columns:
    """Those of a table, as a catalogue has them."""
    rows = [{name.lower(): value.strip() for name, value in row.items() if value} for row in describe_photos()]
    own = ("photo", "label", "description", "link")
    said = [{name: value for name, value in row.items() if name not in own} for row in rows]
    pairs = zip(rows, said, strict=True)
    return Columns([Record(row["photo"], row["label"], "0" * 64, columns=columns) for row, columns in pairs])


def make_record(number: int, **columns: str) -> Record:
    return Record(f"{number}.jpg", None, f"{number:064}", columns=columns)


def test_a_catalogue_keeps_what_the_table_says(out: Path) -> None:
    catalogue = Catalogue.open(out)
    check_catalogue(catalogue)
    for record, row in zip(catalogue.records, describe_photos(), strict=True):
        expected = {name: row[spelled].strip() for name, spelled in (("colour", "Colour"), ("size", "size"))}
        expected["price"] = row["price"]
        assert record.columns == {name: value for name, value in expected.items() if value}
        assert (record.label, record.description) == (row["label"], row["description"])
        assert record.link == (row["link"] or None)


def test_counts_of_columns_with_few_values(out: Path) -> None:
    counts = Catalogue.open(out).columns()
    colours = Counter(row["Colour"].strip().lower() for row in describe_photos())
    assert list(counts) == ["kind", "colour", "size", "price"], "the kind comes first"
    assert counts["colour"] == {"blue": colours["blue"], "green": colours["green"], "red": colours["red"]}
    assert list(counts["colour"]) == ["blue", "green", "red"] and counts["size"] == dict.fromkeys(sorted(SIZES), 8)
    assert counts["kind"] == {"Dress": 6, "Hat": 6, "Scarf": 6, "Shirt": 6}
    assert list(Catalogue.open(out).columns(most=4)) == ["kind", "colour", "size"]


@pytest.mark.parametrize(
    ("where", "colour", "sizes", "spelled"),
    [
        ({"colour": "blue"}, "blue", SIZES, {"colour": ("blue",)}),
        ({" COLOUR ": [" bLUE"]}, "blue", SIZES, {"colour": ("blue",)}),
        ({"colour": ["blue", "BLUE"], "size": {"m"}}, "blue", ("M",), {"colour": ("blue",), "size": ("M",)}),
        ({"size": ("M", "xl")}, None, ("M", "XL"), {"size": ("M", "XL")}),
        (
            {"size": "L", "Size": ["XL"], "colour": "green"},
            "green",
            ("L", "XL"),
            {"size": ("L", "XL"), "colour": ("green",)},
        ),
    ],
    ids=str,
)
def test_records_that_satisfy_a_filter(
    columns: Columns, where: Filter, colour: str | None, sizes: tuple[str, ...], spelled: dict[str, tuple[str, ...]]
) -> None:
    selection = columns.select(where)
    assert selection.rows is not None and selection.rows.dtype == np.int64
    assert selection.rows.tolist() == numbers_with(colour, sizes=sizes) and selection.size == len(selection.rows)
    assert selection.where == spelled


def test_without_a_filter_all_count_and_no_record_is_read(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = Catalogue.open(out)
    monkeypatch.setattr(Records, "__getitem__", None)
    assert catalogue.select(None) == catalogue.select({}) == ({}, 24, None)


def test_values_that_no_record_has_together(columns: Columns) -> None:
    both = columns.select({"colour": "red", "price": "0 EUR"})
    assert both.size == 0 and both.rows is not None and both.rows.tolist() == []


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ({"color": "blue"}, r"no column 'color' .*; its columns are kind, colour, size, price$"),
        ({"label": "Hat"}, "no column 'label'"),
        ({3: "blue"}, "no column '3'"),
        ({"colour": "bleu"}, "^no value 'bleu' in column colour; the nearest are blue$"),
        ({"colour": ["blue", "x"]}, "no value 'x' in column colour; the commonest are blue, green, red"),
        ({"colour": ""}, "no value ''"),
        ({"price": "3 EU"}, "the nearest are 3 EUR,"),
        ({"kind": "b" * 900}, "no value 'b{60}[.]{3}' in column kind; the commonest are"),
        ({"kind": "\x1b[31m\u202e"}, r"no value '\\x1b\[31m\\u202e'"),
        ({"colour": []}, "column colour has to have a text"),
        ({"colour": None}, "column colour has to have a text"),
        ({"colour": 3}, "column colour has to have a text"),
        ({"colour": ["blue", 3]}, "column colour has to have a text"),
        ({"colour": {"blue": 1}}, "column colour has to have a text"),
        ({"colour": b"blue"}, "column colour has to have a text"),
        ("colour=blue", "a filter names columns and their values, and is no str"),
        (["colour"], "is no list"),
    ],
    ids=str,
)
def test_what_is_not_there_is_refused_and_the_nearest_named(columns: Columns, where: object, message: str) -> None:
    with pytest.raises(FilterError, match=message):
        columns.select(where)  # type: ignore[arg-type]


def test_a_catalogue_without_columns_tells_how_to_get_some() -> None:
    with pytest.raises(FilterError, match=r"no column 'kind' .*no columns to filter by; put some into photos\.csv"):
        Columns([make_record(0)]).select({"kind": "Hat"})


def test_capitals_of_any_script_and_spaces_make_no_difference() -> None:
    columns = Columns([make_record(0, maß="Größe "), make_record(1, maß="GRÖSSE"), make_record(2, maß="ΣΊΣΥΦΟΣ")])
    for value in ("größe", "Grösse", "\u2003GRÖSSE"):
        selection = columns.select({"MASS": value})
        assert selection.rows is not None and selection.rows.tolist() == [0, 1]
        assert selection.where == {"mass": ("Größe",)}, "as it is spelled first"
    assert columns.select({"mass": "σίσυφος"}).size == 1


def test_the_kind_is_that_of_the_garment_or_else_the_label() -> None:
    box = Region(0.0, 0.0, 0.5, 0.5)
    records = [
        Record("a.jpg", "street", "1" * 64, None, box, "coat", {"kind": "none", "season": "winter"}),
        Record("a.jpg", "street", "1" * 64, None, box, "scarf", {"season": "winter"}),
        Record("b.jpg", "Coat", "2" * 64),
        Record("c.jpg", None, "3" * 64, columns={" ": "x", "season": " "}),
    ]
    columns = Columns(records)
    assert columns.counts() == {"kind": {"coat": 2, "scarf": 1}, "season": {"winter": 2}}
    coats = columns.select({"kind": "Coat"})
    assert coats.rows is not None and coats.rows.tolist() == [0, 2]
    assert columns.select({"kind": "coat", "season": "winter"}).size == 1


def test_the_commonest_value_comes_first() -> None:
    sizes = Columns([make_record(number, size=size) for number, size in enumerate(["M", "XL", "S", "XL", "S", "XL"])])
    assert list(sizes.counts()["size"].items()) == [("XL", 3), ("S", 2), ("M", 1)]
    with pytest.raises(FilterError, match="the commonest are XL, S, M"):
        sizes.select({"size": "38"})


def test_filters_in_words() -> None:
    assert describe_filter({"colour": ["blue"]}) == "colour blue"
    assert describe_filter({"kind": ["Hat", "Cap"], "size": ["M"]}) == "kind Hat or Cap and size M"
    assert describe_filter({"size": [str(size) for size in range(9)]}) == "size one of 9 values"
    assert describe_filter({"note": ["x" * 500]}) == f"note {'x' * 60}..."


def test_lines_of_records_are_read_as_they_are_written() -> None:
    records = [
        Record("a.jpg", "Hat", "1" * 64, columns={"colour": "blue"}, link="https://shop.example/1"),
        Record("b.jpg", "Hat", "1" * 64, None, Region(0.0, 0.25, 0.5, 1.0), "hat", {"colour": "blue"}),
        Record("c.jpg", "Hat", "1" * 64, "a hat"),
    ]
    lines = [record.as_line() for record in records]
    assert list(Records("".join(lines).encode())) == records
    assert list(json.loads(lines[0])) == ["photo", "label", "sha256", "description", "columns", "link"]
    assert list(json.loads(lines[2])) == ["photo", "label", "sha256", "description"], "as former versions wrote it"


def test_a_table_of_which_columns_alone_changed_embeds_nothing(
    folder: Path, out: Path, extractor: FeatureExtractor
) -> None:
    before, first = contents(out), current_version(out)
    counting = CountingExtractor(extractor)
    assert not index_photos(folder, out, counting).changed and current_version(out) == first
    rows = describe_photos()
    rows[3] |= {"Colour": "violet", "link": "https://shop.example/new"}
    write_table(folder, [row | {"season": "winter"} for row in rows])
    report = index_photos(folder, out, counting)
    assert (report.changed, report.embedded, counting.count) == (True, 0, 0)
    assert report.columns == {"colour": 4, "size": 3, "price": 24, "season": 1}
    after = contents(out)
    assert {name for name in before | after if before.get(name) != after.get(name)} == {
        "records.jsonl",
        "manifest.json",
    }
    catalogue = Catalogue.open(out)
    assert catalogue.records[3].columns["colour"] == "violet" and catalogue.columns()["season"] == {"winter": 24}
    assert catalogue.records[3].link == "https://shop.example/new"
    plain = write_table(folder, [{"photo": row["photo"], "label": row["label"]} for row in rows])
    assert (report := index_photos(plain, out, counting)).changed and report.columns == {} and counting.count == 0
    assert Catalogue.open(out).columns() == {"kind": {"Dress": 6, "Hat": 6, "Scarf": 6, "Shirt": 6}}


def test_links_that_are_none_are_told_once_a_run(folder: Path, out: Path, extractor: FeatureExtractor) -> None:
    rows = describe_photos()
    rows[2]["link"] = "javascript:alert(1)"
    report = index_photos(write_table(folder, rows), out, extractor)
    ((name, what),) = report.warnings
    assert name == "002.jpg" and "neither http:// nor https://" in what and report.refused == []
    assert Catalogue.open(out).records[2].link is None and report.count == 24


def test_verify_finds_a_link_that_is_none(out: Path, copy_of: Callable[[Path], Path]) -> None:
    place = copy_of(current_version(out))
    lines = (place / "records.jsonl").read_text()
    (place / "records.jsonl").write_text(lines.replace("https://shop.example/3?", "javascript:alert(3)//"))
    reseal(place)
    with pytest.raises(CatalogueError, match=r"the link of 003\.jpg begins with neither http:// nor https://"):
        check_catalogue(Catalogue.open(place))

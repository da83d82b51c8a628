"""Filters on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cbir.commands.parser import main
from cbir.network.extractor import FeatureExtractor
from tests.support.described import describe_photos, fill_described, numbers_with, write_table

pytestmark = pytest.mark.usefixtures("any_axes", "one_thread")


def test_index_keeps_columns_and_search_filters_by_them(
    tmp_path: Path, extractor: FeatureExtractor, capsys: pytest.CaptureFixture[str]
) -> None:
    photos, out = fill_described(tmp_path / "photos"), tmp_path / "index"
    index = ["index", str(photos), "--out", str(out)]
    assert main([*index, "--weights", str(extractor.weights.path)]) == 0
    columns = "columns for search --where, besides kind: colour (3 values), size (3 values), price (24 values)"
    told = f"{out}: 24 photos, 24 embedded now\n{columns}\n12 photos with a link\n"
    assert capsys.readouterr().out == told

    search = ["search", str(photos / "003.jpg"), "--index", str(out), "-k", "24"]
    where = ["--where", " Colour = BLUE", "--where", "size=M", "--where", "size=xl"]
    assert main([*search, *where, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    expected = numbers_with("blue", sizes=("M", "XL"))
    assert sorted(match["photo"] for match in answer["matches"]) == [f"{number:03}.jpg" for number in expected]
    assert answer["where"] == {"colour": ["blue"], "size": ["M", "XL"]} and answer["exact"] is True
    assert (answer["subset_size"], answer["catalogue_size"]) == (len(expected), 24)

    assert main([*search, "--where", "price=3 EUR"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("003.jpg  (number 3)") and lines[1] == "   https://shop.example/3?a=1&b=2"
    assert lines[-1] == "Proven: none of 1 photo with price 3 EUR is closer (every one measured exactly)."
    assert main([*search, "--where", "price=3 EUR", "--where", "colour=red", "--plot", str(tmp_path / "p.png")]) == 0
    assert capsys.readouterr().out == "No photo with price 3 EUR and colour red.\n"

    for wrong, message in (("color=blue", "its columns are kind, colour, size, price"), ("colour=bleu", "blue")):
        assert main([*search, "--where", wrong]) == 1
        told = capsys.readouterr().err
        assert told.startswith("error: no ") and message in told

    rows = describe_photos()
    rows[3] |= {"Colour": "violet", "link": "ftp://shop.example/3"}
    write_table(photos, rows)
    assert main(index) == 0
    told, warned = capsys.readouterr()
    assert told.splitlines()[:2] == [f"{out}: 24 photos, 0 embedded now", columns.replace("colour (3", "colour (4")]
    assert "taken all the same 003.jpg: its link in line 5 begins with neither http:// nor https://" in warned
    assert main([*search, "--where", "colour=violet", "--json"]) == 0
    (match,) = json.loads(capsys.readouterr().out)["matches"]
    assert match["photo"] == "003.jpg" and "link" not in match


@pytest.mark.parametrize("wrong", ["colour", "=blue", "colour=", " = ", ""])
def test_what_is_no_condition_is_wrong_usage(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["search", "photo.jpg", "--where", wrong])
    assert stopped.value.code == 2 and "must be COLUMN=VALUE, such as colour=blue" in capsys.readouterr().err

"""Garments on the command line: found, drawn and searched, and what is said where that cannot be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from cbir import Searcher
from cbir.commands.parser import main
from tests.support.drawings import draw_garment


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> str:
    picture = Image.new("RGB", (600, 900), "white")
    picture.paste(draw_garment(71, "shirt", size=(500, 450)), (50, 50))
    path = tmp_path_factory.mktemp("photo") / "person.png"
    picture.save(path)
    return str(path)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(arguments)
    out, err = capsys.readouterr()
    return status, out, err


def test_garments_are_listed_and_drawn(
    capsys: pytest.CaptureFixture[str], photo: str, worn_catalogue: Path, tmp_path: Path
) -> None:
    found = Searcher.open(worn_catalogue).find(photo)
    plot = tmp_path / "found.png"
    status, out, _ = run(capsys, "garments", photo, "--index", str(worn_catalogue), "--json", "--plot", str(plot))
    assert status == 0 and json.loads(out) == found.as_json() and found.garments
    with Image.open(plot) as drawn, Image.open(photo) as plain:
        assert drawn.size == plain.size and drawn.tobytes() != plain.convert("RGB").tobytes()
    status, out, _ = run(capsys, "garments", photo, "--index", str(worn_catalogue))
    assert status == 0 and all(garment.kind in out for garment in found.garments) and "of the photo" in out


def test_a_region_and_a_garment_are_searched(
    capsys: pytest.CaptureFixture[str], photo: str, worn_catalogue: Path, tmp_path: Path
) -> None:
    searcher, plot = Searcher.open(worn_catalogue), tmp_path / "matches.png"
    asked = ("search", photo, "--index", str(worn_catalogue), "--json")
    _, out, _ = run(capsys, *asked, "--region", "0.1,0.1,0.6,0.4", "--plot", str(plot))
    expected = searcher.search(photo, region=(0.1, 0.1, 0.6, 0.4))
    assert [one["photo"] for one in json.loads(out)["matches"]] == [match.photo for match in expected.matches]
    assert json.loads(out)["region"] == [0.1, 0.1, 0.6, 0.4] and plot.exists()
    garment = searcher.find(photo).garments[0]
    _, out, _ = run(capsys, *asked, "--garment", garment.kind)
    assert json.loads(out)["region"] == [round(edge, 4) for edge in garment.box]


def test_a_look_tells_every_garment(
    capsys: pytest.CaptureFixture[str], photo: str, worn_catalogue: Path, tmp_path: Path
) -> None:
    looks, plot = Searcher.open(worn_catalogue).look(photo), tmp_path / "looks.png"
    asked = ("search", photo, "--index", str(worn_catalogue), "--look")
    _, out, _ = run(capsys, *asked, "--json", "--plot", str(plot))
    told = json.loads(out)
    assert [one["garment"] for one in told] == [look.garment.as_json() for look in looks] and looks
    assert [one["result"]["matches"][0]["photo"] for one in told] == [look.result.matches[0].photo for look in looks]
    with Image.open(plot) as picture:
        assert picture.height > 500 * len(looks)
    _, out, _ = run(capsys, *asked)
    assert out.count("Proven: ") == len(looks)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("--region", "1,2"), "1,2: no region; give left, upper, right and lower edge"),
        (("--region", "0.5,0,0.5,1"), "encloses nothing of the photo"),
        (("--garment", "spats"), "spats: not found in the photo"),
    ],
)
def test_what_is_not_there_is_told(
    capsys: pytest.CaptureFixture[str], photo: str, worn_catalogue: Path, asked: tuple[str, str], told: str
) -> None:
    status, out, err = run(capsys, "search", photo, "--index", str(worn_catalogue), *asked)
    assert status == 1 and not out and told in err


def test_a_catalogue_without_a_finder_says_so(capsys: pytest.CaptureFixture[str], photo: str, catalogue: Path) -> None:
    for asked in (("garments", photo), ("search", photo, "--look"), ("search", photo, "--garment", "top")):
        status, _, err = run(capsys, *asked, "--index", str(catalogue))
        assert status == 1 and "has no garment finder" in err and "python -m cbir finder" in err


def test_ways_to_choose_exclude_each_other(photo: str) -> None:
    with pytest.raises(SystemExit):
        main(["search", photo, "--look", "--region", "0,0,1,1"])

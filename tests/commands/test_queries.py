"""A folder of queries to one page, and tables, on the command line."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest

from cbir.catalogue.build import index_photos
from cbir.commands.parser import main
from cbir.network.extractor import FeatureExtractor
from tests.support.described import fill_described
from tests.support.drawings import draw_garment
from tests.support.reports import read_report

pytestmark = pytest.mark.usefixtures("any_axes", "one_thread")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, extractor: FeatureExtractor) -> Path:
    place = tmp_path_factory.mktemp("described")
    index_photos(fill_described(place / "photos"), place / "index", extractor)
    return place / "index"


@pytest.fixture
def queries(tmp_path: Path, index: Path) -> Path:
    """Two drawings, one of them in a folder below, a photo of the catalogue, and two files that are no photos."""
    folder = tmp_path / "queries"
    (folder / "more").mkdir(parents=True)
    draw_garment(55, "dress").save(folder / "b.png")
    draw_garment(56, "hat").save(folder / "more" / "c.jpg")
    shutil.copy(index.parent / "photos" / "007.jpg", folder / "a.jpg")
    (folder / "broken.jpg").write_text("no photo")
    (folder / "empty.png").touch()
    return folder


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    status = main(["search", *map(str, arguments)])
    told = capsys.readouterr()
    return status, told.out, told.err


@pytest.mark.parametrize(
    "asked", [(), ("-k", "5", "--where", "size=M", "--where", "size=L")], ids=["plain", "filtered"]
)
def test_a_report_has_the_answers_of_search(
    capsys: pytest.CaptureFixture[str], index: Path, queries: Path, asked: tuple[str, ...]
) -> None:
    path = queries.parent / "out.html"
    status, out, err = run(capsys, queries, "--index", index, "--report", path, *asked)
    assert status == 0 and out.startswith(f"{path}: 3 photos searched, ") and "2 could not be read" in out
    assert "searching: 100%" in err and "photos/s" in err
    assert "left out broken.jpg: not a photo that can be read" in err and "left out empty.png: the file is empty" in err
    report = read_report(path)
    assert [section.name for section in report.sections] == ["a.jpg", "b.png", "more/c.jpg"]
    assert "broken.jpg: not a photo that can be read" in report.text and str(queries.parent) not in path.read_text()
    for section in report.sections:
        _, out, _ = run(capsys, queries / section.name, "--index", index, "--json", *asked)
        matches = json.loads(out)["matches"]
        assert [card.photo for card in section.cards] == [match["photo"] for match in matches]
        distances = [match["distance"] for match in matches]
        assert [card.distance for card in section.cards] == pytest.approx(distances, abs=0.0011)
    copies = report.sections[0].cards[0].photo == "007.jpg"
    assert f"{copies:d} cop{'y' if copies else 'ies'} found" in report.text and "3 of 3 proven" in report.text


def test_a_single_photo_and_garments_of_people_are_reported(
    capsys: pytest.CaptureFixture[str], worn_catalogue: Path, queries: Path
) -> None:
    path, asked = queries.parent / "out.html", ("--index", worn_catalogue)
    _, looked, _ = run(capsys, queries / "b.png", *asked, "--look", "--json")
    assert run(capsys, queries, *asked, "--look", "--report", path)[0] == 0
    section = next(one for one in read_report(path).sections if one.name == "b.png")
    expected = [match["photo"] for look in json.loads(looked) for match in look["result"]["matches"]]
    assert [card.photo for card in section.cards] == expected and expected
    _, told, _ = run(capsys, queries / "b.png", *asked, "--region", "0.2,0.2,0.8,0.8", "--json")
    status, out, _ = run(capsys, queries / "b.png", *asked, "--region", "0.2,0.2,0.8,0.8", "--report", path)
    (section,) = read_report(path).sections
    assert status == 0 and "1 photo searched" in out
    assert [card.photo for card in section.cards] == [match["photo"] for match in json.loads(told)["matches"]]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ((), "a folder; to search for each of its photos, add --report matches.html"),
        (("--json",), "a folder; to search for each of its photos, add --report"),
        (("--report", "out.png"), "a report is a page; end its name in .html"),
        (("--report", "absent/out.html"), "its folder is not there"),
        (("--report", "out.html", "--plot", "x.png"), "--plot draws one answer"),
        (("--report", "out.html", "--garment", "hat"), "for a folder of photos of people, use --look"),
        (("--report", "out.html", "--where", "cut=long"), "no column 'cut' in the catalogue"),
        (("--report", "out.html", "--fold"), "never measured"),
    ],
    ids=str,
)
def test_what_does_not_go_together_is_told(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    index: Path,
    queries: Path,
    asked: tuple[str, ...],
    message: str,
) -> None:
    monkeypatch.chdir(queries.parent)
    status, out, err = run(capsys, queries, "--index", index, *asked)
    assert status == 1 and out == "" and message in err
    assert [one.name for one in queries.parent.iterdir()] == ["queries"]


def test_a_folder_without_photos_and_a_photo_that_cannot_be_read(
    capsys: pytest.CaptureFixture[str], index: Path, tmp_path: Path
) -> None:
    (tmp_path / "none").mkdir()
    path = tmp_path / "out.html"
    status, _, err = run(capsys, tmp_path / "none", "--index", index, "--report", path)
    assert status == 1 and "no photo in it" in err and not path.exists()
    status, out, err = run(capsys, tmp_path / "absent.jpg", "--index", index, "--report", path)
    assert status == 0 and "0 photos searched" in out and "left out absent.jpg: cannot be opened" in err


def test_a_table_has_the_answer_of_search(
    capsys: pytest.CaptureFixture[str], index: Path, worn_catalogue: Path, queries: Path
) -> None:
    asked = (queries / "b.png", "--index", index, "-k", "4")
    matches = json.loads(run(capsys, *asked, "--json")[1])["matches"]
    rows = list(csv.DictReader(io.StringIO(run(capsys, *asked, "--csv")[1])))
    assert [(row["rank"], row["photo"], row["label"], row["distance"]) for row in rows] == [
        (str(match["rank"]), match["photo"], match["label"], f"{match['distance']:.4f}") for match in matches
    ]
    assert [row["price"] for row in rows] == [match["columns"]["price"] for match in matches]
    assert [row["link"] for row in rows] == [match.get("link", "") for match in matches]
    look = (queries / "b.png", "--index", worn_catalogue, "--look")
    looks = json.loads(run(capsys, *look, "--json")[1])
    rows = list(csv.DictReader(io.StringIO(run(capsys, *look, "--csv")[1])))
    assert [row["query"] for row in rows] == [one["garment"]["kind"] for one in looks for _ in range(3)]
    with pytest.raises(SystemExit):
        main(["search", "photo.jpg", "--json", "--csv"])

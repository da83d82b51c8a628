"""What the command line prints: names of any origin, on any terminal, and what it says of a folder."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from cbir.catalogue.build import Report, index_photos
from cbir.commands.index import describe_ignored
from cbir.commands.parser import main
from cbir.commands.terminal import say, say_json
from cbir.network.extractor import FeatureExtractor
from tests.support.drawings import draw_garment, fill_folder

PROJECT = Path(__file__).parents[2]
RAW = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ud800-\udfff]")
"""Characters that a terminal would obey or hide, or that no encoding has; line feed and tab are looked for apart."""


@pytest.fixture(scope="module")
def odd_photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two photos whose names and labels, in a table, try all that a terminal obeys."""
    folder = fill_folder(tmp_path_factory.mktemp("odd"), 1)
    names = [b"caf\xe9/h\xfct\x1b[2J.jpg", "\x1b]0;owned\x07/gpj.\u202egnp\nerror.jpg".encode()]
    for number, name in enumerate(names):
        path = Path(os.fsdecode(os.fsencode(folder) + b"/" + name))
        path.parent.mkdir()
        draw_garment(90 + number, "hat").save(path)
        path.with_name(f"broken{path.name}").write_bytes(b"no photo")
    return folder


@pytest.fixture(scope="module")
def odd_catalogue(odd_photos: Path, extractor: FeatureExtractor, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("odd index") / "index"
    index_photos(odd_photos, out, extractor)
    return out


def test_names_are_printed_with_escapes(
    odd_photos: Path,
    odd_catalogue: Path,
    weights_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    query, out = str(odd_photos / "dress" / "000.jpg"), str(odd_catalogue)
    assert main(["search", query, "--index", out, "--plot", str(tmp_path / "plot.png")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5 and not RAW.search("".join(lines))
    assert any(r"caf\udce9/h\udcfct\x1b[2J.jpg" in line for line in lines)
    assert any(r"\x1b]0;owned\x07" in line and r"gpj.\u202egnp\nerror.jpg" in line for line in lines)

    arguments = ["index", str(odd_photos), "--out", str(tmp_path / "out"), "--weights", str(weights_file)]
    assert main(arguments) == 0
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("left out")]
    assert len(told) == 2 and not RAW.search("".join(told))


@pytest.mark.parametrize("name", ["\x1b[31mred.jpg", "a\nerror: b.jpg", "\udcff\u202e.jpg"])
def test_errors_name_a_photo_with_escapes(
    catalogue: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert main(["search", str(tmp_path / name), "--index", str(catalogue)]) == 1
    told = capsys.readouterr().err
    assert told.startswith("error: ") and told.count("\n") == 1 and not RAW.search(told)


def test_json_gives_names_back(odd_photos: Path, odd_catalogue: Path, capsys: pytest.CaptureFixture[str]) -> None:
    query = str(odd_photos / "dress" / "000.jpg")
    assert main(["search", query, "--index", str(odd_catalogue), "--json"]) == 0
    told = capsys.readouterr().out
    assert told.isascii() and told.count("\n") == 1 and not RAW.search(told)
    photos = [odd_photos / match["photo"] for match in json.loads(told)["matches"]]
    assert len(photos) == 3 and all(photo.is_file() for photo in photos)


@pytest.mark.parametrize("text", ["caf\udce9", "\x7f\x1b\n\u202e", "日本"])
def test_any_text_comes_through_json(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    say_json({text: [text]})
    told = capsys.readouterr().out
    assert json.loads(told) == {text: [text]} and not RAW.search(told)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_any_name_can_be_printed_in_any_encoding(encoding: str) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict", newline="\n")
    say("1. Mütze 日本 caf\udce9 \x1b", to=stream)
    stream.flush()
    told = stream.buffer.getvalue().decode(encoding)
    assert told.startswith("1. M") and told.endswith(r" caf\udce9 \x1b" + "\n")


@pytest.mark.parametrize("locale", [{"PYTHONIOENCODING": "ascii:strict"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}])
def test_search_in_a_terminal_of_ascii(odd_photos: Path, odd_catalogue: Path, locale: dict[str, str]) -> None:
    query = next(str(path) for path in odd_photos.glob("caf*/*.jpg") if "broken" not in path.name)
    command = [sys.executable, "-m", "cbir", "search", query, "--index", str(odd_catalogue)]
    run = subprocess.run(command, cwd=PROJECT, env=os.environ | locale, capture_output=True, check=True)
    assert rb"caf\udce9/h\udcfct\x1b[2J.jpg" in run.stdout and run.stdout.isascii()


def test_index_tells_of_a_folder_in_few_lines(
    photos: Path,
    copy_of: Callable[[Path], Path],
    weights_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder, out = copy_of(photos), tmp_path / "index"
    assert main(["index", str(folder), "--out", str(out), "--weights", str(weights_file)]) == 0
    (folder / "hat" / "001.jpg").rename(folder / "hat" / "new.jpg")
    (folder / "dress" / "000.jpg").unlink()
    (folder / "scarf" / "002.jpg").unlink()
    (folder / "scarf" / "002.jpg").symlink_to("away.jpg")
    for label in ("dress", "hat"):
        fill_folder(folder / label / "@eaDir", 1)
        (folder / label / "film.mov").touch()
    (folder / "notes").touch()
    capsys.readouterr()
    assert main(["index", str(folder), "--out", str(out)]) == 0
    told = capsys.readouterr()
    assert told.out == (
        f"{out}: 23 photos, 0 embedded now, 1 renamed, 1 dropped, 1 left out; "
        "1 kept though unreadable now (--forget drops these)\n"
    )
    assert [line for line in told.err.splitlines() if line.startswith("left out")] == [
        "left out scarf/002.jpg: links to a place that is not there now; bring that back, or remove the link",
        "left out 2 files and folders of systems and catalogues: @eaDir 2",
        "left out 3 files of other kinds: .mov 2, no suffix 1",
    ]
    assert main(["index", str(folder), "--out", str(out), "--forget"]) == 0
    assert capsys.readouterr().out == f"{out}: 22 photos, 0 embedded now, 1 dropped, 1 left out\n"


def test_many_kinds_are_named_in_part() -> None:
    report = Report(1, 0, 0, [], changed=False, others={f".{letter}": 1 for letter in "hgfedcbaji"} | {".x\x1b": 5})
    assert describe_ignored(report) == [
        "left out 15 files of other kinds: .x\x1b 5, .a 1, .b 1, .c 1, .d 1, .e 1, .f 1, .g 1 and 3 more"
    ]


@pytest.mark.parametrize(
    ("name", "format_"),
    [("x.jpg", "JPEG"), ("x.JPEG", "JPEG"), ("x.webp", "WEBP"), ("x.png", "PNG"), ("x.tif", "TIFF"), ("x.bmp", "BMP")],
)
def test_a_plot_has_the_format_of_its_name(
    catalogue: Path, photos: Path, tmp_path: Path, name: str, format_: str
) -> None:
    plot = tmp_path / name
    assert main(["search", str(photos / "hat/001.jpg"), "--index", str(catalogue), "--plot", str(plot)]) == 0
    with Image.open(plot) as picture:
        assert picture.format == format_ and picture.width > picture.height
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("plot", "message"),
    [
        ("x.mov", ".mov stands for no picture"),
        ("x", "no suffix stands for no picture"),
        ("x.eps", ".eps stands for no picture"),
        ("absent/x.png", "its folder is not there"),
        ("folder.png", "a folder; name a file"),
    ],
)
def test_a_plot_that_cannot_be_written_is_refused_before_the_search(
    photos: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    plot: str,
    message: str,
) -> None:
    (tmp_path / "folder.png").mkdir()
    asked: list[object] = []
    monkeypatch.setattr("cbir.search.Searcher.open", asked.append)
    assert main(["search", str(photos / "hat/001.jpg"), "--plot", str(tmp_path / plot)]) == 1
    told = capsys.readouterr().err
    assert message in told and str(tmp_path / plot) in told and not asked


@pytest.mark.parametrize("out", [".", "..", "absent/w.pth"])
def test_weights_that_cannot_be_written_are_refused_before_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], out: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["finetune", "absent", "--out", out, "--weights", "absent.pth"]) == 1
    assert capsys.readouterr().err.startswith(f"error: {out}: ")

"""The command line, as a person types it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from cbir.commands.parser import main
from cbir.system.versions import current_version
from tests.support.drawings import draw_garment, fill_folder

PROJECT = Path(__file__).parents[2]


def test_index_then_search(
    photos: Path, weights_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "index"
    assert main(["index", str(photos), "--out", str(out), "--weights", str(weights_file)]) == 0
    told = capsys.readouterr()
    assert told.out == f"{out}: 24 photos, 24 embedded now\n"
    assert "photos: 100%" in told.err and "photos/s" in told.err
    assert main(["index", str(photos), "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"{out}: 24 photos, 0 embedded now; it was up to date\n"

    query = tmp_path / "query.png"
    draw_garment(77, "dress").save(query)
    assert main(["search", str(query), "--index", str(out), "--plot", str(tmp_path / "plot.png")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert all(re.match(rf"{rank}\. \d\.\d{{4}}  \w+ +\w+/\d+\.jpg$", line) for rank, line in enumerate(lines[:3], 1))
    assert lines[3] == "Proven: none of 24 photos is closer (every one measured exactly)."
    with Image.open(tmp_path / "plot.png") as picture:
        assert picture.width > picture.height

    assert main(["search", str(photos / "hat/001.jpg"), "--index", str(out), "-k", "5", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["exact"] is True and answer["query_in_catalogue"] is True and answer["catalogue_size"] == 24
    assert answer["matches"][0]["photo"] == "hat/001.jpg" and len(answer["matches"]) == 5
    assert answer["matches"][0]["distance"] < 1e-4

    assert main(["verify", str(out)]) == 0
    assert "24 photos" in capsys.readouterr().out


def test_index_tells_what_it_left_out(
    photos: Path,
    copy_of: Callable[[Path], Path],
    weights_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = copy_of(photos)
    (folder / "hat" / "text.jpg").write_text("not a photo")
    assert main(["index", str(folder), "--out", str(tmp_path / "index"), "--weights", str(weights_file)]) == 0
    told = capsys.readouterr()
    assert "left out hat/text.jpg: not a photo that can be read" in told.err
    assert "24 photos, 24 embedded now, 1 left out" in told.out


def test_errors_go_to_stderr_with_status_1(
    tmp_path: Path, catalogue: Path, photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["search", "photo.jpg", "--index", str(tmp_path)]) == 1
    told = capsys.readouterr()
    assert told.out == "" and told.err.startswith(
        f"error: {tmp_path}: no catalogue; build one with: python -m cbir index"
    )
    plot = ["--plot", str(tmp_path / "absent" / "plot.png")]
    assert main(["search", str(photos / "hat/001.jpg"), "--index", str(catalogue), *plot]) == 1
    assert "absent/plot.png" in capsys.readouterr().err
    assert main(["index", str(tmp_path / "absent"), "--out", str(tmp_path / "out"), "--weights", "absent.pth"]) == 1
    assert capsys.readouterr().err.startswith("error: absent.pth: no such file")


def test_wrong_usage_has_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["search"], ["search", "photo.jpg", "-k", "0"], ["index", "photos"], ["dance"]):
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        assert stopped.value.code == 2
    assert "must be 1 or more" in capsys.readouterr().err


def test_help_shows_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "python -m cbir index photos/ --out catalogue/" in capsys.readouterr().out


def test_verify_finds_damage(
    catalogue: Path, copy_of: Callable[[Path], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copy_of(catalogue)
    (folder / "vectors.npy").write_bytes(b"damaged")
    assert main(["verify", str(folder)]) == 1
    assert "vectors.npy: damaged" in capsys.readouterr().err


@pytest.mark.slow
def test_finetune(weights_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = fill_folder(tmp_path / "data", 36, labels=("hat", "scarf", "shirt"))
    (data / "hat" / "half.jpg").write_bytes((data / "hat" / "000.jpg").read_bytes()[:2000])
    out = tmp_path / "out.pth"
    arguments = ["finetune", str(data), "--out", str(out), "--weights", str(weights_file)]
    assert main([*arguments, "--without", "shirt", "--epochs", "1"]) == 0
    told = capsys.readouterr()
    assert re.search(r": validation accuracy \d\.\d{3}, test accuracy \d\.\d{3}", told.out)
    assert "left out hat/half.jpg: the photo is damaged or incomplete" in told.err
    assert re.search(r"epoch 1: loss \d\.\d{3}, accuracy \d\.\d{3}; validation loss", told.err)
    assert main(["index", str(data), "--out", str(tmp_path / "index"), "--weights", str(out)]) == 0


def test_rendering_without_scipy_names_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.startswith("cbir.wardrobe")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "scipy", None)
    monkeypatch.setitem(sys.modules, "scipy.ndimage", None)
    assert main(["wardrobe", "--out", str(tmp_path)]) == 1
    assert "pip install scipy" in capsys.readouterr().err


def test_the_shipped_network_serves_wherever_the_environment_points(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "index"
    monkeypatch.setenv("CBIR_INDEX", str(out))
    assert main(["index", str(photos), "--out", str(out)]) == 0
    assert (current_version(out) / "weights.pth").read_bytes() == (PROJECT / "index" / "weights.pth").read_bytes()


def test_python_m_cbir_and_the_environment_variable(catalogue: Path, photos: Path) -> None:
    command = [sys.executable, "-m", "cbir", "search", str(photos / "hat/001.jpg"), "--json"]
    environment = os.environ | {"CBIR_INDEX": str(catalogue)}
    run = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=True)
    assert json.loads(run.stdout)["matches"][0]["photo"] == "hat/001.jpg"

"""Copies in a catalogue, on the command line."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

from cbir import FeatureExtractor
from cbir.catalogue.build import index_photos
from cbir.catalogue.catalogue import Catalogue
from cbir.commands.parser import main
from cbir.network.weights import load_weights
from tests.support.closeness import calibrated
from tests.support.drawings import draw_garment

WITHIN = 0.1


@pytest.fixture(scope="module")
def catalogue_of_copies(tmp_path_factory: pytest.TempPathFactory, weights_file: Path) -> Path:
    """Sixteen drawings in four qualities each; WITHIN is the distance of copies."""
    place = tmp_path_factory.mktemp("copies")
    (place / "photos" / "hat").mkdir(parents=True)
    for number in range(64):
        path = place / "photos" / "hat" / f"{number:02}, {number % 16}.jpg"
        draw_garment(number % 16, "hat", size=(160, 200)).save(path, quality=90 - 20 * (number // 16))
    own: FeatureExtractor = calibrated(place / "network", load_weights(weights_file), copy_distance=WITHIN)
    index_photos(place / "photos", place / "index", own)
    return place / "index"


def expected_groups(folder: Path, radius: float) -> list[list[str]]:
    """By the definition: the first photo that is free takes all free ones within the radius."""
    catalogue = Catalogue.open(folder)
    vectors = catalogue.index.vectors[:].astype(np.float64)
    free, groups = list(range(len(vectors))), []
    while free:
        first, *rest = free
        apart = {row: float(np.linalg.norm(vectors[row] - vectors[first])) for row in rest}
        near = sorted((row for row in rest if apart[row] <= radius), key=lambda row: (apart[row], row))
        free = [row for row in rest if row not in near]
        if near:
            groups.append([catalogue.records[row].photo for row in (first, *near)])
    return groups


@pytest.mark.parametrize("radius", [None, 0.02, 0.4])
def test_groups_are_those_of_the_definition(
    catalogue_of_copies: Path, radius: float | None, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["duplicates", str(catalogue_of_copies), *(["--within", str(radius)] if radius else [])]
    expected = expected_groups(catalogue_of_copies, radius or WITHIN)
    assert expected or radius == 0.02
    assert main([*command, "--json"]) == 0
    told = capsys.readouterr()
    plain = json.loads(told.out)
    assert [[one["photo"] for one in group] for group in plain["groups"]] == expected
    assert plain["distance"] == (radius or WITHIN) and plain["catalogue_size"] == 64
    assert all(group[0]["distance"] == 0 and group[0]["label"] == "hat" for group in plain["groups"])
    assert "duplicates: 100%" in told.err
    assert main([*command, "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(int(row["group"]), row["photo"]) for row in rows] == [
        (number, photo) for number, group in enumerate(expected, start=1) for photo in group
    ]
    assert main(command) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines[:-1] if not line.startswith(" ")] == [group[0] for group in expected]
    copies = sum(len(group) - 1 for group in expected)
    assert lines[-1].startswith(f"{len(expected)} groups with {copies} copies among 64 photos, up to distance ")


def test_what_was_never_measured_wants_a_distance(catalogue: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["duplicates", str(catalogue)]) == 1
    assert "--within" in capsys.readouterr().err
    assert main(["duplicates", str(catalogue), "--within", "0"]) == 0
    assert capsys.readouterr().out.startswith("0 groups with 0 copies among 24 photos")


@pytest.mark.parametrize("wrong", ["far", "-1", "3", "nan"])
def test_a_wrong_distance_is_refused(wrong: str, catalogue: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["duplicates", str(catalogue), "--within", wrong])
    assert stopped.value.code == 2
    assert "--within" in capsys.readouterr().err

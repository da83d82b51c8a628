"""Searches that tell how close their answers are, and that fold copies; the catalogue brings what that needs."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cbir import FeatureExtractor, Searcher
from cbir.catalogue.build import index_photos
from cbir.catalogue.catalogue import Catalogue
from cbir.commands.parser import main
from cbir.errors import CatalogueError, WeightsError
from cbir.network.closeness import ALIKE, NOT_ALIKE, NOTHING, VERY_CLOSE, calibration_path
from cbir.network.weights import Weights, load_weights
from cbir.results import SearchResult
from cbir.system.versions import current_version
from cbir.web.endpoints import Endpoints
from cbir.web.pictures import Pictures
from cbir.web.reloading import LiveSearcher
from cbir.web.sources import Sources
from tests.support.closeness import CURVE, calibrated, make_calibration
from tests.support.drawings import draw_garment

QUALITIES = (95, 60, 40, 25)
"""Of the copies of the first drawing."""


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight drawings; of the first there are four copies, of the second two."""
    folder = tmp_path_factory.mktemp("copied")
    for number in range(8):
        picture = draw_garment(number, ("dress", "hat", "scarf", "shirt")[number % 4])
        for place, quality in enumerate({0: QUALITIES, 1: (95, 50)}.get(number, (90,))):
            picture.save(folder / f"{number}-{place}.jpg", quality=quality)
    return folder


@pytest.fixture(scope="module")
def bound(copied: Path, extractor: FeatureExtractor) -> float:
    """A distance between those of copies and those of others."""
    paths = sorted(copied.glob("*.jpg"))
    features = extractor.extract(paths).astype(np.float64)
    same = np.array([[one.name[0] == other.name[0] for other in paths] for one in paths])
    apart = np.linalg.norm(features[:, None] - features[None], axis=2)
    assert apart[same].max() < apart[~same].min(), "or else there is no such distance"
    return float(apart[same].max() + apart[~same].min()) / 2


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, weights_file: Path, bound: float) -> FeatureExtractor:
    place = tmp_path_factory.mktemp("calibrated") / "network"
    return calibrated(place, load_weights(weights_file), copy_distance=bound)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, copied: Path, own: FeatureExtractor) -> Path:
    """A catalogue of `copied` with a calibration."""
    out = tmp_path_factory.mktemp("catalogue") / "index"
    index_photos(copied, out, own)
    return out


@pytest.fixture(scope="module")
def searcher(folder: Path) -> Searcher:
    return Searcher.open(folder)


def probability(distance: float) -> float:
    return float(1 / (1 + np.exp(20 * distance - 4)))


def test_each_match_tells_how_close_it_is(searcher: Searcher, copied: Path) -> None:
    result = searcher.search(copied / "0-0.jpg", k=13)
    assert result.closeness is result.matches[0].closeness
    assert result.closeness and result.closeness.word == VERY_CLOSE
    for match in result.matches:
        assert match.closeness is not None
        assert match.closeness.probability == pytest.approx(probability(match.distance), abs=1e-6)
        p = match.closeness.probability
        assert match.closeness.word == (VERY_CLOSE if p >= 0.9 else ALIKE if p >= 0.5 else NOT_ALIKE)
    plain = json.loads(json.dumps(result.as_json()))
    assert (plain["closeness"], plain["probability"]) == (VERY_CLOSE, plain["matches"][0]["probability"])
    assert [one["closeness"] for one in plain["matches"]] == [
        match.closeness.word for match in result.matches if match.closeness
    ]


def test_without_a_calibration_nothing_is_said(catalogue: Path, photos: Path) -> None:
    result = Searcher.open(catalogue).search(photos / "hat" / "001.jpg")
    plain = result.as_json()
    assert result.closeness is None and plain["closeness"] is None and plain["probability"] is None
    assert plain["matches"][0].keys() == {"rank", "photo", "label", "distance"}


def test_a_region_is_judged_by_its_own_curve(
    copied: Path, weights_file: Path, tmp_path: Path, searcher: Searcher
) -> None:
    assert searcher.search(copied / "0-0.jpg", region=(0.1, 0.1, 0.6, 0.6)).closeness is None
    always = CURVE._replace(distance=0.0, constant=-9.0, strangest=0.0)
    index_photos(copied, tmp_path / "index", calibrated(tmp_path / "own", load_weights(weights_file), region=always))
    told = Searcher.open(tmp_path / "index")
    whole, region = (told.search(copied / "0-0.jpg", region=part).closeness for part in (None, (0.1, 0.1, 0.6, 0.6)))
    assert whole and region and (whole.word, region.word) == (VERY_CLOSE, NOTHING)


def test_garments_among_garments_are_not_judged(searcher: Searcher, copied: Path) -> None:
    """The calibration knows photos of single garments in the catalogue, and no parts of photos."""
    part = searcher.catalogue.records[0]._replace(region=searcher.search(copied / "0-0.jpg").region)
    records = [part, *searcher.catalogue.records[1:]]
    changed = Searcher.over(searcher.catalogue)
    object.__setattr__(changed.catalogue, "records", records)
    try:
        found = changed.search(copied / "0-0.jpg", k=2).matches
    finally:
        object.__setattr__(changed.catalogue, "records", Catalogue.open(changed.catalogue.folder).records)
    assert [match.closeness is None for match in found] == [True, False]


def test_the_catalogue_takes_it_along_and_checks_it(folder: Path, own: FeatureExtractor, tmp_path: Path) -> None:
    assert own.weights.path
    beside = calibration_path(own.weights.path)
    kept = current_version(folder) / "weights.closeness.json"
    assert kept.read_bytes() == beside.read_bytes()
    assert "weights.closeness.json" in Catalogue.open(folder).manifest["files"]
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in current_version(folder).iterdir():
        (copy / path.name).symlink_to(path)
    (copy / kept.name).unlink()
    (copy / kept.name).write_text(kept.read_text().replace("0.05", "0.06") + " ")
    with pytest.raises(CatalogueError, match=r"weights\.closeness\.json: damaged"):
        Catalogue.open(copy)


def test_a_calibration_of_other_weights_is_left_behind(copied: Path, weights_file: Path, tmp_path: Path) -> None:
    own = calibrated(tmp_path / "network", load_weights(weights_file))
    assert own.weights.path
    make_calibration(Weights("bvlc", {}, digest="0" * 64)).save(calibration_path(own.weights.path))
    index_photos(copied, tmp_path / "index", own)
    opened = Searcher.open(tmp_path / "index")
    assert opened.calibration is None and not (opened.catalogue.folder / "weights.closeness.json").exists()


def test_indexing_again_brings_a_new_calibration_and_keeps_it(copied: Path, weights_file: Path, tmp_path: Path) -> None:
    network, out = tmp_path / "network", tmp_path / "index"
    own = calibrated(network, load_weights(weights_file))
    path = network / "own.closeness.json"
    kept = path.read_bytes()
    path.unlink()
    assert index_photos(copied, out, own).changed and Searcher.open(out).calibration is None
    path.write_bytes(kept)
    report = index_photos(copied, out, own)
    assert report.changed and report.embedded == 0 and Searcher.open(out).calibration is not None
    assert not index_photos(copied, out, own).changed
    # What the catalogue has of this network stays, even if it is gone from beside the weights.
    path.unlink()
    assert not index_photos(copied, out, own).changed
    # From the catalogue's own network, as by default.
    assert not index_photos(copied, out, FeatureExtractor.open(out)).changed
    assert Searcher.open(out).calibration is not None


def test_copies_are_folded(searcher: Searcher, copied: Path) -> None:
    query = copied / "0-0.jpg"
    plain, folded = searcher.search(query, k=13), searcher.search(query, k=3, fold=True)
    names = [match.photo for match in folded.matches]
    assert len(names) == 3 == len({name[0] for name in names}) and names[0] == "0-0.jpg"
    assert [match.rank for match in folded.matches] == [1, 2, 3]
    distances = {match.photo: match.distance for match in plain.matches}
    for match in folded.matches:
        same = {path.name for path in copied.glob(f"{match.photo[0]}-*.jpg")}
        assert {copy.photo for copy in match.copies} == same - {match.photo}
        for one in (match, *match.copies):
            assert one.distance == pytest.approx(distances[one.photo], abs=1e-9)
        assert [copy.distance for copy in match.copies] == sorted(copy.distance for copy in match.copies)
    assert folded.folded == sum(len(match.copies) for match in folded.matches) >= 3
    # No closer photo that is neither shown nor folded.
    told = {one.photo for match in folded.matches for one in (match, *match.copies)}
    assert {name for name, distance in distances.items() if distance < folded.matches[-1].distance} <= told
    assert folded.exact and f"none of 12 photos, {folded.folded} of them folded as copies, is closer" in folded.proof
    nothing = searcher.search(query, k=3)
    assert nothing.folded == 0 and nothing.copy_distance is None and "folded" not in nothing.proof


def test_the_page_folds_copies_and_shows_them(folder: Path, copied: Path) -> None:
    searcher = Searcher.open(folder)
    expected = searcher.search(copied / "0-0.jpg", fold=True)
    answer = Endpoints(Sources(LiveSearcher(lambda: folder)), Pictures(set())).answer(
        {"path": str(copied / "0-0.jpg")}, False
    )
    shown = [int(row) for row in re.findall(r"data-choice='photo:(\d+)-", answer.matches)]
    assert shown == [one.row for match in expected.matches for one in (match, *match.copies)]
    assert "<summary>+3 copies</summary>" in answer.matches
    assert f"{expected.folded} of them folded as copies" in answer.words
    assert answer.matches.count("class='word'>very close<") >= 1


def test_all_that_there_is_is_folded(searcher: Searcher, copied: Path) -> None:
    result = searcher.search(copied / "5-0.jpg", k=100, fold=True)
    assert len(result.matches) == 8 and result.folded == 4
    plain = json.loads(json.dumps(result.as_json()))
    assert plain["folded"] == 4 and plain["copy_distance"] == pytest.approx(result.copy_distance)
    assert sum(len(match.get("copies", ())) for match in plain["matches"]) == 4


def test_folding_needs_a_calibration(catalogue: Path, photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(WeightsError, match="never measured"):
        Searcher.open(catalogue).search(photos / "hat" / "001.jpg", fold=True)
    assert main(["search", str(photos / "hat" / "001.jpg"), "--index", str(catalogue), "--fold"]) == 1
    assert "cbir evaluate" in capsys.readouterr().err


def test_the_command_line_tells_both(folder: Path, copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    query = ["search", str(copied / "0-0.jpg"), "--index", str(folder)]
    assert main(query) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "Very close: of 100 answers like this, 98 are of the photo's kind." in lines
    assert not any("folded" in line for line in lines)
    assert main([*query, "--fold"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("0-0.jpg  +3") and [line.split()[-1] for line in lines[1:4]] == [
        f"0-{place}.jpg" for place in (1, 2, 3)
    ]
    assert any(re.match(r"[34] folded: copies, within 0\.\d+ of the match", line) for line in lines)
    assert main([*query, "--fold", "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert [copy["photo"] for copy in plain["matches"][0]["copies"]] == ["0-1.jpg", "0-2.jpg", "0-3.jpg"]


def test_what_no_garment_shows_is_told_so(copied: Path, weights_file: Path, tmp_path: Path) -> None:
    strict = CURVE._replace(strangest=0.0)
    index_photos(copied, tmp_path / "index", calibrated(tmp_path / "own", load_weights(weights_file), whole=strict))
    searcher = Searcher.open(tmp_path / "index")
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (300, 300, 3), np.uint8))
    data = io.BytesIO()
    noise.save(data, "PNG")
    result: SearchResult = searcher.search(data.getvalue())
    assert result.closeness and result.closeness.word == NOTHING
    known = searcher.search(copied / "3-0.jpg").closeness
    assert known and known.word == VERY_CLOSE, "a photo of the catalogue is never strange"

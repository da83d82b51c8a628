"""Likeness: compared with loops over float64 distances, on features that are chosen or computed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cbir import FeatureExtractor
from cbir.commands.parser import main
from cbir.datasets.photo import Photo
from cbir.datasets.reader import read_photos
from cbir.errors import DatasetError
from cbir.evaluation.metrics import rank
from cbir.evaluation.report import ModelReport, measure_model, tabulate, write_worst
from cbir.evaluation.retrieval import make_copy, measure_retrieval
from cbir.network.weights import load_weights
from cbir.photos.decode import load_image
from cbir.training.finetune import fine_tune
from cbir.training.sampling import TrainingConfig
from tests.support.drawings import draw_garment, fill_folder

COLOURS, PATTERNS = ("red", "blue"), ("plain", "striped", "plain", None)


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> list[Photo]:
    found = read_photos(fill_folder(tmp_path_factory.mktemp("labelled"), 32)).photos
    found.sort(key=lambda photo: photo.path.name)
    return [
        photo._replace(contributor=f"c{n % 5}", colour=COLOURS[n // 3 % 2], pattern=PATTERNS[n // 4 % 4])
        for n, photo in enumerate(found)
    ]


def test_figures_agree_with_loops(labelled: list[Photo], extractor: FeatureExtractor) -> None:
    queries, gallery = labelled[::5], [photo for n, photo in enumerate(labelled) if n % 5]
    likeness = measure_retrieval(queries, gallery, extractor)
    vectors = extractor.extract([photo.path for photo in labelled]).astype(np.float64)
    features = dict(zip([photo.name for photo in labelled], vectors))
    first, three, precision, colour, pattern = [], [], [], [], []
    for query in queries:
        near = sorted(gallery, key=lambda photo: float(np.linalg.norm(features[query.name] - features[photo.name])))
        first.append(near[0].label == query.label)
        three.append(sum(photo.label == query.label for photo in near[:3]) / 3)
        places = [place for place, photo in enumerate(near, start=1) if photo.label == query.label]
        precision.append(np.mean([number / place for number, place in enumerate(places, start=1)]))
        colour.append(sum(photo.colour == query.colour for photo in near[:3]) / 3)
        if query.pattern:
            pattern.append(sum(photo.pattern == query.pattern for photo in near[:3]) / 3)
    found = {name: figure.value for name, figure in likeness.figures.items()}
    assert found["P@1, all 4 kinds"] == pytest.approx(np.mean(first))
    assert found["P@3, all 4 kinds"] == pytest.approx(np.mean(three))
    assert found["mAP, all 4 kinds"] == pytest.approx(np.mean(precision))
    assert found["colour agrees, of the top 3"] == pytest.approx(np.mean(colour))
    assert found["pattern agrees, of the top 3"] == pytest.approx(np.mean(pattern))
    assert sum(kind.queries for kind in likeness.kinds.values()) == len(queries)
    assert sum(kind.queries * kind.p_at_3 for kind in likeness.kinds.values()) == pytest.approx(np.sum(three))
    values = [answer.average_precision for answer in likeness.answers]
    assert values == sorted(values) and all(len(answer.matches) == 3 for answer in likeness.answers)


def test_common_kinds_are_searched_among_themselves(tmp_path: Path, extractor: FeatureExtractor) -> None:
    """Twelve kinds; of the two rarest, no photo may count, as query or as match."""
    photos = []
    for number in range(60):
        kind = number % 12 if number < 36 else number % 10
        path = tmp_path / f"{number}.png"
        draw_garment(number, ("dress", "hat", "scarf", "shirt")[number % 4]).resize((80, 100)).save(path)
        photos.append(Photo(path.name, path, label=f"kind {kind:02}"))
    queries, gallery = photos[:12], photos[12:]
    figures = measure_retrieval(queries, gallery, extractor).figures
    common = [[photo for photo in some if photo.label < "kind 10"] for some in (queries, gallery)]  # type: ignore[operator]
    alone = measure_retrieval(common[0], common[1], extractor).figures
    for name in ("P@1", "P@3", "mAP"):
        assert figures[f"{name}, 10 commonest kinds"].value == pytest.approx(alone[f"{name}, all 10 kinds"].value)
        assert figures[f"{name}, 10 commonest kinds"].size == 10


def test_rank_orders_by_distance_and_ties_by_place() -> None:
    gallery = np.array([[0, 1], [1, 0], [0.6, 0.8], [1, 0]], np.float32)
    assert rank(np.array([[1, 0], [0, 1]], np.float32), gallery).tolist() == [[1, 3, 2, 0], [0, 2, 1, 3]]


def test_a_copy_is_another_picture_of_the_same_garment() -> None:
    image = draw_garment(3, "dress")
    copy = make_copy(image, "a")
    assert make_copy(image, "a").tobytes() == copy.tobytes() != make_copy(image, "b").tobytes()
    share = copy.width * copy.height / (image.width * image.height)
    assert 0.58 < share < 0.87
    # A picture that is bright on the left only is then bright on the right.
    half = Image.new("RGB", (200, 200), "black")
    half.paste("white", (0, 0, 100, 200))
    mirrored = np.asarray(make_copy(half, "a"), np.float64).mean(axis=(0, 2))
    assert mirrored[-10:].mean() > 150 and mirrored[:10].mean() < 20


def test_a_copy_is_searched_among_all_photos(labelled: list[Photo], extractor: FeatureExtractor) -> None:
    queries, gallery = labelled[:12], labelled[12:]
    everything = extractor.extract([photo.path for photo in labelled]).astype(np.float64)
    first = []
    for number, photo in enumerate(queries):
        copy = extractor.extract([make_copy(load_image(photo.path), photo.name)])[0]
        first.append(int(np.linalg.norm(everything - copy, axis=1).argmin()) == number)
    found = measure_retrieval(queries, gallery, extractor).figures["a copy finds its photo first"]
    assert found.value == pytest.approx(np.mean(first)) and found.size == 12
    assert 0 < found.value < 1, "or else this compares nothing"


def test_queries_of_unknown_kinds_are_left_out(labelled: list[Photo], extractor: FeatureExtractor) -> None:
    hats = [photo for photo in labelled if photo.label == "hat"]
    capes = [photo._replace(label="cape") for photo in hats[:2]]
    assert measure_retrieval([*hats[:2], *capes], hats[2:], extractor).figures["P@1, all 1 kinds"].size == 2
    with pytest.raises(DatasetError, match="no photo to search for"):
        measure_retrieval(capes, hats, extractor)


def test_two_networks_side_by_side(labelled: list[Photo], extractor: FeatureExtractor) -> None:
    sides = [
        measure_model(name, extractor, queries=labelled[:8], gallery=labelled[8:]) for name in ("this one", "another")
    ]
    table = tabulate(sides).splitlines()
    assert "this one" in table[0] and "another" in table[0]
    row = next(line for line in table if line.startswith("P@1"))
    assert row.count(f"{sides[0].figures['P@1, all 4 kinds'].value:.3f} (") == 2
    plain = json.loads(json.dumps(sides[0].as_json()))
    assert plain["weights"] == extractor.weights.digest
    assert plain["figures"]["P@1, all 4 kinds"]["size"] == 8
    assert set(plain["kinds"]) == {str(photo.label) for photo in labelled[:8]}


def test_the_worst_page_stands_alone(labelled: list[Photo], extractor: FeatureExtractor, tmp_path: Path) -> None:
    queries = [labelled[0]._replace(name="<b>.jpg"), *labelled[1:8]]
    side = measure_model("this one", extractor, queries=queries, gallery=labelled[8:])
    write_worst(tmp_path / "worst.html", side.answers, count=5)
    page = (tmp_path / "worst.html").read_text(encoding="utf-8")
    assert page.count("<section>") == 5 and page.count("<img") == 20 and page.count("data:image/jpeg;base64,") == 20
    assert "<b>" not in page and "http" not in page
    wrong = sum(match.label != answer.query.label for answer in side.answers[:5] for match in answer.matches)
    assert page.count("class=other") == wrong


def test_a_side_without_photos_is_empty(extractor: FeatureExtractor) -> None:
    assert measure_model("x", extractor) == ModelReport("x", extractor.weights.digest)


@pytest.mark.slow
def test_one_command_measures_what_finetune_trained(
    weights_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = fill_folder(tmp_path / "photos", 40)
    settings = TrainingConfig(epochs=1, side=64, batch_size=8, validation=0.25, test=0.25)
    fine_tune(read_photos(folder).photos, load_weights(weights_file), tmp_path / "w.pth", settings=settings)
    command = [
        "evaluate",
        str(folder),
        "--weights",
        str(tmp_path / "w.pth"),
        "--held-out",
        "--beside",
        str(weights_file),
    ]
    assert main([*command, "--worst", str(tmp_path / "worst.html")]) == 0
    told = capsys.readouterr().out
    assert "this network" in told and "the other" in told and "a copy finds its photo first" in told
    assert (tmp_path / "worst.html").stat().st_size > 1000
    assert main([*command, "--json"]) == 0
    sides = json.loads(capsys.readouterr().out)["side by side"]
    assert [side["weights"] for side in sides] == [load_weights(p).digest for p in (tmp_path / "w.pth", weights_file)]
    assert sides[0]["figures"]["P@1, all 4 kinds"]["size"] == 10
    assert main(["evaluate", str(folder), "--weights", str(weights_file), "--worst", "x.html"]) == 1
    assert "--worst goes with --held-out" in capsys.readouterr().err

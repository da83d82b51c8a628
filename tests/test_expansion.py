"""Found garments are searched with expanded queries: beside numpy, in answers, in the evidence and on the page."""

from __future__ import annotations

import re
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from cbir import Searcher
from cbir.catalogue.api import Searchable
from cbir.catalogue.build import index_photos
from cbir.commands.parser import main
from cbir.evidence import explain
from cbir.network.closeness import calibration_path
from cbir.network.expansion import Colour, Expansion, expand_query
from cbir.network.extractor import FeatureExtractor
from cbir.network.garments import Garment, GarmentFinder
from cbir.network.preprocess import to_pixels
from cbir.network.weights import load_weights
from cbir.photos.decode import load_image
from cbir.photos.drawing import PAIR_SIDE, draw_pair
from cbir.photos.lab import to_lab
from cbir.photos.region import WHOLE, Region, cut_out
from cbir.web.endpoints import Answer, Endpoints
from cbir.web.explain import Explainer, see_query
from cbir.web.how import draw_numbers
from cbir.web.pictures import PREVIEW_SIDE, Pictures
from cbir.web.reloading import LiveSearcher
from cbir.web.sources import Sources
from tests.support.closeness import CURVE, make_calibration
from tests.support.drawings import fill_folder
from tests.support.people import Seeing, draw_person, save_random_finder

pytestmark = pytest.mark.usefixtures("any_axes", "one_thread")

RED, GREEN = (50.0, 60.0, 40.0), (50.0, -50.0, 40.0)
BOX = Region(0.2, 0.1, 0.7, 0.6)


@pytest.fixture(scope="module")
def expansion() -> Expansion:
    """Of shoes, and of two colours."""
    rng = np.random.default_rng(0)
    mean = (rng.random(1024) ** 8).astype(np.float16).astype(np.float32)
    shifts = (0.02 * rng.normal(size=(2, 1024))).astype(np.float16).astype(np.float32)
    return Expansion({"shoes": mean}, {"red": Colour(RED, shifts[0]), "green": Colour(GREEN, shifts[1])})


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory, weights_file: Path, expansion: Expansion) -> FeatureExtractor:
    """One with a finder, which knows of shoes."""
    extractor = save_random_finder(tmp_path_factory.mktemp("expanding") / "network", load_weights(weights_file))
    found = CURVE._replace(constant=9.0)
    calibration = make_calibration(extractor.weights, region=CURVE, found=found, expansion=expansion)
    assert extractor.weights.path
    calibration.save(calibration_path(extractor.weights.path))
    return extractor


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, network: FeatureExtractor) -> Path:
    place = tmp_path_factory.mktemp("searched")
    index_photos(fill_folder(place / "photos", 40), place / "index", network)
    return place / "index"


@pytest.fixture(scope="module")
def searcher(index: Path) -> Searcher:
    return Searcher.open(index)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A person in a coat and shoes."""
    draw_person(70, 2).save(tmp_path / "person.png")
    return tmp_path / "person.png"


def scan(catalogue: Searchable, feature: NDArray[np.float64], k: int) -> list[tuple[int, float]]:
    """The nearest rows and their distances, by a scan in double precision."""
    apart = np.linalg.norm(catalogue.index.vectors[:].astype(np.float64) - feature, axis=1)
    return [(int(row), float(apart[row])) for row in np.argsort(apart)[:k]]


def test_a_found_garment_is_searched_by_its_feature_and_what_its_kind_and_colour_add(
    searcher: Searcher, photo: Path, expansion: Expansion, monkeypatch: pytest.MonkeyPatch
) -> None:
    Seeing(monkeypatch)
    shoes, coat = searcher.look(photo, 5)
    assert (shoes.garment.kind, coat.garment.kind) == ("shoes", "coat")
    assert (shoes.result.kind, coat.result.kind) == ("shoes", None), "nothing is known of coats"
    assert shoes.garment.lab is not None
    for look, added in ((shoes, expansion.of("shoes", shoes.garment.lab)), (coat, np.zeros(1024))):
        pixels = to_pixels(load_image(photo), look.garment.box)
        feature = searcher.extractor.embed(pixels[None])[0].astype(np.float64) + added
        feature = np.maximum(feature, 0)
        expected = scan(searcher.catalogue, feature / np.linalg.norm(feature), 5)
        assert [match.row for match in look.result.matches] == [row for row, _ in expected]
        np.testing.assert_allclose(
            [match.distance for match in look.result.matches], [distance for _, distance in expected], atol=1e-3
        )
        assert look.result.exact and look.result.as_json()["kind"] == look.result.kind
        assert searcher.search(photo, 5, region=look.garment).matches == look.result.matches


def test_the_command_tells_of_it(
    index: Path, photo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Seeing(monkeypatch)
    for garment, told in (("shoes", True), ("coat", False)):
        assert main(["search", str(photo), "--index", str(index), "--garment", garment]) == 0
        assert (f"Searched as {garment}: " in capsys.readouterr().out) == told


def test_what_is_drawn_by_hand_is_searched_as_it_is(searcher: Searcher, photo: Path) -> None:
    drawn = searcher.search(photo, region=BOX)
    shoes = searcher.search(photo, region=Garment("shoes", 0.9, BOX, 0.2))
    assert drawn.kind is None and shoes.kind == "shoes" and drawn.matches != shoes.matches
    red = searcher.search(photo, region=Garment("shoes", 0.9, BOX, 0.2, lab=RED))
    assert red.matches != shoes.matches, "a colour adds to it"
    for kind in ("coat", "no kind"):
        assert searcher.search(photo, region=Garment(kind, 0.9, BOX, 0.2, lab=RED)).matches == drawn.matches


def test_what_is_added_by_hand(expansion: Expansion) -> None:
    """Three quarters of the mean, and three times the shifts of the colours, by how near they are."""
    mean, (red, green) = expansion.kinds["shoes"], (colour.shift for colour in expansion.colours.values())
    share = 1 / (1 + np.exp((56**2 - 54**2) / 200))
    for lab, expected in (
        (None, 0 * red),
        (RED, red),
        (GREEN, green),
        ((50.0, 5.0, 40.0), (red + green) / 2),
        ((50.0, 4.0, 40.0), share * red + (1 - share) * green),
        ((100.0, 90.0, 40.0), red),
    ):
        added = expansion.of("shoes", lab)
        assert added is not None
        np.testing.assert_allclose(added, 0.75 * mean + 3 * expected, atol=1e-5)
    assert expansion.of("coat", RED) is None


def test_a_garment_has_the_colour_of_its_own_pixels(network: FeatureExtractor, monkeypatch: pytest.MonkeyPatch) -> None:
    """A red coat and green shoes."""
    Seeing(monkeypatch)
    picture = draw_person(3, 2, size=(420, 560))
    for box, colour in (((80, 100, 260, 180), (200, 20, 20)), ((100, 220, 280, 300), (20, 160, 60))):
        picture.paste(colour, box)
    finder = GarmentFinder.beside(network)
    assert finder is not None
    expected = to_lab(np.array([(200, 20, 20), (20, 160, 60)], np.uint8))
    found = {garment.kind: garment.lab for garment in finder.find(picture).garments}
    np.testing.assert_allclose(np.array([found["coat"], found["shoes"]], np.float64), expected, atol=3)


def test_in_a_catalogue_by_garment_a_garment_finds_itself(
    network: FeatureExtractor, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Seeing(monkeypatch)
    index_photos(photo.parent, tmp_path / "by garment", network, garments=True)
    looks = Searcher.open(tmp_path / "by garment").look(photo, 1)
    assert len(looks) == 2
    for look in looks:
        assert look.result.kind is None and look.result.matches[0].distance < 1e-3 and look.result.query_in_catalogue


def test_what_a_distance_says_is_measured_of_expanded_queries(searcher: Searcher, photo: Path) -> None:
    """By the curve of found garments, which is surer here than that of parts by 5 in the logit."""
    shoes = searcher.search(photo, region=Garment("shoes", 0.9, BOX, 0.2)).matches[0]
    part = searcher.search(photo, region=BOX).matches[0]
    for match, constant in ((shoes, 9.0), (part, CURVE.constant)):
        assert match.closeness
        assert match.closeness.probability == pytest.approx(1 / (1 + np.exp(20 * match.distance - constant)), abs=1e-6)


def test_an_expanded_feature_has_unit_length_and_no_negative_number(expansion: Expansion) -> None:
    feature = np.abs(np.random.default_rng(1).normal(size=1024)).astype(np.float32)
    feature /= np.linalg.norm(feature)
    added = expansion.of("shoes", RED)
    assert added is not None
    expanded, moved = expand_query(feature, added), np.maximum(feature + added, 0)
    assert np.linalg.norm(expanded) == pytest.approx(1) and expanded.dtype == np.float32
    assert expanded.min() == 0 > (feature + added).min()
    np.testing.assert_allclose(expanded, moved / np.linalg.norm(moved), atol=1e-6)


@pytest.fixture
def endpoints(index: Path) -> Endpoints:
    return Endpoints(Sources(LiveSearcher(lambda: index)), Pictures(set()))


def distances(answer: Answer) -> list[str]:
    return re.findall(r"distance ([\d.]+)<", answer.matches)


def test_the_page_goes_on_with_what_it_found(
    endpoints: Endpoints, searcher: Searcher, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More matches, and the way there and back, are those of the expanded query; a part drawn by hand is none."""
    Seeing(monkeypatch)
    first = endpoints.answer({"path": str(photo)}, False)
    step = first.visit.now
    assert step is not None and step.garment and step.garment.kind == "shoes" and step.region != WHOLE
    assert distances(first) == [f"{match.distance:.3f}" for match in searcher.look(photo, fold=True)[0].result.matches]
    more = endpoints.choose(False, first.visit, gr.EventData(None, {"choice": "more"}))
    shoes = searcher.search(photo, 12, region=step.garment, fold=True)
    assert distances(more) == [f"{match.distance:.3f}" for match in shoes.matches]
    box = [round(edge, 4) for edge in step.region]
    again = endpoints.choose(False, first.visit, gr.EventData(None, {"choice": box}))
    assert distances(again) == distances(first)
    part = endpoints.choose(False, first.visit, gr.EventData(None, {"choice": list(BOX)}))
    assert part.visit.now and part.visit.now.garment is None
    assert distances(part) == [
        f"{match.distance:.3f}" for match in searcher.search(photo, region=BOX, fold=True).matches
    ]


def test_the_evidence_and_the_explanation_are_of_the_expanded_query(
    endpoints: Endpoints, searcher: Searcher, photo: Path, expansion: Expansion, monkeypatch: pytest.MonkeyPatch
) -> None:
    Seeing(monkeypatch)
    visit = endpoints.answer({"path": str(photo)}, True).visit
    result, step = searcher.look(photo)[0].result, visit.now
    assert step is not None and step.garment is not None
    added = expansion.of("shoes", step.garment.lab)
    assert added is not None
    matches, features = result.matches, searcher.catalogue.index.vectors[np.array([one.row for one in result.matches])]
    splits = explain(
        searcher.extractor, photo, [one.thumb for one in matches], features, region=step.region, added=added
    )
    for match, split in zip(matches, splits):
        assert 2 - 2 * split.similarity == pytest.approx(match.distance**2, abs=1e-3)
        assert split.query.sum() + split.added == pytest.approx(split.similarity) and split.query.min() >= 0
    (split,) = explain(searcher.extractor, photo, [photo], region=WHOLE, added=added)
    own = searcher.extractor.extract([photo])[0].astype(np.float64)
    asked = np.maximum(own + added, 0)
    asked /= np.linalg.norm(asked)
    assert split.match.sum() == pytest.approx(asked @ own, abs=1e-5) == split.similarity
    assert split.query.sum() == pytest.approx(1 / np.linalg.norm(np.maximum(own + added, 0)), abs=1e-5)
    (address,) = endpoints.matches.draw_evidence(searcher, step, matches[:1])
    shown = cut_out(load_image(photo, short_side=PREVIEW_SIDE), step.region, PAIR_SIDE)
    (unexpanded,) = explain(searcher.extractor, photo, [matches[0].thumb], features[:1], region=step.region)
    with Image.open(address.partition("file=")[2]) as image:
        pair = np.asarray(image, np.int64)
    apart = [
        np.abs(pair - np.asarray(draw_pair(shown, matches[0].thumb, one.query, one.match))).mean()
        for one in (splits[0], unexpanded)
    ]
    assert apart[0] < apart[1], "what is drawn is of the expanded query, but for what a JPEG loses"
    *_, feature = see_query(searcher, step)
    np.testing.assert_allclose(np.linalg.norm(features - feature, axis=1), [one.distance for one in matches], atol=1e-3)
    html = Explainer(endpoints).open(endpoints.visits.keep(visit, ""))
    assert re.findall(r"</b><small>([.\d]+)</small>", html) == ["0.000", *(f"{one.distance:.3f}" for one in matches)]
    assert draw_numbers(feature) in html and "sees a garment here: shoes" in html
    plain = endpoints.choose(False, visit, gr.EventData(None, {"choice": "whole"}))
    assert "sees a garment here" not in Explainer(endpoints).open(endpoints.visits.keep(plain.visit, ""))

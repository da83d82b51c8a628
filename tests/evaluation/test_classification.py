"""Figures: counted by hand, and compared with the network and an exhaustive scan."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from cbir.catalogue.build import index_photos
from cbir.catalogue.catalogue import Catalogue
from cbir.commands.parser import main
from cbir.datasets.photo import Photo
from cbir.datasets.reader import read_photos
from cbir.datasets.split import split_photos
from cbir.errors import DatasetError, WeightsError
from cbir.evaluation.classification import Confusion, classify, split_again
from cbir.evaluation.search import Retrieval, retrieve
from cbir.network.extractor import FeatureExtractor
from cbir.network.preprocess import read_pixels
from cbir.network.weights import load_weights, save_weights
from tests.support.drawings import fill_folder


def test_confusion_by_hand() -> None:
    confusion = Confusion("", ("hat", "scarf"), ("dress", "hat", "scarf"), np.array([[1, 3, 0], [2, 1, 1]]), 5)
    assert confusion.accuracy == 4 / 8
    lines = str(confusion).splitlines()
    assert lines[0] == "named rightly: 0.500 of 8 photos, 2 kinds"
    assert lines[2].split() == "hat 3 of 4 0.75 taken for dress 1".split()
    assert lines[3].split() == "scarf 1 of 4 0.25 taken for dress 2, hat 1".split()
    assert confusion.as_json()["confusion"] == {
        "hat": {"dress": 1, "hat": 3},
        "scarf": {"dress": 2, "hat": 1, "scarf": 1},
    }


def test_precision_by_hand() -> None:
    hits: dict[str, list[tuple[bool, ...]]] = {
        "hat": [(True, False, False), (False, True, True)],
        "scarf": [(True, True, True)],
    }
    retrieval = Retrieval("", 9, hits, 0)
    assert retrieval.precision(1) == pytest.approx(2 / 3)
    assert retrieval.precision(3) == pytest.approx((1 / 3 + 2 / 3 + 1) / 3)
    assert retrieval.precision(3, "hat") == pytest.approx(0.5)
    assert str(retrieval).startswith("found: P@1 0.667, P@3 0.667; 3 queries against 9 photos")


def test_classify_counts_what_the_network_says(photos: Path, weights_file: Path) -> None:
    weights, found = load_weights(weights_file), read_photos(photos).photos
    strange = replace_label(found[:2], "cape")
    confusion = classify([*found, *strange], weights)
    assert confusion.unknown == 2 and confusion.counts.sum() == len(found)
    network, counts = weights.classifier(), np.zeros((4, 4), int)
    for photo in found:
        answer = network(torch.from_numpy(read_pixels(photo.path)).permute(2, 0, 1)[None]).argmax().item()
        counts[weights.classes.index(str(photo.label)), answer] += 1
    assert (confusion.counts == counts).all()


def test_retrieve_agrees_with_an_exhaustive_scan(catalogue: Path, extractor: FeatureExtractor, tmp_path: Path) -> None:
    queries = read_photos(fill_folder(tmp_path, 12, labels=("hat", "scarf", "shirt"))).photos
    queries = [photo._replace(label="cape") if photo.label == "shirt" else photo for photo in queries]
    opened = Catalogue.open(catalogue)
    measured = retrieve(queries, opened, extractor)
    assert measured.unknown == 4 and {label: len(hits) for label, hits in measured.hits.items()} == {
        "hat": 4,
        "scarf": 4,
    }
    labels = np.array([record.label for record in opened.records])
    known = [photo for photo in queries if photo.label != "cape"]
    features = extractor.extract([photo.path for photo in known]).astype(np.float64)
    vectors = opened.index.vectors[:].astype(np.float64)
    order = np.linalg.norm(features[:, None] - vectors[None], axis=2).argsort(1, kind="stable")[:, :3]
    hits = labels[order] == np.array([photo.label for photo in known])[:, None]
    assert measured.precision(1) == pytest.approx(hits[:, 0].mean())
    assert measured.precision(3) == pytest.approx(hits.mean())


def test_the_split_of_a_training_is_drawn_again(photos: Path, weights_file: Path) -> None:
    found = read_photos(photos).photos
    split = split_photos(found, validation=0.2, test=0.2, seed=3)
    recorded = {side: {"photos": len(some)} for side, some in split.items()}
    settings = {"validation": 0.2, "test": 0.2, "seed": 3}
    weights = replace(load_weights(weights_file), metadata={"settings": settings, "split": recorded})
    assert split_again(found, weights) == split
    with pytest.raises(DatasetError, match="trained on other photos"):
        split_again(found[:10], weights)
    with pytest.raises(WeightsError, match="tells of no split"):
        split_again(found, load_weights(weights_file))


def test_labels_unknown_to_all_are_refused(photos: Path, catalogue: Path, extractor: FeatureExtractor) -> None:
    strange = replace_label(read_photos(photos).photos, "cape")
    with pytest.raises(DatasetError, match="none of the 24 photos"):
        classify(strange, extractor.weights)
    with pytest.raises(DatasetError, match="has no photo of the labels"):
        retrieve(strange, Catalogue.open(catalogue), extractor)


def test_the_command_prints_both_figures(photos: Path, catalogue: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(photos), "--index", str(catalogue), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["retrieval"]["P@1"] == 1.0, "each photo finds itself"
    assert figures["retrieval"]["queries"] == figures["confusion"]["photos"] == 24
    assert main(["evaluate", str(photos), "--weights", str(catalogue / "weights.pth")]) == 0
    told = capsys.readouterr().out
    assert "named rightly" in told and "found:" not in told


def test_a_network_without_classes_is_measured_by_its_catalogue(
    photos: Path, weights_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_weights(replace(load_weights(weights_file), classes=()), tmp_path / "plain.pth")
    index_photos(photos, tmp_path / "index", FeatureExtractor.open(tmp_path / "plain.pth"))
    assert main(["evaluate", str(photos), "--index", str(tmp_path / "index")]) == 0
    told = capsys.readouterr().out
    assert "found: P@1 1.000" in told and "named rightly" not in told
    assert main(["evaluate", str(photos), "--weights", str(tmp_path / "plain.pth")]) == 1
    assert "none of the 24 photos has a label that this network knows" in capsys.readouterr().err


def replace_label(photos: list[Photo], label: str) -> list[Photo]:
    return [photo._replace(label=label) for photo in photos]

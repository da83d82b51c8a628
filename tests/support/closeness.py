"""Calibrations of distances that the tests make up."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from cbir.network.closeness import Calibration, Curve, calibration_path
from cbir.network.expansion import Expansion
from cbir.network.extractor import FeatureExtractor
from cbir.network.googlenet import FEATURE_SIZE
from cbir.network.weights import Weights

CURVE = Curve(distance=-20.0, strangeness=0.0, log_size=0.0, constant=4.0, sizes=(10, 1000), strangest=9.0, highest=1.0)
"""Even odds at a distance of 0.2; nothing is strange."""


def make_calibration(
    weights: Weights,
    *,
    whole: Curve = CURVE,
    region: Curve | None = None,
    copy_distance: float = 0.05,
    found: Curve | None = None,
    expansion: Expansion = Expansion(),
) -> Calibration:
    """A calibration of weights, about no mean and with two axes."""
    axes = np.eye(FEATURE_SIZE)[:, :2]
    return Calibration(weights.digest, np.zeros(FEATURE_SIZE), axes, whole, region, copy_distance, found, expansion)


def calibrated(place: Path, weights: Weights, **settings: Any) -> FeatureExtractor:
    """An extractor of a copy of the weights, in a new folder, with a calibration beside it."""
    assert weights.path
    place.mkdir()
    shutil.copy(weights.path, place / "own.pth")
    extractor = FeatureExtractor.open(place / "own.pth")
    make_calibration(extractor.weights, **settings).save(calibration_path(place / "own.pth"))
    return extractor

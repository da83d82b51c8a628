"""Features from another device are those of the CPU."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cbir.network.extractor import FeatureExtractor
from cbir.network.gpu import DeviceExtractor, open_on_best_device
from cbir.network.preprocess import to_pixels
from tests.support.drawings import LABELS, draw_garment

DEVICES = ("cpu", pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")))


@pytest.mark.parametrize("device", DEVICES)
def test_another_device_gives_the_same_features(extractor: FeatureExtractor, device: str) -> None:
    pixels = np.stack([to_pixels(draw_garment(number, label)) for number, label in enumerate(LABELS)])
    found = DeviceExtractor(extractor.weights, device).embed(pixels)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, extractor.embed(pixels), atol=1e-5)


@pytest.mark.parametrize(("there", "expected"), [(True, "cuda"), (False, None)])
def test_a_gpu_is_used_where_there_is_one(
    extractor: FeatureExtractor, monkeypatch: pytest.MonkeyPatch, there: bool, expected: str | None
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: there)
    monkeypatch.setattr("cbir.network.gpu.DeviceExtractor", lambda _, device: opened.append(device))
    open_on_best_device(extractor.weights)
    assert opened == ([expected] if expected else [])

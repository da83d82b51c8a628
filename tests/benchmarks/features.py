"""One network, three ways: ours, ONNX Runtime, and eager torch as it comes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray

from cbir.network.extractor import FeatureExtractor
from cbir.network.googlenet import FEATURE_SIZE, INPUT_SIZE
from cbir.network.preprocess import to_tensor
from tests.benchmarks.timing import Row, take_turns

Embed = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
BATCH = 32
ONE_AIM = 1 / 1.15
BATCH_AIM = 0.85


def compare_features(extractor: FeatureExtractor) -> list[Row]:
    """Milliseconds of one photo's features, and of one of a batch of 32, from pixels."""
    network = extractor.weights.feature_network()
    ways: dict[str, Embed] = {
        "ours": extractor.embed,
        "ONNX Runtime": open_runtime(network),
        "eager torch": partial(_run_eagerly, network),
    }
    rows = []
    for size, rounds, aim in ((1, 60, ONE_AIM), (BATCH, 12, BATCH_AIM)):
        pixels = np.random.default_rng(size).integers(0, 256, (size, INPUT_SIZE, INPUT_SIZE, 3), np.uint8)
        expected = ways["eager torch"](pixels)
        for name, way in ways.items():
            worst = float(np.abs(way(pixels) - expected).max())
            assert worst < 1e-4, f"{name} differs by {worst}"
        times = take_turns({name: partial(way, pixels) for name, way in ways.items()}, rounds)
        what = "features of one photo" if size == 1 else f"features, {size} at a time"
        rows.append(Row(what, times["ours"] / size, "ONNX Runtime", times["ONNX Runtime"] / size, aim))
        rows.append(Row(what, times["ours"] / size, "eager torch", times["eager torch"] / size))
    return rows


def open_runtime(network: torch.nn.Module) -> Embed:
    """The network in ONNX Runtime, from pixels to features."""
    example = (torch.zeros(2, 3, INPUT_SIZE, INPUT_SIZE, dtype=torch.uint8),)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.onnx"
        batch = {0: torch.export.Dim("batch")}
        torch.onnx.export(network, example, path, dynamo=True, dynamic_shapes=(batch,), verbose=False)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def run(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        pooled = session.run(None, {name: np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))})[0]
        return np.asarray(pooled / np.linalg.norm(pooled, axis=1, keepdims=True)).reshape(-1, FEATURE_SIZE)

    return run


def _run_eagerly(network: torch.nn.Module, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    with torch.no_grad():
        return torch.nn.functional.normalize(network(to_tensor(pixels).contiguous())).numpy()

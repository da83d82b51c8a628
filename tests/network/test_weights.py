"""Weights files: the project's own, the two ImageNet ones, and everything else refused."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torchvision
from torchvision.models import GoogLeNet_Weights
from torchvision.models.googlenet import GoogLeNet as TorchvisionGoogLeNet

from cbir.errors import WeightsError
from cbir.network.extractor import FeatureExtractor
from cbir.network.weights import Weights, load_weights, save_weights


def test_round_trip_in_half_precision(weights_file: Path, tmp_path: Path) -> None:
    first = load_weights(weights_file)
    save_weights(first, tmp_path / "again.pth")
    again = load_weights(tmp_path / "again.pth")
    assert (again.variant, again.classes, again.metadata) == ("bvlc", first.classes, {"note": "random"})
    assert again.digest == hashlib.sha256((tmp_path / "again.pth").read_bytes()).hexdigest()
    assert all(torch.equal(again.tensors[name], tensor) for name, tensor in first.tensors.items())
    assert [path.name for path in tmp_path.iterdir()] == ["again.pth"]


def test_features_hold_to_1e_3_in_half_precision(weights_file: Path, tmp_path: Path) -> None:
    numbers = torch.Generator().manual_seed(5)
    exact = {
        name: tensor * (1 + 1e-3 * torch.rand(tensor.shape, generator=numbers))
        for name, tensor in load_weights(weights_file).tensors.items()
    }
    full = Weights("bvlc", exact)
    save_weights(full, tmp_path / "half.pth")
    pixels = np.random.default_rng(0).integers(0, 256, (4, 224, 224, 3), np.uint8)
    difference = FeatureExtractor(full).embed(pixels) - FeatureExtractor.open(tmp_path / "half.pth").embed(pixels)
    assert 0 < np.abs(difference).max() < 1e-3


def test_a_new_head_leaves_the_body_alone(weights_file: Path) -> None:
    weights = load_weights(weights_file)
    network = weights.classifier(9)
    assert network.fc.weight.shape == (9, 1024)
    for name, tensor in network.state_dict().items():
        assert name.startswith("fc.") or torch.equal(tensor, weights.tensors[name])


@pytest.fixture
def torchvision_file(tmp_path: Path) -> Path:
    """A file as torchvision publishes it, auxiliary heads included, with untrained numbers."""
    folder = tmp_path / "server"
    folder.mkdir()
    torch.manual_seed(0)
    network = TorchvisionGoogLeNet(init_weights=False)
    torch.save(network.state_dict(), folder / "net.pth")
    digest = hashlib.sha256((folder / "net.pth").read_bytes()).hexdigest()
    return (folder / "net.pth").rename(folder / f"googlenet-{digest[:8]}.pth")


def test_torchvisions_file(torchvision_file: Path) -> None:
    weights = load_weights(torchvision_file)
    assert weights.variant == "torchvision"
    assert FeatureExtractor(weights).embed(np.zeros((1, 224, 224, 3), np.uint8)).shape == (1, 1024)


@pytest.fixture
def server(torchvision_file: Path) -> Iterator[str]:
    """A local server in place of torchvision's."""

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(torchvision_file.parent))

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()


class FakeWeights:
    """Stands for torchvision's enumeration, with another address: the download itself is torchvision's own."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get_state_dict(self, **options: Any) -> object:
        return torch.hub.load_state_dict_from_url(self.url, **options)


def test_imagenet_is_downloaded_once(
    torchvision_file: Path, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "cache"))
    fake = type("Fake", (), {"IMAGENET1K_V1": FakeWeights(f"{server}/{torchvision_file.name}")})
    monkeypatch.setattr(torchvision.models, "GoogLeNet_Weights", fake)
    downloaded = load_weights("imagenet")
    assert downloaded.variant == "torchvision" and downloaded.digest == load_weights(torchvision_file).digest
    torchvision_file.unlink()
    assert load_weights("imagenet").digest == downloaded.digest
    assert GoogLeNet_Weights.IMAGENET1K_V1.url.endswith("/googlenet-1378be20.pth")


def test_a_download_that_fails_or_lies_is_refused(
    torchvision_file: Path, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "cache"))
    torchvision_file.with_name("googlenet-00000000.pth").write_bytes(torchvision_file.read_bytes())
    for name in ("absent-00000000.pth", "googlenet-00000000.pth"):
        fake = type("Fake", (), {"IMAGENET1K_V1": FakeWeights(f"{server}/{name}")})
        monkeypatch.setattr(torchvision.models, "GoogLeNet_Weights", fake)
        with pytest.raises(WeightsError, match=f"{name}: cannot be downloaded"):
            load_weights("imagenet")


def test_other_files_are_refused_by_name(weights_file: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"absent\.pth: no such file"):
        load_weights(tmp_path / "absent.pth")
    path = tmp_path / "odd.pth"
    half = weights_file.read_bytes()[: weights_file.stat().st_size // 2]
    for data in (b"", b"text", half):
        path.write_bytes(data)
        with pytest.raises(WeightsError, match=r"odd\.pth: not a file of weights"):
            load_weights(path)
    refused: dict[str, object] = {
        "holds a list": [1, 2],
        "weights of another network": {"conv.weight": torch.zeros(1)},
        "format 99": {"cbir_format": 99},
        "not the whole of a GoogLeNet": {"cbir_format": 1, "flavour": "bvlc"},
    }
    for reason, content in refused.items():
        torch.save(content, path)
        with pytest.raises(WeightsError, match=reason):
            load_weights(path)


def test_a_file_that_would_run_code_is_refused(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "ran",))

    torch.save({"cbir_format": Evil()}, tmp_path / "evil.pth")
    with pytest.raises(WeightsError, match=r"evil\.pth"):
        load_weights(tmp_path / "evil.pth")
    assert not (tmp_path / "ran").exists()


def test_incomplete_tensors_are_refused(weights_file: Path, tmp_path: Path) -> None:
    content = torch.load(weights_file, weights_only=True)
    del content["tensors"]["conv1.conv.weight"]
    torch.save(content, tmp_path / "part.pth")
    with pytest.raises(WeightsError, match=r"part\.pth: not a complete GoogLeNet"):
        FeatureExtractor.open(tmp_path / "part.pth")

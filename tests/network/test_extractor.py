"""Photos in, features of unit length out."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from cbir import FeatureExtractor
from cbir.catalogue.catalogue import Catalogue
from cbir.errors import CatalogueError, PhotoError, WeightsError
from cbir.network.preprocess import to_pixels
from cbir.network.weights import load_weights, save_weights
from tests.support.drawings import draw_garment


def test_features_are_the_last_pool_at_unit_length(extractor: FeatureExtractor) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (3, 224, 224, 3), np.uint8)
    features = extractor.embed(pixels)
    assert features.shape == (3, 1024) and features.dtype == np.float32
    with torch.inference_mode():
        pooled = extractor.weights.feature_network()(torch.from_numpy(pixels).permute(0, 3, 1, 2)).numpy()
    np.testing.assert_allclose(features, pooled / np.linalg.norm(pooled, axis=1, keepdims=True), atol=1e-6)


def test_batches_give_what_single_photos_give(extractor: FeatureExtractor, photos: Path) -> None:
    paths = sorted(photos.rglob("*.jpg"))[:7]
    done: list[int] = []
    together = extractor.extract(paths, batch_size=3, progress=done.append)
    assert done == [3, 6, 7]
    for path, feature in zip(paths, together):
        np.testing.assert_allclose(extractor.extract([path])[0], feature, atol=1e-5)
    assert extractor.extract([]).shape == (0, 1024)


def test_every_kind_of_source_gives_the_same_feature(extractor: FeatureExtractor, photos: Path) -> None:
    path = sorted(photos.rglob("*.jpg"))[0]
    with path.open("rb") as file, Image.open(path) as image:
        features = extractor.extract([path, str(path), path.read_bytes(), file, image, io.BytesIO(path.read_bytes())])
    assert np.ptp(features, axis=0).max() < 1e-5


def test_the_network_sees_the_central_square() -> None:
    wide = Image.new("RGB", (600, 200), "red")
    wide.paste("blue", (200, 0, 400, 200))
    assert (to_pixels(wide).reshape(-1, 3) == (0, 0, 255)).all(axis=1).mean() > 0.97
    assert to_pixels(Image.new("RGB", (1, 5000))).shape == (224, 224, 3)


def test_a_reduced_jpeg_gives_nearly_the_whole_ones_feature(extractor: FeatureExtractor) -> None:
    buffer = io.BytesIO()
    draw_garment(1, "shirt", size=(3200, 4000)).save(buffer, "JPEG")
    reduced = extractor.extract([buffer.getvalue()])[0]
    whole = extractor.embed(to_pixels(Image.open(buffer))[None])[0]
    other = extractor.extract([draw_garment(2, "shirt")])[0]
    assert np.linalg.norm(reduced - whole) < 0.05 * np.linalg.norm(reduced - other)


def test_a_photo_that_cannot_be_read_is_named(extractor: FeatureExtractor, photos: Path, tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("not a photo")
    with pytest.raises(PhotoError, match=r"text\.jpg"):
        extractor.extract([*photos.rglob("*.jpg"), tmp_path / "text.jpg"])


def test_the_word_imagenet_is_no_folder(
    catalogue: Path, weights_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder and a file beside it are ./imagenet and other paths."""
    other = load_weights(weights_file)
    other.tensors["conv1.conv.bias"].add_(0.25)
    save_weights(other, tmp_path / "downloaded.pth")
    monkeypatch.setattr("cbir.network.weights._download_imagenet", lambda: tmp_path / "downloaded.pth")
    monkeypatch.chdir(tmp_path)
    shutil.copytree(catalogue, "imagenet")
    digests = {FeatureExtractor.open(path).weights.digest for path in ("./imagenet", "imagenet/", Path("imagenet"))}
    assert digests == {load_weights(weights_file).digest}
    assert FeatureExtractor.open("imagenet").weights.digest == load_weights("downloaded.pth").digest


def test_open_takes_a_catalogue_or_a_file(catalogue: Path, weights_file: Path, tmp_path: Path) -> None:
    assert FeatureExtractor.open(catalogue).weights.digest == FeatureExtractor.open(weights_file).weights.digest
    assert Catalogue.open(catalogue).manifest["weights"] == FeatureExtractor.open(catalogue).weights.digest
    with pytest.raises(WeightsError, match=r"weights\.pth: no such file"):
        FeatureExtractor.open(tmp_path)
    (tmp_path / "manifest.json").write_bytes((catalogue / "manifest.json").read_bytes())
    (tmp_path / "weights.pth").write_bytes(b"changed")
    with pytest.raises(CatalogueError, match=r"weights\.pth: damaged"):
        FeatureExtractor.open(tmp_path)


def test_batches_leave_threads_as_they_are(extractor: FeatureExtractor) -> None:
    """Workers use one thread each; whoever called, and threads that start later, as many as before."""
    before = torch.get_num_threads()
    extractor.embed(np.zeros((9, 224, 224, 3), np.uint8))
    assert torch.get_num_threads() == before
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(torch.get_num_threads).result() == before
    assert set(extractor._workers.map(lambda _: torch.get_num_threads(), range(20))) == {1}


@pytest.mark.parametrize(
    ("module", "allowed"),
    [("cbir", []), ("cbir.commands.parser", []), ("cbir.web.page", ["gradio"]), ("cbir.search", ["torch"])],
)
def test_imports_are_light(module: str, allowed: list[str]) -> None:
    """Heavy packages are loaded when they are used: none for the command line's help, one for the page or a search."""
    check = f"import sys, {module}; print(sorted({{'torch', 'torchvision', 'gradio'}} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == str(allowed)


def test_photos_at_once_give_what_they_give_one_by_one(extractor: FeatureExtractor) -> None:
    """And leave the threads of torch as they were."""
    pixels = np.random.default_rng(0).integers(0, 256, (24, 1, 224, 224, 3), np.uint8)
    expected = [extractor.embed(one) for one in pixels]
    before = torch.get_num_threads()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(extractor.embed, pixels))
        assert set(pool.map(lambda _: torch.get_num_threads(), range(8))) == {before}
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert torch.get_num_threads() == before


def test_as_many_threads_as_are_quickest(extractor: FeatureExtractor, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that takes longer in all threads, as beside other work, is soon run in one."""
    own = FeatureExtractor(extractor.weights)
    taken, clock = [], [0.0]

    def slow(x: torch.Tensor) -> torch.Tensor:
        taken.append(threading.current_thread() is threading.main_thread())
        clock[0] += 0.09 if taken[-1] else 0.02
        return torch.ones(len(x), 1024)

    monkeypatch.setattr(own, "_network", slow)
    monkeypatch.setattr("cbir.network.extractor.perf_counter", lambda: clock[0])
    for _ in range(40):
        own.embed(np.zeros((1, 224, 224, 3), np.uint8))
    assert taken[:5] == [True] * 5 and taken[10:].count(False) >= 28

"""Photos and weights that the tests make themselves."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from cbir.catalogue.build import index_photos
from cbir.network.extractor import FeatureExtractor
from cbir.network.googlenet import GoogLeNet
from cbir.network.weights import Weights, load_weights, save_weights
from cbir.system.versions import current_version
from tests.support.drawings import LABELS, fill_folder
from tests.support.people import save_random_finder


@pytest.fixture(scope="session")
def weights_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A weights file of variant "bvlc" with random numbers of sizes that keep activations near 1."""
    path = tmp_path_factory.mktemp("weights") / "random.pth"
    network = GoogLeNet("bvlc", classes=len(LABELS))
    generator = torch.Generator().manual_seed(0)
    for parameter in network.parameters():
        spread = math.sqrt(2 / parameter[0].numel()) if parameter.ndim > 1 else 0.01
        torch.nn.init.normal_(parameter, std=spread, generator=generator)
    with torch.no_grad():
        network.conv1.conv.weight /= 128  # pixels go from 0 to 255
    save_weights(Weights("bvlc", network.state_dict(), LABELS, {"note": "random"}), path)
    return path


@pytest.fixture(scope="session")
def extractor(weights_file: Path) -> FeatureExtractor:
    return FeatureExtractor(load_weights(weights_file))


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 24 drawings, six of each label. Not to be changed: it is shared."""
    return fill_folder(tmp_path_factory.mktemp("photos"), 24)


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory, photos: Path, extractor: FeatureExtractor) -> Path:
    """The catalogue of `photos`, a plain folder. Not to be changed: it is shared."""
    place = tmp_path_factory.mktemp("catalogue")
    index_photos(photos, place / "versions of it", extractor)
    return Path(shutil.copytree(current_version(place / "versions of it"), place / "index"))


@pytest.fixture(scope="session")
def finder_weights(tmp_path_factory: pytest.TempPathFactory, weights_file: Path) -> Path:
    """A copy of `weights_file` with a garment finder beside it, of random numbers: it finds what is not there."""
    place = tmp_path_factory.mktemp("network with finder")
    save_random_finder(place, load_weights(weights_file), kinds=("top", "scarf"), note="random")
    return place / "weights.pth"


@pytest.fixture(scope="session")
def worn_catalogue(tmp_path_factory: pytest.TempPathFactory, photos: Path, finder_weights: Path) -> Path:
    """The catalogue of `photos` with a garment finder, a plain folder. Not to be changed: it is shared."""
    place = tmp_path_factory.mktemp("worn catalogue")
    index_photos(photos, place / "versions of it", FeatureExtractor.open(finder_weights))
    return Path(shutil.copytree(current_version(place / "versions of it"), place / "index"))


@pytest.fixture
def any_axes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Indexes take any axes in place of the principal ones, which take longest to find: their answers are the same."""
    monkeypatch.setattr(np.linalg, "eigh", lambda matrix: (np.zeros(len(matrix)), np.eye(len(matrix))))


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Small work takes far longer in threads that wait for each other on a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def copy_of(tmp_path: Path) -> Callable[[Path], Path]:
    """Copies a folder to a place where a test may change it."""
    return lambda folder: Path(shutil.copytree(folder, tmp_path / f"copy of {folder.name}"))

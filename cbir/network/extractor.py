"""Photos in, features out: the last pool of GoogLeNet, scaled to unit length."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from threading import Barrier, Lock
from time import perf_counter

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from cbir.errors import REBUILD, CatalogueError
from cbir.network.fast_googlenet import FastGoogLeNet
from cbir.network.googlenet import FEATURE_SIZE
from cbir.network.preprocess import read_batches, to_tensor
from cbir.network.weights import IMAGENET, Weights, load_weights
from cbir.photos.decode import PhotoSource
from cbir.system.choice import QuickestWay
from cbir.system.files import file_digest
from cbir.system.versions import read_current

Run = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
Function = Callable[[FastGoogLeNet, torch.Tensor], torch.Tensor]
CHUNK = 4
"""Photos that go through the network at once."""


class FeatureExtractor:
    """A network that turns photos into (N, 1024) float32 features of unit length.

    Euclidean distances of features are 0 to 2 in general; at most sqrt(2) here, because features are non-negative.
    """

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self._network = FastGoogLeNet(weights.feature_network())
        self._in_all_threads = QuickestWay([True, False])
        self._counting, self._running = Lock(), 0

    @classmethod
    def open(cls, source: str | os.PathLike[str]) -> FeatureExtractor:
        """The extractor of a catalogue's folder, a weights file, or "imagenet" (see `load_weights`).

        The word is never taken for a path: a folder of that name is "./imagenet".

        Weights in a catalogue must have the SHA-256 that its manifest promises. Raises WeightsError if there are none,
        and CatalogueError if they are not the catalogue's.
        """
        if source == IMAGENET or not Path(source).is_dir():
            return cls(load_weights(source))
        return cls(read_current(Path(source), _load_checked))

    def extract(
        self,
        photos: Sequence[PhotoSource],
        *,
        batch_size: int = 32,
        progress: Callable[[int], object] = lambda _: None,
    ) -> NDArray[np.float32]:
        """Features of photos: (N, 1024) float32, unit length, in their order.

        progress: called with the number of photos done after each batch. Raises PhotoError for the first photo that
        cannot be read.
        """
        return self.embed_batches(read_batches(photos, batch_size), len(photos), progress=progress)

    def embed_batches(
        self, batches: Iterable[NDArray[np.uint8]], count: int, *, progress: Callable[[int], object] = lambda _: None
    ) -> NDArray[np.float32]:
        """Features of `count` photos that come in batches of pixels: (count, 1024), as `embed` gives them."""
        features = np.empty((count, FEATURE_SIZE), np.float32)
        done = 0
        for pixels in batches:
            features[done : done + len(pixels)] = self.embed(pixels)
            done += len(pixels)
            progress(done)
        return features

    def embed(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Features of pixels: (N, 224, 224, 3) uint8 RGB, as `to_pixels` gives, to (N, 1024) float32, unit length."""
        return self.apply(lambda network, x: functional.normalize(network(x)), pixels)

    def feature_map(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(N, 224, 224, 3) uint8 to (N, 7, 7, 1024): its mean over positions, scaled to unit length, is the feature."""
        return self.apply(lambda network, x: network.feature_map(x).permute(0, 2, 3, 1).contiguous(), pixels)

    def apply(self, function: Function, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """What a function of the network and pixels, (n, 3, height, width) uint8, makes of (N, height, width, 3).

        It gets a few photos at a time in each thread: their activations fit its cache.
        """

        def run(some: NDArray[np.uint8]) -> NDArray[np.float32]:
            with torch.inference_mode():
                return function(self._network, to_tensor(some)).numpy()

        if len(pixels) <= CHUNK:
            return self._run_now(run, pixels)
        chunks = [pixels[start : start + CHUNK] for start in range(0, len(pixels), CHUNK)]
        return np.concatenate(list(self._workers.map(run, chunks)))

    def _run_now(self, run: Run, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """What `run` makes of a few photos, in all threads or in one, whichever is quickest.

        torch's threads wait for each other actively, many times a photo. That is fastest while they have the cores to
        themselves, and slow beside other work; beside other photos of this process, one thread each is best.
        """
        with self._counting:
            self._running += 1
            alone, workers = self._running == 1, self._workers
        in_all = alone and self._in_all_threads.choose()
        start = perf_counter()
        try:
            return run(pixels) if in_all else workers.submit(run, pixels).result()
        finally:
            seconds = perf_counter() - start
            with self._counting:
                undisturbed = alone and self._running == 1
                self._running -= 1
            if undisturbed:
                self._in_all_threads.record(in_all, seconds / pixels.size)

    @cached_property
    def _workers(self) -> ThreadPoolExecutor:
        """As many threads as torch would use, for each of which torch uses one alone."""
        count = torch.get_num_threads()
        pool, all_there = ThreadPoolExecutor(count), Barrier(count)

        def settle(_: int) -> None:
            torch.get_num_threads()  # what this thread would use; asked later, it would undo the next line
            torch.set_num_threads(1)
            all_there.wait()

        list(pool.map(settle, range(count)))
        torch.set_num_threads(count)  # of other threads
        return pool


def _load_checked(folder: Path) -> Weights:
    """The weights in a folder, which have the digest that the manifest there, if any, promises."""
    weights, manifest = folder / "weights.pth", folder / "manifest.json"
    if weights.exists() and manifest.exists() and file_digest(weights) != _read_promise(manifest):
        raise CatalogueError(f"{weights}: damaged, its digest is not the manifest's; {REBUILD}")
    return load_weights(weights)


def _read_promise(manifest: Path) -> str:
    """SHA-256 of the weights that a catalogue's manifest promises."""
    try:
        return str(json.loads(manifest.read_text(encoding="utf-8"))["weights"])
    except (ValueError, KeyError, TypeError) as error:
        raise CatalogueError(f"{manifest}: damaged; {REBUILD}") from error

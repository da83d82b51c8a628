"""Photos in, features out: the last pool of GoogLeNet, scaled to unit length."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from itertools import islice
from pathlib import Path
from threading import Barrier
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.nn import functional

from cbir.catalogue import check_file, read_manifest
from cbir.googlenet import FEATURE_SIZE, INPUT_SIZE
from cbir.images import DECODE_SIDE, PhotoSource, load_image
from cbir.inference import FastGoogLeNet
from cbir.weights import Weights, load_weights

CHUNK = 4
"""Photos that go through the network at once."""
Item = TypeVar("Item")
Result = TypeVar("Result")


class FeatureExtractor:
    """A network that turns photos into (N, 1024) float32 features of unit length.

    The Euclidean distance of two features lies between 0 (same direction) and 2; as they are never negative, photos
    do not in fact come further apart than the square root of 2.
    """

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self._network = FastGoogLeNet(weights.feature_network())

    @classmethod
    def open(cls, source: str | os.PathLike[str]) -> FeatureExtractor:
        """The extractor of a catalogue's folder, a weights file, or "imagenet" (see `load_weights`).

        Weights in a catalogue are checked against its manifest before they are opened. Raises WeightsError or
        CatalogueError if they are absent or damaged.
        """
        folder = Path(source)
        if not folder.is_dir():
            return cls(load_weights(source))
        if (folder / "manifest.json").exists():
            check_file(folder, read_manifest(folder), "weights.pth")
        return cls(load_weights(folder / "weights.pth"))

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
        return self._run(lambda x: functional.normalize(self._network(x)), pixels)

    def embed_cells(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The cells whose mean, scaled to unit length, is the feature: (N, 224, 224, 3) uint8 to (N, 7, 7, 1024)."""
        return self._run(lambda x: self._network.cells(x).permute(0, 2, 3, 1).contiguous(), pixels)

    def _run(self, function: Callable[[torch.Tensor], torch.Tensor], pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """What a function makes of pixels, a few photos at a time in each thread: their activations fit its cache."""

        def run(some: NDArray[np.uint8]) -> NDArray[np.float32]:
            with torch.inference_mode():
                return function(to_tensor(some)).numpy()

        if len(pixels) <= CHUNK:
            return run(pixels)
        chunks = [pixels[start : start + CHUNK] for start in range(0, len(pixels), CHUNK)]
        return np.concatenate(list(self._workers.map(run, chunks)))

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


def to_pixels(image: Image.Image) -> NDArray[np.uint8]:
    """What the network sees of an RGB picture: (224, 224, 3) uint8, its central square."""
    side = min(image.size)
    left, top = (image.width - side) / 2, (image.height - side) / 2
    square = (left, top, left + side, top + side)
    return np.array(image.resize((INPUT_SIZE, INPUT_SIZE), Image.Resampling.BICUBIC, box=square))


def read_pixels(photo: PhotoSource) -> NDArray[np.uint8]:
    """What the network sees of a photo: (224, 224, 3) uint8. Raises PhotoError if it cannot be read."""
    return to_pixels(load_image(photo, short_side=DECODE_SIDE))


def read_batches(
    photos: Sequence[Any], size: int = 32, *, read: Callable[[Any], NDArray[np.uint8]] = read_pixels
) -> Iterator[NDArray[np.uint8]]:
    """What the network sees of photos, in their order: (n, 224, 224, 3) uint8, n = size but for the last batch.

    The photos of the next two batches are read meanwhile. read: makes pixels of photos that are not a PhotoSource.
    Raises PhotoError for the first that cannot be read.
    """
    with ThreadPoolExecutor() as pool:
        for batch in batched(map_ahead(pool, read, photos, ahead=2 * size), size):
            yield np.stack(batch)


def to_tensor(pixels: NDArray[np.uint8]) -> torch.Tensor:
    """Pixels as the network takes them: (n, 224, 224, 3) to (n, 3, 224, 224), both uint8."""
    return torch.from_numpy(pixels).permute(0, 3, 1, 2)


def map_ahead(
    pool: ThreadPoolExecutor, function: Callable[[Item], Result], items: Sequence[Item], *, ahead: int
) -> Iterator[Result]:
    """Results of function over items in their order, computed by the pool at most `ahead` items in advance."""
    todo = iter(items)
    waiting = deque(pool.submit(function, item) for item in islice(todo, ahead))
    try:
        while waiting:
            yield waiting.popleft().result()
            waiting.extend(pool.submit(function, item) for item in islice(todo, 1))
    finally:
        for future in waiting:
            future.cancel()


def batched(items: Iterator[Item], size: int) -> Iterator[list[Item]]:
    """Items in lists of `size`, the last one shorter."""
    while batch := list(islice(items, size)):
        yield batch

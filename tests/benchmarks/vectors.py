"""Vectors to search among: made up, or features of real photos spread to any number by distorting them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cbir.datasets.photo import Photo
from cbir.datasets.reader import read_photos
from cbir.network.extractor import FeatureExtractor
from cbir.network.googlenet import INPUT_SIZE
from cbir.network.preprocess import read_batches, read_pixels
from cbir.system.progress import Bars
from cbir.training.augment import view_photo

LATENT = 64
"""Dimensions that made-up vectors vary in, most of all in the first."""


def make_vectors(count: int, dimension: int = 1024, *, seed: int = 0) -> NDArray[np.float32]:
    """(count, dimension), unit length, not negative, as features are: a random layer over LATENT numbers, and noise."""
    layer = np.random.default_rng(0).standard_normal((LATENT, dimension), np.float32)
    layer *= (np.arange(1, LATENT + 1, dtype=np.float32) ** -0.5)[:, None]
    numbers = np.random.default_rng(seed + 1)
    vectors = np.empty((count, dimension), np.float32)
    for start in range(0, count, 4096):
        some = vectors[start : start + 4096]
        np.matmul(numbers.standard_normal((len(some), LATENT), np.float32), layer, out=some)
        some += np.float32(0.2) * numbers.standard_normal(some.shape, np.float32)
        np.maximum(some, 0, out=some)
        some /= np.linalg.norm(some, axis=1, keepdims=True)
    return vectors


def spread_photos(
    folders: list[Path], count: int, extractor: FeatureExtractor, cache: Path
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Features of `count` distorted copies (`view_photo`) of real photos, and of every sixth photo, itself, as queries.

    No copy is made of photos that are queries. Kept in `cache`, so that a second run takes them from there, and a run
    that was stopped goes on.
    """
    photos = [photo for folder in folders for photo in read_photos(folder).photos]
    queries, others = photos[::6], [photo for number, photo in enumerate(photos) if number % 6]
    cache.mkdir(parents=True, exist_ok=True)
    place = cache / f"{extractor.weights.digest[:12]}-{len(photos)}.npy"
    total = len(queries) + count
    vectors = np.lib.format.open_memmap(place, "r+" if place.exists() else "w+", np.float32, (total, 1024))
    done = int(np.count_nonzero(vectors.any(1)))
    jobs: list[tuple[Photo, int]] = [(photo, -1) for photo in queries]
    jobs += [(others[number % len(others)], number // len(others)) for number in range(count)]
    with Bars() as bars:
        for pixels in read_batches(jobs[done:], read=_read):
            vectors[done : done + len(pixels)] = extractor.embed(pixels)
            done += len(pixels)
            bars.update("spreading photos", done, total)
    return np.asarray(vectors[len(queries) :]), np.asarray(vectors[: len(queries)])


def _read(job: tuple[Photo, int]) -> NDArray[np.uint8]:
    photo, number = job
    return read_pixels(photo.path) if number < 0 else view_photo(photo, INPUT_SIZE, f"{photo.name} {number}").pixels

"""The whole way: a large photo to three matches, and a folder of photos to a catalogue."""

from __future__ import annotations

import io
import shutil
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cbir import FeatureExtractor, Searcher
from cbir.catalogue.build import index_photos
from cbir.catalogue.catalogue import FINDER, write_catalogue
from cbir.catalogue.records import Record
from cbir.catalogue.vectors import write_rows
from cbir.nearest.exact import ExactIndex
from cbir.photos.thumbnails import make_thumb
from tests.benchmarks.article import Recipe
from tests.benchmarks.timing import Row, take_turns

MEGAPIXELS = (4000, 3000)
QUERY_AIM = 6.0
INDEX_AIM = 0.9


def write_large(folder: Path, vectors: NDArray[np.float32], weights: Path, *, finds: bool = False) -> Path:
    """A catalogue of these vectors, all of whose photos look alike. finds: with the finder beside the weights."""
    (folder / "thumbs").mkdir(parents=True)
    records = [Record(f"{number:07}.jpg", "garment", "0" * 64) for number in range(len(vectors))]
    (folder / records[0].thumb).write_bytes(make_thumb(Image.new("RGB", (400, 300))))
    shutil.copyfile(weights, folder / "weights.pth")
    if finds:
        shutil.copyfile(weights.with_name(FINDER), folder / FINDER)
    write_rows(folder / "vectors.npy", (len(vectors), vectors.shape[1]), [vectors])
    write_catalogue(folder, records, ExactIndex.build(np.load(folder / "vectors.npy", mmap_mode="r")))
    return folder


def compare_query(folder: Path, photo: Path) -> list[Row]:
    """One 12-megapixel JPEG, from its bytes to three matches, by this project and by the article's recipe."""
    searcher = Searcher.open(folder)
    recipe = Recipe(searcher.extractor.weights, np.load(folder / "vectors.npy"))
    data = enlarge(photo)
    times = take_turns({"ours": lambda: searcher.search(data), "theirs": lambda: recipe.search(data)}, 20)
    what = f"12-megapixel JPEG to three of {len(searcher.catalogue.records):,}"
    return [Row(what, times["ours"], "the article's recipe", times["theirs"], QUERY_AIM)]


def enlarge(photo: Path, *, noise: float = 0.0) -> bytes:
    """A photo as a camera of 12 megapixels would save it. noise: of its sensor, in grey levels."""
    encoded = io.BytesIO()
    image = Image.open(photo).convert("RGB").resize(MEGAPIXELS, Image.Resampling.BICUBIC)
    if noise:
        grain = np.random.default_rng(0).normal(0, noise, (*image.size[::-1], 1))
        image = Image.fromarray((np.asarray(image) + grain).clip(0, 255).astype(np.uint8))
    image.save(encoded, "JPEG", quality=92)
    return encoded.getvalue()


def compare_indexing(photos: list[Path], extractor: FeatureExtractor, *, rounds: int = 2) -> list[Row]:
    """Seconds a photo, of a folder to a complete catalogue, against those of the network alone in batches of 32."""
    pixels = np.random.default_rng(0).integers(0, 256, (32, 224, 224, 3), np.uint8)

    def embed() -> None:
        for _ in range(len(photos) // 32):
            extractor.embed(pixels)

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "photos"
        folder.mkdir()
        for number, photo in enumerate(photos):
            shutil.copyfile(photo, folder / f"{number:05}{photo.suffix}")

        def index() -> None:
            shutil.rmtree(Path(place) / "index", ignore_errors=True)
            index_photos(folder, Path(place) / "index", extractor)

        times = take_turns({"ours": index, "network": embed}, rounds, warm_up=1)
    what = f"indexing {len(photos):,} photos"
    return [Row(what, times["ours"] / len(photos), "the network alone", times["network"] / len(photos), INDEX_AIM)]

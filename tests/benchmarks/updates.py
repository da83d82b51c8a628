"""A large catalogue of which little changes: linked where photos came and went, beside all linked anew."""

from __future__ import annotations

import hashlib
import io
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
from PIL import Image

from cbir import FeatureExtractor
from cbir.catalogue.build import index_photos
from cbir.catalogue.catalogue import Catalogue, write_catalogue
from cbir.catalogue.edit import add_photos, remove_photos
from cbir.catalogue.map import make_map
from cbir.catalogue.records import Record
from cbir.catalogue.vectors import write_rows
from cbir.datasets.photo import Photo
from cbir.nearest.exact import ExactIndex
from cbir.photos.thumbnails import make_thumb
from tests.benchmarks.search import Agreement, check_answers, scan_with_faiss
from tests.benchmarks.timing import Row, Vectors, time_queries
from tests.benchmarks.vectors import make_vectors

MOVED, UPDATES = 50, 10
"""Photos that go, and as many that come, and how many times."""
REBUILT = "all linked anew"
QUERIES = 1_000


def compare_updates(count: int, extractor: FeatureExtractor) -> tuple[list[Row], Agreement]:
    """Seconds of changes of a catalogue of `count` made-up photos, each way, and of a query after all of them."""
    with tempfile.TemporaryDirectory() as place:
        photos, out = Path(place) / "photos", Path(place) / "index"
        photos.mkdir()
        spare = _draw_photos()
        _write_catalogue(photos, out, make_vectors(count), spare, extractor)
        times: dict[str, list[float]] = {"out": [], "in": []}
        for number in range(UPDATES):
            gone = sorted(photos.iterdir())[number :: count // MOVED][:MOVED]
            came = [Photo(name, photos / name) for name, _ in _write_photos(photos, islice(spare, MOVED))]
            start = perf_counter()
            remove_photos([path.name for path in gone], out)
            times["out"].append(perf_counter() - start)
            start = perf_counter()
            add_photos(came, out, extractor)
            times["in"].append(perf_counter() - start)
            for path in gone:
                path.unlink()
        changed = Catalogue.open(out)
        assert changed.changed == 2 * MOVED * UPDATES
        start = perf_counter()
        index_photos(photos, out, extractor, rebuild=True)
        anew = perf_counter() - start
        built = Catalogue.open(out)
        assert built.changed == 0
        queries = make_vectors(QUERIES, seed=2)
        after = time_queries(
            queries,
            changed=changed.index.search,
            built=built.index.search,
        )
        agreement = check_answers(changed.index, scan_with_faiss(changed.index.vectors[:]), queries)
    return [
        *(Row(f"{MOVED} photos {way}, of {count:,}", median(some), REBUILT, anew) for way, some in times.items()),
        Row(f"search after {UPDATES} times both", after["changed"], REBUILT, after["built"]),
    ], agreement


def _draw_photos() -> Iterator[tuple[str, bytes]]:
    """Names and content of small pictures, no two alike."""
    for number in range(10**7):
        encoded = io.BytesIO()
        colour = number % 256, number // 256 % 256, number // 65536
        Image.new("RGB", (16, 16), colour).save(encoded, "BMP")
        yield f"{hashlib.sha256(str(number).encode()).hexdigest()[:12]}.bmp", encoded.getvalue()


def _write_photos(folder: Path, photos: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    for name, data in photos:
        (folder / name).write_bytes(data)
        yield name, data


def _write_catalogue(
    photos: Path, out: Path, vectors: Vectors, spare: Iterator[tuple[str, bytes]], extractor: FeatureExtractor
) -> None:
    """A folder of photos and its catalogue, whose vectors are made up: embedding them would take half an hour."""
    (out / "thumbs").mkdir(parents=True)
    thumb, records = make_thumb(Image.new("RGB", (400, 300))), []
    for name, data in _write_photos(photos, sorted(islice(spare, len(vectors)))):
        records.append(Record(name, None, hashlib.sha256(data).hexdigest()))
        (out / records[-1].thumb).write_bytes(thumb)
    assert extractor.weights.path is not None
    shutil.copyfile(extractor.weights.path, out / "weights.pth")
    write_rows(out / "vectors.npy", vectors.shape, [vectors])
    index = ExactIndex.build(np.load(out / "vectors.npy", mmap_mode="r"))
    make_map(index, [None] * len(vectors)).save(out / "map.npy")
    write_catalogue(out, records, index)

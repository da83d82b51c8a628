"""Photos of a folder, read ahead by threads and embedded in batches."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path

import numpy as np

from cbir.catalogue.catalogue import EXAMPLES
from cbir.catalogue.journal import Journal, PreparedPhoto
from cbir.datasets.photo import Photo
from cbir.errors import PhotoError
from cbir.network.extractor import FeatureExtractor
from cbir.network.preprocess import to_pixels
from cbir.photos.decode import DECODE_SIDE, LARGE_BYTES, decode_photo, large_photo, load_image
from cbir.photos.thumbnails import make_thumb
from cbir.system.pool import batched, map_ahead, worker_pool

BATCH = 32


def embed_photos(photos: list[Photo], journal: Journal, extractor: FeatureExtractor) -> Iterator[PreparedPhoto]:
    """Every photo in its order, once it is refused, known, or safely in the journal."""
    with worker_pool() as pool:
        prepared = map_ahead(pool, lambda photo: _prepare(photo, journal), photos, ahead=2 * BATCH)
        for batch in batched(prepared, BATCH):
            new = {one.sha256: one for one in batch if one.pixels is not None and one.sha256 not in journal}
            if new:
                todo = list(new.values())
                journal.add(todo, extractor.embed(np.stack([one.pixels for one in todo if one.pixels is not None])))
            yield from batch


def _prepare(photo: Photo, journal: Journal) -> PreparedPhoto:
    try:
        with large_photo if photo.path.stat().st_size >= LARGE_BYTES else nullcontext():
            return _read_and_prepare(photo, journal)
    except OSError as error:
        return PreparedPhoto(photo, refusal=f"cannot be opened ({error.strerror}); check its permissions")


def _read_and_prepare(photo: Photo, journal: Journal) -> PreparedPhoto:
    """Raises OSError if the photo's file cannot be read."""
    data = photo.path.read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    if sha256 in journal:
        return PreparedPhoto(photo, sha256)
    try:
        read = decode_photo(data, short_side=DECODE_SIDE)
    except PhotoError as error:
        return PreparedPhoto(photo, refusal=str(error).removeprefix("the photo: "))
    thumb = make_thumb(read.image)
    if journal.confirm(sha256, thumb):
        return PreparedPhoto(photo, sha256, warning=read.warning)
    return PreparedPhoto(photo, sha256, to_pixels(read.image), thumb, warning=read.warning)


def prepare_examples(paths: Sequence[Path], refused: list[tuple[str, str]]) -> list[bytes]:
    """Pictures to offer as queries, small; those that cannot be read join `refused`."""
    pictures = []
    for path in paths:
        try:
            pictures.append(make_thumb(load_image(path, short_side=DECODE_SIDE)))
        except PhotoError as error:
            refused.append((EXAMPLES + path.name, str(error).removeprefix(f"{path}: ")))
    return pictures

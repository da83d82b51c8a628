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
from cbir.datasets.walk import describe_other, describe_unreachable
from cbir.errors import PhotoError
from cbir.network.extractor import FeatureExtractor
from cbir.network.preprocess import to_pixels
from cbir.photos.decode import DECODE_SIDE, LARGE_BYTES, decode_photo, large_photo, load_image, refuse_too_long
from cbir.photos.thumbnails import make_thumb
from cbir.system.pool import batched, map_ahead, worker_pool
from cbir.system.regular import NotAFileError, read_regular

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
        size = photo.path.stat().st_size
        refuse_too_long(size, "the photo")
    except OSError:
        size = 0  # reading it tells why
    except PhotoError as error:
        return _refuse(photo, error)
    with large_photo if size >= LARGE_BYTES else nullcontext():
        return _read_and_prepare(photo, journal)


def _read_and_prepare(photo: Photo, journal: Journal) -> PreparedPhoto:
    try:
        data = read_regular(photo.path)
    except NotAFileError as error:
        return PreparedPhoto(photo, refusal=describe_other(str(error.strerror)))
    except OSError as error:
        # Even if it says that there is no such file: the reader of the folder saw it a moment ago.
        return PreparedPhoto(photo, refusal=describe_unreachable(error), unreachable=True)
    sha256 = hashlib.sha256(data).hexdigest()
    if sha256 in journal:
        return PreparedPhoto(photo, sha256)
    try:
        read = decode_photo(data, short_side=DECODE_SIDE)
    except PhotoError as error:
        return _refuse(photo, error)
    thumb = make_thumb(read.image)
    if journal.confirm(sha256, thumb):
        return PreparedPhoto(photo, sha256, warning=read.warning)
    return PreparedPhoto(photo, sha256, to_pixels(read.image), thumb, warning=read.warning)


def _refuse(photo: Photo, error: PhotoError) -> PreparedPhoto:
    return PreparedPhoto(photo, refusal=str(error).removeprefix("the photo: "))


def prepare_examples(paths: Sequence[Path], refused: list[tuple[str, str]]) -> list[bytes]:
    """Pictures to offer as queries, small; those that cannot be read join `refused`."""
    pictures = []
    for path in paths:
        try:
            pictures.append(make_thumb(load_image(path, short_side=DECODE_SIDE)))
        except PhotoError as error:
            refused.append((EXAMPLES + path.name, str(error).removeprefix(f"{path}: ")))
    return pictures

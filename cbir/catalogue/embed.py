"""Photos of a folder, read ahead by threads, searched for garments if these are wanted, and embedded in batches."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cbir.catalogue.catalogue import EXAMPLES
from cbir.catalogue.journal import Journal, PreparedPhoto
from cbir.catalogue.records import WHOLE_PHOTO, Part
from cbir.datasets.photo import Photo
from cbir.datasets.walk import describe_other, describe_unreachable
from cbir.errors import PhotoError
from cbir.network.extractor import FeatureExtractor
from cbir.network.garments import GarmentFinder
from cbir.network.preprocess import side_for, to_pixels
from cbir.photos.decode import DECODE_SIDE, LARGE_BYTES, decode_photo, large_photo, load_image, refuse_too_long
from cbir.photos.region import WHOLE
from cbir.photos.thumbnails import make_thumb
from cbir.system.pool import batched, map_ahead, worker_pool
from cbir.system.regular import NotAFileError, read_regular
from cbir.system.remote import PhotoPath, RemotePath

BATCH = 32
EmbedPhotos = Callable[[list[Photo], Journal, FeatureExtractor, GarmentFinder | None], Iterator[PreparedPhoto]]
"""`embed_photos`, or what does the same elsewhere."""


class KnownPhotos(Protocol):
    """Photos that need not go through the network again; a Journal is one."""

    def __contains__(self, sha256: str, /) -> bool: ...

    def confirm(self, sha256: str, thumb: bytes, parts: tuple[Part, ...]) -> bool:
        """Whether a photo is known after all, by what it shows."""


def embed_photos(
    photos: list[Photo],
    journal: Journal,
    extractor: FeatureExtractor,
    finder: GarmentFinder | None = None,
    *,
    batch: int | None = None,
) -> Iterator[PreparedPhoto]:
    """Every photo in its order, once it is refused, known, or safely in the journal.

    finder: finds the garments of photos with somebody in them, which are embedded in place of the whole photo. batch:
    photos that go through the network at a time, BATCH if None.
    """
    batch = batch or BATCH
    with worker_pool() as pool:
        prepared = map_ahead(pool, lambda photo: prepare_photo(photo, journal, finder), photos, ahead=2 * batch)
        for some in batched(prepared, batch):
            new = {one.sha256: one for one in some if one.pixels is not None and one.sha256 not in journal}
            if new:
                todo = list(new.values())
                pixels = [one.pixels for one in todo if one.pixels is not None]
                journal.add(todo, extractor.embed(np.concatenate(pixels)))
            yield from some


def prepare_photo(photo: Photo, known: KnownPhotos, finder: GarmentFinder | None) -> PreparedPhoto:
    """A photo read, and searched for garments if there is a finder: known, refused, or with pixels to be embedded."""
    try:
        size = photo.file.stat().st_size
        refuse_too_long(size, "the photo")
    except OSError:
        size = 0  # reading it tells why
    except PhotoError as error:
        return _refuse(photo, error)
    with large_photo if size >= LARGE_BYTES else nullcontext():
        return _read_and_prepare(photo, known, finder)


def _read_and_prepare(photo: Photo, known: KnownPhotos, finder: GarmentFinder | None) -> PreparedPhoto:
    try:
        data = read_regular(photo.file)
    except NotAFileError as error:
        return PreparedPhoto(photo, refusal=describe_other(str(error.strerror)))
    except OSError as error:
        # Even if it says that there is no such file: the reader of the folder saw it a moment ago.
        return PreparedPhoto(photo, refusal=describe_unreachable(error), unreachable=True)
    sha256 = hashlib.sha256(data).hexdigest()
    if sha256 in known:
        return PreparedPhoto(photo, sha256)
    try:
        read = decode_photo(data, short_side=DECODE_SIDE)
        thumb, parts = make_thumb(read.image), _find_parts(read.image, finder)
        if known.confirm(sha256, thumb, parts):
            return PreparedPhoto(photo, sha256, warning=read.warning)
        return PreparedPhoto(photo, sha256, _cut_out(data, read.image, parts), thumb, parts, warning=read.warning)
    except PhotoError as error:
        return _refuse(photo, error)


def _find_parts(image: Image.Image, finder: GarmentFinder | None) -> tuple[Part, ...]:
    """The garments of a photo with somebody in it, the most prominent first; else the whole photo."""
    sighting = finder.look(image) if finder else None
    if sighting is None or not sighting.person or not sighting.garments:
        return WHOLE_PHOTO
    return tuple(Part(garment.box, garment.kind) for garment in sighting.garments)


def _cut_out(data: bytes, image: Image.Image, parts: Sequence[Part]) -> NDArray[np.uint8]:
    """What the network sees of each part, (n, 224, 224, 3) uint8, as sharp as a query for it would be.

    image: the photo of `data`, decoded for a whole one.
    """
    regions = [part.region for part in parts if part.region]
    if regions and side_for(regions) > min(image.size):
        image = load_image(data, short_side=side_for(regions))
    return np.stack([to_pixels(image, region) for region in regions or [WHOLE]])


def _refuse(photo: Photo, error: PhotoError) -> PreparedPhoto:
    return PreparedPhoto(photo, refusal=str(error).removeprefix("the photo: "))


def prepare_examples(paths: Sequence[PhotoPath], refused: list[tuple[str, str]]) -> list[bytes]:
    """Pictures to offer as queries, small; those that cannot be read join `refused`."""
    pictures = []
    for path in paths:
        try:
            source = read_regular(path) if isinstance(path, RemotePath) else path
            pictures.append(make_thumb(load_image(source, short_side=DECODE_SIDE)))
        except PhotoError as error:
            reason = str(error).removeprefix("the photo: " if isinstance(path, RemotePath) else f"{path}: ")
            refused.append((EXAMPLES + path.name, reason))
        except OSError as error:
            refused.append((EXAMPLES + path.name, describe_unreachable(error)))
    return pictures

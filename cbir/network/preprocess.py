"""What the network sees of a photo: its central square, 224 x 224 pixels, and batches of these read ahead."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from cbir.errors import PhotoError
from cbir.network.googlenet import INPUT_SIZE
from cbir.photos.decode import DECODE_SIDE, DecodedPhoto, PhotoSource, decode_photo, load_image
from cbir.photos.region import WHOLE, Region, cut_out
from cbir.system.pool import batched, map_ahead, worker_pool

LARGEST_ZOOM = 3.0
"""How many times as large a photo is decoded for its smallest region, at most."""


def to_pixels(image: Image.Image, region: Region = WHOLE) -> NDArray[np.uint8]:
    """What the network sees of an RGB picture: (224, 224, 3) uint8: its central square, or a region of it."""
    return np.array(cut_out(image, region, INPUT_SIZE))


def side_for(regions: Sequence[Region]) -> int:
    """Short side in pixels to decode a photo to, so that its regions are as sharp as a whole photo would be."""
    smallest = min(max(region.right - region.left, region.lower - region.upper) for region in regions)
    return round(DECODE_SIDE * min(1 / smallest, LARGEST_ZOOM))


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
    with worker_pool() as pool:
        for batch in batched(map_ahead(pool, read, photos, ahead=2 * size), size):
            yield np.stack(batch)


def decode_batches(photos: Sequence[PhotoSource], size: int = 32) -> Iterator[list[DecodedPhoto | PhotoError]]:
    """Photos as they are to be seen whole, in their order, or the errors of those that cannot be read.

    size: how many come together but for the last. Those of the next two batches are read meanwhile.
    """
    with worker_pool() as pool:
        yield from batched(map_ahead(pool, _decode_or_tell, photos, ahead=2 * size), size)


def _decode_or_tell(photo: PhotoSource) -> DecodedPhoto | PhotoError:
    try:
        return decode_photo(photo, short_side=DECODE_SIDE)
    except PhotoError as error:
        return error


def to_tensor(pixels: NDArray[np.uint8]) -> torch.Tensor:
    """Pixels as the network takes them: (n, 224, 224, 3) to (n, 3, 224, 224), both uint8."""
    return torch.from_numpy(pixels).permute(0, 3, 1, 2)

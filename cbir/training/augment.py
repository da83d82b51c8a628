"""Pictures to train on: a photo cropped, mirrored and under other light, or a garment cut out and put elsewhere."""

from __future__ import annotations

import io
import math
import random
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cbir.datasets.photo import Photo
from cbir.datasets.street import GarmentCut, garment_mask
from cbir.photos.decode import DECODE_SIDE, load_image

Box = tuple[float, float, float, float]
"""Left, upper, right and lower edge in pixels."""


class View(NamedTuple):
    """What the network is shown of a photo in one training step."""

    pixels: NDArray[np.uint8]
    """(side, side, 3) RGB."""
    mask: NDArray[np.uint8] | None
    """(side, side): 255 on garments and 0 elsewhere, where that is known."""


def view_photo(photo: Photo, side: int, seed: str) -> View:
    """A crop of 40 to 100 % of the photo's area."""
    rng = random.Random(seed)
    image = load_image(photo.path, short_side=DECODE_SIDE)
    return _finish(_crop(image, side, _draw_box(image.size, rng, 0.4)), None, rng)


def view_street(photo: Photo, side: int, seed: str) -> View:
    """60 to 100 % of a square about the middle of a photo of a person; with a mask, if it has a label map."""
    rng = random.Random(seed)
    image = load_image(photo.path, short_side=DECODE_SIDE)
    width, height = image.size
    square = min(width, height)
    left, upper, right, lower = _draw_box((square, square), rng, 0.6)
    across, down = (_draw_shift(room, square, rng) for room in (width - square, height - square))
    box = (left + across, upper + down, right + across, lower + down)
    mask = None
    if photo.label_map is not None:
        garments = garment_mask(photo)
        # A photo decoded at a half or less is rounded up to whole pixels, so that the two differ by a hair.
        wide, high = garments.width / width, garments.height / height
        mask = _crop(garments, side, (box[0] * wide, box[1] * high, box[2] * wide, box[3] * high))
    return _finish(_crop(image, side, box), mask, rng)


def view_cut(cut: GarmentCut, backgrounds: Sequence[Photo], side: int, seed: str) -> View:
    """A garment cut from a street photo: on its wearer, or in three of five cases before one of the backgrounds.

    So that neither the wearer nor the street tells anything about the garment (copy and paste augmentation, Ghiasi et
    al., CVPR 2021; Dwibedi et al., ICCV 2017).
    """
    rng = random.Random(seed)
    image, mask = load_image(cut.photo.path), garment_mask(cut.photo, cut.label_ids)
    left, upper, right, lower = cut.box
    square = max(right - left, lower - upper) * rng.uniform(1.0, 1.6)
    across = (left + right) / 2 + rng.uniform(-0.1, 0.1) * square
    down = (upper + lower) / 2 + rng.uniform(-0.1, 0.1) * square
    corners = (across - square / 2, down - square / 2, across + square / 2, down + square / 2)
    # crop() fills what lies outside the photo with black; the mask is empty there.
    box = (round(corners[0]), round(corners[1]), round(corners[2]), round(corners[3]))
    picture = image.crop(box).resize((side, side), Image.Resampling.BICUBIC)
    small = mask.crop(box).resize((side, side), Image.Resampling.BILINEAR)
    if backgrounds and rng.random() < 0.6:
        behind = load_image(rng.choice(backgrounds).path, short_side=DECODE_SIDE)
        behind = _crop(behind, side, _draw_box(behind.size, rng, 0.1))
        picture = Image.composite(picture, behind, small)
    return _finish(picture, small, rng)


def relight(pixels: NDArray[np.uint8], rng: random.Random) -> NDArray[np.uint8]:
    """The picture under other light: darker or brighter, flatter or harder, warmer or colder."""
    gamma, brightness = math.exp(rng.uniform(-0.35, 0.35)), math.exp(rng.uniform(-0.2, 0.2))
    tint = np.array([math.exp(rng.uniform(-0.08, 0.08)) for _ in range(3)], np.float32)
    lit = (np.arange(256, dtype=np.float32)[:, None] / 255) ** gamma * (255 * brightness) * tint
    table = lit.clip(0, 255).astype(np.uint8)
    return np.stack([table[pixels[..., channel], channel] for channel in range(3)], axis=-1)


def recolour(pixels: NDArray[np.uint8], rng: random.Random) -> NDArray[np.uint8]:
    """The picture in other colours: paler or richer, down to grey, and all hues turned by up to a sixth of the circle.

    pixels: (..., 3) RGB. Lightness stays about as it is: hues turn about the axis of greys.
    """
    richness = 0.0 if rng.random() < 0.2 else math.exp(rng.uniform(-0.6, 0.4))
    angle = rng.uniform(-math.pi / 3, math.pi / 3)
    across, around = richness * math.cos(angle), richness * math.sin(angle) / math.sqrt(3)
    same, before, after = (1 - across) / 3 + across, (1 - across) / 3 - around, (1 - across) / 3 + around
    turned = np.array([(same, before, after), (after, same, before), (before, after, same)], np.float32)
    return (pixels.astype(np.float32) @ turned.T).clip(0, 255).astype(np.uint8)


def _draw_box(size: tuple[int, int], rng: random.Random, least: float) -> Box:
    """A box of `least` to 1 of the area, up to a quarter off the photo's shape."""
    share = math.sqrt(rng.uniform(least, 1.0))
    stretch = math.sqrt(math.exp(rng.uniform(-0.25, 0.25)))
    width, height = min(1.0, share * stretch) * size[0], min(1.0, share / stretch) * size[1]
    left, upper = rng.uniform(0, size[0] - width), rng.uniform(0, size[1] - height)
    return left, upper, left + width, upper + height


def _draw_shift(room: int, square: int, rng: random.Random) -> float:
    """Where a square that can move by `room` begins: in the middle, give or take a tenth of its side."""
    return min(max(room / 2 + rng.uniform(-0.1, 0.1) * square, 0), room)


def _crop(image: Image.Image, side: int, box: Box) -> Image.Image:
    return image.resize((side, side), Image.Resampling.BICUBIC, box=box, reducing_gap=2)


def _finish(picture: Image.Image, mask: Image.Image | None, rng: random.Random) -> View:
    """Mirrored in every second case, under other light in seven of ten, saved as a poor JPEG in three of ten."""
    pixels, covered = np.asarray(picture), None if mask is None else np.asarray(mask)
    if rng.random() < 0.5:
        pixels, covered = pixels[:, ::-1], None if covered is None else covered[:, ::-1]
    if rng.random() < 0.7:
        pixels = relight(pixels, rng)
    if rng.random() < 0.3:
        encoded = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(pixels)).save(encoded, "JPEG", quality=rng.randrange(35, 80))
        pixels = np.asarray(Image.open(encoded))
    return View(np.ascontiguousarray(pixels), None if covered is None else np.ascontiguousarray(covered))

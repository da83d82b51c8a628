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
from cbir.datasets.street import GarmentCut, garment_mask, read_label_map
from cbir.photos.decode import DECODE_SIDE, load_image
from cbir.photos.region import AIR, fit_square

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
    if backgrounds and rng.random() < 0.6:
        image = _put_before(rng.choice(backgrounds), image, mask, cut.box, rng)
    return _finish(*_frame(image, mask, cut.box, side, rng), rng)


def view_figure(
    cut: GarmentCut, backgrounds: Sequence[Photo], others: Sequence[GarmentCut], side: int, seed: str
) -> View:
    """A garment on a figure, put before one of the backgrounds: with the figure in two of three cases.

    In three of ten cases one of `others`, garments of street photos, covers a part of it.
    """
    rng = random.Random(seed)
    image, mask = load_image(cut.photo.path), garment_mask(cut.photo, cut.label_ids)
    kept = mask
    if rng.random() < 2 / 3:
        kept = Image.fromarray((read_label_map(cut.photo) > 0).astype(np.uint8) * 255)
    if backgrounds:
        image = _put_before(rng.choice(backgrounds), image, kept, cut.box, rng)
    if others and rng.random() < 0.3:
        _cover(image, mask, cut.box, rng.choice(others), rng)
    return _finish(*_frame(image, mask, cut.box, side, rng), rng)


def _put_before(
    background: Photo, image: Image.Image, kept: Image.Image, box: tuple[int, int, int, int], rng: random.Random
) -> Image.Image:
    """A picture with what is kept of it (a mask) before a part of another photo, in and about a box."""
    left, upper, right, lower = box
    margin = round(0.6 * max(right - left, lower - upper))
    area = (left - margin, upper - margin, right + margin, lower + margin)
    behind = load_image(background.path, short_side=DECODE_SIDE)
    size = (area[2] - area[0], area[3] - area[1])
    behind = behind.resize(size, Image.Resampling.BICUBIC, box=_draw_box(behind.size, rng, 0.1), reducing_gap=2)
    behind.paste(image.crop(area), mask=kept.crop(area))
    changed = image.copy()
    changed.paste(behind, area[:2])
    return changed


def _cover(
    image: Image.Image, mask: Image.Image, box: tuple[int, int, int, int], other: GarmentCut, rng: random.Random
) -> None:
    """Put a garment of another photo, a quarter to a half as large, over a place of the box, in picture and mask."""
    left, upper, right, lower = box
    over = load_image(other.photo.path).crop(other.box)
    shape = garment_mask(other.photo, other.label_ids).crop(other.box)
    scale = rng.uniform(0.25, 0.5) * max(right - left, lower - upper) / max(over.size)
    size = max(1, round(scale * over.width)), max(1, round(scale * over.height))
    over, shape = over.resize(size), shape.resize(size)
    place = rng.randint(left, right) - size[0] // 2, rng.randint(upper, lower) - size[1] // 2
    image.paste(over, place, shape)
    mask.paste(0, (*place, place[0] + size[0], place[1] + size[1]), shape)


def _frame(
    image: Image.Image, mask: Image.Image, box: tuple[int, int, int, int], side: int, rng: random.Random
) -> tuple[Image.Image, Image.Image]:
    """A garment and its mask, `side` pixels square: in half of the cases as a search frames one, between grey.

    Edges are off by up to a twelfth, as a finder's are; else a square about it, up to 1.6 times as long, as far as the
    picture reaches.
    """
    left, upper, right, lower = box
    if rng.random() < 0.5:
        # AIR on the whole: 0.1 of the garment's width or height beyond each edge.
        wide, high = right - left, lower - upper
        first, second, third, fourth = ((AIR - 1) / 2 + rng.uniform(-1, 1) / 12 for _ in range(4))
        near = max(left - first * wide, 0), max(upper - second * high, 0)
        framed = (*near, min(right + third * wide, image.width), min(lower + fourth * high, image.height))
        return fit_square(image, framed, side), fit_square(mask, framed, side, ground=0)
    square = min(max(right - left, lower - upper) * rng.uniform(1.0, 1.6), *image.size)
    across, down = (
        min(max((first + last) / 2 + (rng.uniform(-0.1, 0.1) - 0.5) * square, 0), room - square)
        for first, last, room in ((left, right, image.width), (upper, lower, image.height))
    )
    edges = (across, down, across + square, down + square)
    return fit_square(image, edges, side), fit_square(mask, edges, side, ground=0)


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

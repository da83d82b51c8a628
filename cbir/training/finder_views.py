"""Pictures that the garment finder is trained on: parts of photos of people, with other people's garments pasted in."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cbir.datasets.photo import Photo
from cbir.datasets.street import read_garments
from cbir.datasets.vocabulary import GARMENTS, LABELS, LAID_OUT
from cbir.photos.decode import DECODE_SIDE, load_image
from cbir.photos.outlines import enclose
from cbir.photos.region import GREY
from cbir.training.augment import recolour, relight

SMALL = ("scarf", "hat", "bag", "belt", "glasses", "tie", "shoes")
"""Kinds that are pasted onto other people."""
SCARVES = 4
"""How many times as often scarves are pasted as any other kind: few photos show one."""
PASTED, BEFORE_OTHER_GROUND, DYED = 0.4, 0.12, 0.3
"""Shares of the photos that get a garment of somebody else, another background, and other colours of what is worn."""
LEAST_DONOR = 0.002
"""Smallest garment that is pasted, as a share of its photo."""
Box = tuple[float, float, float, float]


class LabelledView(NamedTuple):
    """What the finder is shown of a photo in one step."""

    pixels: NDArray[np.uint8]
    """(height, width, 3) RGB."""
    labels: NDArray[np.uint8] | None
    """(height, width): places in LABELS, or UNKNOWN; None where only the kinds are known."""
    possible: NDArray[np.bool_]
    """(len(LABELS),): what may be in the picture."""
    whole: bool
    """The picture shows the whole photo, so that what is possible is there."""


def view_people(photo: Photo, size: tuple[int, int], donors: Mapping[str, Sequence[Photo]], seed: str) -> LabelledView:
    """A part of a photo of a person, or all of it, labelled if it has a label map.

    size: height and width of the picture. donors: photos with label maps by the kind of garment they lend.
    """
    rng = random.Random(seed)
    image = load_image(photo.path)
    possible = np.array([True, True, *(not set(words).isdisjoint(photo.tags) for words in GARMENTS.values())])
    labels = None
    if photo.label_map is not None:
        labels = _fit(read_garments(photo), image)
        if rng.random() < PASTED:
            image, labels = _paste(image, labels, donors, rng)
        if rng.random() < BEFORE_OTHER_GROUND and donors.get("ground"):
            ground = load_image(rng.choice(donors["ground"]).path, short_side=DECODE_SIDE).resize(image.size)
            image = Image.composite(image, ground, _mask(labels != 0))
        if rng.random() < DYED:
            image = _dye(image, labels, rng)
        possible |= np.isin(np.arange(len(LABELS)), labels)
    return _finish(image, labels, possible, size, rng)


def view_laid_out(photo: Photo, size: tuple[int, int], seed: str) -> LabelledView:
    """A part of a photo of one garment without a wearer, or all of it. photo: its label is one of LAID_OUT."""
    possible = np.array([label in (LABELS[0], LAID_OUT[str(photo.label)]) for label in LABELS])
    return _finish(load_image(photo.path, short_side=DECODE_SIDE), None, possible, size, random.Random(seed))


def find_donors(photos: Sequence[Photo]) -> dict[str, list[Photo]]:
    """Photos with label maps that show enough of a garment, by its kind of SMALL."""
    donors: dict[str, list[Photo]] = {kind: [] for kind in SMALL}
    for photo in photos:
        labels = read_garments(photo)
        shares = np.bincount(labels.ravel(), minlength=256) / labels.size
        for kind in SMALL:
            if shares[LABELS.index(kind)] >= LEAST_DONOR:
                donors[kind].append(photo)
    return donors


def _paste(
    image: Image.Image, labels: NDArray[np.uint8], donors: Mapping[str, Sequence[Photo]], rng: random.Random
) -> tuple[Image.Image, NDArray[np.uint8]]:
    """Put a small garment of somebody else where it would be on this person (copy and paste, Ghiasi et al., 2021)."""
    kind = rng.choice([*["scarf"] * SCARVES, *SMALL[1:]])
    if not donors[kind] or not (labels != 0).any():
        return image, labels
    donor = rng.choice(donors[kind])
    other = load_image(donor.path)
    theirs = _fit(read_garments(donor), other)
    garment = theirs == LABELS.index(kind)
    there, here, box = enclose(theirs != 0), enclose(labels != 0), enclose(garment)
    scale = (here[3] - here[1]) / (there[3] - there[1])
    grown = scale * rng.uniform(0.85, 1.25)
    width, height = (max(2, round((box[2 + side] - box[side]) * grown)) for side in (0, 1))
    if width * height > labels.size / 3:
        return image, labels
    piece = other.crop(box).resize((width, height), Image.Resampling.BILINEAR)
    mask = _mask(garment).crop(box).resize((width, height), Image.Resampling.BILINEAR)
    across = ((box[0] + box[2]) - (there[0] + there[2])) / 2 * scale
    if rng.random() < 0.5:
        piece, mask = (one.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for one in (piece, mask))
        across = -across
    if rng.random() < 0.5:
        tint = np.array([rng.uniform(0.75, 1.25) * rng.uniform(0.7, 1.3) for _ in range(3)], np.float32)
        piece = Image.fromarray((np.asarray(piece, np.float32) * tint).clip(0, 255).astype(np.uint8))
    sway = 0.03 * (here[3] - here[1])
    left = round((here[0] + here[2]) / 2 + across - width / 2 + rng.uniform(-sway, sway))
    down = ((box[1] + box[3]) / 2 - there[1]) * scale
    upper = round(here[1] + down - height / 2 + rng.uniform(-sway, sway))
    pasted, painted = image.copy(), Image.fromarray(labels)
    pasted.paste(piece, (left, upper), mask)
    painted.paste(LABELS.index(kind), (left, upper), mask.point(lambda value: 255 * (value > 127)))
    return pasted, np.asarray(painted)


def _dye(image: Image.Image, labels: NDArray[np.uint8], rng: random.Random) -> Image.Image:
    """Other colours of half of the garments: kinds have none of their own."""
    pixels = np.array(image)
    for label in np.unique(labels):
        if 2 <= label < len(LABELS) and rng.random() < 0.5:
            worn = labels == label
            pixels[worn] = recolour(relight(pixels[worn], rng), rng)
    return Image.fromarray(pixels)


def _finish(
    image: Image.Image,
    labels: NDArray[np.uint8] | None,
    possible: NDArray[np.bool_],
    size: tuple[int, int],
    rng: random.Random,
) -> LabelledView:
    """A part of the shape of `size`, or in every second case the whole with a margin; mirrored, under other light."""
    height, width = size
    whole = rng.random() < 0.5
    fractions = image.height / height, image.width / width
    scale = max(fractions) * rng.uniform(0.95, 1.1) if whole else min(fractions) * rng.uniform(0.55, 1.0)
    stretch = math.exp(rng.uniform(-0.1, 0.1))
    wide, high = width * scale * stretch, height * scale / stretch
    left, upper = (rng.uniform(min(0, room), max(0, room)) for room in (image.width - wide, image.height - high))
    box = (left, upper, left + wide, upper + high)
    pixels = np.asarray(_crop(image, box, (width, height), Image.Resampling.BICUBIC, GREY))
    mirrored = rng.random() < 0.5
    if labels is not None:
        labels = np.asarray(_crop(Image.fromarray(labels), box, (width, height), Image.Resampling.NEAREST, 0))
        labels = np.ascontiguousarray(labels[:, ::-1] if mirrored else labels)
    if rng.random() < 0.7:
        pixels = relight(pixels, rng)
    if rng.random() < 0.3:
        pixels = recolour(pixels, rng)
    return LabelledView(np.array(pixels[:, ::-1] if mirrored else pixels), labels, possible, whole)


def _crop(
    image: Image.Image, box: Box, size: tuple[int, int], how: Image.Resampling, fill: int | tuple[int, int, int]
) -> Image.Image:
    """A part of a picture, which may reach beyond its edges, at another size."""
    left, upper, right, lower = math.floor(box[0]), math.floor(box[1]), math.ceil(box[2]), math.ceil(box[3])
    if left < 0 or upper < 0 or right > image.width or lower > image.height:
        canvas = Image.new(image.mode, (right - left, lower - upper), fill)
        canvas.paste(image, (-left, -upper))
        image, box = canvas, (box[0] - left, box[1] - upper, box[2] - left, box[3] - upper)
    return image.resize(size, how, box=box)


def _fit(labels: NDArray[np.uint8], image: Image.Image) -> NDArray[np.uint8]:
    """A label map of a photo's size."""
    if labels.shape == (image.height, image.width):
        return labels
    return np.asarray(Image.fromarray(labels).resize(image.size, Image.Resampling.NEAREST))


def _mask(mask: NDArray[np.bool_]) -> Image.Image:
    return Image.fromarray(mask.astype(np.uint8) * 255)

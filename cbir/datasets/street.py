"""Photos of people in the street: what they wear, and where in the photo each garment is."""

from __future__ import annotations

import io
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cbir.datasets.photo import Photo
from cbir.datasets.split import split_photos
from cbir.datasets.vocabulary import BACKGROUND, BODY, GARMENTS, KINDS, LABELS, PERSON, UNKNOWN
from cbir.errors import DatasetError
from cbir.photos.outlines import enclose
from cbir.system.regular import read_regular

SMALLEST = 0.012
"""Smallest garment kept, as a share of the photo's area; a third of it for shoes."""
TEST = 0.4
"""Share of street photos that is not trained on."""
RUN = 20
"""Photos in a row that stay on one side of the split: those taken one after the other share places."""


class GarmentCut(NamedTuple):
    """A garment in a street photo."""

    photo: Photo
    kind: str
    label_ids: tuple[int, ...]
    """Values of the label map that are its pixels."""
    box: tuple[int, int, int, int]
    """Left, upper, right and lower edge in pixels of the label map."""
    colour: str | None = None
    pattern: str | None = None


def split_street(photos: Sequence[Photo], *, seed: int = 0) -> tuple[list[Photo], list[Photo]]:
    """Photos to train on and photos to measure with; the contributor of each is then its run of neighbours."""
    runs = [photo._replace(contributor=f"run {place // RUN}") for place, photo in enumerate(photos)]
    split = split_photos(runs, validation=0, test=TEST, seed=seed)
    return split["train"], split["test"]


def cut_garments(photos: Sequence[Photo]) -> list[GarmentCut]:
    """The garments of KINDS in photos with a label map, but for tiny ones. Raises DatasetError for a bad label map."""
    cuts = []
    for photo in photos:
        if photo.label_map is None:
            continue
        pixels, names = read_label_map(photo), read_label_names(photo.label_map.parent.parent)
        present = {names[label_id]: int(label_id) for label_id in np.unique(pixels)}
        for kind, words in KINDS.items():
            label_ids = tuple(present[word] for word in words if word in present)
            mask = np.isin(pixels, label_ids)
            if label_ids and mask.mean() >= (SMALLEST / 3 if kind == "Shoes" else SMALLEST):
                cuts.append(GarmentCut(photo, kind, label_ids, enclose(mask)))
    return cuts


def cut_figures(photos: Sequence[Photo]) -> list[GarmentCut]:
    """The garment of each labelled photo of a figure: what its tags name. Raises DatasetError as `cut_garments`."""
    cuts = []
    for photo in photos:
        if photo.label_map is None or not photo.label:
            continue
        pixels, names = read_label_map(photo), read_label_names(photo.label_map.parent.parent)
        worn = {*photo.tags} - {*BODY}
        label_ids = tuple(int(label_id) for label_id in np.unique(pixels) if names[label_id] in worn)
        if label_ids:
            box = enclose(np.isin(pixels, label_ids))
            cuts.append(GarmentCut(photo, photo.label, label_ids, box, photo.colour, photo.pattern))
    return cuts


def garment_mask(photo: Photo, label_ids: Collection[int] | None = None) -> Image.Image:
    """Where a photo with a label map shows these labels, or anything worn: a grey picture, 255 there, else 0."""
    if photo.label_map is None:
        raise DatasetError(f"{photo.path}: has no label map")
    pixels = read_label_map(photo)
    if label_ids is None:
        names = read_label_names(photo.label_map.parent.parent)
        label_ids = [label_id for label_id, name in enumerate(names) if name not in BODY]
    return Image.fromarray(np.isin(pixels, list(label_ids)).astype(np.uint8) * 255)


def read_garments(photo: Photo) -> NDArray[np.uint8]:
    """What each pixel of a photo with a label map shows: (height, width) uint8, places in LABELS, or UNKNOWN."""
    assert photo.label_map is not None
    return _garment_table(photo.label_map.parent.parent)[read_label_map(photo)]


@cache
def _garment_table(folder: Path) -> NDArray[np.uint8]:
    """(256,) uint8: places in LABELS by lines of label_names.txt."""
    words = {"null": BACKGROUND, "skin": PERSON, "hair": PERSON}
    words |= {word: kind for kind, some in GARMENTS.items() for word in some}
    table = np.full(256, UNKNOWN, np.uint8)
    for label_id, name in enumerate(read_label_names(folder)):
        if name in words:
            table[label_id] = LABELS.index(words[name])
    return table


def read_label_map(photo: Photo) -> NDArray[np.uint8]:
    """(height, width) uint8: lines of label_names.txt, from 0. Raises DatasetError if it is damaged or has others."""
    path = photo.label_map
    assert path is not None
    try:
        with Image.open(io.BytesIO(read_regular(path)), formats=("PNG",)) as picture:
            pixels = np.asarray(picture.convert("L") if picture.mode not in ("L", "P") else picture)
    except (OSError, SyntaxError, ValueError) as error:  # Pillow raises all three on damaged PNGs
        raise DatasetError(f"{path}: not a label map that can be read; fetch it again") from error
    count = len(read_label_names(path.parent.parent))
    if pixels.max(initial=0) >= count:
        raise DatasetError(f"{path}: has label {pixels.max()}, but label_names.txt names {count}")
    return pixels


@cache
def read_label_names(folder: Path) -> tuple[str, ...]:
    """The lines of label_names.txt, the name of number 0 first."""
    try:
        return tuple(read_regular(folder / "label_names.txt").decode("utf-8-sig").splitlines())
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{folder / 'label_names.txt'}: cannot be read; label maps need it") from error

"""Train, validation and test, with every contributor wholly on one side."""

from __future__ import annotations

import random
from collections import Counter

from cbir.datasets.photo import Photo


def split_photos(
    photos: list[Photo], *, validation: float = 0.1, test: float = 0.1, seed: int = 0
) -> dict[str, list[Photo]]:
    """Photos as "train", "validation" and "test", with every contributor wholly on one side.

    Where the set marks a photo's split that holds. Shares that it leaves open are filled with contributors in an
    order drawn from the seed, those too large for the room left staying in train.
    """
    sides: dict[str, list[Photo]] = {"train": [], "validation": [], "test": []}
    for photo in photos:
        if photo.split and photo.split != "train":
            sides[photo.split].append(photo)
    rest = [photo for photo in photos if photo.split in (None, "train")]
    sizes = Counter(_group(photo) for photo in rest)
    order = sorted(sizes)
    random.Random(seed).shuffle(order)
    chosen: dict[str, str] = {}
    for side, share in (("test", test), ("validation", validation)):
        room = 0 if sides[side] else round(share * len(photos))
        for group in order:
            if group not in chosen and sizes[group] <= room:
                chosen[group] = side
                room -= sizes[group]
    for photo in rest:
        sides[chosen.get(_group(photo), "train")].append(photo)
    return sides


def _group(photo: Photo) -> str:
    return photo.contributor if photo.contributor is not None else photo.name

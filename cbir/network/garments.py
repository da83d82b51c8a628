"""The garment finder: which garments a photo shows, where each of them is, and how much of the photo is a person."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.nn import functional

from cbir.errors import RegionError, WeightsError
from cbir.network.expansion import Lab
from cbir.network.extractor import FeatureExtractor
from cbir.network.segmenter import FastSegmenter, FinderWeights, load_finder
from cbir.photos.lab import to_lab
from cbir.photos.outlines import enclose, label_parts, trace_outlines
from cbir.photos.region import Region

BACKGROUND, BODY = "background", "body"
"""The first two labels of every finder: neither is a garment. The body is skin and hair."""
FILE = "garments.pth"
"""Name of a finder's file, beside the network that it reads."""
AREA, GLANCE_AREA = 256 * 384, 96 * 144
"""Pixels that a photo is scaled to for a look at it, and for a glance that tells whether anybody is in it."""
STEP = 32
"""Sides of a scaled photo are multiples of this many pixels: the coarsest stride of the network."""
LEAST_BODY = 0.01
"""Share of a photo that shows skin or hair, from which on there is somebody in it."""
SURE = 0.7
"""Score of the best garment of a person; of what only looks like a person, it is less."""
LEAST_SHARE = 0.002
"""Smallest garment, as a share of the photo."""
LEAST_SCORE = 0.5
"""Score of a garment from which on it counts; of those below, one in four is worn."""
LEAST_PART = 0.2
"""Smallest part of a garment, as a share of its largest."""
APART = 0.5
"""Gap between two garments of a kind, as a multiple of the larger one's longer side; nearer parts are one garment."""


class Garment(NamedTuple):
    """A garment found in a photo."""

    kind: str
    score: float
    """How sure the finder is: mean probability of the kind over the garment's pixels."""
    box: Region
    """Edges to four digits, as they are written in JSON and in records."""
    share: float
    """Of the photo's area."""
    outline: tuple[tuple[tuple[float, float], ...], ...] = ()
    """Polygons, corners as fractions of width and height: parts of the garment and holes in it."""
    lab: Lab | None = None
    """Its colour: the median of its L*, a* and b*; None if the picture was not looked at."""

    def as_json(self) -> dict[str, Any]:
        """Plain data, without the outline and the colour."""
        box = [round(edge, 4) for edge in self.box]
        return {"kind": self.kind, "score": round(self.score, 4), "box": box, "share": round(self.share, 4)}


class Sighting(NamedTuple):
    """What is seen in a photo."""

    person: float
    """Share of the photo that shows a person with all that they wear; 0 if there is nobody."""
    garments: list[Garment]
    """The most prominent first."""

    def pick(self, kind: str) -> Garment:
        """The most prominent garment of a kind. Raises RegionError if none was found."""
        for garment in self.garments:
            if garment.kind == kind:
                return garment
        found = ", ".join(dict.fromkeys(garment.kind for garment in self.garments))
        but = f", but {found}" if found else ""
        raise RegionError(f"{kind[:60]}: not found in the photo{but}; give a region instead")

    def as_json(self) -> dict[str, Any]:
        """Plain data, as `garments --json` prints it."""
        return {"person": round(self.person, 4), "garments": [garment.as_json() for garment in self.garments]}


class GarmentFinder:
    """Finds the garments in photos, with the network that also makes the features."""

    def __init__(self, finder: FinderWeights, extractor: FeatureExtractor) -> None:
        """Raises WeightsError if the finder was trained over other weights than the extractor's."""
        if finder.reads != extractor.weights.digest:
            raise WeightsError(f"{finder.path}: a garment finder for other weights than {extractor.weights.path}")
        self.weights, self._extractor = finder, extractor
        self._segmenter = FastSegmenter(finder.segmenter(extractor.weights.feature_network()))

    @classmethod
    def open(cls, path: str | os.PathLike[str], extractor: FeatureExtractor) -> GarmentFinder:
        """The finder of a file. Raises WeightsError if there is none, or one for other weights."""
        return cls(load_finder(path), extractor)

    @classmethod
    def beside(cls, extractor: FeatureExtractor) -> GarmentFinder | None:
        """The finder that lies beside the extractor's weights and was trained over them; None if there is none."""
        path = extractor.weights.path and extractor.weights.path.with_name(FILE)
        if not path or not path.is_file():
            return None
        finder = load_finder(path)
        return cls(finder, extractor) if finder.reads == extractor.weights.digest else None

    def find(self, image: Image.Image, *, area: int = AREA) -> Sighting:
        """The garments in an upright RGB picture of any shape.

        area: pixels that it is scaled to; fewer are quicker, and small garments are then missed.
        """
        return self.read(self.probabilities(image, area=area), image)

    def read(self, probabilities: NDArray[np.float32], image: Image.Image | None = None) -> Sighting:
        """The garments in a picture of which `probabilities` tells: (kinds, rows, columns).

        image: the picture, of which their colours are taken.
        """
        coarse = torch.from_numpy(probabilities)
        fine = functional.interpolate(coarse[None], scale_factor=2, mode="bilinear", align_corners=False)[0].numpy()
        labels = fine.argmax(0)
        picture = None if image is None else np.asarray(image.resize(labels.shape[::-1]))
        body, person = float((labels == 1).mean()), float((labels != 0).mean())
        garments = []
        for number, kind in enumerate(self.weights.kinds[2:], start=2):
            for part in _separate(labels == number):
                score = float(fine[number][part].mean())
                if part.mean() >= LEAST_SHARE and score >= LEAST_SCORE:
                    garment = _describe(kind, part, score)
                    garments.append(garment if picture is None else garment._replace(lab=_find_colour(picture[part])))
        garments.sort(key=_prominence, reverse=True)
        return Sighting(person if body >= LEAST_BODY else 0.0, garments)

    def look(self, image: Image.Image) -> Sighting:
        """The same as `find`, but only a glance at a picture with nobody in it, whose person is 0 then.

        Who wears nothing that is made out for sure is nobody: a figure in a shop window, or a drawn one.
        """
        glance = self.find(image, area=GLANCE_AREA)
        if not glance.person:
            return glance
        seen = self.find(image)
        return seen if any(garment.score >= SURE for garment in seen.garments) else seen._replace(person=0.0)

    def probabilities(self, image: Image.Image, *, area: int = AREA) -> NDArray[np.float32]:
        """(kinds, rows, columns): how likely each place shows each label, at an eighth of the scaled photo's sides."""
        size = fit_size(image.size, area)
        pixels = np.array(image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2))[None]
        return self._extractor.apply(self._segmenter, pixels)[0]


def find_finder(weights: Path, digest: str) -> Path | None:
    """The finder's file beside weights with a digest, if it was trained over these; else None.

    Raises WeightsError if it is damaged.
    """
    path = weights.with_name(FILE)
    return path if path.is_file() and load_finder(path).reads == digest else None


def fit_size(size: tuple[int, int], area: int) -> tuple[int, int]:
    """Width and height of about `area` pixels, in the shape of a picture of `size`, as multiples of STEP."""
    scale = math.sqrt(area / (size[0] * size[1]))
    width, height = (max(2 * STEP, round(side * scale / STEP) * STEP) for side in size)
    return min(width, area // (2 * STEP)), min(height, area // (2 * STEP))


def _separate(mask: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """Masks of single garments of one kind, without specks. Parts that are near each other are one garment."""
    numbers, count = label_parts(mask)
    sizes = np.bincount(numbers.ravel(), minlength=count + 1)[1:]
    kept = [number for number in np.argsort(-sizes) + 1 if sizes[number - 1] >= LEAST_PART * sizes.max()]
    groups: list[tuple[list[int], tuple[int, int, int, int]]] = []
    for number in kept:
        box = enclose(numbers == number)
        for place, (members, other) in enumerate(groups):
            longer = max(other[2] - other[0], other[3] - other[1])
            gap = max(box[0] - other[2], other[0] - box[2], box[1] - other[3], other[1] - box[3])
            if gap <= APART * longer:
                joined = (*map(min, other[:2], box[:2]), *map(max, other[2:], box[2:]))
                groups[place] = ([*members, int(number)], joined)  # type: ignore[assignment]
                break
        else:
            groups.append(([int(number)], box))
    return [np.isin(numbers, members) for members, _ in groups]


def _describe(kind: str, mask: NDArray[np.bool_], score: float) -> Garment:
    rows, columns = mask.shape
    left, upper, right, lower = enclose(mask)
    outline = tuple(
        tuple((x / columns, y / rows) for x, y in polygon) for polygon in trace_outlines(mask) if len(polygon) > 2
    )
    box = Region(*(round(edge, 4) for edge in (left / columns, upper / rows, right / columns, lower / rows)))
    return Garment(kind, score, box, float(mask.mean()), outline)


def _find_colour(pixels: NDArray[np.uint8]) -> Lab:
    """Median L*, a* and b* of pixels, (n, 3) sRGB."""
    lightness, red, yellow = np.median(to_lab(pixels), axis=0).tolist()
    return lightness, red, yellow


def _prominence(garment: Garment) -> float:
    """How plainly a garment is meant: sure, large and in the middle."""
    box = garment.box
    off = math.hypot((box.left + box.right) / 2 - 0.5, (box.upper + box.lower) / 2 - 0.5)
    return garment.score * math.sqrt(garment.share) * (1 - off)

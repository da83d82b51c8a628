"""Drawings of people, and a garment finder that sees in them what was drawn."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from cbir.network.extractor import FeatureExtractor
from cbir.network.fast_googlenet import FastGoogLeNet
from cbir.network.garments import AREA, BACKGROUND, BODY, FILE, GarmentFinder
from cbir.network.segmenter import STEM, FinderWeights, Segmenter, save_finder
from cbir.network.weights import Weights
from tests.support.drawings import draw_garment

KINDS = ("coat", "shoes", "scarf")
STEP = 60
"""Of the corner's red, which tells how many garments the person wears."""
NOBODY = 4
"""In place of that number: the garment is laid out."""
STREET_NAMES = ("null", "skin", "hair", "t-shirt", "pants", "scarf", "ring")
STREET_COLOURS = np.array(
    [(240, 240, 240), (220, 180, 150), (60, 40, 30), (200, 30, 30), (30, 30, 200), (20, 160, 60), (9, 9, 9)]
)
"""Of STREET_NAMES."""


def draw_street(folder: Path, count: int) -> Path:
    """People in flat colours, every second one with a label map; every other two wear a scarf. Returns the folder."""
    for name in ("photos", "labels"):
        (folder / name).mkdir(parents=True)
    (folder / "label_names.txt").write_text("\n".join(STREET_NAMES))
    rows = ["photo,annotation,tags"]
    for number in range(count):
        labels = np.zeros((120, 80), np.uint8)
        left = 20 + number % 9
        labels[10:22, left + 12 : left + 24] = 2
        labels[14:26, left + 12 : left + 24] = 1
        labels[30:70, left : left + 36] = 3
        labels[70:110, left + 4 : left + 32] = 4
        if number % 4 < 2:
            labels[26:36, left + 8 : left + 28] = 5
        labels[60:63, left : left + 3] = 6
        Image.fromarray(STREET_COLOURS[labels].astype(np.uint8)).save(folder / "photos" / f"{number:04}.png")
        if number % 2:
            Image.fromarray(labels).save(folder / "labels" / f"{number:04}.png")
        tags = " ".join(STREET_NAMES[label] for label in np.unique(labels) if label)
        rows.append(f"{number:04}.png,{'pixels' if number % 2 else 'tags'},{tags}")
    (folder / "photos.csv").write_text("\n".join(rows))
    return folder


def draw_person(number: int, garments: int, *, size: tuple[int, int] = (320, 400)) -> Image.Image:
    """A picture in which `Seeing` finds the first garments of KINDS on a person, or a coat on NOBODY."""
    picture = draw_garment(number, "shirt", size=size)
    ImageDraw.Draw(picture).rectangle((0, 0, size[0] // 8, size[1] // 8), fill=(STEP * garments, 0, 0))
    return picture


def save_random_finder(
    place: Path, weights: Weights, *, kinds: tuple[str, ...] = KINDS, note: str = ""
) -> FeatureExtractor:
    """An extractor of a copy of the weights, in a folder, with a finder of random numbers beside it.

    In nearly any drawing it is sure of a person's body and of some garments, all of which are not there.
    """
    assert weights.path
    place.mkdir(exist_ok=True)
    shutil.copy(weights.path, place / "weights.pth")
    extractor = FeatureExtractor.open(place / "weights.pth")
    network, labels = extractor.weights.feature_network(), (BACKGROUND, BODY, *kinds)
    segmenter = Segmenter(network, len(labels)).eval()
    generator = torch.Generator().manual_seed(1)
    for parameter in segmenter.parameters():
        if parameter.requires_grad:
            spread = math.sqrt(1 / parameter[0].numel()) if parameter.ndim > 1 else 0.1
            torch.nn.init.normal_(parameter, std=spread, generator=generator)
    pixels = torch.from_numpy(np.array(draw_garment(1, "shirt", size=(256, 256)))).permute(2, 0, 1)[None]
    with torch.no_grad():
        # No label is likelier than another in all places.
        segmenter.context.weight.zero_()
        logits, _ = segmenter(FastGoogLeNet(network).feature_maps(pixels, (STEM,))[STEM])
        means = logits.mean((0, 2, 3))
        scale = (logits - means[:, None, None]).std() / 10
        segmenter.labels.weight /= scale
        assert segmenter.labels.bias is not None
        segmenter.labels.bias.sub_(means).div_(scale)
    tensors = {name: tensor.detach() for name, tensor in segmenter.own_tensors().items()}
    save_finder(FinderWeights(labels, extractor.weights.digest, tensors, {"note": note}), place / FILE)
    return extractor


class Seeing:
    """Takes the place of what a finder's network says, and notes each look."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.looks: list[int] = []
        """Area of each."""
        self.lower = 0
        """Rows by which all garments are seen further down: what another finder sees."""
        patch.setattr(GarmentFinder, "probabilities", lambda _, image, *, area=AREA: self._see(image, area))

    def _see(self, image: Image.Image, area: int) -> NDArray[np.float32]:
        self.looks.append(area)
        garments = round(np.asarray(image)[2:10, 2:10, 0].mean() / STEP)
        labels = np.zeros((28, 21), np.int64)
        if garments != NOBODY:
            labels[1:4, 9:12] = 1
        for number in range(1 if garments == NOBODY else garments):
            first = 5 + 6 * number + self.lower
            labels[first : first + 4, 4 + number : 13 + number] = 2 + number
        return np.eye(2 + len(KINDS), dtype=np.float32)[labels].transpose(2, 0, 1)

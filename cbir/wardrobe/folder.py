"""A folder of pictures of garments, with a table that describes them."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from cbir.system.files import replacing
from cbir.wardrobe.cloth.colours import BASIC
from cbir.wardrobe.cloth.garment import Garment
from cbir.wardrobe.garments import COUNT, plan_garment
from cbir.wardrobe.render import SIDE, render_garment, render_worn

COLUMNS = ("photo", "label", "contributor", "description", "colour", "pattern", "fabric", "style")

BASIC_PATTERNS = {
    "solid": "plain",
    "pinstriped": "striped",
    "multi-striped": "striped",
    "breton striped": "striped",
    "plaid": "checked",
    "printed": "graphic",
    "colour block": "blocked",
    "herringbone": "patterned",
    "camouflage": "patterned",
}
"""The plain word for a pattern, where it differs. Photos are described with the same words."""


class Example(NamedTuple):
    """A garment to search with, and how it is shown. An empty scene is drawn from the number."""

    number: int
    scene: str = ""
    worn: bool = False


EXAMPLES = (
    Example(1150),
    Example(1002, "busy rug", worn=True),
    Example(1222, "busy rug"),
    Example(883, "wall", worn=True),
    Example(1192, "busy rug"),
    Example(680, "concrete", worn=True),
    Example(1033),
    Example(856, "busy rug"),
    Example(918, "concrete", worn=True),
    Example(1156),
    Example(764, "concrete", worn=True),
    Example(1066),
)
"""Twelve garments that are not in the sample catalogue, as queries to try."""


WORN = {
    "T-Shirt": "t-shirt",
    "Longsleeve": "sweater",
    "Shirt": "shirt",
    "Polo": "t-shirt",
    "Undershirt": "top",
    "Top": "top",
    "Blouse": "blouse",
    "Body": "bodysuit",
    "Hoodie": "hoodie",
    "Outwear": "jacket",
    "Coat": "coat",
    "Blazer": "blazer",
    "Suit": "suit",
    "Vest": "vest",
    "Dress": "dress",
    "Skirt": "skirt",
    "Pants": "pants",
    "Shorts": "shorts",
    "Hat": "hat",
    "Scarf": "scarf",
}
"""Kinds that can be worn by a figure, by the words of street photos."""
SHOWN = ("null", "skin", "hair", "tie", *sorted({*WORN.values(), "bag", "cardigan", "shoes"}))
"""What the pixels of a figure's picture show: the lines of label_names.txt."""
CLOTHS = {"figure": "skin", "hair": "hair", "tie": "tie", "shirt": "shirt"}
"""The same for cloths that are not the garment itself."""


class _Picture(NamedTuple):
    path: Path
    example: Example
    seed: int
    labels: Path | None = None
    """Where the label map goes."""


def write_wardrobe(
    folder: str | os.PathLike[str],
    numbers: Iterable[int],
    *,
    examples: Iterable[Example] = (),
    seed: int = 0,
    progress: Callable[[int, int], object] = lambda *_: None,
) -> list[Garment]:
    """Render garments to `folder`/photos/SEED-NUMBER.jpg and describe them in `folder`/photos.csv.

    Pictures that exist are kept, so that an interrupted run can be continued. To render all of them again, delete the
    folder. The columns colour and pattern have plain words; the description has the exact ones. The column contributor
    names the family, so that a split can keep similar garments on one side. Examples go to `folder`/examples/.
    numbers: of the garments; examples: to search with; seed: of the wardrobe.
    progress: called with the number of pictures done and the number of all pictures.
    """
    place = Path(folder)
    garments = [plan_garment(number, seed=seed) for number in numbers]
    pictures = [
        _Picture(place / "photos" / name_photo(garment.number, seed), Example(garment.number), seed)
        for garment in garments
    ]
    for place_in_row, example in enumerate(examples, start=1):
        path = place / "examples" / f"{place_in_row:02}-{example.number:04}.jpg"
        pictures.append(_Picture(path, example, seed))
    _render_all(pictures, progress)
    with replacing(place / "photos.csv") as part, part.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        table.writerows(make_row(garment, seed=seed) for garment in garments)
    return garments


def make_row(garment: Garment, *, seed: int = 0) -> tuple[str, ...]:
    """A garment's row of photos.csv, in the order of COLUMNS."""
    colour = BASIC.get(garment.colours[0], garment.colours[0])
    pattern = BASIC_PATTERNS.get(garment.pattern, garment.pattern)
    words = garment.description, colour, pattern, garment.fabric, garment.style
    return name_photo(garment.number, seed), garment.kind, f"family {seed}-{garment.family}", *words


def name_photo(number: int, seed: int) -> str:
    """The file's name of a garment's picture."""
    return f"{seed}-{number:04}.jpg"


def write_figures(
    folder: str | os.PathLike[str],
    count: int,
    *,
    seed: int = 0,
    progress: Callable[[int, int], object] = lambda *_: None,
) -> list[Garment]:
    """Render figures that wear garments, with label maps, as a set of street photos.

    Of the garments of the sample catalogue's kinds that are in WORN, `count` are taken evenly; progress, and how an
    interrupted run goes on, are as in `write_wardrobe`. A figure's tags name its garment. Its label map is
    labels/SEED-NUMBER.png, whose pixels are line numbers, from 0, of label_names.txt.
    """
    place = Path(folder)
    worn = [garment for garment in map(partial(plan_garment, seed=seed), range(COUNT)) if garment.kind in WORN]
    count = min(count, len(worn))
    garments = [worn[place * len(worn) // count] for place in range(count)]
    pictures = []
    for garment in garments:
        photo = place / "photos" / name_photo(garment.number, seed)
        labels = place / "labels" / f"{photo.stem}.png"
        pictures.append(_Picture(photo, Example(garment.number, worn=True), seed, labels))
    _render_all(pictures, progress)
    with replacing(place / "label_names.txt") as part:
        part.write_text("\n".join(SHOWN) + "\n", encoding="utf-8")
    with replacing(place / "photos.csv") as part, part.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow((*COLUMNS, "tags"))
        table.writerows((*make_row(garment, seed=seed), f"{_tag(garment.kind)} skin") for garment in garments)
    return garments


def _tag(kind: str) -> str:
    """The words of what belongs to a garment."""
    return f"{WORN[kind]} shirt tie" if kind == "Suit" else WORN[kind]


def _render_all(pictures: Sequence[_Picture], progress: Callable[[int, int], object]) -> None:
    """Those that do not exist, on all cores."""
    for folder in {path.parent for picture in pictures for path in (picture.path, picture.labels) if path}:
        folder.mkdir(parents=True, exist_ok=True)
    todo = [picture for picture in pictures if not picture.path.exists()]
    progress(len(pictures) - len(todo), len(pictures))
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for done, _ in enumerate(pool.map(_render, todo, chunksize=4), start=len(pictures) - len(todo) + 1):
            progress(done, len(pictures))


def _render(picture: _Picture) -> None:
    number, scene, worn = picture.example
    if picture.labels is None:
        encoded = render_garment(number, seed=picture.seed, scene=scene, worn=worn)
    else:
        encoded, masks, words = render_worn(number, seed=picture.seed, scene=scene)
        word = WORN[plan_garment(number, seed=picture.seed).kind]
        shown = np.zeros((SIDE, SIDE), np.uint8)
        for cloth, mask in masks.items():
            shown[mask] = SHOWN.index((CLOTHS | words).get(cloth, word))
        with replacing(picture.labels) as part:
            Image.fromarray(shown).save(part, "PNG")
    # Last, because a picture that exists is not rendered again.
    with replacing(picture.path) as part:
        part.write_bytes(encoded)

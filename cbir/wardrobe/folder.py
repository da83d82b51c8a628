"""The wardrobe as a folder of pictures with a table that says what each garment is."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from cbir.files import replacing
from cbir.wardrobe.garments import Garment, plan_garment
from cbir.wardrobe.render import render_garment

COLUMNS = ("photo", "label", "contributor", "description", "colours", "pattern", "fabric", "style")


def write_wardrobe(
    folder: str | os.PathLike[str],
    numbers: Iterable[int],
    *,
    seed: int = 0,
    progress: Callable[[int], object] = lambda _: None,
) -> list[Garment]:
    """Render garments to `folder`/photos/SEED-NUMBER.jpg and describe them in `folder`/photos.csv.

    Pictures that are there already are kept, so that a broken run goes on; delete the folder to render all anew.
    The column `contributor` names the family, for splits that keep like garments on one side. progress: called with
    the number of garments done.
    """
    place = Path(folder)
    (place / "photos").mkdir(parents=True, exist_ok=True)
    garments = [plan_garment(number, seed=seed) for number in numbers]
    todo = [garment.number for garment in garments if not _picture(place, garment, seed).exists()]
    progress(len(garments) - len(todo))
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        rendered = pool.map(partial(_render_to, place, seed), todo, chunksize=4)
        for done, _ in enumerate(rendered, start=len(garments) - len(todo) + 1):
            progress(done)
    with replacing(place / "photos.csv") as part, part.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for garment in garments:
            name = _picture(place, garment, seed).name
            words = garment.description, "/".join(garment.colours), garment.pattern, garment.fabric, garment.style
            table.writerow((name, garment.kind, f"family {seed}-{garment.family}", *words))
    return garments


def _picture(place: Path, garment: Garment, seed: int) -> Path:
    return place / "photos" / f"{seed}-{garment.number:04}.jpg"


def _render_to(place: Path, seed: int, number: int) -> None:
    with replacing(_picture(place, plan_garment(number, seed=seed), seed)) as part:
        part.write_bytes(render_garment(number, seed=seed))

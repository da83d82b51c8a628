"""Many visitors for minutes: how long each waits, and whether the page's memory stays as it is.

python -m tests.benchmarks.load --photos FOLDER --json FILE --picture FILE
"""

from __future__ import annotations

import argparse
import json
import random
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlparse

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from cbir.catalogue.manifest import read_manifest
from cbir.commands.defaults import SHIPPED
from cbir.datasets.reader import read_photos
from cbir.system.versions import read_current
from tests.benchmarks.company import ask, form
from tests.support.serving import served

EARLY, LATE = 500, 10_000
"""Answers after which memory is compared."""
WIDTH, HEIGHT, EDGE = 900, 360, 56
"""Pixels of the picture, and of what is about its curve."""


class Sample(NamedTuple):
    """The page's memory at a time."""

    seconds: float
    answers: int
    memory: int
    """Bytes that are resident."""


class Load(NamedTuple):
    """What became of the visitors."""

    answers: int
    errors: list[str]
    waits: list[float]
    """Seconds of each answer."""
    samples: list[Sample]


def run_load(folder: Path, photos: Sequence[Path], *, clients: int, seconds: float) -> Load:
    """Visitors who bring a photo, are answered, and at once bring another."""
    uploads = [form(path) for path in photos]
    waits: list[float] = []
    errors: list[str] = []
    samples: list[Sample] = []
    with served(folder) as (address, _, process):
        host = urlparse(address).netloc
        ask(host, uploads[0])
        start = time.monotonic()

        def visit(number: int) -> None:
            rng = random.Random(number)
            while time.monotonic() - start < seconds:
                before = time.monotonic()
                try:
                    ask(host, rng.choice(uploads))
                    waits.append(time.monotonic() - before)
                except Exception as error:  # whatever it is, it is counted
                    errors.append(repr(error))

        visitors = [threading.Thread(target=visit, args=(number,)) for number in range(clients)]
        for visitor in visitors:
            visitor.start()
        while any(visitor.is_alive() for visitor in visitors):
            samples.append(Sample(time.monotonic() - start, len(waits), read_memory(process)))
            time.sleep(1)
    return Load(len(waits), errors, waits, samples)


def read_memory(process: int) -> int:
    """Resident bytes of a process."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def describe(load: Load) -> dict[str, Any]:
    """Plain data: counts, waits in seconds, and memory early and late."""
    p50, p95, p99 = np.percentile(load.waits, (50, 95, 99)).tolist()
    last = load.samples[-1]
    early, late = (next((one for one in load.samples if one.answers >= count), last) for count in (EARLY, LATE))
    return {
        "answers": load.answers,
        "errors": len(load.errors),
        "seconds": round(last.seconds),
        "p50": round(p50, 3),
        "p95": round(p95, 3),
        "p99": round(p99, 3),
        "memory after 500": early.memory,
        "memory after 10,000": late.memory,
        "memory at the end": last.memory,
    }


def draw_memory(samples: Sequence[Sample]) -> Image.Image:
    """The curve of the memory over time."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(15)
    end, top = max(one.seconds for one in samples), 1.25 * max(one.memory for one in samples)
    across, down = WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = HEIGHT - EDGE - share * down
        draw.line((EDGE, y, WIDTH - EDGE, y), fill="#e7e5e4")
        draw.text((EDGE - 8, y), f"{share * top / 2**20:,.0f}", "#57534e", font, anchor="rm")
        draw.text((EDGE + share * across, HEIGHT - EDGE + 10), f"{share * end / 60:.1f}", "#57534e", font, anchor="mt")
    points = [(EDGE + across * one.seconds / end, HEIGHT - EDGE - down * one.memory / top) for one in samples]
    draw.line(points, fill="#0f766e", width=3)
    draw.text((EDGE, EDGE - 14), "MB of memory", "#1c1917", font, anchor="lb")
    draw.text((WIDTH - EDGE, HEIGHT - 8), "minutes", "#1c1917", font, anchor="rb")
    return picture


def main() -> None:
    """Print what was found, and store it."""
    parser = argparse.ArgumentParser(description="Many visitors for minutes.")
    parser.add_argument("--photos", type=Path, required=True, metavar="FOLDER", help="photos that they bring")
    parser.add_argument("--index", type=Path, default=SHIPPED, metavar="DIR", help="what is searched")
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--picture", type=Path, metavar="FILE")
    options = parser.parse_args()
    photos = [photo.path for photo in read_photos(options.photos).photos][:400]
    load = run_load(options.index, photos, clients=options.clients, seconds=options.seconds)
    size = read_current(options.index, read_manifest)["count"]
    told = {"photos": size, "clients": options.clients, **describe(load)}
    for name, value in told.items():
        print(f"{name}: {value:,}")
    for error in sorted({*load.errors})[:5]:
        print(error)
    if options.json:
        options.json.write_text(json.dumps(told, indent=1) + "\n")
    if options.picture:
        draw_memory(load.samples).save(options.picture)


if __name__ == "__main__":
    main()

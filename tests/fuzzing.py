"""Damaged photos of every format, decoded: python -m tests.fuzzing --cases 10000.

Every one is an answer or a refusal, within seconds and bounds of memory, or the process that decoded it is told as
lost. With --page, they are sent to a page over the shipped catalogue. The same seed gives the same files.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

from cbir.photos.vet import Vetter
from tests.fuzzing_page import fuzz_page
from tests.support.encoded import corners, encoded
from tests.support.serving import PROJECT, served

KINDS: dict[str, tuple[str, dict[str, object]]] = {
    "AVIF": ("AVIF", {}),
    "BMP": ("BMP", {}),
    "GIF": ("GIF", {}),
    "HEIC": ("HEIF", {}),
    "JPEG": ("JPEG", {}),
    "JPEG, progressive": ("JPEG", {"progressive": True}),
    "JPEG 2000": ("JPEG2000", {}),
    "PNG": ("PNG", {}),
    "PPM": ("PPM", {}),
    "TIFF": ("TIFF", {}),
    "TIFF, JPEG": ("TIFF", {"compression": "jpeg"}),
    "TIFF, LZW": ("TIFF", {"compression": "tiff_lzw"}),
    "WebP": ("WEBP", {}),
}
"""Names of formats, and how Pillow writes each."""
HEAD = 600
"""Bytes at the beginning, which tell what a file is: half of the damage is there."""
EXTREMES = (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\0\0\xff\xff")
SECONDS, MEMORY = 5.0, 2**30
"""What one photo may take."""


class Found(NamedTuple):
    """What became of the files of one format."""

    answered: int
    refused: int
    lost: int
    """The process crashed, hung, or ran into its bounds."""
    longest: float
    """Seconds."""


def damage(data: bytes, rng: random.Random) -> bytes:
    """A file with a few bytes changed, taken out or put in."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4, 16, 64))):
        place = rng.randrange(max(1, len(changed) if rng.random() < 0.5 else min(len(changed), HEAD)))
        match rng.randrange(5):
            case 0:
                changed[place : place + 1] = bytes([rng.randrange(256)])
            case 1 if changed:
                changed[min(place, len(changed) - 1)] ^= 1 << rng.randrange(8)
            case 2:
                changed[place : place + 4] = rng.choice(EXTREMES)
            case 3:
                del changed[place : place + rng.randrange(1, 40)]
            case _:
                changed[place:place] = rng.randbytes(rng.randrange(1, 20))
    return bytes(changed)


def fuzz(cases: int, *, seed: int = 0, vetter: Vetter) -> dict[str, Found]:
    """So many damaged files, of each format in turn."""
    outcomes: Counter[tuple[str, str]] = Counter()
    longest: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "photo"
        for name, content in damaged(cases, seed):
            path.write_bytes(content)
            vetted = vetter.decode(path)
            outcomes[name, "lost" if not vetted.survived else "refused" if vetted.refusal else "answered"] += 1
            longest[name] = max(longest.get(name, 0.0), vetted.seconds)
    return {
        name: Found(outcomes[name, "answered"], outcomes[name, "refused"], outcomes[name, "lost"], seconds)
        for name, seconds in longest.items()
    }


def damaged(cases: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """So many damaged files, of each format in turn: its name, and the content."""
    rng, names = random.Random(seed), list(KINDS)
    wholes = {name: encoded(corners((320, 240)), kind, **options) for name, (kind, options) in KINDS.items()}
    for number in tqdm(range(cases), unit=" files", disable=None):
        name = names[number % len(names)]
        yield name, damage(wholes[name], rng)


def main() -> int:
    """Print what was found; the exit status is 1 if a page left something unhandled."""
    parser = argparse.ArgumentParser(description="Decode damaged photos.")
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--page", action="store_true", help="send them to a page's endpoint")
    options = parser.parse_args()
    if options.page:
        return run_page(options.cases, options.seed)
    run_decoders(options.cases, options.seed)
    return 0


def run_page(cases: int, seed: int) -> int:
    """Fuzz a page; returns the exit status."""
    with served(PROJECT / "index") as page:
        found = fuzz_page(damaged(cases, seed), page, seconds=SECONDS)
    print(found)
    return 1 if found.unhandled else 0


def run_decoders(cases: int, seed: int) -> None:
    """Fuzz the decoders, and print a table."""
    vetter = Vetter(seconds=SECONDS, memory=MEMORY)
    found = fuzz(cases, seed=seed, vetter=vetter)
    with tempfile.NamedTemporaryFile(suffix=".png") as last:
        Path(last.name).write_bytes(encoded(corners(), "PNG"))
        memory = vetter.decode(Path(last.name)).memory
    vetter.close()
    answered, refused, lost, seconds = zip(*found.values())
    rows = [*sorted(found.items()), ("all", Found(sum(answered), sum(refused), sum(lost), max(seconds)))]
    print(f"{'':<20}{'answered':>10}{'refused':>10}{'lost':>6}{'longest':>10}")
    for name, one in rows:
        print(f"{name:<20}{one.answered:>10,}{one.refused:>10,}{one.lost:>6}{1000 * one.longest:>7.0f} ms")
    print(f"most memory: {memory / 2**20:,.0f} MB")


if __name__ == "__main__":
    sys.exit(main())

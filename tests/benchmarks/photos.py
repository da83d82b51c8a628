"""Memory and time of the largest photos that are read: python -m tests.benchmarks.photos [--json FILE].

A photo of every format and mode at the limit of pixels, and an index of eight of them. Each runs in a process of its
own, whose memory beyond that of its imports counts (Linux).
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image

from cbir.commands.defaults import SHIPPED
from cbir.photos.decode import MAX_PIXELS, MOST_PIXELS
from tests.support.encoded import deep_png, encoded, png_chunk

MOST_MEMORY, MOST_SECONDS = 1.1e9, 5.0
"""What a photo may take, about."""
EIGHT = 8
PNG_MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")
PROGRAM = """
import sys, time
from pathlib import Path
from cbir.system.process import prepare_process
prepare_process()
from cbir.catalogue.build import index_photos
from cbir.network.extractor import FeatureExtractor
from cbir.photos.decode import DECODE_SIDE, decode_photo
from tests.benchmarks.pages import peak_memory
extractor = FeatureExtractor.open(sys.argv[2]) if len(sys.argv) > 2 else None
before, start = peak_memory("self"), time.perf_counter()
if extractor:
    assert not index_photos(sys.argv[1], Path(sys.argv[1]) / "../index", extractor).refused
else:
    decode_photo(sys.argv[1], short_side=DECODE_SIDE)
print(peak_memory("self") - before, time.perf_counter() - start)
"""


class Cost(NamedTuple):
    """What reading took."""

    what: str
    megapixels: float
    memory: int
    """Bytes."""
    seconds: float


def main() -> None:
    """Print a line for each mode, and one for the index."""
    parser = argparse.ArgumentParser(description="Memory and time of the largest photos.")
    parser.add_argument("--only", default="", metavar="WORD", help="modes with this word; figures of others stay")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    Image.MAX_IMAGE_PIXELS = None
    costs = []
    with tempfile.TemporaryDirectory() as folder:
        for name, make in makers().items():
            if options.only not in name:
                continue
            kind = name.split()[0]
            side = math.isqrt(MOST_PIXELS.get(kind, MAX_PIXELS))
            path = Path(folder) / "photo"
            path.write_bytes(make(draw(side)))
            costs.append(Cost(name, side * side / 1e6, *measure(path)))
            print(format_cost(costs[-1]), flush=True)
        if not options.only:
            costs.append(measure_index(Path(folder)))
            print(format_cost(costs[-1]))
    if options.json:
        later = {cost.what: cost._asdict() for cost in costs}
        if options.only:
            before = json.loads(options.json.read_text())
            later = {cost["what"]: later.get(cost["what"], cost) for cost in before}
        options.json.write_text(json.dumps(list(later.values()), indent=1) + "\n")


def format_cost(cost: Cost) -> str:
    """A line, marked where it is too much."""
    over = "  over the aim" if cost.memory > MOST_MEMORY or cost.seconds > MOST_SECONDS else ""
    return f"{cost.what:<34} {cost.megapixels:>5.0f} MP {cost.memory / 1e6:>6.0f} MB {cost.seconds:>5.1f} s{over}"


def draw(side: int) -> NDArray[np.uint8]:
    """(side, side) grey with some grain: photos pack neither as well as flat colour nor as badly as noise."""
    grain = np.random.default_rng(0).integers(0, 24, (256, 256), np.uint8)
    rows, columns = np.ogrid[:side, :side]
    waves = (96 + 90 * np.sin(rows / 97) * np.cos(columns / 131)).astype(np.uint8)
    return waves + np.tile(grain, (side // 256 + 1, side // 256 + 1))[:side, :side]


def makers() -> Mapping[str, Callable[[NDArray[np.uint8]], bytes]]:
    """How to write a photo of each format and mode."""

    def pillow(kind: str, mode: str, **options: Any) -> Callable[[NDArray[np.uint8]], bytes]:
        def write(grey: NDArray[np.uint8]) -> bytes:
            image = Image.fromarray(grey)
            if mode in ("RGBA", "LA"):
                image.putalpha(Image.fromarray(grey | 128))
            return encoded(image.quantize(64) if mode == "P" else image.convert(mode), kind, **options)

        return write

    def tiff(kind: str, samples: int, **options: Any) -> Callable[[NDArray[np.uint8]], bytes]:
        def write(grey: NDArray[np.uint8]) -> bytes:
            scale = 1 / 255 if kind == "f4" else np.iinfo(kind).max // 255
            plane = (grey * np.dtype(kind).type(scale)).astype(kind)
            with tempfile.NamedTemporaryFile(suffix=".tif") as file:
                planes = np.repeat(plane[..., None], samples, axis=2) if samples > 1 else plane
                tifffile.imwrite(file.name, planes, photometric="rgb" if samples > 1 else "minisblack", **options)
                return Path(file.name).read_bytes()

        return write

    def sixteen_bits(grey: NDArray[np.uint8]) -> bytes:
        gamma = png_chunk(b"gAMA", (100_000).to_bytes(4))
        return deep_png(np.repeat((grey.astype(np.uint16) * 257)[..., None], 3, axis=2), gamma)

    return {
        "JPEG RGB": pillow("JPEG", "RGB", quality=85),
        "JPEG RGB, progressive": pillow("JPEG", "RGB", quality=85, progressive=True),
        "JPEG RGB, progressive, 4:4:4": pillow("JPEG", "RGB", quality=85, progressive=True, subsampling=0),
        "JPEG CMYK, progressive": pillow("JPEG", "CMYK", quality=75, progressive=True),
        **{f"PNG {mode}": pillow("PNG", mode, compress_level=1) for mode in PNG_MODES},
        "PNG 16-bit RGB, linear": sixteen_bits,
        "GIF P": pillow("GIF", "P"),
        "BMP RGB": pillow("BMP", "RGB"),
        "PPM RGB": pillow("PPM", "RGB"),
        "JPEG2000 RGB": pillow("JPEG2000", "RGB", quality_mode="rates", quality_layers=[30]),
        "TIFF RGB": pillow("TIFF", "RGB"),
        "TIFF RGB, LZW": pillow("TIFF", "RGB", compression="tiff_lzw"),
        "TIFF CMYK": pillow("TIFF", "CMYK"),
        "TIFF 16-bit RGB, Deflate": tiff("u2", 3, compression="zlib", predictor=True, rowsperstrip=32),
        "TIFF float, grey": tiff("f4", 1),
        "WEBP RGB": pillow("WEBP", "RGB", quality=60, method=0),
        "WEBP RGBA, lossless": pillow("WEBP", "RGBA", lossless=True, quality=0, method=0),
        "AVIF RGB": pillow("AVIF", "RGB", quality=50, speed=10),
        "AVIF RGBA": pillow("AVIF", "RGBA", quality=50, speed=10),
        "HEIF RGB": pillow("HEIF", "RGB", quality=30),
    }


def measure(path: Path, *arguments: str) -> tuple[int, float]:
    """Bytes and seconds of a process that reads a photo, or with a network indexes a folder."""
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM, str(path), *arguments]
    memory, seconds = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return int(memory), float(seconds)


def measure_index(folder: Path) -> Cost:
    """Eight transparent PNGs at the limit, indexed."""
    photos, side = folder / "photos", math.isqrt(MAX_PIXELS)
    photos.mkdir()
    grey = draw(side)
    for number in range(EIGHT):
        grey[:9] = number
        (photos / f"{number}.png").write_bytes(makers()["PNG RGBA"](grey))
    memory, seconds = measure(photos, str(SHIPPED))
    return Cost(f"{EIGHT} of PNG RGBA, indexed", side * side / 1e6, memory, seconds / EIGHT)


if __name__ == "__main__":
    main()

"""Benchmarks: python -m tests.benchmarks --photos FOLDER ... (after pip install -r tests/benchmarks/requirements.txt).

Each row compares two ways in the same run, in turns, by their medians. Times depend on the machine, ratios less so.
"""

from __future__ import annotations

import argparse
import json
import platform
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from cbir import FeatureExtractor
from cbir.commands.defaults import SHIPPED
from cbir.datasets.reader import read_photos
from cbir.system.process import count_cores
from tests.benchmarks.company import compare_company, serve_visitors
from tests.benchmarks.features import compare_features
from tests.benchmarks.filters import compare_filters
from tests.benchmarks.garments import compare_garments
from tests.benchmarks.neighbours import compare_neighbours
from tests.benchmarks.pages import compare_start, import_memory
from tests.benchmarks.painting import compare_painting
from tests.benchmarks.pipeline import compare_indexing, compare_query, write_large
from tests.benchmarks.search import compare_search, measure_growth
from tests.benchmarks.timing import Row
from tests.benchmarks.updates import compare_updates
from tests.benchmarks.vectors import make_vectors, spread_photos

PARTS = (
    *("features", "company", "garments", "indexing", "updates", "wardrobe", "search", "filters", "query", "page"),
    *("painting", "growth"),
)
COUNT = 80_000
SIZES = (3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
QUERIES = 1_000
PACKAGES = ("torch", "torchvision", "numpy", "pillow", "hnswlib", "gradio", "faiss-cpu", "onnxruntime", "scikit-learn")


def main() -> None:
    """Run the benchmarks that are asked for and print a table, and JSON if a file for it is named."""
    parser = argparse.ArgumentParser(description="Speed, each as a ratio to something else in the same run.")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--photos", nargs="+", type=Path, required=True, metavar="FOLDER", help="real photos")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "cbir-benchmarks", metavar="FOLDER")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where figures go; with --only, the others stay")
    options = parser.parse_args()
    parts = options.only
    extractor = FeatureExtractor.open(SHIPPED)
    photos = [photo.path for folder in options.photos for photo in read_photos(folder).photos]
    report: dict[str, Any] = {"machine": describe_machine()}
    rows: list[Row] = []

    def add(some: list[Row]) -> None:
        rows.extend(some)
        for row in some:
            print(format_row(row), flush=True)

    print(report["machine"])
    if "features" in parts:
        add(compare_features(extractor))
    if "company" in parts:
        add(compare_company())
        report["answers a second, 32 visitors"] = serve_visitors(photos[:200])
    if "garments" in parts:
        every = [photo for folder in options.photos for photo in read_photos(folder).photos]
        people, laid_out = ([photo.path for photo in every if bool(photo.tags) == worn][:200] for worn in (True, False))
        add(compare_garments(SHIPPED, people, laid_out))
    if "indexing" in parts:
        add(compare_indexing(photos[:2048], extractor))
    if "updates" in parts:
        found, agreement = compare_updates(COUNT, extractor)
        add(found)
        print(f"  {agreement}", flush=True)
        report["answers, after updates"] = agreement._asdict()
    if "wardrobe" in parts:
        every = [photo for folder in options.photos for photo in read_photos(folder).photos]
        mixed = [photo.path for photo in (*every[:60], *every[-150:])]
        add(compare_neighbours(mixed))
    if {"search", "query", "page"} & {*parts}:
        vectors, queries = spread_photos(options.photos, COUNT, extractor, options.cache)
    if "search" in parts:
        made = make_vectors(COUNT + QUERIES)
        for name, some, asked, aim in (
            ("real", vectors, queries[:QUERIES], 15),
            ("made up", made[:COUNT], made[COUNT:], 30),
        ):
            found, agreement = compare_search(name, some, asked, aim=aim)
            add(found)
            print(f"  {agreement}", flush=True)
            report[f"answers, {name}"] = agreement._asdict()
    if "filters" in parts:
        add(compare_filters(COUNT))
    if "painting" in parts:
        with tempfile.TemporaryDirectory() as place:
            folder = write_large(Path(place) / "index", make_vectors(COUNT), SHIPPED / "weights.pth", finds=True)
            add(compare_painting(folder, photos[:20]))
    if {"query", "page"} & {*parts}:
        with tempfile.TemporaryDirectory() as place:
            folder = write_large(Path(place) / "index", vectors, SHIPPED / "weights.pth")
            if "query" in parts:
                add(compare_query(folder, photos[0]))
            if "page" in parts:
                found, visit = compare_start(folder, photos[:20])
                add(found)
                report["first answer, seconds after the page"] = visit.answer
                report["peak memory above the imports, times the vectors"] = (
                    visit.memory - import_memory()
                ) / vectors.nbytes
    if "growth" in parts:
        made = make_vectors(SIZES[-1] + QUERIES // 10)
        for size in SIZES:
            row, agreement = measure_growth(made, made[SIZES[-1] :], size)
            add([row])
            print(f"  {agreement}", flush=True)
            report[f"answers, {size:,}"] = agreement._asdict()
    for name, value in report.items():
        print(f"{name}: {value}")
    if options.json:
        report["rows"] = [{**row._asdict(), "ratio": row.ratio} for row in rows]
        if {*parts} != {*PARTS} and options.json.exists():
            report = update(json.loads(options.json.read_text()), report)
        options.json.write_text(json.dumps(report, indent=1) + "\n")


def update(before: dict[str, Any], report: dict[str, Any]) -> dict[str, Any]:
    """A report with the rows and figures of a later one, of some of the parts, in place of its own."""
    later = {(row["what"], row["against"]): row for row in report["rows"]}
    rows = [later.pop((row["what"], row["against"]), row) for row in before["rows"]]
    return {**before, **report, "rows": rows + list(later.values())}


def format_row(row: Row) -> str:
    """A line of the table, times in milliseconds."""
    aim = f"aim {row.aim:.2f}" if row.aim else ""
    times = f"{1000 * row.ours:>9.2f} ms  {row.against:<32} {1000 * row.theirs:>9.2f} ms"
    return f"{row.what:<44} {times}  {row.ratio:>7.2f}x  {aim}"


def describe_machine() -> str:
    """Processor, cores and versions."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if "model name" in line), platform.processor())
    versions = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    return f"{model}, {count_cores()} cores; Python {platform.python_version()}, {versions}"


if __name__ == "__main__":
    main()

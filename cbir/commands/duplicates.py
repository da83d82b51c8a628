"""Find the photos of a catalogue that are copies of each other.

example:
  python -m cbir duplicates catalogue/
  python -m cbir duplicates catalogue/ --within 0.2 --csv
"""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cbir.commands.defaults import default_folder, need_folder
from cbir.commands.numbers import distance
from cbir.commands.terminal import say, say_json
from cbir.errors import WeightsError
from cbir.system.progress import Bars

if TYPE_CHECKING:
    from cbir.catalogue.catalogue import Catalogue
    from cbir.nearest.api import Within

COLUMNS = ("group", "photo", "region", "label", "distance")
REMEDY = "give a distance: --within 0.3"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The catalogue, the distance, and what to print."""
    parser.add_argument("index", nargs="?", default=default_folder(), metavar="DIR", help="default: %(default)s")
    parser.add_argument(
        "--within",
        type=distance,
        metavar="DISTANCE",
        help="distance up to which photos are copies (default: as it was measured for the network)",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object")
    form.add_argument("--csv", action="store_true", help=f"print a table with the columns {', '.join(COLUMNS)}")


def run(options: argparse.Namespace) -> None:
    """Compare all pairs and print the groups, the first photo of each first."""
    from cbir.catalogue.catalogue import Catalogue
    from cbir.nearest.copies import group_copies

    catalogue = Catalogue.open(need_folder(options.index))
    radius = _measured_distance(catalogue) if options.within is None else options.within
    count = len(catalogue.records)
    with Bars() as bars:
        groups = group_copies(catalogue.index, radius, progress=lambda done: bars.update("duplicates", done, count))
    unit = "garments" if catalogue.by_garment else "photos"
    if options.json:
        plain = [[_plain(catalogue, row, apart) for row, apart in group] for group in _members(groups)]
        say_json({"distance": radius, "catalogue_size": count, "groups": plain})
    elif options.csv:
        say(_write_row(COLUMNS))
        for number, group in enumerate(_members(groups), start=1):
            for row, apart in group:
                one = _plain(catalogue, row, apart)
                region = catalogue.records[row].region
                say(_write_row((number, one["photo"], region or "", one["label"] or "", f"{apart:.4f}")))
    else:
        for group in _members(groups):
            for row, apart in group:
                record = catalogue.records[row]
                place = f", at {record.region}" if record.region else ""
                say(f"{record.photo}{place}" if row == group[0][0] else f"  {apart:.4f}  {record.photo}{place}")
        copies = sum(len(found.indices) for found in groups.values())
        told = f"{len(groups):,} groups with {copies:,} copies among {count:,} {unit}"
        say(f"{told}, up to distance {radius:g}; none is missed")


def _measured_distance(catalogue: Catalogue) -> float:
    from cbir.network.closeness import find_calibration, load_calibration

    path = find_calibration(catalogue.folder / "weights.pth", catalogue.weights_digest)
    if path is None:
        raise WeightsError(f"{catalogue.folder}: it was never measured for its network how near copies are; {REMEDY}")
    return load_calibration(path).copy_distance


def _members(groups: dict[int, Within]) -> Iterator[list[tuple[int, float]]]:
    """Of each group its rows, each with its distance from the first."""
    for row, found in groups.items():
        yield [(row, 0.0), *zip(found.indices.tolist(), found.distances.tolist())]


def _plain(catalogue: Catalogue, row: int, apart: float) -> dict[str, Any]:
    record = catalogue.records[row]
    plain: dict[str, Any] = {"photo": record.photo, "label": record.label, "distance": apart}
    return plain if record.region is None else plain | {"region": list(record.region)}


def _write_row(cells: tuple[object, ...]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()

"""Build the catalogue of a folder of photos, resume it, or bring it up to date.

example:
  python -m cbir index photos/ --out catalogue/
  python -m cbir index street/ --out catalogue/ --garments
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from cbir.commands.defaults import SHIPPED
from cbir.commands.terminal import say, warn, warn_left_out
from cbir.system.progress import Bars

if TYPE_CHECKING:
    from cbir.catalogue.build import Report

MOST = 8
"""Kinds that are named of what was left out; of others only how many there are."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Photos, place and network."""
    parser.add_argument("photos", help="a folder; its sub-folders name labels, or it holds photos.csv and photos/")
    parser.add_argument("--out", required=True, metavar="DIR", help="where the catalogue goes")
    parser.add_argument(
        "--weights",
        metavar="FILE",
        help="the network: a weights file, or the word 'imagenet' for torchvision's, not fine-tuned; a file or folder "
        "of that name is ./imagenet (default: the catalogue's own, or the one in index/)",
    )
    parser.add_argument(
        "--garments",
        action=argparse.BooleanOptionalAction,
        help="index photos of people garment by garment, as the finder beside the network sees them "
        "(default: as the catalogue is, at first whole photos)",
    )
    parser.add_argument(
        "--rebuild",
        action="store_true",
        help="link all photos anew; else a large catalogue of which little changed is changed where it did",
    )
    parser.add_argument(
        "--forget", action="store_true", help="drop photos that are there but cannot be read now; else they are kept"
    )


def run(options: argparse.Namespace) -> None:
    """Index the photos and tell what was done."""
    from cbir.catalogue.build import index_photos
    from cbir.network.extractor import FeatureExtractor
    from cbir.system.versions import current_version

    out = Path(options.out)
    source = options.weights or (out if (current_version(out) / "weights.pth").exists() else SHIPPED)
    with Bars() as bars:
        report = index_photos(
            options.photos,
            out,
            FeatureExtractor.open(source),
            garments=options.garments,
            forget=options.forget,
            rebuild=options.rebuild,
            progress=bars.update,
        )
    warn_left_out(report.refused)
    warn(*(f"taken all the same {name}: {warning}" for name, warning in report.warnings))
    warn(*describe_ignored(report))
    counts = {"renamed": report.renamed, "dropped": report.dropped, "left out": len(report.refused)}
    told = "".join(f", {count:,} {what}" for what, count in counts.items() if count)
    kept = f"; {report.kept:,} kept though unreadable now (--forget drops these)" if report.kept else ""
    state = "" if report.changed else "; it was up to date"
    there, unit = (str(report.garments), "photos ") if report.garments else (f"{report.count:,} photos", "")
    say(f"{options.out}: {there}, {report.embedded:,} {unit}embedded now{told}{kept}{state}")
    say(*describe_columns(report))


def describe_ignored(report: Report) -> list[str]:
    """A line about what systems put among the photos, and one about files of other kinds, as far as there are any."""
    lines = []
    if report.litter:
        names = Counter(name.rpartition("/")[2] for name in report.litter)
        lines.append(f"left out {len(report.litter):,} files and folders of systems and catalogues: {_list(names)}")
    if report.others:
        kinds = Counter({suffix or "no suffix": count for suffix, count in report.others.items()})
        lines.append(f"left out {kinds.total():,} file{_plural(kinds.total())} of other kinds: {_list(kinds)}")
    return lines


def describe_columns(report: Report) -> list[str]:
    """A line about the columns that photos can be filtered by, and one about links, as far as there are any."""
    lines = []
    if report.columns:
        listed = ", ".join(f"{name} ({count:,} value{_plural(count)})" for name, count in report.columns.items())
        lines.append(f"columns for search --where, besides kind: {listed}")
    if report.links:
        lines.append(f"{report.links:,} photo{_plural(report.links)} with a link")
    return lines


def _plural(count: int) -> str:
    return "" if count == 1 else "s"


def _list(counts: Counter[str]) -> str:
    """Words with their counts, the largest first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    words = ", ".join(f"{word} {count:,}" for word, count in ordered[:MOST])
    return words + (f" and {len(ordered) - MOST:,} more" if len(ordered) > MOST else "")

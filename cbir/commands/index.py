"""Build the catalogue of a folder of photos, resume it, or bring it up to date.

example:
  python -m cbir index photos/ --out catalogue/
"""

from __future__ import annotations

import argparse
from pathlib import Path

from cbir.commands.defaults import SHIPPED
from cbir.commands.refusals import print_refused
from cbir.system.progress import Bars


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Photos, place and network."""
    parser.add_argument("photos", help="a folder; its sub-folders name labels, or it holds photos.csv and photos/")
    parser.add_argument("--out", required=True, metavar="DIR", help="where the catalogue goes")
    parser.add_argument(
        "--weights",
        metavar="FILE",
        help="the network: a weights file, or 'imagenet' for torchvision's, not fine-tuned "
        "(default: the catalogue's own, or the one in index/)",
    )


def run(options: argparse.Namespace) -> None:
    """Index the photos and tell what was done."""
    from cbir.catalogue.build import index_photos
    from cbir.network.extractor import FeatureExtractor

    out = Path(options.out)
    source = options.weights or (out if (out / "weights.pth").exists() else SHIPPED)
    with Bars() as bars:
        report = index_photos(options.photos, options.out, FeatureExtractor.open(source), progress=bars.update)
    print_refused(report.refused)
    left_out = f", {len(report.refused):,} left out" if report.refused else ""
    dropped = f", {report.dropped:,} dropped" if report.dropped else ""
    state = "" if report.changed else "; it was up to date"
    print(f"{options.out}: {report.count:,} photos, {report.embedded:,} embedded now{dropped}{left_out}{state}")

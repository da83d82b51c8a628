"""Fetch the public clothing dataset (CC0, some 5,400 photos) and index it.

example:
  python -m cbir download --out clothing/
  python -m cbir page --index clothing/index
"""

from __future__ import annotations

import argparse
from pathlib import Path

from cbir.commands.defaults import SHIPPED
from cbir.commands.terminal import say, warn_left_out
from cbir.system.progress import Bars


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Place and address."""
    parser.add_argument(
        "--out",
        default="clothing",
        metavar="DIR",
        help="where the photos go, and below them, in index/, their catalogue (default: %(default)s)",
    )
    parser.add_argument(
        "--url",
        help="another address of the same archive, such as a mirror (default: $CBIR_CLOTHING_URL, or GitHub's)",
    )


def run(options: argparse.Namespace) -> None:
    """Download, index, and tell how to open the page."""
    from cbir.catalogue.clothing import bring_clothing, catalogue_of

    out = Path(options.out)
    with Bars() as bars:
        report = bring_clothing(out, SHIPPED, url=options.url, progress=bars.update)
    warn_left_out(report.refused)
    state = "" if report.changed else ", all there already"
    start = f"start the page over them with: python -m cbir page --index {catalogue_of(out)}"
    say(f"{out}: {report.count:,} photos{state}; {start}")

"""Find the garments in a photo: what they are, and where.

example:
  python -m cbir garments photo.jpg --plot outlines.png
"""

from __future__ import annotations

import argparse
from pathlib import Path

from cbir.commands.defaults import default_folder
from cbir.commands.outputs import check_output
from cbir.commands.terminal import say, say_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Photo, finder, and what to print."""
    parser.add_argument("photo")
    parser.add_argument(
        "--index",
        default=default_folder(),
        metavar="DIR",
        help="the catalogue whose finder to use (default: %(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--plot", metavar="FILE", help="save the photo with outlines, as .png, .jpg or .webp")


def run(options: argparse.Namespace) -> None:
    """Find, print and draw the garments."""
    from cbir.photos.decode import load_image
    from cbir.photos.drawing import draw_garments
    from cbir.photos.saving import picture_format, save_picture
    from cbir.search import Searcher

    plot = Path(options.plot) if options.plot else None
    if plot:
        check_output(plot)
        picture_format(plot)
    sighting = Searcher.open(options.index).find(options.photo)
    if plot:
        save_picture(draw_garments(load_image(options.photo, short_side=640), sighting.garments), plot)
    if options.json:
        say_json(sighting.as_json())
        return
    say(f"person: {sighting.person:.0%} of the photo" if sighting.person else "nobody in the photo")
    for garment in sighting.garments:
        say(f"{garment.kind:<10} {garment.score:.2f}   {garment.share:5.1%} of the photo, at {garment.box}")

"""Find the most similar photos of a catalogue.

example:
  python -m cbir search photo.jpg -k 5 --plot matches.png
"""

from __future__ import annotations

import argparse
from pathlib import Path

from cbir.commands.defaults import default_folder
from cbir.commands.numbers import positive
from cbir.commands.outputs import check_output
from cbir.commands.terminal import say, say_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Photo, catalogue, and what to print."""
    parser.add_argument("photo")
    parser.add_argument("--index", default=default_folder(), metavar="DIR", help="the catalogue (default: %(default)s)")
    parser.add_argument("-k", type=positive, default=3, help="how many (default: 3)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--plot", metavar="FILE", help="save a picture of the photo beside its matches, as .png, .jpg or .webp"
    )


def run(options: argparse.Namespace) -> None:
    """Search and print the matches and what was proven."""
    from cbir.photos.drawing import draw_matches
    from cbir.photos.saving import picture_format, save_picture
    from cbir.search import Searcher

    plot = Path(options.plot) if options.plot else None
    if plot:
        check_output(plot)
        picture_format(plot)
    result = Searcher.open(options.index).search(options.photo, options.k)
    if plot:
        save_picture(draw_matches(options.photo, result.matches), plot)
    if options.json:
        say_json(result.as_json())
        return
    for match in result.matches:
        words = f"  ({match.description})" if match.description else ""
        say(f"{match.rank}. {match.distance:.4f}  {match.label or '-':<12} {match.photo}{words}")
    for warning in result.warnings:
        say(warning)
    if result.query_in_catalogue:
        say("The first is the photo itself: it is in the catalogue.")
    say(result.proof)

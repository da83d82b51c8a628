"""Find the most similar photos of a catalogue.

example:
  python -m cbir search photo.jpg -k 5 --plot matches.png
  python -m cbir search street.jpg --garment scarf
  python -m cbir search street.jpg --look --json
  python -m cbir search photo.jpg --where kind=Dress --where kind=Blouse --where colour=blue
  python -m cbir search photo.jpg --fold --csv
  python -m cbir search queries/ --report matches.html
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from cbir.commands.defaults import default_folder
from cbir.commands.filters import condition, join_conditions
from cbir.commands.numbers import positive
from cbir.commands.outputs import check_output
from cbir.commands.queries import write_queries
from cbir.commands.terminal import say, say_json

if TYPE_CHECKING:
    from cbir.results import SearchResult


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Photo, catalogue, and what to print."""
    parser.add_argument("photo", help="a photo; with --report, or a folder of photos")
    parser.add_argument("--index", default=default_folder(), metavar="DIR", help="the catalogue (default: %(default)s)")
    parser.add_argument("-k", type=positive, default=3, help="how many (default: 3)")
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--region",
        metavar="L,T,R,B",
        help="search for a part of the photo: left, top, right and bottom edge as fractions of its width and height",
    )
    what.add_argument("--garment", metavar="KIND", help="search for a garment in the photo, such as scarf")
    what.add_argument("--look", action="store_true", help="search for every garment found in the photo")
    parser.add_argument(
        "--where",
        metavar="COLUMN=VALUE",
        type=condition,
        action="append",
        default=[],
        help="search only among photos with this value in a column of photos.csv, or of this kind (the label); again "
        "for another value of the column, either of which will do, or for another column",
    )
    parser.add_argument(
        "--fold", action="store_true", help="photos that are copies of each other are one match, told with its copies"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object")
    form.add_argument("--csv", action="store_true", help="print a table, with the columns of photos.csv at the end")
    form.add_argument(
        "--report",
        metavar="HTML",
        help="save a page of the matches of the photo, or of each photo in a folder (it holds small copies of them)",
    )
    parser.add_argument(
        "--plot", metavar="FILE", help="save a picture of the photo beside its matches, as .png, .jpg or .webp"
    )


def run(options: argparse.Namespace) -> None:
    """Search and print the matches and what was proven, or write them to a file."""
    from cbir.photos.region import parse_region
    from cbir.photos.saving import picture_format, save_picture
    from cbir.report.picture import draw_answers
    from cbir.report.table import write_table
    from cbir.report.words import Answered
    from cbir.search import Searcher

    if options.report or Path(options.photo).is_dir():
        write_queries(options)
        return
    plot = Path(options.plot) if options.plot else None
    if plot:
        check_output(plot)
        picture_format(plot)
    searcher, where = Searcher.open(options.index), join_conditions(options.where)
    fold = options.fold
    looks = searcher.look(options.photo, options.k, where=where, fold=fold) if options.look else []
    results = [look.result for look in looks]
    if not options.look:
        region = parse_region(options.region) if options.region else None
        garment = searcher.find(options.photo).pick(options.garment) if options.garment else None
        results = [searcher.search(options.photo, options.k, region=garment or region, where=where, fold=fold)]
    names = [look.garment.kind for look in looks] or [options.garment or ""]
    answers = [Answered(options.photo, result, result.region, name) for result, name in zip(results, names)]
    if plot and answers:
        save_picture(draw_answers(answers), plot)
    if options.csv:
        say(*write_table(answers).splitlines())
    elif options.json:
        say_json([look.as_json() for look in looks] if options.look else results[0].as_json())
    elif options.look:
        say(f"{len(looks)} garment{'' if len(looks) == 1 else 's'} found")
        for look in looks:
            say("", f"{look.garment.kind}, at {look.garment.box}")
            _tell(look.result)
    else:
        _tell(results[0])


def _tell(result: SearchResult) -> None:
    for match in result.matches:
        words = f"  ({match.description})" if match.description else ""
        place = f", at {match.region}" if match.region else ""
        copies = f"  +{len(match.copies):,}" if match.copies else ""
        say(f"{match.rank}. {match.distance:.4f}  {match.label or '-':<12} {match.photo}{place}{words}{copies}")
        if match.link:
            say(f"   {match.link}")
        say(*(f"   {copy.distance:.4f}  {copy.label or '-':<12} {copy.photo}" for copy in match.copies))
    if result.kind:
        say(f"Searched as {result.kind}: the query is moved towards garments of that kind and colour.")
    if result.copy_distance is not None:
        say(f"{result.folded:,} folded: copies, within {result.copy_distance:g} of the match that they stand below.")
    if result.closeness is not None:
        say(str(result.closeness))
    for warning in result.warnings:
        say(warning)
    if result.query_in_catalogue:
        say("The first is the photo itself: it is in the catalogue.")
    say(result.proof)

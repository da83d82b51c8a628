"""A page of answers: of one photo, or of each in a folder."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from cbir.commands.filters import join_conditions
from cbir.commands.outputs import check_output
from cbir.commands.terminal import say, warn_left_out
from cbir.errors import CbirError, PhotoError
from cbir.system.progress import Bars

if TYPE_CHECKING:
    from cbir.report.page import Queried
    from cbir.search import Searcher

SUFFIXES = (".html", ".htm")


def write_queries(options: argparse.Namespace) -> None:
    """Search for the photo or the photos as options of `search` ask, write the page, and print what it has."""
    from cbir.report.page import Queried, write_report
    from cbir.results import SAME_PHOTO
    from cbir.search import Searcher

    check_options(options)
    path, source = Path(options.report), Path(options.photo)
    photos, refused = find_photos(source)
    searcher = Searcher.open(options.index)
    unit = "garments" if searcher.catalogue.by_garment else "photos"
    with Bars() as bars:

        def tell_progress(queried: Iterator[Queried]) -> Iterator[Queried]:
            yield from (Queried(name, refused=reason) for name, reason in refused)
            for done, one in enumerate(queried, start=1):
                yield one
                bars.update("searching", done, len(photos))

        summary = write_report(
            path,
            f"Similar to {source.resolve().name}",
            tell_progress(search_each(searcher, photos, options)),
            size=len(searcher.catalogue.records),
            unit=unit,
            copy_distance=searcher.calibration.copy_distance if searcher.calibration else SAME_PHOTO,
        )
    warn_left_out(summary.refused)
    facts = ", ".join(f"{number} {what}" for number, what in summary.facts(len(searcher.catalogue.records), unit))
    say(f"{path}: {facts}")


def check_options(options: argparse.Namespace) -> None:
    """Raise CbirError for what does not go together with a folder or a page."""
    if not options.report:
        raise CbirError(f"{options.photo}: a folder; to search for each of its photos, add --report matches.html")
    if Path(options.report).suffix.lower() not in SUFFIXES:
        raise CbirError(f"{options.report}: a report is a page; end its name in .html")
    check_output(Path(options.report))
    if options.plot:
        raise CbirError("--plot draws one answer, and --report has pictures of its own; leave one of them out")
    if Path(options.photo).is_dir() and (options.region or options.garment):
        raise CbirError("--region and --garment are for one photo; for a folder of photos of people, use --look")


def find_photos(source: Path) -> tuple[list[tuple[str, Path]], list[tuple[str, str]]]:
    """Names and paths of the photos of a folder, or of one photo; and names of what cannot be read, with reasons."""
    from cbir.datasets.folder import read_folder

    if not source.is_dir():
        return [(source.name, source)], []
    found = read_folder(source)
    if not found.photos:
        raise CbirError(f"{source}: no photo in it; name a folder of photos")
    return [(photo.name, photo.path) for photo in found.photos], [*found.refused, *found.unreachable]


def search_each(searcher: Searcher, photos: list[tuple[str, Path]], options: argparse.Namespace) -> Iterator[Queried]:
    """The answers to each photo, or why it cannot be read."""
    from cbir.photos.region import parse_region
    from cbir.report.page import Queried
    from cbir.report.words import Answered

    asked = {"k": options.k, "where": join_conditions(options.where), "fold": options.fold}
    if not (options.look or options.region or options.garment):
        for (name, path), found in zip(photos, searcher.search_many([path for _, path in photos], **asked)):
            if isinstance(found, PhotoError):
                yield Queried(name, refused=name_reason(path, found))
            else:
                yield Queried(name, [Answered(path, found)])
        return
    for name, path in photos:
        try:
            if options.look:
                looks = searcher.look(path, **asked)
                answers = [Answered(path, look.result, look.result.region, look.garment.kind) for look in looks]
            else:
                region = parse_region(options.region) if options.region else searcher.find(path).pick(options.garment)
                result = searcher.search(path, region=region, **asked)
                answers = [Answered(path, result, result.region, options.garment or "")]
        except PhotoError as error:
            yield Queried(name, refused=name_reason(path, error))
        else:
            yield Queried(name, answers)


def name_reason(path: Path, error: PhotoError) -> str:
    """The reason of an error, without the path that stands before it."""
    return str(error).removeprefix(f"{path}: ")

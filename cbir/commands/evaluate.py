"""Measure how often labelled photos are named rightly, and found in a catalogue.

example:
  python -m cbir evaluate clothing/ --held-out --json
  python -m cbir evaluate photos/ --weights own.pth --held-out --closeness own.closeness.json
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cbir.commands.defaults import default_folder, need_folder
from cbir.commands.outputs import check_output
from cbir.commands.terminal import say, say_json, warn, warn_left_out
from cbir.errors import CbirError, DatasetError
from cbir.system.progress import Bars

if TYPE_CHECKING:
    from cbir.evaluation.classification import Confusion
    from cbir.evaluation.closeness import ClosenessReport
    from cbir.evaluation.finder_report import FinderReport
    from cbir.evaluation.report import ModelReport
    from cbir.evaluation.search import Retrieval


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Photos, networks, and what to write."""
    parser.add_argument("data", help="labelled photos, read as finetune reads them")
    parser.add_argument("--index", default=default_folder(), metavar="DIR", help="the catalogue (default: %(default)s)")
    parser.add_argument(
        "--weights", metavar="FILE", help="measure this network, without a catalogue (default: the catalogue's own)"
    )
    parser.add_argument(
        "--held-out",
        action="store_true",
        help="only photos of contributors that the network was not trained on; those of the test are also searched for "
        "among the photos trained on",
    )
    parser.add_argument(
        "--street",
        metavar="FOLDER",
        help="photos of people, as for finetune: measure on the 40 %% not trained on, and measure the garment finder "
        "beside the weights, if there is one",
    )
    parser.add_argument(
        "--beside", metavar="FILE", help="measure these weights as well, side by side, such as 'imagenet'"
    )
    parser.add_argument("--worst", metavar="HTML", help="save a page of the worst answers (it holds the photos)")
    parser.add_argument(
        "--closeness",
        metavar="FILE",
        help="save what distances say, with --held-out; `index` and `search` use it if it lies beside NAME.pth as "
        "NAME.closeness.json",
    )
    parser.add_argument(
        "--also",
        metavar="FOLDER",
        help="further labelled photos that the network was trained on, such as rendered ones; with --closeness, they "
        "count for what garments of each kind and colour look like",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> None:
    """Measure, and print tables or JSON."""
    from cbir.catalogue.catalogue import Catalogue
    from cbir.datasets.clothing.attributes import name_attributes
    from cbir.datasets.photo import PhotoSet
    from cbir.datasets.reader import read_photos
    from cbir.datasets.street import split_street
    from cbir.evaluation.classification import classify, split_again
    from cbir.evaluation.closeness import measure_closeness
    from cbir.evaluation.finder_report import measure_finder
    from cbir.evaluation.report import measure_model, tabulate, write_worst
    from cbir.evaluation.search import retrieve
    from cbir.evaluation.seen import look_at
    from cbir.network.closeness import calibration_beside
    from cbir.network.expansion import Expansion
    from cbir.network.extractor import FeatureExtractor
    from cbir.network.garments import GarmentFinder
    from cbir.system.versions import current_version

    for option in ("worst", "closeness"):
        if getattr(options, option) and not options.held_out:
            raise CbirError(f"--{option} goes with --held-out; add that")
    if options.also and not options.closeness:
        raise CbirError("--also goes with --closeness; add that")
    if options.beside and not (options.held_out or options.street):
        raise CbirError("--beside goes with --held-out or --street; add one of them")
    for path in filter(None, (options.worst, options.closeness)):
        check_output(Path(path))
    folder = need_folder(options.index)
    extractor = FeatureExtractor.open(options.weights or folder)
    weights = extractor.weights
    data, rendered = (read_photos(folder) if folder else PhotoSet([], []) for folder in (options.data, options.also))
    warn_left_out([*data.left_out, *rendered.left_out])
    also = [photo for photo in rendered.photos if photo.label]
    photos = name_attributes([photo for photo in data.photos if photo.label])
    split = split_again(photos, weights) if options.held_out else {}
    if split:
        photos = [*split["validation"], *split["test"]]
    searched = options.weights is None and (current_version(folder) / "manifest.json").exists()
    catalogue = Catalogue.open(folder) if searched else None
    figures: list[Confusion | Retrieval] = []
    reports: list[ModelReport] = []
    found: FinderReport | None = None
    closeness: ClosenessReport | None = None
    with Bars() as bars:
        # A network that was not fine-tuned has no classes, but its catalogue can be searched.
        if weights.classes or catalogue is None:
            figures.append(classify(photos, weights, progress=partial(bars.update, "naming")))
        if catalogue is not None:
            figures.append(retrieve(photos, catalogue, extractor, progress=partial(bars.update, "searching")))
        networks = {"this network": extractor}
        if options.beside:
            networks["the other"] = FeatureExtractor.open(options.beside)
        asked: dict[str, Any] = {"queries": split["test"], "gallery": split["train"]} if split else {}
        street = split_street(read_photos(options.street).photos)[1] if options.street else None
        if asked or street is not None:
            reports = [
                measure_model(name, one, street=street, **asked, progress=bars.update) for name, one in networks.items()
            ]
        finder = GarmentFinder.beside(extractor) if street else None
        looking = partial(bars.update, "street, finder")
        seen = look_at(street or (), extractor, finder, progress=looking) if finder else []
        if options.closeness:
            try:
                closeness = measure_closeness(
                    photos, split["train"], extractor, also=also, street=street or (), seen=seen, progress=bars.update
                )
                closeness.calibration.save(Path(options.closeness))
            except DatasetError as error:
                warn(f"{options.closeness}: not written, what distances say is not known: {error}")
        if finder:
            calibration = closeness.calibration if closeness else calibration_beside(weights)
            expansion = calibration.expansion if calibration else Expansion()
            found = measure_finder(
                seen, extractor, finder, **asked, catalogue=catalogue, expansion=expansion, progress=bars.update
            )
    if options.worst and reports:
        write_worst(Path(options.worst), reports[0].answers)
    if options.json:
        say_json(_as_json(figures, reports, found, closeness, {side: len(some) for side, some in split.items()}))
    else:
        say(f"weights {weights.digest[:12]}", *(line for part in figures for line in str(part).split("\n")))
        if reports:
            say("", *tabulate(reports).split("\n"))
        if found:
            say("", *str(found).split("\n"))
        if closeness:
            say("", *str(closeness).split("\n"))


def _as_json(
    figures: Sequence[Confusion | Retrieval],
    reports: Sequence[ModelReport],
    found: FinderReport | None,
    closeness: ClosenessReport | None,
    split: dict[str, int],
) -> dict[str, Any]:
    parts: dict[str, Any] = {type(part).__name__.lower(): part.as_json() for part in figures}
    parts["side by side"] = [report.as_json() for report in reports]
    if found:
        parts["finder"] = found.as_json()
    if closeness:
        parts["closeness"] = closeness.as_json()
    parts["split"] = split
    parts["versions"] = {package: version(package) for package in ("torch", "pillow", "numpy", "hnswlib")}
    return parts

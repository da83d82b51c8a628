"""The command line: python -m cbir COMMAND."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cbir.bars import Bars
from cbir.catalogue import SHIPPED, default_folder
from cbir.errors import CbirError

if TYPE_CHECKING:
    from cbir.evaluate import Confusion, Retrieval

EXAMPLES = """examples:
  python -m cbir index photos/ --out catalogue/     build a catalogue; again to resume or update it
  python -m cbir download                           some 5,400 photos of clothes, and their catalogue
  python -m cbir search photo.jpg --index catalogue/ --plot matches.png
  python app.py --index catalogue/                  the same in a web page
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status: 0, 1 for an error, 130 if interrupted."""
    options = build_parser().parse_args(arguments)
    try:
        options.run(options)
    except (CbirError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; run the same command again to go on", file=sys.stderr)
        return 130
    return 0


def build_parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    parser = argparse.ArgumentParser(
        prog="python -m cbir",
        description="Visual search for clothes: the most similar photos of a catalogue, proven exact.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(name: str, run: Callable[[argparse.Namespace], None], summary: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
        command.set_defaults(run=run)
        return command

    index = add("index", _index, "build the catalogue of a folder of photos, resume it, or bring it up to date")
    index.add_argument("photos", help="a folder; its sub-folders name labels, or it holds photos.csv and photos/")
    index.add_argument("--out", required=True, metavar="DIR", help="where the catalogue goes")
    index.add_argument(
        "--weights",
        metavar="FILE",
        help="the network: a weights file, or 'imagenet' for torchvision's, not fine-tuned "
        "(default: the catalogue's own, or the one in index/)",
    )

    download = add("download", _download, "fetch the public clothing dataset (CC0, some 5,400 photos) and index it")
    download.add_argument(
        "--out",
        default="clothing",
        metavar="DIR",
        help="where the photos go, and below them, in index/, their catalogue (default: %(default)s)",
    )
    download.add_argument(
        "--url",
        help="another address of the same archive, such as a mirror (default: $CBIR_CLOTHING_URL, or GitHub's)",
    )

    search = add("search", _search, "find the most similar photos of a catalogue")
    search.add_argument("photo")
    search.add_argument("--index", default=default_folder(), metavar="DIR", help="the catalogue (default: %(default)s)")
    search.add_argument("-k", type=_positive, default=3, help="how many (default: 3)")
    search.add_argument("--json", action="store_true", help="print one JSON object")
    search.add_argument("--plot", metavar="PNG", help="save a picture of the photo beside its matches")

    verify = add("verify", _verify, "check every promise of a catalogue")
    verify.add_argument("index", nargs="?", default=default_folder(), metavar="DIR", help="default: %(default)s")

    wardrobe = add("wardrobe", _wardrobe, "render garments: pictures, and a table of what each one is")
    wardrobe.add_argument("--out", required=True, metavar="DIR", help="where the pictures go")
    wardrobe.add_argument("--count", type=_positive, help="how many (default: those of the sample catalogue)")
    wardrobe.add_argument("--seed", type=int, default=0, help="another seed gives other garments (default: 0)")

    finetune = add("finetune", _finetune, "train the network on labelled photos, all layers, and resume if broken off")
    finetune.add_argument("data", help="a folder per class, a photos.csv with labels, or the ACS dataset")
    finetune.add_argument("--out", required=True, metavar="WEIGHTS", help="the weights file to write")
    finetune.add_argument(
        "--weights", default="imagenet", metavar="FILE", help="where to start (default: torchvision's ImageNet weights)"
    )
    finetune.add_argument(
        "--also", metavar="FOLDER", help="labelled photos that are only trained on, such as rendered ones"
    )
    finetune.add_argument(
        "--street", metavar="FOLDER", help="photos of people, with tags and label maps of what they wear; 60 %% of them"
    )
    finetune.add_argument("--without", nargs="+", default=[], metavar="LABEL", help="labels to leave out")
    finetune.add_argument("--epochs", type=_positive, default=16, help="at most (default: 16)")
    finetune.add_argument("--learning-rate", type=float, default=0.008, help="at its highest (default: 0.008)")
    finetune.add_argument("--seed", type=int, default=0)
    finetune.add_argument("--note", default="", help="a line to keep in the file, such as the source of the photos")

    evaluate = add(
        "evaluate", _evaluate, "measure how often labelled photos are named rightly, and found in a catalogue"
    )
    evaluate.add_argument("data", help="labelled photos, read as finetune reads them")
    evaluate.add_argument(
        "--index", default=default_folder(), metavar="DIR", help="the catalogue (default: %(default)s)"
    )
    evaluate.add_argument(
        "--weights", metavar="FILE", help="measure this network, without a catalogue (default: the catalogue's own)"
    )
    evaluate.add_argument(
        "--held-out",
        action="store_true",
        help="only photos of contributors that the network was not trained on; those of the test are also searched for "
        "among the photos trained on",
    )
    evaluate.add_argument(
        "--street", metavar="FOLDER", help="photos of people, as for finetune: measure on the 40 %% not trained on"
    )
    evaluate.add_argument(
        "--beside", metavar="FILE", help="measure these weights as well, side by side, such as 'imagenet'"
    )
    evaluate.add_argument("--worst", metavar="HTML", help="save a page of the worst answers (it holds the photos)")
    evaluate.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def _index(options: argparse.Namespace) -> None:
    from cbir.features import FeatureExtractor
    from cbir.indexing import index_photos

    own = Path(options.out)
    source = options.weights or (own if (own / "weights.pth").exists() else SHIPPED)
    with Bars() as bars:
        report = index_photos(options.photos, options.out, FeatureExtractor.open(source), progress=bars.update)
    _tell_refused(report.refused)
    left_out = f", {len(report.refused):,} left out" if report.refused else ""
    dropped = f", {report.dropped:,} dropped" if report.dropped else ""
    state = "" if report.changed else "; it was up to date"
    print(f"{options.out}: {report.count:,} photos, {report.embedded:,} embedded now{dropped}{left_out}{state}")


def _download(options: argparse.Namespace) -> None:
    from cbir.arrival import bring_clothing, catalogue_of

    place = Path(options.out)
    with Bars() as bars:
        report = bring_clothing(place, url=options.url, progress=bars.update)
    _tell_refused(report.refused)
    state = "" if report.changed else ", all there already"
    start = f"start the page over them with: python app.py --index {catalogue_of(place)}"
    print(f"{place}: {report.count:,} photos{state}; {start}")


def _search(options: argparse.Namespace) -> None:
    from cbir.search import Searcher, draw_matches

    result = Searcher.open(options.index).search(options.photo, options.k)
    if options.plot:
        draw_matches(options.photo, result.matches).save(options.plot, "PNG")
    if options.json:
        print(json.dumps(result.as_json()))
        return
    for match in result.matches:
        words = f"  ({match.description})" if match.description else ""
        print(f"{match.rank}. {match.distance:.4f}  {match.label or '-':<12} {match.photo}{words}")
    if result.query_in_catalogue:
        print("The first is the photo itself: it is in the catalogue.")
    print(result.proof)


def _verify(options: argparse.Namespace) -> None:
    from cbir.catalogue import Catalogue, check_catalogue

    catalogue = Catalogue.open(options.index)
    check_catalogue(catalogue)
    print(f"{options.index}: {len(catalogue.records):,} photos; files, vectors, proof and thumbnails are as promised")


def _wardrobe(options: argparse.Namespace) -> None:
    try:
        from cbir.wardrobe import COUNT, EXAMPLES, write_wardrobe
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "scipy":
            raise
        raise CbirError("rendering garments needs SciPy; install it with: pip install scipy") from error

    numbers = range(options.count or COUNT)
    examples = () if options.count else EXAMPLES
    with Bars() as bars:
        write_wardrobe(
            options.out, numbers, examples=examples, seed=options.seed, progress=partial(bars.update, "garments")
        )
    print(f"{options.out}: {len(numbers):,} garments; index them with: python -m cbir index {options.out} --out DIR")


def _finetune(options: argparse.Namespace) -> None:
    from cbir.datasets import name_attributes, read_photos, refuse_unreadable
    from cbir.finetune import fine_tune
    from cbir.sampling import Settings
    from cbir.weights import load_weights

    start = load_weights(options.weights)
    found = [photo for photo in read_photos(options.data).photos if photo.label not in options.without]
    also = read_photos(options.also).photos if options.also else []
    also = [photo for photo in also if photo.label not in options.without]
    street = read_photos(options.street).photos if options.street else []
    settings = Settings(epochs=options.epochs, learning_rate=options.learning_rate, seed=options.seed)
    with Bars() as bars:
        photos, refused = refuse_unreadable(found, progress=lambda done: bars.update("photos", done, len(found)))
        _tell_refused(refused)
        weights = fine_tune(
            name_attributes(photos),
            start,
            options.out,
            also=also,
            street=street,
            settings=settings,
            note=options.note,
            report=bars.report,
        )
    figures = ", ".join(f"{name.replace('_', ' ')} {value:.3f}" for name, value in weights.metadata["figures"].items())
    print(f"{options.out}: epoch {weights.metadata['best_epoch']} kept; {figures}")


def _evaluate(options: argparse.Namespace) -> None:
    from cbir.catalogue import Catalogue
    from cbir.datasets import name_attributes, read_photos
    from cbir.evaluate import classify, retrieve, split_again
    from cbir.features import FeatureExtractor
    from cbir.report import Side, measure_side, tabulate, write_worst
    from cbir.street import split_street

    if options.worst and not options.held_out:
        raise CbirError("--worst goes with --held-out; add that")
    if options.beside and not (options.held_out or options.street):
        raise CbirError("--beside goes with --held-out or --street; add one of them")
    folder = Path(options.index)
    extractor = FeatureExtractor.open(options.weights or folder)
    weights = extractor.weights
    photos = name_attributes([photo for photo in read_photos(options.data).photos if photo.label])
    split = split_again(photos, weights) if options.held_out else {}
    if split:
        photos = [*split["validation"], *split["test"]]
    searched = options.weights is None and (folder / "manifest.json").exists()
    figures: list[Confusion | Retrieval] = []
    sides: list[Side] = []
    with Bars() as bars:
        # A network that was not fine-tuned has no classes, but its catalogue can be searched.
        if weights.classes or not searched:
            figures.append(classify(photos, weights, progress=partial(bars.update, "naming")))
        if searched:
            figures.append(
                retrieve(photos, Catalogue.open(folder), extractor, progress=partial(bars.update, "searching"))
            )
        networks = {"this network": extractor}
        if options.beside:
            networks["the other"] = FeatureExtractor.open(options.beside)
        asked = {"queries": split["test"], "gallery": split["train"]} if split else {}
        if options.street:
            asked["street"] = split_street(read_photos(options.street).photos)[1]
        if asked:
            sides = [measure_side(name, one, **asked, progress=bars.update) for name, one in networks.items()]
    if options.worst and sides:
        write_worst(Path(options.worst), sides[0].answers)
    if options.json:
        parts = {type(part).__name__.lower(): part.as_json() for part in figures}
        print(json.dumps(parts | {"side by side": [side.as_json() for side in sides]}))
    else:
        print(f"weights {weights.digest[:12]}", *figures, sep="\n")
        if sides:
            print("", tabulate(sides), sep="\n")


def _tell_refused(refused: list[tuple[str, str]]) -> None:
    for name, reason in refused:
        print(f"left out {name}: {reason}", file=sys.stderr)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number

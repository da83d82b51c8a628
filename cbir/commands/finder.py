"""Train the garment finder of a network on photos of people, and resume if broken off.

example:
  python -m cbir finder street/ --laid-out clothing/ --weights weights.pth --out garments.pth
"""

from __future__ import annotations

import argparse
from pathlib import Path

from cbir.commands.defaults import SHIPPED
from cbir.commands.numbers import positive
from cbir.commands.outputs import check_output
from cbir.commands.terminal import say, warn_left_out
from cbir.system.progress import Bars


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Photos, the network it reads, and settings."""
    parser.add_argument("street", help="photos of people, with tags and label maps of what they wear; 60 %% are used")
    parser.add_argument(
        "--out",
        required=True,
        metavar="FILE",
        help="the file to write; it is used if it is garments.pth beside WEIGHTS",
    )
    parser.add_argument(
        "--weights",
        default=str(SHIPPED / "weights.pth"),
        metavar="FILE",
        help="the network whose features are searched (default: the one in index/)",
    )
    parser.add_argument(
        "--laid-out",
        metavar="FOLDER",
        help="labelled photos of single garments; those that finetune trains on are used",
    )
    parser.add_argument(
        "--figures", metavar="FOLDER", help="rendered figures with label maps, as `wardrobe --worn` writes them"
    )
    parser.add_argument(
        "--start", metavar="FILE", help="a finder to go on from, such as that of the network that this one came from"
    )
    parser.add_argument("--learning-rate", type=float, default=1e-3, help="at its highest (default: 0.001)")
    parser.add_argument("--epochs", type=positive, default=60, help="default: 60")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--note", default="", help="a line to keep in the file, such as the source of the photos")


def run(options: argparse.Namespace) -> None:
    """Train, and tell where the finder is."""
    from cbir.datasets.reader import read_photos
    from cbir.datasets.split import split_photos
    from cbir.datasets.vocabulary import LAID_OUT
    from cbir.network.segmenter import load_finder
    from cbir.network.weights import load_weights
    from cbir.training.finder import FinderStep, train_finder
    from cbir.training.finder_sampling import FinderConfig

    check_output(Path(options.out))
    weights = load_weights(options.weights)
    street = read_photos(options.street)
    warn_left_out(street.left_out)
    laid_out = []
    if options.laid_out:
        labelled = [photo for photo in read_photos(options.laid_out).photos if photo.label in LAID_OUT]
        laid_out = split_photos(labelled, validation=0.1, test=0.1, seed=options.seed)["train"]
    figures = read_photos(options.figures).photos if options.figures else []
    start = load_finder(options.start) if options.start else None
    rate = options.learning_rate
    settings = FinderConfig(
        epochs=options.epochs, seed=options.seed, learning_rate=rate, blocks_learning_rate=0.7 * rate
    )
    with Bars() as bars:

        def report(now: FinderStep) -> None:
            bars.update("epoch", now.step, now.steps)
            bars.note(loss=f"{now.cross_entropy:.3f}", overlap=f"{1 - now.overlap:.3f}")

        finder = train_finder(
            street.photos,
            weights,
            options.out,
            laid_out=laid_out,
            figures=figures,
            start=start,
            settings=settings,
            note=options.note,
            report=report,
        )
    photos = ", ".join(f"{count:,} {name}" for name, count in finder.metadata["photos"].items())
    say(f"{options.out}: a finder of {len(finder.kinds) - 2} kinds of garments; photos trained on: {photos}")

"""Train the network on labelled photos, all layers, and resume if broken off.

example:
  python -m cbir finetune clothing/ --weights bvlc_googlenet.pth --out weights.pth
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cbir.commands.numbers import positive, share
from cbir.commands.outputs import check_output
from cbir.commands.terminal import say, warn, warn_left_out
from cbir.errors import DatasetError
from cbir.system.progress import Bars

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cbir.datasets.photo import Photo
    from cbir.network.weights import Weights
    from cbir.training.trainer import Epoch, Step


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Photos, first weights, and settings of the training."""
    parser.add_argument("data", help="a folder per class, a photos.csv with labels, or the ACS dataset")
    parser.add_argument("--out", required=True, metavar="WEIGHTS", help="the weights file to write")
    parser.add_argument(
        "--weights",
        default="imagenet",
        metavar="FILE",
        help="where to start (default: the word 'imagenet', which stands for torchvision's ImageNet weights)",
    )
    parser.add_argument(
        "--also", metavar="FOLDER", help="labelled photos that are only trained on, such as rendered ones"
    )
    parser.add_argument(
        "--street", metavar="FOLDER", help="photos of people, with tags and label maps of what they wear; 60 %% of them"
    )
    parser.add_argument(
        "--figures",
        metavar="FOLDER",
        help="rendered figures with label maps, as `wardrobe --worn` writes them; with --also and the same garments "
        "laid out, that a garment is the same on a figure and without is learnt",
    )
    parser.add_argument("--without", nargs="+", default=[], metavar="LABEL", help="labels to leave out")
    parser.add_argument("--epochs", type=positive, default=16, help="default: 16")
    parser.add_argument(
        "--full-size-epochs", type=int, default=4, metavar="N", help="the last ones, at 224 pixels (default: 4)"
    )
    parser.add_argument("--learning-rate", type=float, default=0.008, help="at its highest (default: 0.008)")
    parser.add_argument(
        "--start-share",
        type=share,
        default=0.0,
        metavar="SHARE",
        help="how much of the first weights stays in those that are written, such as 0.5 (default: nothing)",
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--note", default="", help="a line to keep in the file, such as the source of the photos")


def run(options: argparse.Namespace) -> None:
    """Train, and tell the figures of the network."""
    from cbir.datasets.clothing.attributes import name_attributes
    from cbir.datasets.photo import PhotoSet, split_readable
    from cbir.datasets.reader import read_photos
    from cbir.network.weights import load_weights
    from cbir.training.finetune import fine_tune
    from cbir.training.sampling import TrainingConfig

    check_output(Path(options.out))
    start = load_weights(options.weights)
    data, also, people, dressed = (
        read_photos(folder) if folder else PhotoSet([], [])
        for folder in (options.data, options.also, options.street, options.figures)
    )
    warn_left_out([*data.left_out, *also.left_out, *people.left_out, *dressed.left_out])
    found, extra, figures = (
        [photo for photo in some.photos if photo.label not in options.without] for some in (data, also, dressed)
    )
    settings = TrainingConfig(
        epochs=options.epochs,
        full_size_epochs=options.full_size_epochs,
        learning_rate=options.learning_rate,
        start_share=options.start_share,
        seed=options.seed,
    )
    with Bars() as bars:
        photos, refused = split_readable(found, progress=lambda done: bars.update("photos", done, len(found)))
        warn_left_out(refused)
        weights = fine_tune(
            name_attributes(photos),
            start,
            options.out,
            extra=extra,
            street=people.photos,
            figures=figures,
            settings=settings,
            note=options.note,
            report=partial(_show_training, bars),
            finish=partial(_save_closeness, Path(options.out), name_attributes(photos), extra, people.photos, bars),
        )
    told = ", ".join(f"{name.replace('_', ' ')} {value:.3f}" for name, value in weights.metadata["figures"].items())
    say(f"{options.out}: {told}")


def _save_closeness(
    out: Path,
    photos: Sequence[Photo],
    also: Sequence[Photo],
    people: Sequence[Photo],
    bars: Bars,
    weights: Weights,
) -> None:
    """Measure what distances say, on the photos that were not trained on, and keep it beside the weights."""
    from cbir.datasets.street import split_street
    from cbir.evaluation.classification import split_again
    from cbir.evaluation.closeness import measure_closeness
    from cbir.network.closeness import calibration_path
    from cbir.network.extractor import FeatureExtractor

    calibration_path(out).unlink(missing_ok=True)
    split = split_again(photos, weights)
    _, street = split_street(people, seed=weights.metadata["settings"]["seed"])
    try:
        report = measure_closeness(
            [*split["validation"], *split["test"]],
            split["train"],
            FeatureExtractor(weights),
            also=also,
            street=street,
            progress=bars.update,
        )
    except DatasetError as error:
        warn(f"searches will not tell how close their answers are: {error}")
    else:
        report.calibration.save(calibration_path(out))


def _show_training(bars: Bars, news: Step | Epoch) -> None:
    from cbir.training.trainer import Step

    if isinstance(news, Step):
        bars.update(f"epoch {news.epoch}", news.step, news.steps)
        bars.note(loss=f"{news.loss:.3f}", accuracy=f"{news.accuracy:.3f}")
    else:
        warn(
            f"epoch {news.epoch}: loss {news.loss:.3f}, accuracy {news.accuracy:.3f}; "
            f"validation loss {news.validation_loss:.3f}, accuracy {news.validation_accuracy:.3f}"
        )

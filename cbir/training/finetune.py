"""Transfer learning: all layers of an ImageNet GoogLeNet go on learning, on photos of garments."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from cbir.datasets.colours import name_colours
from cbir.datasets.photo import Photo
from cbir.datasets.split import split_photos
from cbir.datasets.street import cut_figures, cut_garments, split_street
from cbir.errors import DatasetError
from cbir.network.googlenet import GoogLeNet
from cbir.network.preprocess import read_batches, to_tensor
from cbir.network.weights import Weights, load_weights, save_weights
from cbir.photos.decode import PREPROCESSING
from cbir.training.sampling import TrainingConfig, TrainingData
from cbir.training.trainer import Epoch, Step, Training


def fine_tune(
    photos: Sequence[Photo],
    start: Weights,
    out: str | os.PathLike[str],
    *,
    extra: Sequence[Photo] = (),
    street: Sequence[Photo] = (),
    figures: Sequence[Photo] = (),
    settings: TrainingConfig = TrainingConfig(),
    note: str = "",
    report: Callable[[Step | Epoch], object] = lambda _: None,
    finish: Callable[[Weights], object] = lambda _: None,
) -> Weights:
    """Train from `start` on the photos' labels, colours and patterns, and write the network to `out`.

    What is written is the average of the networks of the last steps, with the share of the first one that the settings
    say. Validation photos, whose contributors are not trained on, choose nothing; they tell how it goes. A training
    that was killed goes on from its last checkpoint, `out` with ".training" behind it, if called again with the same
    photos and settings. Returns the weights as written (half precision), their figures among the metadata, measured on
    the file's own numbers.

    extra: photos that are only trained on, such as rendered ones. street: photos of people with tags, some with label
    maps; those of the part to train on (`split_street`) are used whole and cut to garments. figures: labelled
    photos of rendered figures with label maps, each in one garment; one of `extra` with the same file name shows the
    same garment laid out, and the two are to be near.
    note: kept in the metadata, such as where the photos come from. report: told every step and epoch. finish: does
    what is left to do with the weights; a training that is killed meanwhile goes on there.

    Raises DatasetError if there is too little to learn from, PhotoError for a photo that cannot be read, and
    WeightsError if the checkpoint belongs to another training or the training diverges.
    """
    labelled = [photo for photo in photos if photo.label]
    split = split_photos(labelled, validation=settings.validation, test=settings.test, seed=settings.seed)
    people, _ = split_street(street, seed=settings.seed)
    further = [photo for photo in extra if photo.label]
    dressed = [photo for photo in people if photo.tags]
    data = TrainingData(split["train"], further, name_colours(cut_garments(people)), dressed, cut_figures(figures))
    classes = tuple(sorted(set(data.labels)))
    split = {side: [photo for photo in some if photo.label in classes] for side, some in split.items()}
    if len({photo.label for photo in split["train"]}) < 2 or not split["validation"]:
        raise DatasetError(
            f"{len(labelled)} labelled photos of {len(classes)} classes are too few: "
            "two classes, and photos left for validation, are needed"
        )
    checkpoint = Path(out).with_name(Path(out).name + ".training")
    training = Training(start, classes, data, settings, checkpoint)
    while not training.finished:
        training.run_epoch(report)
        report(training.close_epoch(*measure(training.averaged, split["validation"], classes)))
    metadata = {
        "note": note,
        "split": {side: _describe(some) for side, some in split.items()},
        "also": {
            "photos": len(data.extra),
            "cuts": len(data.cuts),
            "street": len(data.street),
            "figures": len(data.figures),
        },
        "settings": asdict(settings),
        "started_from": start.digest,
        "history": [list(epoch) for epoch in training.history],
    }
    tensors = _mix(training.averaged.cpu().state_dict(), start.tensors, settings.start_share)
    result = Weights(start.variant, tensors, classes, metadata, PREPROCESSING)
    save_weights(result, out)
    accuracies = {}
    network = load_weights(out).classifier()
    for side in ("validation", "test"):
        if split[side]:
            _, accuracies[f"{side}_accuracy"] = measure(network, split[side], classes)
    save_weights(replace(result, metadata=metadata | {"figures": accuracies}), out)
    written = load_weights(out)
    finish(written)
    checkpoint.unlink(missing_ok=True)
    return written


def _mix(trained: Mapping[str, Tensor], start: Mapping[str, Tensor], share: float) -> dict[str, Tensor]:
    """Trained tensors with a share of the first ones, but for the last layer, which may be of other classes."""
    return {
        name: tensor.lerp(start[name].to(tensor), share)
        if tensor.is_floating_point() and not name.startswith("fc.")
        else tensor
        for name, tensor in trained.items()
    }


def measure(network: GoogLeNet, photos: Sequence[Photo], classes: Sequence[str]) -> tuple[float, float]:
    """Mean cross-entropy and accuracy of a classifier on labelled photos."""
    label_ids = {label: label_id for label_id, label in enumerate(classes)}
    device = next(network.parameters()).device
    loss, right = 0.0, 0
    network.eval()
    labels = iter(photos)
    with torch.inference_mode():
        for pixels in read_batches([photo.path for photo in photos]):
            targets = torch.tensor([label_ids[str(p.label)] for p in islice(labels, len(pixels))], device=device)
            logits = network(to_tensor(pixels).to(device))
            loss += float(cross_entropy(logits, targets, reduction="sum"))
            right += int((logits.argmax(1) == targets).sum())
    return loss / len(photos), right / len(photos)


def _describe(photos: Sequence[Photo]) -> dict[str, int]:
    contributors = {photo.contributor for photo in photos if photo.contributor}
    return {"photos": len(photos), "contributors": len(contributors)}

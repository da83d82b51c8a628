"""How close is close: what a distance says, as measured with photos that the network was not trained on.

Of held-out answers like this one, how many were of the query's kind? Three things tell, in a logistic curve:

    P(same kind) = 1 / (1 + exp(-(a distance + b strangeness + c log(size of the catalogue) + d)))

The strangeness of a photo is the distance of its feature from the subspace in which the features of the gallery's
photos lie: leading principal axes about their mean. What is stranger than nearly all garments is taken for none. Both
are the photo's and the network's alone, so the curve holds for catalogues of one kind as for those of many.

A calibration also holds what queries for found garments are expanded with (expansion.py).
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cbir.errors import WeightsError
from cbir.network.expansion import Colour, Expansion
from cbir.system.files import replacing

if TYPE_CHECKING:
    from cbir.network.weights import Weights

FORMAT = 2
READABLE = (1, 2)
"""Formats that are read; the first has no kinds."""
SUFFIX = ".closeness.json"
"""A calibration lies beside its weights: weights.pth has weights.closeness.json."""
VERY_CLOSE, ALIKE, NOT_ALIKE = "very close", "alike", "the nearest there is, but not alike"
NOTHING = "nothing like this here"
SURE, LIKELY = 0.9, 0.5
"""Probabilities of the same kind from which on an answer is very close, and alike."""


class Closeness(NamedTuple):
    """What a distance says."""

    word: str
    """VERY_CLOSE, ALIKE, NOT_ALIKE, or NOTHING."""
    probability: float
    """Of the same kind: the share among held-out answers like this one. Of NOTHING it means little."""

    def __str__(self) -> str:
        start = self.word[0].upper() + self.word[1:]
        if self.word == NOTHING:
            return f"{start}: the photo is unlike the garments that the network knows."
        return f"{start}: of 100 answers like this, {100 * self.probability:.0f} are of the photo's kind."


class Curve(NamedTuple):
    """The logistic curve of one sort of query."""

    distance: float
    strangeness: float
    log_size: float
    constant: float
    sizes: tuple[int, int]
    """Smallest and largest gallery that was measured; others count as the nearer of these."""
    strangest: float
    """Strangeness up to which a query counts as a garment; a greater one adds nothing to the curve."""
    highest: float
    """Share of the same kind among the surest answers: no probability is higher."""

    def probability(
        self, distances: NDArray[np.float64], strangeness: NDArray[np.float64] | float, size: int
    ) -> NDArray[np.float64]:
        """Of the same kind, of answers at these Euclidean distances among `size` photos."""
        log_size = math.log(min(max(size, self.sizes[0]), self.sizes[1]))
        known = np.minimum(strangeness, self.strangest)
        logit = self.distance * distances + self.strangeness * known + self.log_size * log_size + self.constant
        return np.asarray(np.minimum(1 / (1 + np.exp(-logit)), self.highest))


@dataclass(frozen=True)
class Calibration:
    """What was measured of the distances of one network."""

    weights: str
    """SHA-256 of the file of its weights; it holds for no other."""
    mean: NDArray[np.float64] = field(repr=False)
    """(D,) of the gallery's features."""
    axes: NDArray[np.float64] = field(repr=False)
    """(D, m) principal axes of them, as columns, orthonormal but for the rounding to float16."""
    whole: Curve
    """Of whole photos."""
    region: Curve | None
    """Of garments in photos of people; None if none were measured."""
    copy_distance: float
    """Distance up to which two photos count as copies of one."""
    found: Curve | None = None
    """Of garments that a finder found, with expanded queries; None if none were measured."""
    expansion: Expansion = field(default_factory=Expansion)
    """Of queries for found garments."""

    def strangeness(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """(n,) of features, (n, D): Euclidean distance from the subspace."""
        centred = features - self.mean
        return np.asarray(np.linalg.norm(centred - centred @ self.axes @ self.axes.T, axis=1))

    def judge(
        self,
        feature: NDArray[np.float32],
        distances: NDArray[np.float64],
        size: int,
        *,
        region: bool = False,
        expanded: bool = False,
    ) -> list[Closeness] | None:
        """What the distances, (k,), of the answers to a query say, each; None if that sort of query was not measured.

        A copy is very close, whatever else is measured.

        feature: (D,) of the query, unit length. size: photos of the catalogue. region: the query is a part of a photo.
        expanded: it is a garment that was found in a photo, and its feature was moved towards those of its kind.
        """
        curve = self.found if expanded else self.region if region else self.whole
        if curve is None:
            return None
        strangeness = float(self.strangeness(feature[None])[0])
        probabilities = curve.probability(distances, strangeness, size).tolist()
        strange = strangeness > curve.strangest
        return [
            Closeness(VERY_CLOSE if distance <= self.copy_distance else choose_word(probability, strange), probability)
            for distance, probability in zip(distances.tolist(), probabilities)
        ]

    def save(self, path: Path) -> None:
        """Write a calibration file, whole or not at all."""
        basis = np.column_stack([self.mean, self.axes]).T
        content: dict[str, Any] = {
            "cbir_closeness": FORMAT,
            "weights": self.weights,
            "whole": self.whole._asdict(),
            "region": self.region and self.region._asdict(),
            "copy_distance": self.copy_distance,
            "dimension": len(self.mean),
            "basis": _encode(basis),
            "found": self.found and self.found._asdict(),
            "kinds": {kind: _encode(mean) for kind, mean in self.expansion.kinds.items()},
            "colours": {
                name: {"lab": list(colour.lab), "shift": _encode(colour.shift)}
                for name, colour in self.expansion.colours.items()
            },
        }
        with replacing(path) as part:
            part.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8", newline="\n")


def choose_word(probability: float, strange: bool) -> str:
    """The word for a probability of the same kind; strange: the query is unlike garments, unless an answer is sure."""
    if probability >= SURE:
        return VERY_CLOSE
    if strange:
        return NOTHING
    return ALIKE if probability >= LIKELY else NOT_ALIKE


def load_calibration(path: Path) -> Calibration:
    """What `save` wrote. Raises WeightsError if the file is absent or damaged, or holds something else."""
    try:
        content = json.loads(path.read_bytes())
        if content["cbir_closeness"] not in READABLE:
            raise WeightsError(f"{path}: format {content['cbir_closeness']}, but this version reads {FORMAT}")
        dimension, copy_distance = int(content["dimension"]), float(content["copy_distance"])
        basis = _decode(content["basis"], dimension)
        others = [content.get(name) and _read_curve(content[name]) for name in ("region", "found")]
        if not math.isfinite(copy_distance):
            raise ValueError("numbers that are none")
        return Calibration(
            weights=str(content["weights"]),
            mean=basis[0],
            axes=basis[1:].T,
            whole=_read_curve(content["whole"]),
            region=others[0],
            copy_distance=copy_distance,
            found=others[1],
            expansion=_read_expansion(content, dimension),
        )
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        remedy = "remove it, or measure anew: python -m cbir evaluate --help"
        raise WeightsError(f"{path}: not a calibration of distances, or a damaged one; {remedy}") from error


def _encode(numbers: NDArray[np.floating]) -> str:
    return base64.b64encode(numbers.astype("<f2").tobytes()).decode()


def _decode(text: str, dimension: int) -> NDArray[np.float64]:
    """Rows of so many numbers. Raises ValueError if they are none."""
    rows = np.frombuffer(base64.b64decode(text, validate=True), "<f2").astype(np.float64).reshape(-1, dimension)
    if not np.isfinite(rows).all():
        raise ValueError("numbers that are none")
    return rows


def _read_expansion(content: Mapping[str, Any], dimension: int) -> Expansion:
    kinds = {str(kind): _decode_one(text, dimension) for kind, text in content.get("kinds", {}).items()}
    colours = {}
    for name, colour in content.get("colours", {}).items():
        lightness, red, yellow = map(float, colour["lab"])
        if not all(map(math.isfinite, (lightness, red, yellow))):
            raise ValueError("numbers that are no colour")
        colours[str(name)] = Colour((lightness, red, yellow), _decode_one(colour["shift"], dimension))
    return Expansion(kinds, colours)


def _decode_one(text: str, dimension: int) -> NDArray[np.float32]:
    (row,) = _decode(text, dimension)
    return row.astype(np.float32)


def _read_curve(content: dict[str, Any]) -> Curve:
    smallest, largest = (int(size) for size in content["sizes"])
    numbers = {name: float(content[name]) for name in Curve._fields if name != "sizes"}
    if not all(map(math.isfinite, numbers.values())) or not 1 <= smallest <= largest:
        raise ValueError("numbers that are no curve")
    return Curve(**numbers, sizes=(smallest, largest))


def calibration_path(weights: Path) -> Path:
    """Where the calibration of a file of weights lies."""
    return weights.with_name(weights.stem + SUFFIX)


def find_calibration(weights: Path, digest: str) -> Path | None:
    """The calibration's file beside weights with a digest, if it was measured of these; else None.

    Raises WeightsError if it is damaged.
    """
    path = calibration_path(weights)
    return path if path.is_file() and load_calibration(path).weights == digest else None


def calibration_beside(weights: Weights) -> Calibration | None:
    """The calibration of weights from a file that lies beside it; None if there is none of these.

    Raises WeightsError if it is damaged.
    """
    path = find_calibration(weights.path, weights.digest) if weights.path else None
    return load_calibration(path) if path else None

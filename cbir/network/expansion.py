"""Query expansion: the feature of a garment on a person, moved towards those of its kind and colour that are laid out.

A garment on a person looks other than one that is laid out, and what is nearest to it is often of another kind and
colour. The garment finder tells both. So a share of the mean feature of photos of that kind is added to the query's,
and what photos of that colour have in common (Rocchio 1971, with these photos as the relevant documents; for images,
average query expansion, Chum et al., ICCV 2007). The features of a catalogue stay what they are, and the proof is about
the expanded query.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SHARE, COLOUR_SHARE = 0.75, 3.0
"""How much of the mean of a kind, and of what a colour adds, is added to a feature of unit length (MODEL_CARD.md)."""
WIDTH = 10.0
"""Difference in L*a*b* at which a colour counts 0.61 times as much as one that is the same."""

Lab = tuple[float, float, float]
Vector = NDArray[np.float32]


class Colour(NamedTuple):
    """A colour that many garments have."""

    lab: Lab
    """L*, a* and b*: the median of these garments."""
    shift: Vector
    """(D,): mean of their features, each less the mean of its kind."""


@dataclass(frozen=True)
class Expansion:
    """What is known of garments that are laid out, in the features of one network."""

    kinds: Mapping[str, Vector] = field(default_factory=dict, repr=False)
    """Mean features, (D,), by the finder's kinds."""
    colours: Mapping[str, Colour] = field(default_factory=dict, repr=False)
    """By their names."""

    def of(self, kind: str, lab: Lab | None) -> Vector | None:
        """What is added to the feature of a garment of a kind and a colour, (D,); None if its kind is not known.

        Colours between the known ones are mixed.
        """
        if kind not in self.kinds:
            return None
        added = SHARE * self.kinds[kind]
        if lab is None or not self.colours:
            return np.asarray(added, np.float32)
        labs, shifts = (np.array(part, np.float64) for part in zip(*self.colours.values()))
        apart = np.square(labs - lab).sum(1)
        weights = np.exp((apart.min() - apart) / (2 * WIDTH**2))
        return np.asarray(added + COLOUR_SHARE * (weights / weights.sum()) @ shifts, np.float32)


def expand_query(feature: Vector, added: Vector | None) -> Vector:
    """A feature of unit length, (D,), with what is added to it, (D,): no number negative, scaled to unit length.

    With None, the feature as it is.
    """
    if added is None:
        return feature
    moved = np.maximum(feature + added, 0)
    return np.asarray(moved / np.linalg.norm(moved), np.float32)

"""Losses: NCA with a memory bank and graded relevance; and the overlap of labelled places.

Class labels alone make a network forget what tells one T-shirt from the next. So each training step is also a search:
the features of the step's photos are compared with a memory of the features of all of them, and the similarities,
as a distribution, are to be those of a wanted one, `relevance`: most to the photo itself, then to garments of its
kind, and among those more to the ones of its colour and pattern. This is neighbourhood component analysis
(Goldberger et al., NIPS 2004) with a memory (Wu, Efros and Yu, ECCV 2018, section 3.3) and graded neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from cbir.datasets.vocabulary import UNKNOWN

TEMPERATURE = 0.06
"""Similarities are divided by this before they become a distribution."""
SELF_WEIGHT = 0.3
"""Share of the distribution that goes to the photo itself, as it was last seen."""
SAME_COLOUR, SAME_PATTERN = 5.0, 3.0
"""How many times more a garment of the same kind counts if its colour, or its pattern, is the same as well."""
HALF_LIFE = 0.5
"""What remains of a remembered feature when the photo is seen again."""


class Memory:
    """The latest features of training photos, unit length; those not yet seen are zeros and count for nothing."""

    def __init__(self, size: int, dimension: int, device: torch.device) -> None:
        self.features = torch.zeros(size, dimension, device=device)

    def compare(
        self,
        features: Tensor,
        rows: Tensor,
        relevance: Tensor,
        *,
        self_weight: float = 0.0,
        same: Tensor | None = None,
    ) -> Tensor:
        """How far the search for features, (B, D), unit length, is from the wanted one: a divergence, a scalar.

        rows: (B,) the rows of the photos themselves. relevance: (B, N), not negative, wanted weights of the rows;
        the photo's own row gets a share of `self_weight` in place of its weight, or is left out if that is 0. Photos
        with nothing relevant in memory count as 0. same: (B, N) bool, further rows that show the very garment; they
        and the photo's own share `self_weight` evenly.
        """
        itself = functional.one_hot(rows, len(self.features)).bool()
        seen = self.features.any(1).expand_as(itself)
        if self_weight == 0:
            seen = seen & ~itself
        if same is not None:
            itself = itself | same
        logits = (features @ self.features.T / TEMPERATURE).masked_fill(~seen, -1e4)
        others = relevance.masked_fill(itself | ~seen, 0.0)
        wanted = _normalise((1 - self_weight) * _normalise(others) + self_weight * _normalise((itself & seen).float()))
        terms = torch.special.xlogy(wanted, wanted) - wanted * functional.log_softmax(logits, dim=1)
        return terms.sum() / len(features)

    def update(self, features: Tensor, rows: Tensor) -> None:
        """Remember features, (B, D), unit length, of rows `rows`."""
        kept = HALF_LIFE * self.features[rows] + (1 - HALF_LIFE) * features.detach()
        self.features[rows] = functional.normalize(kept)


class GarmentRelevance:
    """How much each training photo of a garment is wanted among the neighbours of another."""

    def __init__(
        self, kinds: Sequence[str | None], colours: Sequence[str | None], patterns: Sequence[str | None]
    ) -> None:
        self.kinds, self.colours, self.patterns = (_number(words) for words in (kinds, colours, patterns))

    def of(self, rows: Tensor) -> Tensor:
        """(B, N) float32 for the photos `rows`, (B,): 0 for another kind; unknown colours and patterns differ."""
        kind, colour, pattern = (
            (words[rows, None] == words) & (words >= 0) for words in (self.kinds, self.colours, self.patterns)
        )
        return kind * torch.where(colour, SAME_COLOUR, 1.0) * torch.where(pattern, SAME_PATTERN, 1.0)


class OutfitRelevance:
    """The same for photos of people: what two wear in common, rare things more."""

    def __init__(self, tags: Tensor) -> None:
        """tags: (N, T) bool, what each wears."""
        self.tags = tags.float()
        self.rarity = (len(tags) / self.tags.sum(0).clamp_min(1)).log()

    def of(self, rows: Tensor) -> Tensor:
        """(B, N) float32: the square of the summed squares of log(photos / photos with the tag), over common tags."""
        return (self.tags[rows] * self.rarity.square() @ self.tags.T).square()


def off_garment(feature_map: Tensor, masks: Tensor) -> Tensor:
    """Minus the log of the share of activation that lies on garments, a mean over photos: a scalar.

    feature_map: (B, C, rows, columns), not negative. masks: (B, side, side), 0 to 1. With features that are sums over
    positions, activation off the garment is evidence off the garment.
    """
    garments = functional.adaptive_avg_pool2d(masks[:, None], (feature_map.shape[2], feature_map.shape[3]))
    activation = feature_map.sum(1, keepdim=True)
    share = (activation * garments).sum((1, 2, 3)) / activation.sum((1, 2, 3)).clamp_min(1e-9)
    return -share.clamp_min(0.02).log().mean()


def _normalise(weights: Tensor) -> Tensor:
    return weights / weights.sum(1, keepdim=True).clamp_min(1e-9)


def _number(words: Sequence[str | None]) -> Tensor:
    """(N,) int64, equal for equal words; -1 for None."""
    known = {word: number for number, word in enumerate(sorted({word for word in words if word is not None}))}
    return torch.tensor([known[word] if word is not None else -1 for word in words], dtype=torch.int64)


def overlap_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """1 less the mean intersection over union of the labels that the batch shows, of probabilities.

    logits: (N, labels, rows, columns). targets: (N, rows, columns) int64, or UNKNOWN, which does not count. What is
    measured in the end is trained (Rahman and Wang, ISVC 2016).
    """
    known = (targets != UNKNOWN)[:, None]
    probabilities = logits.softmax(1) * known
    wanted = functional.one_hot(targets.clamp(max=logits.shape[1] - 1), logits.shape[1]).permute(0, 3, 1, 2) * known
    both = (probabilities * wanted).sum((0, 2, 3))
    either = (probabilities + wanted - probabilities * wanted).sum((0, 2, 3))
    shown = wanted.sum((0, 2, 3)) > 0
    return (1 - both / either.clamp(min=1))[shown].mean()

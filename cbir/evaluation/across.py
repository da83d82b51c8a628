"""Garments on people searched among photos of single garments, and the other way round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cbir.datasets.photo import Photo
from cbir.datasets.vocabulary import LAID_OUT
from cbir.evaluation.metrics import TOP, Estimate, divide, mean_known, rank, resample
from cbir.evaluation.seen import Seen
from cbir.network.expansion import Expansion, expand_query
from cbir.network.garments import Garment
from cbir.photos.decode import load_image
from cbir.photos.lab import to_lab
from cbir.system.pool import map_ahead, worker_pool

SIDE = 48
"""Short side in pixels to which photos are decoded for their colour."""
MIDDLE = 0.4
"""Share of width and height about a photo's middle in which its one garment lies."""
BY_CHANCE = ", by chance"
"""Behind the name of a figure: what drawn photos would give."""
SAME_COLOUR = 20.0
"""Difference in L*a*b* up to which two garments are of one colour."""


class Query(NamedTuple):
    """A garment that was found on a person who wears its kind."""

    photo: int
    """Number among what was seen."""
    garment: Garment
    feature: NDArray[np.float32]
    """(1024,), unit length."""
    colour: tuple[float, float, float] | None
    """L*, a* and b*, by the label map; None without one."""

    @property
    def kind(self) -> str:
        """The finder's, which the person wears."""
        return self.garment.kind

    def search_by(self, expansion: Expansion) -> NDArray[np.float32]:
        """What is searched, (1024,): the feature, expanded if its kind is known."""
        return expand_query(self.feature, expansion.of(self.kind, self.garment.lab))


def measure_across(
    seen: Sequence[Seen],
    gallery: Sequence[Photo],
    features: NDArray[np.float32],
    held_out: Sequence[Photo],
    held_out_features: NDArray[np.float32],
    expansion: Expansion = Expansion(),
) -> dict[str, Estimate]:
    """Search found garments among photos of single garments; and single garments among all those found.

    Figures are means over kinds, so that each counts alike; intervals over runs of photos of people, and the other
    way round over contributors. Kind: share of the three nearest that are of the kind, by LAID_OUT; of queries whose
    tags say that the person wears it; by chance: of the gallery. Colour: share of the three nearest whose middle is
    within SAME_COLOUR of the garment's, by label maps; by chance: of the gallery's photos of the kind. features:
    (N, 1024) and (Q, 1024), unit length. expansion: of the queries. If there is one, what queries give that are not
    expanded is told as well, and what is found among the photos held out, which no mean is of. {} if nothing is found
    that somebody wears.
    """
    queries, runs = _collect_queries(seen), [one.run for one in seen]
    figures = _measure_worn("worn among laid out", queries, runs, gallery, features, expansion)
    if not figures:
        return {}
    if expansion.kinds:
        figures |= _measure_worn("worn among held-out laid out", queries, runs, held_out, held_out_features, expansion)
    return figures | _measure_back(seen, held_out, held_out_features)


def read_middles(photos: Sequence[Photo]) -> NDArray[np.float64]:
    """(N, 3): median L*, a* and b* of the middle of each photo."""
    with worker_pool() as pool:
        return np.array(list(map_ahead(pool, _read_middle, photos, ahead=64)))


def _read_middle(photo: Photo) -> NDArray[np.float64]:
    image = load_image(photo.path, short_side=SIDE)
    across, down = ((1 - MIDDLE) / 2 * side for side in image.size)
    middle = image.crop((round(across), round(down), round(image.width - across), round(image.height - down)))
    return np.asarray(np.median(to_lab(np.asarray(middle).reshape(-1, 3)), axis=0))


def _collect_queries(seen: Sequence[Seen]) -> list[Query]:
    queries = []
    for number, one in enumerate(seen):
        for kind in sorted(set(LAID_OUT.values())):
            row = one.find(kind)
            if row is not None and one.wears(kind):
                shown = one.truth.shown.get(kind) if one.truth else None
                garment = one.sighting.garments[row - 1]
                queries.append(Query(number, garment, one.features[row], shown.colour if shown else None))
    return queries


def _measure_worn(
    name: str,
    queries: Sequence[Query],
    runs: Sequence[str],
    gallery: Sequence[Photo],
    features: NDArray[np.float32],
    expansion: Expansion,
) -> dict[str, Estimate]:
    """Found garments searched among photos of single garments. runs: of all photos of people."""
    known = [place for place, photo in enumerate(gallery) if photo.label in LAID_OUT]
    there, features = np.array([LAID_OUT[str(gallery[place].label)] for place in known]), features[known]
    queries = [one for one in queries if one.kind in there]
    if not queries:
        return {}
    asked, photos = np.array([one.kind for one in queries]), np.array([one.photo for one in queries])
    shown = np.array([one.colour is not None for one in queries])
    wanted = np.array([one.colour for one in queries if one.colour is not None])
    middles = read_middles([gallery[place] for place in known]) if shown.any() else np.empty((0, 3))
    ways = {"": expansion, ", not expanded": Expansion()} if expansion.kinds else {"": expansion}
    orders = {
        way: rank(np.stack([one.search_by(by) for one in queries]), features)[:, :TOP] for way, by in ways.items()
    }
    of_kind = there == asked[:, None]
    shares = {way: np.take_along_axis(of_kind, order, 1).mean(1) for way, order in orders.items()}
    shares[BY_CHANCE] = of_kind.mean(1)
    figures = _compare(f"{name}: its kind in the top {TOP}", asked, photos, runs, shares)
    if shown.any():
        alike = np.linalg.norm(middles - wanted[:, None], axis=2) <= SAME_COLOUR
        shares = {way: np.take_along_axis(alike, order[shown], 1).mean(1) for way, order in orders.items()}
        shares[BY_CHANCE] = divide((alike & of_kind[shown]).sum(1), of_kind[shown].sum(1))
        figures |= _compare(f"{name}: its colour in the top {TOP}", asked[shown], photos[shown], runs, shares)
    return figures


def _measure_back(
    seen: Sequence[Seen], held_out: Sequence[Photo], features: NDArray[np.float32]
) -> dict[str, Estimate]:
    """Single garments searched among all garments that were found on people."""
    found = [(garment.kind, row) for one in seen for garment, row in zip(one.sighting.garments, one.features[1:])]
    there = np.array([kind for kind, _ in found])
    places = [place for place, photo in enumerate(held_out) if LAID_OUT.get(str(photo.label)) in set(there.tolist())]
    if not places:
        return {}
    asked = np.array([LAID_OUT[str(held_out[place].label)] for place in places])
    hits = there[rank(features[places], np.stack([row for _, row in found]))[:, :TOP]] == asked[:, None]
    contributors = [held_out[place].contributor or held_out[place].name for place in places]
    shares = {"": hits.mean(1), BY_CHANCE: (there == asked[:, None]).mean(1)}
    return _compare(
        f"laid out among worn: its kind in the top {TOP}", asked, np.arange(len(places)), contributors, shares
    )


def _compare(
    name: str,
    kinds: NDArray[np.str_],
    photos: NDArray[np.int64],
    groups: Sequence[str],
    shares: Mapping[str, NDArray[np.float64]],
) -> dict[str, Estimate]:
    """Mean over the kinds of each kind's mean share, (Q,), by what stands behind the name. groups: of all photos."""
    columns = (kinds[:, None] == np.unique(kinds)).astype(np.float64)

    def mean(values: NDArray[np.float64]) -> Estimate:
        def of(weights: NDArray[np.float64]) -> float:
            weight = weights[photos]
            return mean_known(divide((weight * values) @ columns, weight @ columns))

        return resample(of, groups)._replace(size=len(values))

    return {f"{name}{way}": mean(values) for way, values in shares.items()}

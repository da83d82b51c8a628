"""Where two photos look alike: their similarity, split exactly over the places of each.

A feature is the mean of 7 x 7 positions, so the dot product of two features is a sum over the positions of one: each's
dot product with the other feature. No gradient, no approximation (class activation mapping, Zhou et al., CVPR 2016,
section 2, with the other photo's feature in place of a class's weights).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cbir.network.expansion import expand_query
from cbir.network.extractor import FeatureExtractor
from cbir.network.preprocess import read_pixels, side_for, to_pixels
from cbir.photos.decode import PhotoSource, load_image
from cbir.photos.region import WHOLE, Region


class Evidence(NamedTuple):
    """The similarity of a query and a match, and where each of them has it."""

    similarity: float
    """Dot product of the features, 0 to 1; the squared Euclidean distance is 2 - 2 * similarity."""
    query: NDArray[np.float64]
    """(7, 7): how much of the similarity comes from each place of the query; sums to the similarity, less `added`."""
    match: NDArray[np.float64]
    """(7, 7): the same for the match, as far as its picture is the one that its feature is of; all of it."""
    added: float = 0.0
    """How much of the similarity comes from what the query was expanded with, and from no place of it."""


def split_similarity(feature_map: NDArray[np.floating], feature: NDArray[np.float32]) -> NDArray[np.float64]:
    """How much each position of a photo adds to its similarity with a feature.

    feature_map: (rows, columns, D), from `feature_map`. feature: (D,), the other photo's, of any length. Both are
    scaled to unit length: the result, (rows, columns), sums to the dot product of the two features. Zeros give zeros.
    """
    each, other = feature_map.astype(np.float64), feature.astype(np.float64)
    length = float(np.linalg.norm(each.sum((0, 1)))) * float(np.linalg.norm(other))
    return each @ other / length if length else np.zeros(feature_map.shape[:2])


def see_match(thumb: PhotoSource, region: Region | None) -> PhotoSource:
    """What to explain and to draw of a match: its thumbnail, or the square about its region, 224 x 224 pixels."""
    return thumb if region is None else Image.fromarray(to_pixels(load_image(thumb), region))


def explain(
    extractor: FeatureExtractor,
    query: PhotoSource,
    matches: Sequence[PhotoSource],
    features: NDArray[np.float32] | None = None,
    *,
    region: Region = WHOLE,
    added: NDArray[np.float32] | None = None,
) -> list[Evidence]:
    """The evidence that a query looks like each of its matches. Raises PhotoError if one cannot be read.

    matches: photos, or what `see_match` gives, of which the network sees the central square.
    features: (n, 1024) of the matches, where their thumbnails stand for them. Similarities and the query's maps are
        then those of the catalogue's distances. A match's own map is its thumbnail's; its sum may differ by hundredths.
    region: of the query, what was searched. added: (1024,), to its feature, where the query was expanded.
    """
    looked_at = to_pixels(load_image(query, short_side=side_for([region])), region)
    first, *others = extractor.feature_map(np.stack([looked_at, *map(read_pixels, matches)]))
    own = first.mean((0, 1))
    asked, share = own, 1.0
    if added is not None:
        own /= np.linalg.norm(own)
        asked = expand_query(own, added)
        share = 1 / float(np.linalg.norm(np.maximum(own + added, 0)))
    found = []
    for number, feature_map in enumerate(others):
        feature = feature_map.mean((0, 1)) if features is None else features[number]
        on_query, on_match = share * split_similarity(first, feature), split_similarity(feature_map, asked)
        similarity = float(on_query.sum()) if added is None else _cosine(asked, feature)
        found.append(Evidence(similarity, on_query, on_match, similarity - float(on_query.sum())))
    return found


def _cosine(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    one, other = first.astype(np.float64), second.astype(np.float64)
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))

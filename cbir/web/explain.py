"""How an answer came about: the numbers and the pictures of each step, for the page that shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cbir.errors import CbirError
from cbir.photos.decode import DECODE_SIDE, load_image
from cbir.photos.drawing import frame_region
from cbir.photos.region import WHOLE, Region
from cbir.report.words import name_match
from cbir.web.endpoints import MATCHES, Endpoints
from cbir.web.failures import tell_failure
from cbir.web.how import Band, Explained, Neighbour, draw_explained
from cbir.web.quality import read_quality
from cbir.web.texts import Texts, texts_for
from cbir.web.trail import Step, Visit, is_there, key_of, row_of, search_again

if TYPE_CHECKING:
    from cbir.results import SearchResult
    from cbir.search import Searcher

LONGEST = 1.42
"""Distance at the end of the line: no two features without negative numbers are further apart than sqrt(2)."""
STEPS = 284
"""Distances that are judged for the bands below the line."""


class Explainer:
    """The handler of the page that explains the last answer of a tab, or one to an example."""

    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints = endpoints

    def open(self, token: object, request: gr.Request | None = None) -> str:
        """HTML of each step. token: of a visit, or anything."""
        say = texts_for(request)
        try:
            visit = self._endpoints.visits.find(token)
            searcher = self._endpoints.sources.get(visit or Visit())
            if visit is not None and is_there(visit):
                return draw_explained(self._explain(searcher, visit._replace(shown=MATCHES), say), say)
            explained = self._explain(searcher, Visit((choose_example(searcher),)), say)
            return draw_explained(explained._replace(example=True), say)
        except CbirError as error:
            return tell_failure(error, say)

    def _explain(self, searcher: Searcher, visit: Visit, say: Texts) -> Explained:
        step, pictures = visit.now, self._endpoints.pictures
        assert step is not None
        result = search_again(searcher, visit)
        photo, pixels, feature = see_query(searcher, step)
        pairs = self._endpoints.matches.draw_evidence(searcher, step, result.matches[:1])
        weights, unnamed = searcher.extractor.weights, say("photo")
        return Explained(
            photo=pictures.put(photo),
            seen=pictures.put(Image.fromarray(pixels)),
            whole=step.region == WHOLE,
            indexed=step.photo is None,
            kinds=len(weights.tensors.get("fc.bias", ())),
            feature=feature,
            pair=pairs[0] if pairs else None,
            neighbours=[
                Neighbour(pictures.put_thumb(one.thumb, one.region), name_match(one, unnamed=unnamed), one.distance)
                for one in result.matches
            ],
            bands=find_bands(searcher, feature, result),
            result=result,
            quality=read_quality(weights.digest),
        )


def choose_example(searcher: Searcher) -> Step:
    """What is explained where nothing was searched: the first example of the catalogue, or else its first photo."""
    catalogue = searcher.catalogue
    if catalogue.examples:
        return Step("", "example", photo=str(catalogue.examples[0]))
    return Step("", "example", key=key_of(0, catalogue.records[0]))


def see_query(searcher: Searcher, step: Step) -> tuple[Image.Image, NDArray[np.uint8], NDArray[np.float32]]:
    """A query: its photo with a frame about what is searched; that as the network sees it, (224, 224, 3) uint8; and
    its feature, (1024,) float32, unit length.

    Of a photo of the catalogue, the thumbnail is seen, and the feature is the catalogue's own.
    """
    from cbir.evidence import see_match
    from cbir.network.expansion import expand_query
    from cbir.network.preprocess import side_for, to_pixels

    if step.photo is None:
        row = row_of(step.key, searcher.catalogue.records)
        match = searcher.indexed(row)
        photo, seen = load_image(match.thumb), load_image(see_match(match.thumb, match.region))
        framed = frame_region(photo, match.region or central_square(photo))
        return framed, to_pixels(seen), searcher.catalogue.index.vectors[row]
    image = load_image(step.photo, short_side=side_for([step.region]))
    pixels = to_pixels(image, step.region)
    small = load_image(step.photo, short_side=DECODE_SIDE)
    framed = frame_region(small, central_square(small) if step.region == WHOLE else step.region)
    return framed, pixels, expand_query(searcher.extractor.embed(pixels[None])[0], searcher.added_to(step.garment))


def central_square(photo: Image.Image) -> Region:
    """What the network sees of a photo of which no part is meant."""
    across, down = ((1 - min(photo.size) / length) / 2 for length in photo.size)
    return Region(across, down, 1 - across, 1 - down)


def find_bands(searcher: Searcher, feature: NDArray[np.float32], result: SearchResult) -> list[Band]:
    """What the distances from a query would say, from 0 to LONGEST; none where that was not measured.

    feature: (1024,) of the query.
    """
    if searcher.calibration is None or result.closeness is None:
        return []
    distances = np.linspace(0, LONGEST, STEPS)
    judged: Any = searcher.judge(feature, distances, result.subset_size, region=result.region, kind=result.kind)
    bands: list[Band] = []
    for distance, closeness in zip(distances.tolist(), judged):
        if bands and bands[-1].word == closeness.word:
            bands[-1] = bands[-1]._replace(until=distance)
        else:
            bands.append(Band(closeness.word, bands[-1].until if bands else 0.0, distance))
    return bands

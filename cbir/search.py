"""The scoring function: a photo in, the most similar of the catalogue out, with a picture of them."""

from __future__ import annotations

import os
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from PIL import Image

from cbir.catalogue.catalogue import Catalogue
from cbir.errors import CatalogueError
from cbir.network.extractor import FeatureExtractor
from cbir.network.preprocess import to_pixels
from cbir.network.weights import load_weights
from cbir.photos.decode import DECODE_SIDE, PhotoSource, decode_photo
from cbir.system.versions import read_current

SAME_PHOTO = 1e-4
"""Distance up to which a match counts as the query itself; batches of another size round features differently."""


class Match(NamedTuple):
    """One of the most similar photos."""

    rank: int
    photo: str
    """Path below the folder that was indexed."""
    label: str | None
    distance: float
    """Euclidean distance of the features, 0 to 2, not squared."""
    thumb: Path
    """Path of the catalogue's thumbnail."""
    description: str | None = None
    """The garment in a few words, where the catalogue has them."""
    row: int = -1
    """Its row in the catalogue."""


class Timings(NamedTuple):
    """Milliseconds of the three parts of a search."""

    decoding: float
    features: float
    search: float


class SearchResult(NamedTuple):
    """The answer to one photo."""

    matches: list[Match]
    """Nearest first; equal distances in the catalogue's order. Fewer than asked for if the catalogue is small."""
    exact: bool
    """No other photo of the catalogue is closer: proven for this answer."""
    graph_exact: bool
    """The graph search alone would have given as near ones."""
    num_exact_distances: int
    """Photos whose exact distance was computed; all others were proven to be farther."""
    catalogue_size: int
    timings_ms: Timings
    warnings: tuple[str, ...] = ()
    """What is wrong with the photo or the catalogue, where they were searched all the same; a sentence each."""

    @property
    def query_in_catalogue(self) -> bool:
        """The nearest match is the query itself, or a copy of it."""
        return bool(self.matches) and self.matches[0].distance <= SAME_PHOTO

    def as_json(self) -> dict[str, Any]:
        """Plain data, as `search --json` prints it and the page's /search answers."""
        matches = [match._asdict() for match in self.matches]
        for match in matches:
            del match["thumb"], match["description"], match["row"]
        return {
            "matches": matches,
            "exact": self.exact,
            "graph_exact": self.graph_exact,
            "num_exact_distances": self.num_exact_distances,
            # The former names of these two, kept for programs that read them.
            "graph_agreed": self.graph_exact,
            "measured": self.num_exact_distances,
            "query_in_catalogue": self.query_in_catalogue,
            "catalogue_size": self.catalogue_size,
            "warnings": list(self.warnings),
            "timings_ms": {part: round(time, 2) for part, time in self.timings_ms._asdict().items()},
        }

    @property
    def proof(self) -> str:
        """What was proven, in one sentence."""
        size = f"{self.catalogue_size:,} photo{'' if self.catalogue_size == 1 else 's'}"
        if not self.exact:
            return f"Not proven: one of {size} may be closer."
        how = f"{self.num_exact_distances:,} measured exactly, the rest ruled out by a lower bound"
        if self.num_exact_distances == self.catalogue_size:
            how = "every one measured exactly"
        return f"Proven: none of {size} is closer ({how})."


class Searcher:
    """A catalogue and the network that made it, ready to answer."""

    def __init__(self, catalogue: Catalogue, extractor: FeatureExtractor) -> None:
        if catalogue.manifest["weights"] != extractor.weights.digest:
            raise CatalogueError(f"{catalogue.folder}: made with other weights than {extractor.weights.path}")
        self.catalogue, self.extractor = catalogue, extractor

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> Searcher:
        """The searcher of a catalogue's folder; raises CatalogueError if it is absent or damaged."""
        return read_current(Path(folder), lambda _: cls.over(Catalogue.open(folder)))

    @classmethod
    def over(cls, catalogue: Catalogue) -> Searcher:
        """The searcher of a catalogue, with the network that is in its folder."""
        return cls(catalogue, FeatureExtractor(load_weights(catalogue.folder / "weights.pth")))

    def warm_up(self) -> None:
        """Search once for a grey picture: the first search takes longer than those after it."""
        self.search(Image.new("RGB", (DECODE_SIDE, DECODE_SIDE), "grey"))

    def search(self, photo: PhotoSource, k: int = 3) -> SearchResult:
        """The k photos most similar to a photo: path, bytes, file object or PIL image.

        Raises PhotoError if the photo cannot be read and ValueError if k is below 1.
        """
        start = perf_counter()
        read = decode_photo(photo, short_side=DECODE_SIDE)
        pixels = to_pixels(read.image)
        decoded = perf_counter()
        feature = self.extractor.embed(pixels[None])[0]
        embedded = perf_counter()
        found = self.catalogue.index.search(feature, k)
        matches = [self._match(*item) for item in enumerate(zip(found.indices, found.distances), start=1)]
        finished = perf_counter()
        seconds = (decoded - start, embedded - decoded, finished - embedded)
        return SearchResult(
            matches=matches,
            exact=found.exact,
            graph_exact=found.graph_exact,
            num_exact_distances=found.num_exact_distances,
            catalogue_size=len(self.catalogue.records),
            timings_ms=Timings(*(1000 * part for part in seconds)),
            warnings=tuple(filter(None, (read.warning and f"The photo is {read.warning}.", self.catalogue.note))),
        )

    def _match(self, rank: int, found: tuple[int, float]) -> Match:
        row, distance = found
        record = self.catalogue.records[row]
        thumb = self.catalogue.thumb(row)
        return Match(rank, record.photo, record.label, float(distance), thumb, record.description, int(row))

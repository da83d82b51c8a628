"""The scoring function: a photo in, or a garment in it, and the most similar of the catalogue out."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from io import BytesIO
from pathlib import Path
from time import perf_counter
from types import MappingProxyType
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cbir.catalogue.catalogue import Catalogue
from cbir.catalogue.columns import Filter, Selection, describe_filter
from cbir.errors import CatalogueError, WeightsError
from cbir.nearest.api import Neighbours, Within
from cbir.nearest.copies import Folded, search_folded
from cbir.nearest.project import Vectors
from cbir.network.closeness import Closeness, find_calibration, load_calibration
from cbir.network.extractor import FeatureExtractor
from cbir.network.garments import GLANCE_AREA, Garment, GarmentFinder, Sighting
from cbir.network.preprocess import side_for, to_pixels
from cbir.network.weights import load_weights
from cbir.photos.decode import DECODE_SIDE, DecodedPhoto, PhotoSource, decode_photo
from cbir.photos.region import WHOLE, Region, check_region
from cbir.system.versions import read_current

NO_FINDER = "give a region instead, or train one: python -m cbir finder --help"
NO_CALIBRATION = "measure it with python -m cbir evaluate PHOTOS --held-out --closeness FILE, or search without --fold"
SAME_PHOTO = 1e-4
"""Distance up to which a match counts as the query itself; batches of another size round features differently."""


class Match(NamedTuple):
    """One of the most similar photos, or of the most similar garments in photos."""

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
    region: Region | None = None
    """Where in the photo the garment is that matches; None if it is the whole photo."""
    columns: Mapping[str, str] = MappingProxyType({})
    """What else the catalogue knows of the photo, by the name of a column."""
    link: str | None = None
    """Address of the garment's own page, of http or https."""
    closeness: Closeness | None = None
    """What the distance says; None if that was not measured: for other weights, or garments among garments."""
    copies: tuple[Match, ...] = ()
    """Copies of it, in a search that folds them: what is within the distance of copies, nearest to the query first."""

    def as_json(self) -> dict[str, Any]:
        """Plain data: rank, photo, label and distance, and region, columns, link, closeness and copies
        where there are some."""
        plain: dict[str, Any] = {
            "rank": self.rank,
            "photo": self.photo,
            "label": self.label,
            "distance": self.distance,
        }
        if self.region is not None:
            plain["region"] = list(self.region)
        if self.columns:
            plain["columns"] = dict(self.columns)
        if self.link:
            plain["link"] = self.link
        if self.closeness is not None:
            plain |= _closeness_as_json(self.closeness)
        if self.copies:
            plain["copies"] = [copy.as_json() for copy in self.copies]
        return plain


class Timings(NamedTuple):
    """Milliseconds of the three parts of a search."""

    decoding: float
    features: float
    """Of all garments of a photo, and of finding them, where they are searched together."""
    search: float


class SearchResult(NamedTuple):
    """The answer to one photo."""

    matches: list[Match]
    """Nearest first; equal distances in the catalogue's order. Fewer than asked for if there are no more."""
    exact: bool
    """No other photo of the catalogue, or of those that satisfy the filter, is closer: proven for this answer."""
    graph_exact: bool
    """The graph search alone, its candidates filtered, would have given as near ones."""
    num_exact_distances: int
    """Photos whose exact distance was computed; all others were proven to be farther."""
    catalogue_size: int
    subset_size: int
    """How many photos of the catalogue were searched: those that satisfy the filter, all without one."""
    timings_ms: Timings
    warnings: tuple[str, ...] = ()
    """What is wrong with the photo or the catalogue, where they were searched all the same; a sentence each."""
    region: Region = WHOLE
    """What of the photo was searched."""
    by_garment: bool = False
    """The catalogue has garments of photos, each of which counts."""
    where: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    """The filter, as the catalogue spells its columns and values; empty if there is none."""
    copy_distance: float | None = None
    """Distance up to which photos were folded as copies; None if none were."""
    query_row: int | None = None
    """Row of the catalogue that was searched for, and is no match; None if the query was a photo."""

    @property
    def query_in_catalogue(self) -> bool:
        """The nearest match is the query itself, or a copy of it."""
        return bool(self.matches) and self.matches[0].distance <= SAME_PHOTO

    @property
    def closeness(self) -> Closeness | None:
        """What the distance of the nearest match says; None if that was not measured."""
        return self.matches[0].closeness if self.matches else None

    @property
    def folded(self) -> int:
        """Photos that are folded into the matches as their copies."""
        return sum(len(match.copies) for match in self.matches)

    def as_json(self) -> dict[str, Any]:
        """Plain data, as `search --json` prints it and the page's /search answers."""
        return {
            "matches": [match.as_json() for match in self.matches],
            "region": [round(edge, 4) for edge in self.region],
            "exact": self.exact,
            "graph_exact": self.graph_exact,
            "num_exact_distances": self.num_exact_distances,
            # The former names of these two, kept for programs that read them.
            "graph_agreed": self.graph_exact,
            "measured": self.num_exact_distances,
            "query_in_catalogue": self.query_in_catalogue,
            **_closeness_as_json(self.closeness),
            "folded": self.folded,
            "copy_distance": self.copy_distance,
            "catalogue_size": self.catalogue_size,
            "subset_size": self.subset_size,
            "where": {column: list(values) for column, values in self.where.items()},
            "warnings": list(self.warnings),
            "timings_ms": {part: round(time, 2) for part, time in self.timings_ms._asdict().items()},
        }

    @property
    def proof(self) -> str:
        """What was proven, in one sentence."""
        unit = "garment" if self.by_garment else "photo"
        with_these = f" with {describe_filter(self.where)}" if self.where else ""
        if not self.subset_size:
            return f"No {'' if self.query_row is None else 'other '}{unit}{with_these}."
        others = "" if self.query_row is None else "the other "
        size = f"{others}{self.subset_size:,} {unit}{'' if self.subset_size == 1 else 's'}{with_these}"
        if self.copy_distance is not None:
            size += f", {self.folded:,} of them folded as copies,"
        if not self.exact:
            return f"Not proven: one of {size} may be closer."
        how = f"{self.num_exact_distances:,} measured exactly, the rest ruled out by a lower bound"
        if self.num_exact_distances == self.subset_size:
            how = "every one measured exactly"
        return f"Proven: none of {size} is closer ({how})."


class Look(NamedTuple):
    """A garment of a photo, and what is like it."""

    garment: Garment
    result: SearchResult

    def as_json(self) -> dict[str, Any]:
        """Plain data, as `search --look --json` prints it."""
        return {"garment": self.garment.as_json(), "result": self.result.as_json()}


class Searcher:
    """A catalogue and the network that made it, ready to answer."""

    def __init__(self, catalogue: Catalogue, extractor: FeatureExtractor) -> None:
        if catalogue.manifest["weights"] != extractor.weights.digest:
            raise CatalogueError(f"{catalogue.folder}: made with other weights than {extractor.weights.path}")
        self.catalogue, self.extractor = catalogue, extractor
        weights = extractor.weights
        path = find_calibration(weights.path, weights.digest) if weights.path else None
        self.calibration = load_calibration(path) if path else None

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> Searcher:
        """The searcher of a catalogue's folder; raises CatalogueError if it is absent or damaged."""
        return read_current(Path(folder), lambda _: cls.over(Catalogue.open(folder)))

    @classmethod
    def over(cls, catalogue: Catalogue) -> Searcher:
        """The searcher of a catalogue, with the network that is in its folder."""
        return cls(catalogue, FeatureExtractor(load_weights(catalogue.folder / "weights.pth")))

    @cached_property
    def finder(self) -> GarmentFinder | None:
        """What finds the garments of a photo; None if the catalogue has no finder for its network."""
        return GarmentFinder.beside(self.extractor)

    def warm_up(self) -> None:
        """Search once for a grey picture: the first search takes longer than those after it."""
        grey = Image.new("RGB", (DECODE_SIDE, DECODE_SIDE), "grey")
        self.search(grey)
        self.catalogue.columns()
        if self.finder is not None:
            self.finder.find(grey, area=GLANCE_AREA)
            self.finder.find(grey)

    def search(
        self,
        photo: PhotoSource,
        k: int = 3,
        *,
        region: Sequence[float] | Garment | None = None,
        where: Filter | None = None,
        fold: bool = False,
    ) -> SearchResult:
        """The k photos most similar to a photo: path, bytes, file object or PIL image.

        region: search for this part of it, left, upper, right and lower edge as fractions of the upright photo's width
            and height, or for a garment that was found in it.
        where: search only among photos whose columns have these values, such as {"colour": "blue", "kind": ["Dress",
            "Skirt"]}. The kind is the label, or in a catalogue by garment the kind of the garment; `Catalogue.columns`
            names others. Capitals, and spaces around, make no difference.
        fold: photos that are copies of each other are one match, with its `copies`; k matches are still given.

        Raises PhotoError if the photo cannot be read, RegionError for a region that is none, FilterError for a column
        or value that the catalogue does not have, ValueError if k is below 1, and WeightsError for `fold` if it was
        never measured how near copies are.
        """
        self._check_folding(fold)
        selection = self.catalogue.select(where)
        wanted = WHOLE if region is None else region.box if isinstance(region, Garment) else check_region(region)
        start = perf_counter()
        read = decode_photo(photo, short_side=side_for([wanted]))
        return self._answer(read, [wanted], k, selection, start, fold=fold)[0]

    def search_indexed(self, row: int, k: int = 3, *, where: Filter | None = None, fold: bool = False) -> SearchResult:
        """The k photos most similar to one of the catalogue, from its vector there: no photo is read.

        row: its row, from 0. The photo itself is left out; copies of it are not. In a catalogue by garment, the garment
        is left out, and others of the same photo are not. where, fold: as of `search`.

        Raises IndexError for a row that is not there, CatalogueError if the vector or a thumbnail is damaged, and what
        `search` raises.
        """
        if not 0 <= row < len(self.catalogue.records):
            raise IndexError(f"expected a row from 0 to {len(self.catalogue.records) - 1}, got {row}")
        self._check_folding(fold)
        selection, start = self.catalogue.select(where), perf_counter()
        rows = np.arange(len(self.catalogue.records)) if selection.rows is None else selection.rows
        others = rows[rows != row]
        selection = selection._replace(size=len(others), rows=others)
        result = self._search_feature(self.catalogue.index.vectors[row], k, selection, fold=fold)
        timings = Timings(0.0, 0.0, 1000 * (perf_counter() - start))
        return result._replace(timings_ms=timings, query_row=row)

    def indexed(self, row: int) -> Match:
        """A photo of the catalogue as its own match: what is known of it. Raises CatalogueError if it is damaged."""
        return self._describe(0, row, 0.0)

    def find(self, photo: PhotoSource) -> Sighting:
        """The garments in a photo, and how much of it is a person; nothing is searched.

        Raises PhotoError if the photo cannot be read, and WeightsError if the catalogue has no garment finder.
        """
        return self._require_finder().find(decode_photo(photo, short_side=DECODE_SIDE).image)

    def look(self, photo: PhotoSource, k: int = 3, *, where: Filter | None = None, fold: bool = False) -> list[Look]:
        """Every garment found in a photo with the k photos most similar to it, the most prominent garment first.

        Of a photo with nobody in it, such as one of a garment laid out, the most prominent garment stands for all and
        the whole photo is searched. Raises what `find` and `search` raise.
        """
        self._check_folding(fold)
        finder, selection, start = self._require_finder(), self.catalogue.select(where), perf_counter()
        if not isinstance(photo, (str, os.PathLike, bytes, Image.Image)):
            photo = _read_again(photo)
        read = decode_photo(photo, short_side=DECODE_SIDE)
        decoded = perf_counter()
        sighting = finder.look(read.image)
        finding = perf_counter() - decoded
        if not sighting.person:
            result = self._answer(read, [WHOLE], k, selection, start, finding, fold=fold)[0]
            return [Look(garment, result) for garment in sighting.garments[:1]]
        boxes = [garment.box for garment in sighting.garments]
        if boxes and side_for(boxes) > min(read.image.size):
            if isinstance(photo, BytesIO):
                photo.seek(0)
            read = decode_photo(photo, short_side=side_for(boxes))
        results = self._answer(read, boxes, k, selection, start, finding, fold=fold)
        return [Look(*pair) for pair in zip(sighting.garments, results)]

    def _require_finder(self) -> GarmentFinder:
        if self.finder is None:
            raise WeightsError(f"{self.catalogue.folder}: has no garment finder for its network; {NO_FINDER}")
        return self.finder

    def _check_folding(self, fold: bool) -> None:
        if fold and self.calibration is None:
            reason = "it was never measured for its network how near copies are"
            raise WeightsError(f"{self.catalogue.folder}: {reason}; {NO_CALIBRATION}")

    def _answer(
        self,
        read: DecodedPhoto,
        regions: Sequence[Region],
        k: int,
        selection: Selection,
        start: float,
        finding: float = 0.0,
        *,
        fold: bool = False,
    ) -> list[SearchResult]:
        """The answer for each region of a photo; start: when its decoding began; finding: the finder's seconds."""
        if not regions:
            return []
        pixels = np.stack([to_pixels(read.image, region) for region in regions])
        decoded = perf_counter()
        features = self.extractor.embed(pixels)
        embedded = perf_counter()
        results = []
        for region, feature in zip(regions, features):
            before = perf_counter()
            result = self._search_feature(feature, k, selection, region=region, fold=fold)
            seconds = (decoded - start - finding, embedded - decoded + finding, perf_counter() - before)
            warnings = result.warnings
            if read.warning:
                warnings = (f"The photo is {read.warning}.", *warnings)
            timings = Timings(*(1000 * part for part in seconds))
            results.append(result._replace(timings_ms=timings, warnings=warnings))
        return results

    def _search_feature(
        self, feature: Vectors, k: int, selection: Selection, *, region: Region = WHOLE, fold: bool = False
    ) -> SearchResult:
        """The answer to a feature, (D,), of a region; its timings are 0."""
        found, copies = self._search_index(feature, k, selection, fold)
        return SearchResult(
            matches=self._match(feature, found, copies, region, selection.size),
            exact=found.exact,
            graph_exact=found.graph_exact,
            num_exact_distances=found.num_exact_distances,
            catalogue_size=len(self.catalogue.records),
            subset_size=selection.size,
            timings_ms=Timings(0.0, 0.0, 0.0),
            warnings=(self.catalogue.note,) if self.catalogue.note else (),
            region=region,
            by_garment=self.catalogue.by_garment,
            where=selection.where,
            copy_distance=self.calibration.copy_distance if fold and self.calibration else None,
        )

    def _search_index(self, feature: Vectors, k: int, selection: Selection, fold: bool) -> Folded:
        """Neighbours of a feature, (D,); without copies if they are not to be folded."""
        index = self.catalogue.index
        if fold and self.calibration:
            return search_folded(index, feature, k, self.calibration.copy_distance, rows=selection.rows)
        return Folded(index.search(feature, k, rows=selection.rows), [])

    def _match(
        self, feature: Vectors, found: Neighbours, copies: Sequence[Within], region: Region, size: int
    ) -> list[Match]:
        """The neighbours of a feature, (D,), as matches, with what their distances say and their copies.

        size: number of photos that were searched.
        """
        judged = self._judge(feature, found.distances, region, size)
        matches = []
        for place, (row, distance) in enumerate(zip(found.indices.tolist(), found.distances.tolist())):
            match = self._describe(place + 1, row, distance)
            if match.region is None and judged:
                match = match._replace(closeness=judged[place])
            if copies:
                folded = zip(copies[place].indices.tolist(), copies[place].distances.tolist())
                match = match._replace(copies=tuple(self._describe(match.rank, *one) for one in folded))
            matches.append(match)
        return matches

    def _judge(
        self, feature: Vectors, distances: NDArray[np.float64], region: Region, size: int
    ) -> list[Closeness] | None:
        if self.calibration is None:
            return None
        return self.calibration.judge(feature, distances, size, region=region != WHOLE)

    def _describe(self, rank: int, row: int, distance: float) -> Match:
        record = self.catalogue.records[row]
        return Match(
            rank=rank,
            photo=record.photo,
            label=record.label,
            distance=distance,
            thumb=self.catalogue.thumb(row),
            description=record.description,
            row=row,
            region=record.region,
            columns=record.columns,
            link=record.link,
        )


def _closeness_as_json(closeness: Closeness | None) -> dict[str, Any]:
    if closeness is None:
        return {"closeness": None, "probability": None}
    return {"closeness": closeness.word, "probability": round(closeness.probability, 4)}


def _read_again(photo: BinaryIO) -> BytesIO:
    """A file object's bytes, to be decoded twice, under its name."""
    kept = BytesIO(photo.read())
    kept.name = str(getattr(photo, "name", "the photo"))
    return kept

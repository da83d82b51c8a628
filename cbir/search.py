"""The scoring function: a photo in, or a garment in it, and the most similar of the catalogue out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from io import BytesIO
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cbir.catalogue.api import Searchable
from cbir.catalogue.columns import Filter, Selection
from cbir.collection.address import Address, parse_place
from cbir.collection.opening import open_catalogue
from cbir.errors import CatalogueError, PhotoError, WeightsError
from cbir.nearest.copies import Folded, search_folded
from cbir.nearest.project import Vectors
from cbir.network.closeness import Closeness, calibration_beside
from cbir.network.expansion import expand_query
from cbir.network.extractor import FeatureExtractor
from cbir.network.garments import GLANCE_AREA, Garment, GarmentFinder, Sighting
from cbir.network.preprocess import decode_batches, side_for, to_pixels
from cbir.network.weights import load_weights
from cbir.photos.decode import DECODE_SIDE, DecodedPhoto, PhotoSource, decode_photo, read_again
from cbir.photos.region import WHOLE, Region, check_region
from cbir.results import Look, Match, SearchResult, Timings, describe_neighbours, describe_row
from cbir.system.versions import read_current

NO_FINDER = "give a region instead, or train one: python -m cbir finder --help"
NO_CALIBRATION = "measure it with python -m cbir evaluate PHOTOS --held-out --closeness FILE, or search without --fold"


class Searcher:
    """A catalogue and the network that made it, ready to answer."""

    def __init__(self, catalogue: Searchable, extractor: FeatureExtractor) -> None:
        if catalogue.weights_digest != extractor.weights.digest:
            raise CatalogueError(f"{catalogue.folder}: made with other weights than {extractor.weights.path}")
        self.catalogue, self.extractor = catalogue, extractor
        self.calibration = calibration_beside(extractor.weights)

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> Searcher:
        """The searcher of a catalogue's folder or address; raises CatalogueError if it is absent or damaged."""
        place = parse_place(folder)
        if isinstance(place, Address):
            return cls.over(open_catalogue(place))
        return read_current(place, lambda _: cls.over(open_catalogue(place)))

    @classmethod
    def over(cls, catalogue: Searchable) -> Searcher:
        """The searcher of a catalogue, with the network that is in its folder."""
        return cls(catalogue, FeatureExtractor(load_weights(catalogue.folder / "weights.pth")))

    def of(self, catalogue: Searchable) -> Searcher:
        """The searcher of another catalogue of the same weights, with the network that this one has loaded.

        Raises CatalogueError if it has other weights.
        """
        other = Searcher(catalogue, self.extractor)
        vars(other)["finder"] = self.finder  # in place of loading it again
        return other

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
            and height, or for a garment that was found in it, with an expanded query (network/expansion.py).
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
        found = region if isinstance(region, Garment) else None
        wanted = found.box if found else WHOLE if region is None else check_region(region)
        start = perf_counter()
        read = decode_photo(photo, short_side=side_for([wanted]))
        return self._answer(read, [(wanted, found)], k, selection, start, fold=fold)[0]

    def search_many(
        self, photos: Sequence[PhotoSource], k: int = 3, *, where: Filter | None = None, fold: bool = False
    ) -> Iterator[SearchResult | PhotoError]:
        """The answer of `search` to each photo in turn, or the error of one that cannot be read.

        They are decoded ahead in all threads and go through the network in batches, which is quicker than one by one.
        Timings are 0. Raises what `search` raises else, before the first answer.
        """
        self._check_folding(fold)
        selection = self.catalogue.select(where)
        for batch in decode_batches(photos):
            pixels = [to_pixels(one.image) for one in batch if isinstance(one, DecodedPhoto)]
            features = iter(self.extractor.embed(np.stack(pixels)) if pixels else ())
            for one in batch:
                if isinstance(one, PhotoError):
                    yield one
                else:
                    yield _warn(one, self._search_feature(next(features), k, selection, fold=fold))

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
        index = self.catalogue.index
        there = selection.rows is None or len(index.keep(np.array([row]), selection.rows)) > 0
        selection = selection._replace(size=selection.size - there, rows=index.leave_out(row, selection.rows))
        result = self._search_feature(index.vectors[row], k, selection, fold=fold)
        timings = Timings(0.0, 0.0, 1000 * (perf_counter() - start))
        return result._replace(timings_ms=timings, query_row=row)

    def indexed(self, row: int) -> Match:
        """A photo of the catalogue as its own match: what is known of it. Raises CatalogueError if it is damaged."""
        return describe_row(self.catalogue, row)

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
            photo = read_again(photo)
        read = decode_photo(photo, short_side=DECODE_SIDE)
        decoded = perf_counter()
        sighting = finder.look(read.image)
        finding = perf_counter() - decoded
        if not sighting.person:
            result = self._answer(read, [(WHOLE, None)], k, selection, start, finding, fold=fold)[0]
            return [Look(garment, result) for garment in sighting.garments[:1]]
        boxes = [garment.box for garment in sighting.garments]
        if boxes and side_for(boxes) > min(read.image.size):
            if isinstance(photo, BytesIO):
                photo.seek(0)
            read = decode_photo(photo, short_side=side_for(boxes))
        parts = [(garment.box, garment) for garment in sighting.garments]
        results = self._answer(read, parts, k, selection, start, finding, fold=fold)
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
        parts: Sequence[tuple[Region, Garment | None]],
        k: int,
        selection: Selection,
        start: float,
        finding: float = 0.0,
        *,
        fold: bool = False,
    ) -> list[SearchResult]:
        """The answer for each part of a photo: a region, and the garment that was found in it, if any.

        start: when its decoding began. finding: the finder's seconds.
        """
        if not parts:
            return []
        pixels = np.stack([to_pixels(read.image, region) for region, _ in parts])
        decoded = perf_counter()
        features = self.extractor.embed(pixels)
        embedded = perf_counter()
        results = []
        for (region, garment), feature in zip(parts, features):
            before, added = perf_counter(), self.added_to(garment)
            kind = garment.kind if garment and added is not None else None
            result = self._search_feature(
                expand_query(feature, added), k, selection, region=region, kind=kind, fold=fold
            )
            seconds = (decoded - start - finding, embedded - decoded + finding, perf_counter() - before)
            timings = Timings(*(1000 * part for part in seconds))
            results.append(_warn(read, result)._replace(timings_ms=timings))
        return results

    def _search_feature(
        self,
        feature: Vectors,
        k: int,
        selection: Selection,
        *,
        region: Region = WHOLE,
        kind: str | None = None,
        fold: bool = False,
    ) -> SearchResult:
        """The answer to a feature, (D,), of a region, expanded by a kind or by none; its timings are 0."""
        found, copies = self._search_index(feature, k, selection, fold)
        judged = self.judge(feature, found.distances, selection.size, region=region, kind=kind)
        return SearchResult(
            matches=describe_neighbours(self.catalogue, found, copies, judged),
            exact=found.exact,
            graph_exact=found.graph_exact,
            num_exact_distances=found.num_exact_distances,
            catalogue_size=len(self.catalogue.records),
            subset_size=selection.size,
            timings_ms=Timings(0.0, 0.0, 0.0),
            warnings=(self.catalogue.note,) if self.catalogue.note else (),
            region=region,
            kind=kind,
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

    def added_to(self, garment: Garment | None) -> Vectors | None:
        """What is added to the feature of a garment that was found, (D,), to expand the query; None if it is not.

        In a catalogue by garment nothing is: there, the garment itself may be in the catalogue, and is to be found
        first.
        """
        if garment is None or self.calibration is None or self.catalogue.by_garment:
            return None
        return self.calibration.expansion.of(garment.kind, garment.lab)

    def judge(
        self, feature: Vectors, distances: NDArray[np.float64], size: int, *, region: Region, kind: str | None
    ) -> list[Closeness] | None:
        """What distances, (k,), from a feature, (D,), say among `size` photos; None if that was not measured.

        region, kind: of the query's result.
        """
        if self.calibration is None:
            return None
        return self.calibration.judge(feature, distances, size, region=region != WHOLE, expanded=kind is not None)


def _warn(read: DecodedPhoto, result: SearchResult) -> SearchResult:
    """An answer that says what is wrong with its photo, if anything."""
    if not read.warning:
        return result
    return result._replace(warnings=(f"The photo is {read.warning}.", *result.warnings))

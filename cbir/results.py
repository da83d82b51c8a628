"""What a search answers: matches with their distances, and what was proven."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from cbir.catalogue.columns import describe_filter
from cbir.network.closeness import Closeness
from cbir.photos.region import WHOLE, Region

if TYPE_CHECKING:
    from cbir.catalogue.api import Searchable
    from cbir.nearest.api import Neighbours, Within
    from cbir.network.garments import Garment

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
        """Plain data: rank, photo, label and distance, and description, region, columns, link, closeness and copies
        where there are some."""
        plain: dict[str, Any] = {
            "rank": self.rank,
            "photo": self.photo,
            "label": self.label,
            "distance": self.distance,
        }
        if self.description:
            plain["description"] = self.description
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
    """How many photos of the catalogue were searched: those that satisfy the filter, all without one; of two that were
    joined, those in the scope.
    """
    timings_ms: Timings
    warnings: tuple[str, ...] = ()
    """What is wrong with the photo or the catalogue, where they were searched all the same; a sentence each."""
    region: Region = WHOLE
    """What of the photo was searched."""
    kind: str | None = None
    """Of a found garment, by which the query was expanded (network/expansion.py); None if it was not."""
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
            "kind": self.kind,
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
        """What was proven and how, in one sentence."""
        if not self.exact or not self.subset_size:
            return self.claim
        how = f"{self.num_exact_distances:,} measured exactly, the rest ruled out by a lower bound"
        if self.num_exact_distances == self.subset_size:
            how = "every one measured exactly"
        return f"{self.claim.removesuffix('.')} ({how})."

    @property
    def claim(self) -> str:
        """What was proven, in one sentence."""
        unit = "garment" if self.by_garment else "photo"
        with_these = f" with {describe_filter(self.where)}" if self.where else ""
        if not self.subset_size:
            return f"No {'' if self.query_row is None else 'other '}{unit}{with_these}."
        others = "" if self.query_row is None else "the other "
        size = f"{others}{self.subset_size:,} {unit}{'' if self.subset_size == 1 else 's'}{with_these}"
        if self.folded:
            size += f", {self.folded:,} of them folded as copies,"
        if not self.exact:
            return f"Not proven: one of {size} may be closer."
        return f"Proven: none of {size} is closer."


class Look(NamedTuple):
    """A garment of a photo, and what is like it."""

    garment: Garment
    result: SearchResult

    def as_json(self) -> dict[str, Any]:
        """Plain data, as `search --look --json` prints it."""
        return {"garment": self.garment.as_json(), "result": self.result.as_json()}


def _closeness_as_json(closeness: Closeness | None) -> dict[str, Any]:
    if closeness is None:
        return {"closeness": None, "probability": None}
    return {"closeness": closeness.word, "probability": round(closeness.probability, 4)}


def describe_row(catalogue: Searchable, row: int, *, rank: int = 0, distance: float = 0.0) -> Match:
    """A photo of a catalogue as a match: what is known of it. Raises CatalogueError if its thumbnail is damaged."""
    record = catalogue.records[row]
    return Match(
        rank=rank,
        photo=record.photo,
        label=record.label,
        distance=distance,
        thumb=catalogue.thumb(row),
        description=record.description,
        row=row,
        region=record.region,
        columns=record.columns,
        link=record.link,
    )


def describe_neighbours(
    catalogue: Searchable, found: Neighbours, copies: Sequence[Within], judged: Sequence[Closeness] | None
) -> list[Match]:
    """Neighbours as matches, nearest first. copies, judged: of each its copies, and what its distance says, if known.

    Of a garment in a photo of the catalogue, nothing is said. Raises CatalogueError if a thumbnail is damaged.
    """
    matches = []
    for place, (row, distance) in enumerate(zip(found.indices.tolist(), found.distances.tolist())):
        match = describe_row(catalogue, row, rank=place + 1, distance=distance)
        if match.region is None and judged:
            match = match._replace(closeness=judged[place])
        if copies:
            folded = zip(copies[place].indices.tolist(), copies[place].distances.tolist())
            others = (describe_row(catalogue, other, rank=place + 1, distance=apart) for other, apart in folded)
            match = match._replace(copies=tuple(others))
        matches.append(match)
    return matches

"""What is said of a match, wherever it is shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cbir.network.closeness import ALIKE, VERY_CLOSE
from cbir.photos.decode import PhotoSource
from cbir.photos.region import WHOLE, Region
from cbir.system.text import printable

if TYPE_CHECKING:
    from cbir.results import Match, SearchResult

PROJECT = "Visual search for clothes"


class Answered(NamedTuple):
    """A photo and the answer to it."""

    photo: PhotoSource
    result: SearchResult
    region: Region = WHOLE
    """What of the photo is searched."""
    name: str = ""
    """Of what is searched, such as the kind of a garment."""


def name_match(match: Match, *, unnamed: str = "photo") -> str:
    """The garment's kind, or else the photo's name. unnamed: as of `name_photo`."""
    return name_photo(match.photo, match.label, unnamed=unnamed)


def name_photo(photo: str, label: str | None, *, unnamed: str = "photo") -> str:
    """The label of a photo of the catalogue, or else its name; unnamed: what is said for a name that says nothing."""
    name = printable(label or Path(photo).stem)
    # A long name is a number such as 4285fab0-751a-4b74-8e9b-43af05deee22, and tells a person nothing.
    return name if label or len(name) < 30 else unnamed


def name_closeness(match: Match) -> str:
    """What a distance says, in a word or two; "" where that was not measured."""
    if match.closeness is None:
        return ""
    return match.closeness.word if match.closeness.word in (VERY_CLOSE, ALIKE) else "not alike"


def name_unlike(result: SearchResult) -> str:
    """What is said first of an answer whose nearest match is not alike; "" of any other."""
    closeness = result.closeness
    if closeness is None or closeness.word in (VERY_CLOSE, ALIKE):
        return ""
    return f"{closeness.word.capitalize()}."

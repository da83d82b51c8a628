"""A catalogue and the one before it: what is kept of the former, and what became of its photos."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from cbir.catalogue.records import Record, by_photo


class Changes(NamedTuple):
    """What became of the photos of the former catalogue."""

    dropped: int
    """Those that are gone."""
    renamed: int
    """Those that are there under another name."""


def keep_records(
    records: Sequence[Record], former: Iterable[Record], unreachable: Collection[str]
) -> tuple[list[Record], list[Record]]:
    """Records with those of the former catalogue that cannot be read now, and the latter alone.

    unreachable: names of photos, and of folders whose photos are meant. Each photo that is kept follows the one that it
    followed before, so that a catalogue of which nothing changed but what can be read stays as it is.
    """
    names, places = {record.photo for record in records}, set(unreachable)
    kept: list[Record] = []
    behind: defaultdict[str, list[Record]] = defaultdict(list)
    last = ""
    for record in former:
        if record.photo in names:
            last = record.photo
        elif places and not places.isdisjoint(_places_of(record.photo)):
            kept.append(record)
            behind[last].append(record)
    merged = behind[""]
    for garments in by_photo(records):
        merged += [*garments, *behind.get(garments[0].photo, ())]
    return merged, kept


def compare_records(former: Iterable[Record], records: Iterable[Record]) -> Changes:
    """What became of the former records. A photo under another name is known again by its content."""
    before, now = ({record.photo: record.sha256 for record in some} for some in (former, records))
    gone = Counter(sha256 for name, sha256 in before.items() if name not in now)
    new = Counter(sha256 for name, sha256 in now.items() if name not in before)
    renamed = (gone & new).total()
    return Changes(dropped=gone.total() - renamed, renamed=renamed)


def _places_of(name: str) -> Iterator[str]:
    """A name, and the folders that it lies in."""
    while name:
        yield name
        name = name.rpartition("/")[0]

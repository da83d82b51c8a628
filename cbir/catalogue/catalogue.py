"""The bundle on disk: manifest, vectors and graph, records, thumbnails, and the weights that made the vectors.

    manifest.json   format, count, dimension, metric, preprocessing, weights, graph settings; SHA-256 and size of files
    vectors.npy     (N, 1024) float32 features of unit length
    graph.hnsw, fine.npz, coarse.npz, rotation.npy: what cbir.nearest needs to search them
    labels.npy      what the graph calls the vectors, if photos came or went since all were linked
    records.jsonl   one photo a line, or one garment found in a photo, in the order of the vectors
    thumbs/         a small JPEG of each photo, named by the photo's digest
    weights.pth     the network
    garments.pth    the garment finder that reads the network, if there is one
    weights.closeness.json   what distances of the network's features say, if that was measured
    map.npy         where garments lie on a map of them (map.py); catalogues of earlier versions have none
    examples/       pictures that a page offers as queries, if the photos came with any
    vectors.sha256  SHA-256 of each block of vectors.npy (vectors.py)
    thumbs.sha256   SHA-256 of each record's thumbnail, in the order of the vectors

Nothing is used before it has the digest that the manifest promises. What grows large, vectors and thumbnails, is
checked piece by piece when it is used, so that a large catalogue opens without reading it.

A bundle is never changed. The folder that an indexing run writes to holds versions of it, one of them current
(cbir.system.versions). A bundle on its own, such as a copy of a version, is a catalogue as well.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cbir.catalogue.columns import FEW, Columns, Filter, Selection, Values, count_values
from cbir.catalogue.kinds import Kind, sort_by_kind
from cbir.catalogue.manifest import (
    CHANGED_FORMAT,
    FORMAT,
    METRIC,
    VECTORS,
    check_files,
    describe_file,
    write_manifest,
)
from cbir.catalogue.map import Map
from cbir.catalogue.records import Record, Records
from cbir.catalogue.vectors import DIGEST, CheckedRows, block_digests
from cbir.errors import REBUILD, CatalogueError
from cbir.nearest.exact import FILES, ExactIndex
from cbir.nearest.hnsw import LABELS, GraphSettings
from cbir.photos.decode import PREPROCESSING
from cbir.system.files import file_digest
from cbir.system.versions import Lease, read_current

EXAMPLES = "examples/"
DIGESTS = ("vectors.sha256", "thumbs.sha256")
FINDER = "garments.pth"
CLOSENESS = "weights.closeness.json"
OPTIONAL = (FINDER, CLOSENESS)
"""Files that belong to the network and are there if it has them."""
MAP = "map.npy"
CONTENT = (
    *("records.jsonl", "thumbs", "weights.pth", *OPTIONAL, MAP, "examples", *DIGESTS, *FILES, LABELS),
    "manifest.json",
)
"""Names that a bundle may hold at its top; what has no manifest is none."""
REPLACED = "removed, as it is not the current version any more; open the catalogue again"


@dataclass(frozen=True)
class Catalogue:
    """A catalogue that was checked and opened. An update leaves its files in place until it is let go."""

    folder: Path
    """The bundle's: of the version that was current."""
    manifest: dict[str, Any]
    records: Records
    index: ExactIndex
    thumb_digests: bytes
    map: Map | None
    """None if an earlier version of this project made it."""
    lease: Lease

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> Catalogue:
        """The catalogue of a folder; raises CatalogueError if it is absent, damaged, or not consistent."""
        place = Path(folder)
        return read_current(place, lambda root: cls._open(place, root))

    @classmethod
    def _open(cls, place: Path, root: Path) -> Catalogue:
        manifest = check_files(root)
        try:
            records = Records((root / "records.jsonl").read_bytes())
            thumb_digests = (root / "thumbs.sha256").read_bytes()
            shape = (manifest["count"], manifest["dimension"])
            digests = (root / "vectors.sha256").read_bytes()
            vectors = CheckedRows(root / VECTORS, shape, digests, remedy=REBUILD)
            index = ExactIndex.open(root, vectors=vectors, settings=GraphSettings(**manifest["graph"]))
            on_map = Map.open(root / MAP, manifest["count"]) if MAP in manifest["files"] else None
        except (ValueError, TypeError, KeyError) as error:
            raise CatalogueError(f"{root}: its files contradict each other ({error}); {REBUILD}") from error
        if manifest.get("preprocessing", 1) > PREPROCESSING:
            raise CatalogueError(f"{root}: made by a newer version of this project; update it")
        found = (len(records), len(thumb_digests) // DIGEST, METRIC)
        expected = (manifest["count"], manifest["count"], manifest["metric"])
        if found != expected:
            raise CatalogueError(f"{root}: manifest.json promises {expected} but holds {found}; {REBUILD}")
        return cls(root, manifest, records, index, thumb_digests, on_map, Lease(place, root))

    @property
    def values(self) -> Mapping[str, Values]:
        """Those of each column, by its folded name; KIND comes first, if there are labels."""
        return self._columns.values

    def columns(self, most: int = FEW) -> dict[str, dict[str, int]]:
        """Columns with few values, to be offered as filters: how many records have each value, the commonest first.

        The first column is KIND, if there are labels. most: values that a column may have.
        """
        return count_values(self.values, most)

    def select(self, where: Filter | None) -> Selection:
        """The records that satisfy a filter, all without one.

        Raises FilterError for a column or value that no record has.
        """
        return self._columns.select(where) if where else Selection({}, len(self.records), None)

    def kinds(self) -> list[Kind]:
        """All rows, then those of each label, the commonest first."""
        return sort_by_kind(range(len(self.records)), lambda row: self.records[row].label)

    @property
    def weights_digest(self) -> str:
        """SHA-256 of the weights that made its vectors."""
        return str(self.manifest["weights"])

    @property
    def note(self) -> str | None:
        """What a person should know of a catalogue that answers all the same."""
        if self.preprocessing == PREPROCESSING:
            return None
        return (
            "The catalogue was made by an earlier version, which took all colours for sRGB: "
            "bring it up to date with python -m cbir index."
        )

    @property
    def changed(self) -> int:
        """Records that came or went since all were linked."""
        return int(self.manifest.get("changed", 0))

    @property
    def by_garment(self) -> bool:
        """Whether photos of people are indexed garment by garment."""
        return bool(self.manifest.get("by_garment", False))

    @property
    def finder_digest(self) -> str | None:
        """SHA-256 of the finder that found the garments; None if photos are indexed whole."""
        return str(self.manifest["files"][FINDER]["sha256"]) if self.by_garment else None

    @property
    def preprocessing(self) -> int:
        """Version of how its photos became pixels."""
        return int(self.manifest.get("preprocessing", 1))

    def thumb(self, row: int) -> Path:
        """Path of the thumbnail of a row, from 0; raises CatalogueError if it is missing or damaged."""
        path = self.folder / self.records[row].thumb
        try:
            content = path.read_bytes()
        except FileNotFoundError as error:
            if not self.lease.is_current:
                raise CatalogueError(f"{self.folder}: {REPLACED}") from error
            raise CatalogueError(f"{path}: missing; {REBUILD}") from error
        if hashlib.sha256(content).digest() != self.thumb_digest(row):
            raise CatalogueError(f"{path}: damaged, its digest is not the catalogue's; {REBUILD}")
        return path

    def thumb_digest(self, row: int) -> bytes:
        """SHA-256 of the thumbnail of a row, from 0."""
        return self.thumb_digests[row * DIGEST : (row + 1) * DIGEST]

    @property
    def examples(self) -> list[Path]:
        """Paths of the pictures to offer as queries."""
        return [self.folder / name for name in self.manifest["files"] if name.startswith(EXAMPLES)]

    @cached_property
    def _columns(self) -> Columns:
        """Read from all records when they are first asked for, which takes a second or two for 80,000."""
        return Columns(self.records)


def write_catalogue(
    folder: Path,
    records: Sequence[Record],
    index: ExactIndex,
    *,
    by_garment: bool = False,
    changed: int = 0,
    digests: Mapping[str, bytes] = MappingProxyType({}),
) -> None:
    """Write records, codes, graph, digests and manifest to a folder with vectors.npy, thumbs/ and weights.pth, and
    perhaps files of OPTIONAL, a map and examples/.

    by_garment: photos of people are indexed garment by garment; garments.pth found them. changed: how many records came
    or went since all were linked. digests: SHA-256 of thumbnails that need not be read, by their path below the folder.
    """
    with (folder / "records.jsonl").open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(record.as_line() for record in records)
    index.save(folder, vectors=False)
    (folder / "vectors.sha256").write_bytes(block_digests(folder / VECTORS))
    with (folder / "thumbs.sha256").open("wb") as file:
        for record in records:
            file.write(digests.get(record.thumb) or bytes.fromhex(file_digest(folder / record.thumb)))
    names = {"records.jsonl", "weights.pth", *DIGESTS, *FILES} - {VECTORS}
    names |= {name for name in (*OPTIONAL, MAP, LABELS) if (folder / name).exists()}
    names |= {path.relative_to(folder).as_posix() for path in folder.glob(EXAMPLES + "*")}
    manifest: dict[str, Any] = {
        "format": CHANGED_FORMAT if LABELS in names else FORMAT,
        "count": len(records),
        "dimension": index.dimension,
        "metric": METRIC,
        "preprocessing": PREPROCESSING,
        "weights": file_digest(folder / "weights.pth"),
        "graph": index.settings._asdict(),
        "files": {name: describe_file(folder / name) for name in sorted(names)},
    }
    if by_garment:
        manifest["by_garment"] = True
    if changed:
        manifest["changed"] = changed
    write_manifest(folder, manifest)

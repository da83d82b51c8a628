"""The bundle on disk: manifest, vectors and graph, records, thumbnails, and the weights that made the vectors.

    manifest.json   format, count, dimension, metric, weights, graph settings; SHA-256 and size of other files
    vectors.npy     (N, 1024) float32 features of unit length
    graph.hnsw, fine.npz, coarse.npz, rotation.npy: what neighbours.py needs to search them
    records.jsonl   one photo a line, in the order of the vectors
    thumbs/         a small JPEG of each photo, named by the photo's digest
    weights.pth     the network
    examples/       pictures that a page offers as queries, if the photos came with any
    vectors.sha256  SHA-256 of each block of vectors.npy (rows.py)
    thumbs.sha256   SHA-256 of each photo's thumbnail, in the order of the vectors

Nothing is used before it has the digest that the manifest promises. What grows large, vectors and thumbnails, is
checked piece by piece when it is used, so that a large catalogue opens without reading it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, overload

import numpy as np

from cbir.errors import CatalogueError, PhotoError
from cbir.files import file_digest
from cbir.graph import GraphSettings
from cbir.images import load_image
from cbir.neighbours import FILES, ExactIndex
from cbir.rows import DIGEST, CheckedRows, block_digests, blocks

FORMAT = 3
METRIC = "euclidean"
SHIPPED = Path(__file__).parent.parent / "index"
"""What comes along with the project: the network, and a catalogue if there is one."""
EXAMPLES = "examples/"
REMEDY = "delete the catalogue and build it again"
VECTORS = "vectors.npy"
SEALS = ("vectors.sha256", "thumbs.sha256")
CONTENT = frozenset({"manifest.json", "records.jsonl", "thumbs", "weights.pth", "examples", *SEALS, *FILES})
"""Names that a bundle may hold at its top."""


def default_folder() -> Path:
    """Where a catalogue is looked for when none is named: $CBIR_INDEX, or SHIPPED."""
    return Path(os.environ.get("CBIR_INDEX") or SHIPPED)


class Record(NamedTuple):
    """One photo of a catalogue."""

    photo: str
    """Its path below the folder that was indexed, with forward slashes."""
    label: str | None
    sha256: str
    """Digest of the photo's file."""
    description: str | None = None
    """The garment in a few words, where they are known."""

    @property
    def thumb(self) -> str:
        """Path of its thumbnail below the catalogue."""
        return thumb_name(self.sha256)


def thumb_name(sha256: str) -> str:
    """Path below the catalogue of the thumbnail of a photo with this digest."""
    return f"thumbs/{sha256[:32]}.jpg"


class Records(Sequence[Record]):
    """The records of a records.jsonl, each parsed when it is asked for."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n"))
        self._starts = np.concatenate([[0], ends + 1])

    def __len__(self) -> int:
        return len(self._starts) - 1

    @overload
    def __getitem__(self, number: int) -> Record: ...

    @overload
    def __getitem__(self, number: slice) -> list[Record]: ...

    def __getitem__(self, number: int | slice) -> Record | list[Record]:
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        place = range(len(self))[number]
        return Record(**json.loads(self._data[self._starts[place] : self._starts[place + 1]]))


@dataclass(frozen=True)
class Catalogue:
    """A catalogue that was checked and opened."""

    folder: Path
    manifest: dict[str, Any]
    records: Records
    index: ExactIndex
    thumb_digests: bytes

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> Catalogue:
        """The catalogue of a folder; raises CatalogueError if it is absent, damaged, or not consistent."""
        root = Path(folder)
        manifest = check_files(root)
        try:
            records = Records((root / "records.jsonl").read_bytes())
            thumb_digests = (root / "thumbs.sha256").read_bytes()
            shape = (manifest["count"], manifest["dimension"])
            seals = (root / "vectors.sha256").read_bytes()
            vectors = CheckedRows(root / VECTORS, shape, seals, remedy=REMEDY)
            index = ExactIndex.open(root, vectors=vectors, settings=GraphSettings(**manifest["graph"]))
        except (ValueError, TypeError, KeyError) as error:
            raise CatalogueError(f"{root}: its files contradict each other ({error}); {REMEDY}") from error
        found = (len(records), len(thumb_digests) // DIGEST, METRIC)
        expected = (manifest["count"], manifest["count"], manifest["metric"])
        if found != expected:
            raise CatalogueError(f"{root}: manifest.json promises {expected} but holds {found}; {REMEDY}")
        return cls(root, manifest, records, index, thumb_digests)

    def thumb(self, number: int) -> Path:
        """Path of the thumbnail of record `number`, from 0; raises CatalogueError if it is missing or damaged."""
        path = self.folder / self.records[number].thumb
        if not path.is_file():
            raise CatalogueError(f"{path}: missing; {REMEDY}")
        if hashlib.sha256(path.read_bytes()).digest() != self.thumb_digests[number * DIGEST : (number + 1) * DIGEST]:
            raise CatalogueError(f"{path}: damaged, its digest is not the catalogue's; {REMEDY}")
        return path

    @property
    def examples(self) -> list[Path]:
        """Paths of the pictures to offer as queries."""
        return [self.folder / name for name in self.manifest["files"] if name.startswith(EXAMPLES)]


def write_catalogue(folder: Path, records: Sequence[Record], index: ExactIndex) -> None:
    """Write records, sketches, graph, digests and manifest to a folder with vectors.npy, thumbs/ and weights.pth, and
    perhaps examples/.
    """
    with (folder / "records.jsonl").open("w", encoding="utf-8", newline="\n") as file:
        for record in records:
            file.write(json.dumps(record._asdict()) + "\n")
    index.save(folder, vectors=False)
    (folder / "vectors.sha256").write_bytes(block_digests(folder / VECTORS))
    with (folder / "thumbs.sha256").open("wb") as file:
        for record in records:
            file.write(bytes.fromhex(file_digest(folder / record.thumb)))
    names = {"records.jsonl", "weights.pth", *SEALS, *FILES} - {VECTORS}
    names |= {path.relative_to(folder).as_posix() for path in folder.glob(EXAMPLES + "*")}
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "count": len(records),
        "dimension": index.dimension,
        "metric": METRIC,
        "weights": file_digest(folder / "weights.pth"),
        "graph": index.settings._asdict(),
        "files": {name: _describe(folder / name) for name in sorted(names)},
    }
    manifest["sha256"] = _manifest_digest(manifest)
    (folder / "manifest.json").write_text(_serialise(manifest), encoding="utf-8", newline="\n")


def check_files(folder: Path) -> dict[str, Any]:
    """The manifest of a bundle whose files have the size and SHA-256 that it promises.

    Raises CatalogueError, naming the first file that is absent, changed, or not promised at all. Vectors and thumbnails
    have digests of their own: CheckedRows and `Catalogue.thumb` compare them.
    """
    manifest = read_manifest(folder)
    for name in manifest["files"]:
        check_file(folder, manifest, name)
    promised = {*manifest["files"], "manifest.json", VECTORS}
    others = (path for path in folder.iterdir() if path.name != "thumbs")
    there = {
        file.relative_to(folder).as_posix()
        for path in others
        for file in ([path] if path.is_file() else path.rglob("*"))
    }
    if strange := sorted(there - promised):
        raise CatalogueError(f"{folder / strange[0]}: not part of the catalogue; remove it")
    return manifest


def check_file(folder: Path, manifest: dict[str, Any], name: str) -> None:
    """Raise CatalogueError unless one file of a bundle is as its manifest promises."""
    path = folder / name
    if not path.is_file():
        raise CatalogueError(f"{path}: missing; {REMEDY}")
    if _describe(path) != manifest["files"][name]:
        raise CatalogueError(f"{path}: damaged, its digest is not the manifest's; {REMEDY}")


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a bundle, checked against its own digest; the files are not looked at."""
    path = folder / "manifest.json"
    if not path.is_file():
        raise CatalogueError(f"{folder}: no catalogue; build one with: python -m cbir index PHOTOS --out {folder}")
    try:
        text = path.read_text(encoding="utf-8")
        manifest = json.loads(text)
        version, digest = manifest["format"], manifest["sha256"]
    except (ValueError, KeyError, TypeError) as error:
        raise CatalogueError(f"{path}: damaged; {REMEDY}") from error
    if version != FORMAT:
        raise CatalogueError(f"{path}: format {version}, but this version reads {FORMAT}; {REMEDY}")
    if digest != _manifest_digest(manifest) or text != _serialise(manifest):
        raise CatalogueError(f"{path}: damaged, its digest is wrong; {REMEDY}")
    return dict(manifest)


def check_catalogue(catalogue: Catalogue) -> None:
    """Check what opening leaves out and digests cannot tell; raises CatalogueError, naming what is wrong.

    All vectors and thumbnails have their digests, and no file is there that is not part of the catalogue. Every vector
    has unit length (to 1e-3), the numbers that the proof rests on follow from the vectors, and every thumbnail and
    example is a picture.
    """
    folder = catalogue.folder
    for some in blocks(len(catalogue.records)):
        lengths = np.linalg.norm(catalogue.index.vectors[some], axis=1)
        wrong = np.flatnonzero(np.abs(lengths - 1.0) > 1e-3)
        if len(wrong):
            photo = catalogue.records[some.start + int(wrong[0])].photo
            raise CatalogueError(f"{folder}: the vector of {photo} has length {lengths[wrong[0]]:.3f}, not 1")
    try:
        catalogue.index.check()
    except ValueError as error:
        raise CatalogueError(f"{folder}: {error}; {REMEDY}") from error
    thumbs = [catalogue.thumb(number) for number in range(len(catalogue.records))]
    if strange := sorted(set((folder / "thumbs").iterdir()) - set(thumbs)):
        raise CatalogueError(f"{strange[0]}: not part of the catalogue; remove it")
    for picture in [*thumbs, *catalogue.examples]:
        try:
            load_image(picture)
        except PhotoError as error:
            raise CatalogueError(f"{error}; {REMEDY}") from error


def _describe(path: Path) -> dict[str, Any]:
    return {"bytes": path.stat().st_size, "sha256": file_digest(path)}


def _serialise(manifest: dict[str, Any]) -> str:
    return json.dumps(manifest, indent=1) + "\n"


def _manifest_digest(manifest: dict[str, Any]) -> str:
    """SHA-256 of the manifest without its own digest, as compact JSON with sorted keys."""
    rest = {name: value for name, value in manifest.items() if name != "sha256"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True, separators=(",", ":")).encode()).hexdigest()

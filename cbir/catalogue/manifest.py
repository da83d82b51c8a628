"""The manifest of a bundle: which files it has, with their digests. It knows no index."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from cbir.errors import REBUILD, CatalogueError
from cbir.system.files import file_digest
from cbir.system.versions import VERSIONS

FORMAT, CHANGED_FORMAT = 3, 4
"""Of a catalogue whose photos were all linked at once, and of one that was changed since, which has labels.npy."""
METRIC = "euclidean"
VECTORS = "vectors.npy"


def check_files(folder: Path) -> dict[str, Any]:
    """The manifest of a bundle whose files have the size and SHA-256 that it promises.

    Raises CatalogueError, naming the first file that is absent, changed, or not promised at all. Vectors and thumbnails
    have digests of their own: CheckedRows and `Catalogue.thumb` compare them.
    """
    manifest = read_manifest(folder)
    for name in manifest["files"]:
        check_file(folder, manifest, name)
    promised = {*manifest["files"], "manifest.json", VECTORS}
    others = (path for path in folder.iterdir() if path.name not in ("thumbs", VERSIONS))
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
        raise CatalogueError(f"{path}: missing; {REBUILD}")
    if describe_file(path) != manifest["files"][name]:
        raise CatalogueError(f"{path}: damaged, its digest is not the manifest's; {REBUILD}")


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
        raise CatalogueError(f"{path}: damaged; {REBUILD}") from error
    if version not in (FORMAT, CHANGED_FORMAT):
        raise CatalogueError(
            f"{path}: format {version}, but this version reads {FORMAT} and {CHANGED_FORMAT}; {REBUILD}"
        )
    if digest != _manifest_digest(manifest) or text != _serialise(manifest):
        raise CatalogueError(f"{path}: damaged, its digest is wrong; {REBUILD}")
    return dict(manifest)


def describe_file(path: Path) -> dict[str, Any]:
    """What a manifest promises of a file: its size in bytes and its SHA-256."""
    return {"bytes": path.stat().st_size, "sha256": file_digest(path)}


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write a manifest with its own digest."""
    sealed = manifest | {"sha256": _manifest_digest(manifest)}
    (folder / "manifest.json").write_text(_serialise(sealed), encoding="utf-8", newline="\n")


def _serialise(manifest: dict[str, Any]) -> str:
    return json.dumps(manifest, indent=1) + "\n"


def _manifest_digest(manifest: dict[str, Any]) -> str:
    """SHA-256 of the manifest without its own digest, as compact JSON with sorted keys."""
    rest = {name: value for name, value in manifest.items() if name != "sha256"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True, separators=(",", ":")).encode()).hexdigest()

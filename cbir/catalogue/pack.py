"""A catalogue as one file: a zip with its folder in it."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from cbir.catalogue.catalogue import CONTENT, Catalogue
from cbir.catalogue.manifest import VECTORS
from cbir.datasets.zipped import DAMAGE
from cbir.errors import REBUILD, CatalogueError

TIME = (2000, 1, 1, 0, 0, 0)
"""What all files are dated: the same catalogue gives the same zip."""


def pack_catalogue(catalogue: Catalogue, name: str) -> bytes:
    """A zip of a folder of this name, which is a catalogue. What it holds is compressed already.

    Raises CatalogueError if files of it are gone.
    """
    packed = io.BytesIO()
    missing = {"manifest.json", VECTORS, *catalogue.manifest["files"]}
    missing |= {record.thumb for record in catalogue.records}
    with ZipFile(packed, "w", ZIP_STORED) as archive, suppress(FileNotFoundError):  # then the rest is missing as well
        for path in list_files(catalogue.folder):
            inside = path.relative_to(catalogue.folder).as_posix()
            archive.writestr(ZipInfo(f"{name}/{inside}", TIME), path.read_bytes())
            missing.discard(inside)
    if missing:
        raise CatalogueError(f"{catalogue.folder / min(missing)}: missing; {REBUILD}")
    return packed.getvalue()


def list_files(folder: Path) -> Iterator[Path]:
    """All files of a bundle, and nothing else that is in its folder."""
    for name in sorted(CONTENT):
        path = folder / name
        if path.is_file():
            yield path
        elif path.is_dir():
            yield from sorted(path.iterdir())


def unpack_catalogue(packed: Path) -> Path:
    """The folder of the catalogue in a zip, unpacked beside it if it is not there yet; any other path as it is.

    Raises CatalogueError if it is no zip of a catalogue.
    """
    if packed.suffix.lower() != ".zip" or not packed.is_file():
        return packed
    folder = packed.with_suffix("")
    if folder.exists():
        return folder
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        with ZipFile(packed) as archive:
            archive.extractall(part)  # never outside of the folder, whatever the names in the zip
    except DAMAGE as error:
        shutil.rmtree(part, ignore_errors=True)
        raise CatalogueError(
            f"{packed}: not a zip of a catalogue, or a damaged one ({error}); download it again"
        ) from error
    manifests = [part / "manifest.json", *part.glob("*/manifest.json")]
    found = next((path.parent for path in manifests if path.is_file()), None)
    if found is None:
        shutil.rmtree(part, ignore_errors=True)
        raise CatalogueError(f"{packed}: no catalogue is in it; give the folder of one, or a zip that the page made")
    found.rename(folder)
    shutil.rmtree(part, ignore_errors=True)
    return folder

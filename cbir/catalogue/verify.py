"""Check every promise of a catalogue."""

from __future__ import annotations

import numpy as np

from cbir.catalogue.catalogue import Catalogue
from cbir.datasets.link import find_fault
from cbir.errors import REBUILD, CatalogueError, PhotoError
from cbir.nearest.blocks import blocks
from cbir.photos.decode import load_image


def check_catalogue(catalogue: Catalogue) -> None:
    """Check what opening leaves out and digests cannot tell; raises CatalogueError, naming what is wrong.

    All vectors and thumbnails have their digests, and no file is there that is not part of the catalogue. Every vector
    has unit length (to 1e-3), the numbers that the proof rests on follow from the vectors, every link is an address,
    and every thumbnail and example is a picture.
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
        raise CatalogueError(f"{folder}: {error}; {REBUILD}") from error
    for record in catalogue.records:
        if record.link is not None and (fault := find_fault(record.link)):
            raise CatalogueError(f"{folder}: the link of {record.photo} {fault}")
    # Each row's digest is compared, but a picture that several garments share is looked at once.
    thumbs = list(dict.fromkeys(catalogue.thumb(row) for row in range(len(catalogue.records))))
    if strange := sorted(set((folder / "thumbs").iterdir()) - set(thumbs)):
        raise CatalogueError(f"{strange[0]}: not part of the catalogue; remove it")
    for picture in [*thumbs, *catalogue.examples]:
        try:
            load_image(picture)
        except PhotoError as error:
            raise CatalogueError(f"{error}; {REBUILD}") from error

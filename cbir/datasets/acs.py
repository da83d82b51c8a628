"""The layout of ACS (Bossard et al., ACCV 2012)."""

from __future__ import annotations

from pathlib import Path

from cbir.datasets.photo import Photo, PhotoSet
from cbir.errors import DatasetError

ACS_CLASSES = (
    "blouse",
    "cloak",
    "coat",
    "jacket",
    "long dress",
    "polo shirt",
    "robe",
    "shirt",
    "short dress",
    "suit",
    "sweater",
    "T-shirt",
    "undergarment",
    "uniform",
    "vest",
)


def read_acs(root: Path) -> PhotoSet:
    """CLASS/SYNSET/ID lines of train.txt and test.txt; a SYNSET folder may carry a name behind its id."""
    folders: dict[tuple[str, str], Path] = {}
    for folder in (root / "images").glob("*/*"):
        if folder.is_dir():
            folders[folder.parent.name, folder.name.partition("_")[0]] = folder
    photos, missing = [], []
    for split in ("train", "test"):
        table = root / f"{split}.txt"
        lines = table.read_text(encoding="utf-8").split() if table.is_file() else []
        for line in lines:
            parts = line.split("/")
            if len(parts) != 3 or not parts[0].isdigit() or int(parts[0]) >= len(ACS_CLASSES):
                raise DatasetError(f"{table}: {line!r} is not CLASS/SYNSET/ID with a class from 0 to 14")
            number, synset, identity = parts
            folder = folders.get((number, synset.partition("_")[0]), root / "images" / number / synset)
            path = folder / f"{identity}.jpg"
            if not path.is_file():
                missing.append(line)
                continue
            # ID ends in the number of the crop: crops of one ImageNet picture belong together.
            picture = identity.rpartition("_")[0] or identity
            name = path.relative_to(root).as_posix()
            photos.append(Photo(name, path, ACS_CLASSES[int(number)], picture, split))
    return PhotoSet(photos, missing)

"""Files that are brought to wardrobes, and what is in those."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from zipfile import ZipFile

from cbir.network.extractor import FeatureExtractor
from cbir.web.trail import key_of
from cbir.web.wardrobes.intake import Brought
from cbir.web.wardrobes.wardrobe import Limits, Wardrobe
from tests.support.drawings import LABELS, draw_garment

LIMITS = Limits(photos=20, unpacked=10_000_000)


class Hands:
    """A clock that goes when it is told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def draw(folder: Path, number: int, name: str | None = None) -> Brought:
    """A drawing in a file of its own, as if a browser had sent it under a name."""
    path = folder / f"drawn {number} {len(list(folder.iterdir()))}.jpg"
    draw_garment(number, LABELS[number % len(LABELS)]).save(path, quality=90)
    return Brought(f"{number:03}.jpg" if name is None else name, path)


def pack(folder: Path, files: Mapping[str, Brought | bytes], name: str = "photos.zip") -> Brought:
    """A zip of files by their names in it."""
    path = folder / f"packed {len(list(folder.iterdir()))}.zip"
    with ZipFile(path, "w") as packed:
        for inside, content in files.items():
            packed.writestr(inside, content if isinstance(content, bytes) else content.path.read_bytes())
    return Brought(name, path)


def make_wardrobe(place: Path, limits: Limits = LIMITS) -> Wardrobe:
    """A wardrobe of whole photos, without any yet."""
    wardrobe = Wardrobe(place / "catalogue", place / "inbox", limits)
    wardrobe.by_garment = False
    return wardrobe


def fill(wardrobe: Wardrobe, extractor: FeatureExtractor, *brought: Brought) -> None:
    """Bring files and work on them, in this thread."""
    wardrobe.bring(brought)
    wardrobe.work(lambda: extractor)
    assert wardrobe.failure is None


def names(wardrobe: Wardrobe) -> list[str]:
    """What is in it, as it was asked for."""
    now = wardrobe.garments()
    return [now.record(row).photo for row in now.rows]


def key_at(wardrobe: Wardrobe, place: int) -> str:
    """Key of a garment, by its place among those that are there."""
    now = wardrobe.garments()
    return key_of(now.rows[place], now.record(now.rows[place]))


def files_below(folder: Path) -> list[str]:
    """All files of a folder, by their paths in it."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())

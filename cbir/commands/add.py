"""Put photos into a catalogue, without linking all of a large one anew.

example:
  python -m cbir add catalogue/ scarf.jpg --label scarf
  python -m cbir add catalogue/ new-photos/
"""

from __future__ import annotations

import argparse
from pathlib import Path

from cbir.commands.defaults import need_folder
from cbir.commands.terminal import say, warn, warn_left_out
from cbir.system.progress import Bars


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The catalogue, and the photos."""
    parser.add_argument("index", metavar="DIR", help="the catalogue")
    parser.add_argument("photos", nargs="+", metavar="PHOTO", help="a photo, or a folder of some, as `index` takes it")
    parser.add_argument("--label", help="what the photos show, where their folder does not say it")


def run(options: argparse.Namespace) -> None:
    """Put the photos in and tell how many there are now."""
    from cbir.catalogue.edit import add_photos
    from cbir.datasets.photo import Photo
    from cbir.datasets.reader import read_photos
    from cbir.network.extractor import FeatureExtractor
    from cbir.system.files import writing_to

    photos, left_out, folder = [], [], need_folder(options.index)
    warnings: list[tuple[str, str]] = []
    for path in map(Path, options.photos):
        if path.is_dir():
            found = read_photos(path)
            photos += [photo._replace(label=photo.label or options.label) for photo in found.photos]
            left_out += found.left_out
            warnings += found.warnings
        else:
            photos.append(Photo(path.name, path, options.label))
    with Bars() as bars, writing_to(folder):
        edit = add_photos(photos, folder, FeatureExtractor.open(folder), progress=bars.update)
    warn_left_out([*left_out, *edit.refused])
    warn(*(f"taken all the same {name}: {warning}" for name, warning in [*warnings, *edit.warnings]))
    say(f"{options.index}: {len(edit.changed):,} photos put in; {edit.size:,} records now")

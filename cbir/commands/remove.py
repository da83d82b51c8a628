"""Take photos out of a catalogue, without linking all of a large one anew.

example:
  python -m cbir remove catalogue/ scarf/017.jpg
  python -m cbir remove catalogue/ scarf/
"""

from __future__ import annotations

import argparse

from cbir.commands.defaults import need_folder
from cbir.commands.terminal import say
from cbir.system.progress import Bars


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The catalogue, and the photos."""
    parser.add_argument("index", metavar="DIR", help="the catalogue")
    parser.add_argument("photos", nargs="+", metavar="PHOTO", help="its name as search tells it, or a folder's for all")


def run(options: argparse.Namespace) -> None:
    """Take the photos out and tell how many are left."""
    from cbir.catalogue.edit import remove_photos
    from cbir.system.files import writing_to

    folder = need_folder(options.index)
    with Bars() as bars, writing_to(folder):
        edit = remove_photos(options.photos, folder, progress=bars.update)
    say(f"{options.index}: {len(edit.changed):,} photos taken out; {edit.size:,} records now")

"""The demo: python app.py [--index DIR], or the environment variable CBIR_INDEX.

CBIR_CATALOGUE=clothing brings in the public clothing dataset while the page is up, and then searches that.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cbir.process import prepare_process

prepare_process()

from cbir.catalogue import default_folder, read_manifest  # noqa: E402 - NumPy comes with it
from cbir.errors import CbirError  # noqa: E402


def main() -> None:
    """Serve the page over a catalogue until stopped."""
    parser = argparse.ArgumentParser(description="Visual search for clothes, in a web page.")
    parser.add_argument("--index", type=Path, default=default_folder(), metavar="DIR", help="default: %(default)s")
    folder: Path = parser.parse_args().index
    try:
        print(f"{folder}: {read_manifest(folder)['count']:,} photos")
    except CbirError as error:
        print(error, file=sys.stderr)

    from cbir.arrival import arrival_asked_for
    from cbir.ui import build_page, launch_options

    arrival = arrival_asked_for(folder)
    build_page(folder, arrival).launch(**launch_options(folder, arrival))


if __name__ == "__main__":
    main()

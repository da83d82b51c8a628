"""The demo: python app.py [--index DIR], or the environment variable CBIR_INDEX.

CBIR_CATALOGUE=clothing brings in the public clothing dataset while the page is up, and then searches that.
"""

import argparse
from pathlib import Path

from cbir.system.process import prepare_process

prepare_process()

from cbir.catalogue.manifest import read_manifest  # noqa: E402 - NumPy must come after the settings of the process
from cbir.commands.defaults import SHIPPED, default_folder  # noqa: E402
from cbir.commands.terminal import say, warn  # noqa: E402
from cbir.errors import CbirError  # noqa: E402
from cbir.system.versions import read_current  # noqa: E402


def main() -> None:
    """Serve the page over a catalogue until stopped."""
    parser = argparse.ArgumentParser(description="Visual search for clothes, in a web page.")
    parser.add_argument("--index", type=Path, default=default_folder(), metavar="DIR", help="default: %(default)s")
    folder: Path = parser.parse_args().index
    try:
        say(f"{folder}: {read_current(folder, read_manifest)['count']:,} photos")
    except CbirError as error:
        warn(str(error))

    from cbir.web.background import start_download
    from cbir.web.page import build_page
    from cbir.web.serving import serve

    serve(build_page(folder, start_download(folder, SHIPPED)))


if __name__ == "__main__":
    main()

"""Bring the page with a catalogue to a Hugging Face Space, or into a folder for Docker.

Its requirements name the versions installed here, and PyTorch's packages for CPUs in place of PyPI's, which are 4 GB
larger. They were not tried against PyTorch's index. A Space is public at first: all can see the photos' thumbnails.

example:
  python -m cbir deploy USER/SPACE --dry-run
  python -m cbir deploy USER/SPACE --index catalogue/
  python -m cbir deploy --docker image/
"""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from cbir.commands.defaults import SHIPPED, default_folder, need_folder
from cbir.commands.terminal import say
from cbir.errors import CbirError
from cbir.system.staging import Files, Share, check_vacant, find_files, measure_folders, write_files

if TYPE_CHECKING:
    from cbir.catalogue.catalogue import Catalogue

SPACE = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
TOP = ("README.md", "LICENSE", "app.py", "packages.txt")
"""Files that go as they are. The Space's title and settings are at the head of README.md."""
REQUIREMENTS = "requirements.txt"
DOCKERFILE = """\
FROM python:3.11-slim

COPY packages.txt requirements.txt /tmp/
RUN apt-get update \\
    && xargs apt-get install -y --no-install-recommends < /tmp/packages.txt \\
    && rm -rf /var/lib/apt/lists/*
# hnswlib is compiled here; without this, only for processors like the one that builds the image.
ENV HNSWLIB_NO_NATIVE=1
RUN pip install --no-cache-dir -r /tmp/requirements.txt

RUN useradd --create-home --uid 1000 page
WORKDIR /home/page/app
# These stay root's: the page only reads them.
COPY . .
USER page

ENV GRADIO_SERVER_NAME=0.0.0.0 GRADIO_SERVER_PORT=7860
EXPOSE 7860
HEALTHCHECK --start-period=60s \\
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:7860/healthz', timeout=5)"]
CMD ["python", "app.py"]
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The Space or folder, and the catalogue."""
    parser.add_argument(
        "space", nargs="?", type=space_name, metavar="USER/SPACE", help="made if it is not there; see: hf auth login"
    )
    parser.add_argument("--index", default=default_folder(), metavar="DIR", help="the catalogue (default: %(default)s)")
    parser.add_argument("--dry-run", action="store_true", help="list what would go, and contact nobody")
    parser.add_argument(
        "--docker",
        type=Path,
        metavar="FOLDER",
        help="write it and a Dockerfile to a folder, which is empty or not there yet, and upload nothing",
    )


def run(options: argparse.Namespace) -> None:
    """List, write or upload the files."""
    from cbir.catalogue.catalogue import Catalogue

    if not (options.space or options.docker or options.dry_run):
        raise CbirError("no Space is named; give it as USER/SPACE, or a folder with --docker")
    if options.docker:
        check_vacant(options.docker)
    catalogue = Catalogue.open(
        need_folder(options.index)
    )  # held until all is read, so that no update removes its files
    files = collect_files(SHIPPED.parent, catalogue)
    if options.docker:
        files = {**files, "Dockerfile": DOCKERFILE.encode()}
    if options.dry_run:
        say(*describe_files(files))
    elif options.docker:
        write_files(files, options.docker)
        start = f"docker build -t clothes {shlex.quote(str(options.docker))} && docker run -p 7860:7860 clothes"
        say(*describe_files(files), f"{options.docker}: start it with: {start}")
    else:
        from cbir.system.hub import upload_space

        with TemporaryDirectory() as folder:
            write_files(files, Path(folder))
            say(f"{upload_space(Path(folder), options.space)}: uploaded; it starts in some minutes")


def collect_files(project: Path, catalogue: Catalogue) -> Files:
    """What a Space gets: the program, its requirements pinned, and a catalogue as index/, a plain folder.

    Raises CbirError if a file of the project is missing, or a package in the version that it needs.
    """
    from cbir.catalogue.pack import list_files
    from cbir.system.pins import pin_requirements

    for path in (project / name for name in (*TOP, REQUIREMENTS)):
        if not path.is_file():
            raise CbirError(f"{path}: missing; deploy from a complete copy of this project")
    folder = catalogue.folder
    return {
        **{name: project / name for name in TOP},
        REQUIREMENTS: pin_requirements(project / REQUIREMENTS).encode(),
        **find_files(project / "cbir", "cbir"),
        **{f"index/{path.relative_to(folder).as_posix()}": path for path in list_files(folder)},
    }


def describe_files(files: Files) -> list[str]:
    """A line for each folder, the largest first, and one for all: bytes, number of files, and what it is."""
    shares = measure_folders(files)
    shares.append(Share("in all", len(files), sum(share.size for share in shares)))
    width = len(f"{shares[-1].size:,}")
    return [f"{share.size:>{width},} bytes  {share.files:>7,} files  {share.folder}" for share in shares]


def space_name(text: str) -> str:
    """USER/SPACE; argparse tells what is wrong with another."""
    if not SPACE.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form USER/SPACE")
    return text

"""Check what this machine lacks, and say how to mend it.

example:
  python -m cbir doctor --index catalogue/
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from cbir.commands.defaults import REQUIREMENTS, default_folder, need_folder
from cbir.commands.terminal import say, say_json
from cbir.errors import CbirError
from cbir.system.doctor import (
    MISSING,
    OK,
    Check,
    check_memory,
    check_packages,
    check_pair,
    check_port,
    check_python,
    check_temporary,
    note_webcam,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The catalogue, and what to print."""
    parser.add_argument("--index", default=default_folder(), metavar="DIR", help="the catalogue (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> None:
    """Check all; raises CbirError if something is missing."""
    checks = list[Check]()
    for check in check_all(need_folder(options.index)):
        checks.append(check)
        if not options.json:
            say(str(check))
    missing = [check.subject for check in checks if check.state == MISSING]
    if options.json:
        say_json({"ok": not missing, "checks": [check._asdict() for check in checks]})
    if missing:
        raise CbirError(f"missing: {', '.join(missing)}")


def check_all(folder: Path) -> Iterator[Check]:
    """Each check in turn. folder: of the catalogue."""
    yield check_python()
    yield from check_packages(list_requirements())
    yield check_pair("torchvision", "torch")
    yield check_memory()
    yield check_temporary()
    yield check_index(folder)
    yield check_port()
    yield note_webcam()


def list_requirements() -> list[str]:
    """The packages that are needed, such as numpy>=2.0."""
    if REQUIREMENTS is None:
        return [requirement for requirement in metadata.requires("cbir") or [] if "extra ==" not in requirement]
    return REQUIREMENTS.read_text(encoding="utf-8").splitlines()


def check_index(folder: Path) -> Check:
    """Whether a catalogue is there, its files as its manifest promises; vectors and pictures are left to `verify`."""
    try:
        from cbir.catalogue.manifest import check_files
        from cbir.system.versions import read_current

        count = read_current(folder, check_files)["count"]
    except ImportError as error:
        return Check(MISSING, "catalogue", f"not looked at, as {error.name} is not installed", "install it first")
    except (CbirError, OSError) as error:
        return Check(MISSING, "catalogue", str(error))
    return Check(OK, "catalogue", f"{folder}: {count:,} photos")

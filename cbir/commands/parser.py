"""The command line: python -m cbir COMMAND."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from cbir.commands import (
    add,
    deploy,
    doctor,
    download,
    duplicates,
    evaluate,
    finder,
    finetune,
    garments,
    index,
    page,
    pull,
    push,
    remove,
    search,
    train,
    verify,
    wardrobe,
)
from cbir.commands.terminal import warn
from cbir.errors import CbirError

COMMANDS = (
    *(index, page, add, remove, download, search, garments, duplicates, verify, push, pull, doctor, deploy),
    *(wardrobe, finetune, finder, train, evaluate),
)
EXAMPLES = """examples:
  python -m cbir index photos/ --out catalogue/     build a catalogue; again to resume or update it
  python -m cbir download                           some 5,400 photos of clothes, and their catalogue
  python -m cbir search photo.jpg --index catalogue/ --plot matches.png
  python -m cbir page --index catalogue/            the same in a web page

python -m cbir COMMAND --help tells what a command takes.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status: 0, 1 for an error, 130 if interrupted."""
    options = build_parser().parse_args(arguments)
    try:
        options.run(options)
    except (CbirError, OSError) as error:
        warn(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        warn("", "stopped; run the same command again to go on")
        return 130
    return 0


def build_parser() -> argparse.ArgumentParser:
    """The commands and their options; a command's docstring is its help, with an example at the end."""
    parser = argparse.ArgumentParser(
        prog="python -m cbir",
        description="Visual search for clothes: the most similar photos of a catalogue, proven exact.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for module in COMMANDS:
        summary, _, example = (module.__doc__ or "").partition("\n\n")
        command = commands.add_parser(
            module.__name__.rpartition(".")[2],
            help=summary[0].lower() + summary[1:].rstrip("."),
            description=summary,
            epilog=example,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    return parser

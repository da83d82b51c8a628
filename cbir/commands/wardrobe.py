"""Render garments: pictures, and a table of what each one is.

example:
  python -m cbir wardrobe --out garments/ --count 40
"""

from __future__ import annotations

import argparse
from functools import partial

from cbir.commands.numbers import positive
from cbir.commands.terminal import say
from cbir.errors import CbirError
from cbir.system.progress import Bars

FIGURES = 320
"""How many figures are rendered if no number is given."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Place, number and seed."""
    parser.add_argument("--out", required=True, metavar="DIR", help="where the pictures go")
    parser.add_argument("--count", type=positive, help="how many (default: those of the sample catalogue)")
    parser.add_argument(
        "--worn", action="store_true", help="on figures, with label maps for `finder --figures`; default: 320 of them"
    )
    parser.add_argument("--seed", type=int, default=0, help="another seed gives other garments (default: 0)")


def run(options: argparse.Namespace) -> None:
    """Render them; those of the sample catalogue come with its examples."""
    try:
        from cbir.wardrobe import EXAMPLES, SAMPLE, write_figures, write_wardrobe
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "scipy":
            raise
        raise CbirError("rendering garments needs SciPy; install it with: pip install scipy") from error

    if options.worn:
        with Bars() as bars:
            figures = write_figures(
                options.out, options.count or FIGURES, seed=options.seed, progress=partial(bars.update, "figures")
            )
        say(
            f"{options.out}: {len(figures):,} figures; train a finder on them with: python -m cbir finder --figures DIR"
        )
        return
    garments = range(options.count) if options.count else SAMPLE
    examples = () if options.count else EXAMPLES
    with Bars() as bars:
        write_wardrobe(
            options.out, garments, examples=examples, seed=options.seed, progress=partial(bars.update, "garments")
        )
    say(f"{options.out}: {len(garments):,} garments; index them with: python -m cbir index {options.out} --out DIR")

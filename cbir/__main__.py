"""python -m cbir, or the command cbir: the command line."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from cbir.system.process import prepare_process


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command in a process that is prepared for it; returns the exit status."""
    prepare_process()
    from cbir.commands.parser import main as run  # NumPy comes with it

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())

"""Photos that were left out, on the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable


def print_refused(refused: Iterable[tuple[str, str]]) -> None:
    """A line each: name, and the reason with what to do."""
    for name, reason in refused:
        print(f"left out {name}: {reason}", file=sys.stderr)

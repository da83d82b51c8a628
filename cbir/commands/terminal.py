"""What is printed: text of any origin, on a terminal of any encoding."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Any, TextIO

from cbir.system.text import encodable, printable


def say(*lines: str, to: TextIO | None = None) -> None:
    """Print lines (default: to standard output), with escapes for what would steer a terminal or what it lacks."""
    stream = to or sys.stdout
    for line in lines:
        print(encodable(printable(line), stream.encoding or "utf-8"), file=stream)


def say_json(data: Any) -> None:
    """Print plain data as one line of JSON in ASCII."""
    print(json.dumps(data))


def warn(*lines: str) -> None:
    """Print lines to standard error, as `say` does."""
    say(*lines, to=sys.stderr)


def warn_left_out(left_out: Iterable[tuple[str, str]]) -> None:
    """A line for each photo that was left out: its name, and the reason with what to do."""
    warn(*(f"left out {name}: {reason}" for name, reason in left_out))

"""How the work on a wardrobe stands."""

from __future__ import annotations

from typing import NamedTuple


class Status(NamedTuple):
    """How the work on a wardrobe stands."""

    stage: str = ""
    """"waiting", or what `Progress` is told; "" if there is nothing to do."""
    done: int = 0
    total: int = 0
    left: float | None = None
    """Seconds, where they can be told."""

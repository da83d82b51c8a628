"""Files to be written, checked before the work that fills them."""

from __future__ import annotations

from pathlib import Path

from cbir.errors import CbirError


def check_output(path: Path) -> None:
    """Raise CbirError unless a file can be put at a path: its folder is there, and no folder has its name."""
    if path.is_dir():
        raise CbirError(f"{path}: a folder; name a file to write")
    if not path.parent.is_dir():
        raise CbirError(f"{path}: its folder is not there; make it, or choose another")

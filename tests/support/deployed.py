"""What the command `deploy` is to bring elsewhere, listed another way than it does."""

from __future__ import annotations

import os
from pathlib import Path

from tests.support.serving import PROJECT

TOP = {"README.md", "LICENSE", "app.py", "packages.txt", "requirements.txt"}


def walk(folder: Path, below: str = "") -> dict[str, bytes]:
    """Content of all files but those that Python and editors leave behind, by their paths."""
    found = {}
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__" and not name.startswith(".")]
        for path in (Path(place, name) for name in names if not name.endswith((".pyc", ".swp"))):
            found[below + path.relative_to(folder).as_posix()] = path.read_bytes()
    return found


def expected(index: Path) -> dict[str, bytes]:
    """What is to go with the catalogue of a folder, the requirements as in the project."""
    top = {name: (PROJECT / name).read_bytes() for name in TOP}
    return top | walk(PROJECT / "cbir", "cbir/") | walk(index, "index/")

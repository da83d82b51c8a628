"""Processes that another one started, and their end."""

from __future__ import annotations

import os
import select
from collections.abc import Iterable
from pathlib import Path


def descendants(ancestor: int, name: str = "") -> list[int]:
    """Running processes that a process, or those that it started, have started. name: how their command lines begin."""
    above: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                state, parent, *_ = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it ended meanwhile
                continue
            if state != "Z":
                above[int(folder.name)] = int(parent)
    found, generation = list[int](), {ancestor}
    while generation := {one for one, parent in above.items() if parent in generation}:
        found += generation
    return [one for one in found if _command(one).startswith(name)]


def have_ended(processes: Iterable[int], *, within: float) -> bool:
    """Whether all of some processes are gone, after so many seconds at most for each."""
    for process in processes:
        try:
            descriptor = os.pidfd_open(process)
        except ProcessLookupError:
            continue
        try:
            if not select.select([descriptor], [], [], within)[0]:
                return False
        finally:
            os.close(descriptor)
    return True


def _command(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""

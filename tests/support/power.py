"""A power loss, simulated: what a folder may hold after one, by the fsyncs that were made."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple
from unittest.mock import patch

STEPS = ("fsync", "rename", "replace", "unlink", "rmdir", "mkdir", "link")
"""Calls of os before each of which the power can go."""
OUTCOMES = ("all lost", "names kept", "some of each")
"""What becomes of what was not synced. Names kept: with zeros for content."""


class PowerLoss(BaseException):
    """The end of a process without power."""


class Node(NamedTuple):
    """A file or a folder by its inode."""

    number: int
    is_folder: bool


class Disk:
    """A folder, and which names and contents in it are on disk for sure: at first all, then what is synced."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.steps = 0
        self.lost: dict[str, dict[Path, bytes | None]] = {}
        """After the power loss, for each outcome: paths below the root with their content, None for a folder."""
        self._lock, self._held = Lock(), list[int]()
        self._names, self._contents = self._look(keep=True)

    @contextmanager
    def losing_power(self, before: int | None) -> Iterator[None]:
        """Run a block until the power goes before a step, counted from 1; None: until its end, to count the steps."""

        def stepping(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
            def step(*arguments: Any, **options: Any) -> Any:
                with self._lock:
                    self.steps += 1
                    if self.steps == before:
                        self.lost = {outcome: self._imagine(outcome) for outcome in OUTCOMES}
                        raise PowerLoss
                    if name == "fsync" and not self.lost:
                        self._record(*arguments)
                return call(*arguments, **options)

            return step

        originals = {name: getattr(os, name) for name in STEPS}
        try:
            with patch.dict(vars(os), {name: stepping(name, call) for name, call in originals.items()}):
                yield
        except PowerLoss:
            pass
        finally:
            for descriptor in self._held:
                os.close(descriptor)

    def write(self, outcome: str, place: Path) -> Path:
        """Put at a place what is left after the power loss."""
        place.mkdir()
        for path, content in self.lost[outcome].items():
            (place / path).mkdir() if content is None else (place / path).write_bytes(content)
        return place

    def _record(self, descriptor: int) -> None:
        """Note that a file or folder is on disk as it is now, and keep its inode from being used again."""
        stat = os.fstat(descriptor)
        self._held.append(os.dup(descriptor))
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        if path.is_dir():
            self._names[stat.st_ino] = _names(path)
        else:
            self._contents[stat.st_ino] = path.read_bytes()

    def _look(self, *, keep: bool) -> tuple[dict[int, dict[str, Node]], dict[int, bytes]]:
        """Names by folder, and contents by file, as they are to be seen now."""
        names, contents = {}, {}
        for path in (self.root, *self.root.rglob("*")):
            if keep:
                self._held.append(os.open(path, os.O_RDONLY))
            if path.is_dir():
                names[path.stat().st_ino] = _names(path)
            else:
                contents[path.stat().st_ino] = path.read_bytes()
        return names, contents

    def _imagine(self, outcome: str) -> dict[Path, bytes | None]:
        """What the folder may hold if the power goes now."""
        names, contents = self._look(keep=False)
        chance = random.Random(self.steps)
        found: dict[Path, bytes | None] = {}

        def content_of(number: int) -> bytes:
            synced, seen = self._contents.get(number, b""), contents.get(number, b"")
            if outcome == "all lost" or seen == synced:
                return synced
            zeros = synced + bytes(max(0, len(seen) - len(synced)))
            return zeros if outcome == "names kept" else chance.choice([synced, seen, seen[: len(seen) // 2], zeros])

        def walk(folder: Node, place: Path) -> None:
            synced, seen = self._names.get(folder.number, {}), names.get(folder.number, {})
            may_be = {"all lost": [synced], "names kept": [seen]}.get(outcome, [synced, seen])
            for name, node in chance.choice(may_be).items():
                found[place / name] = None if node.is_folder else content_of(node.number)
                if node.is_folder:
                    walk(node, place / name)

        walk(Node(self.root.stat().st_ino, True), Path())
        return found


def _names(folder: Path) -> dict[str, Node]:
    return {path.name: Node(path.stat().st_ino, path.is_dir()) for path in folder.iterdir()}

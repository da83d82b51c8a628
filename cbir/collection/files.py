"""Files beside a collection, at any address that fsspec knows: a folder, s3://, gs://, hf://, memory://."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from cbir.errors import CatalogueError
from cbir.system.files import make_folder, sync_tree
from cbir.system.pool import batched, map_ahead, worker_pool
from cbir.system.remote import hide_secrets

Result = TypeVar("Result")

WAITS = (0.2, 1.0, 4.0)
"""Seconds to wait before each further try."""
AGAIN = (
    "push the catalogue again; if it is there, and this machine cannot reach it, push the catalogue under another "
    "name, with --files at an address that both machines can reach"
)
RENEW = "remove it and push the catalogue again, or index the photos under another name"
"""The remedy for a file that is damaged: a push writes what is missing."""
KEPT = 10_000
"""Small files whose copies are kept here, at most; more make room by the oldest."""
AT_ONCE = 1_000
"""Files that are removed at a time, at most."""
AHEAD = 16
"""Files that are written at a time."""


class Files:
    """A folder at an address, and copies on this machine of what was read of it."""

    def __init__(self, address: str) -> None:
        """Raises CatalogueError if fsspec has no driver for the address."""
        import fsspec

        self.address, self.shown = address, hide_secrets(address)
        try:
            self._system, self._root = fsspec.core.url_to_fs(address)
        except (ImportError, ValueError, OSError) as error:
            raise CatalogueError(f"{self.shown}: cannot be reached ({error})") from error
        self._folder = Path(self._root) if "file" in _protocols(self._system) else None
        self._copies: dict[str, Path] = {}
        self._lock = Lock()
        self._here: tempfile.TemporaryDirectory[str] | None = None

    def read(self, name: str) -> bytes:
        """The bytes of a file; raises CatalogueError if it is missing."""
        return bytes(self._try(name, lambda: self._system.cat_file(self._path(name))))

    def write(
        self,
        folder: str,
        contents: Mapping[str, Callable[[], bytes]],
        progress: Callable[[int], object] = lambda _: None,
    ) -> None:
        """Files of a folder, several at a time, on disk when this returns.

        contents: gives the content of each, by its name in the folder. progress: called with the number of those done.
        """
        try:
            if self._folder is not None:
                make_folder(self._folder / folder)
            with worker_pool() as pool:
                put = partial(self._put, folder)
                for done, _ in enumerate(map_ahead(pool, put, contents.items(), ahead=AHEAD), start=1):
                    progress(done)
            if self._folder is not None and contents:
                sync_tree(self._folder / folder)
        except OSError as error:
            raise CatalogueError(f"{self.shown}/{folder}: cannot be written ({error.strerror})") from error

    def _put(self, folder: str, named: tuple[str, Callable[[], bytes]]) -> None:
        """A file that is whole, or not there; a power loss before the folder is synced may leave it empty."""
        name, read = f"{folder}/{named[0]}", named[1]
        if self._folder is None:
            content = read()
            self._try(name, lambda: self._system.pipe_file(self._path(name), content))
            return
        part = self._folder / f"{name}.part"
        part.write_bytes(read())
        part.replace(self._folder / name)

    def sizes(self, folder: str) -> dict[str, int | None]:
        """Bytes of the files in a folder that are not empty, None where that is not told; none if it is not there."""
        self._system.invalidate_cache()
        listed = self._try(folder, lambda: self._list(folder))
        sizes = {one["name"].rstrip("/").rpartition("/")[2]: one.get("size") for one in listed}
        return {name: size for name, size in sizes.items() if size != 0}

    def _list(self, folder: str) -> list[dict[str, Any]]:
        with suppress(FileNotFoundError):
            return list(self._system.ls(self._path(folder), detail=True))
        return []

    def remove(self, names: Iterable[str]) -> None:
        """Remove files; what is gone already is no error."""
        # Object stores delete many at a time; other drivers may know no lists.
        size = AT_ONCE if getattr(self._system, "async_impl", False) else 1
        for some in batched(iter(names), size):
            paths = [self._path(name) for name in some]
            self._try(some[0], partial(self._remove, paths if size > 1 else paths[0]))

    def remove_folder(self, name: str) -> None:
        """Remove a folder with all in it; one that is gone already is no error."""
        self._try(name, partial(self._remove, self._path(name), recursive=True))

    def _remove(self, paths: str | list[str], *, recursive: bool = False) -> None:
        try:
            self._system.rm(paths, recursive=recursive)
        except FileNotFoundError:
            for path in paths if isinstance(paths, list) else []:  # some drivers stop at the first that is gone
                self._remove(path)

    def bring(self, name: str, sha256: str, *, stays: bool = False) -> Path:
        """The path on this machine of a file with these bytes; unless it stays, others may take its room later.

        Raises CatalogueError if it is missing or damaged.
        """
        with self._lock:
            path = self._copies.get(name)
        if path is not None and path.exists():
            return path
        content = self.read(name)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise CatalogueError(f"{self.shown}/{name}: damaged, its digest is not the collection's; {RENEW}")
        return self._folder / name if self._folder else self._copy(name, content, stays=stays)

    def _copy(self, name: str, content: bytes, *, stays: bool) -> Path:
        """Write a copy here, at a path that ends as the name."""
        with self._lock:
            if self._here is None:
                self._here = tempfile.TemporaryDirectory(prefix="cbir-")
            path = Path(self._here.name, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name(f"{path.name}.part")
            part.write_bytes(content)
            part.replace(path)
            if not stays:
                self._copies[name] = path
            if len(self._copies) > KEPT:
                oldest = next(iter(self._copies))
                self._copies.pop(oldest).unlink(missing_ok=True)
            return path

    def _path(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}"

    def _try(self, name: str, call: Callable[[], Result]) -> Result:
        for wait in (*WAITS, None):
            try:
                return call()
            except FileNotFoundError as error:
                raise CatalogueError(f"{self.shown}/{name}: missing; {AGAIN}") from error
            except Exception as error:  # each driver has errors of its own
                if wait is None or isinstance(error, PermissionError):
                    raise CatalogueError(f"{self.shown}/{name}: cannot be reached ({error}); try again") from error
                time.sleep(wait)
        raise AssertionError


def _protocols(system: Any) -> tuple[str, ...]:
    protocol = system.protocol
    return (protocol,) if isinstance(protocol, str) else tuple(protocol)

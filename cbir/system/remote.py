"""Folders and files at addresses that fsspec knows, such as s3://bucket/photos, asked as a Path is asked."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from time import sleep
from typing import Any, NamedTuple, TypeVar
from zipfile import BadZipFile

from cbir.errors import DatasetError

Result = TypeVar("Result")

ADDRESS = re.compile(r"([a-z][a-z0-9+.-]+::)*[a-z][a-z0-9+.-]+://", re.IGNORECASE)
"""How an address begins. A single letter would be a drive of Windows."""
UNLISTED = frozenset({"http", "https", "data"})
"""Schemes that name files and have no folders."""
PASSWORD = re.compile(r"(://[^/:@\s]*):[^/\s]*@")
SECRET = re.compile(r"([?&][^=&\s]+=)[^&\s]+")
"""A value in what follows a file's name: signatures and tokens stand there."""
WAITS = (0.5, 2.0, 5.0)
"""Seconds before each further try of what failed."""
FINAL = (
    FileNotFoundError,
    PermissionError,
    NotADirectoryError,
    IsADirectoryError,
    BadZipFile,
    zlib.error,
    RuntimeError,
)
"""Errors that another try does not mend."""
MOST_BYTES = 2**30
"""What is read of a file, at most, whatever its size is said to be: more than a photo may have."""
LONGEST_REASON = 200
"""Characters of a driver's message that are passed on."""


class RemoteError(OSError):
    """What is at an address cannot be read now; its strerror says why."""

    def __init__(self, error: Exception) -> None:
        gone = isinstance(error, FileNotFoundError)
        super().__init__(errno.EIO, "it is not there any more" if gone else _reason(error))


class _Entry(NamedTuple):
    """What a listing says of a name."""

    is_folder: bool
    size: int
    """Bytes; 0 where the listing does not tell."""


class RemoteFolder:
    """A folder at an address. Each folder below it is listed once, when it is first asked for."""

    def __init__(self, files: Any, key: str, address: str) -> None:
        """files: the file system, of fsspec. key: the folder's path there. address: for messages, without secrets."""
        self.files, self.key, self.address = files, key, address
        self._listings: dict[tuple[str, ...], dict[str, _Entry] | RemoteError] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_listings": {}}

    def key_of(self, parts: tuple[str, ...]) -> str:
        """The path, in the file system, of what has these names below the folder."""
        return "/".join((self.key.rstrip("/"), *parts) if self.key else parts)

    def address_of(self, parts: tuple[str, ...]) -> str:
        """The same as an address, without secrets."""
        first, chained, others = self.address.partition("::")
        if parts:
            first += ("" if first.endswith("/") else "/") + "/".join(parts)
        return first + chained + others

    def look_up(self, parts: tuple[str, ...]) -> _Entry | None:
        """What is there, None for nothing. Raises RemoteError if that cannot be told now."""
        if not parts:
            return _Entry(True, 0)
        above = self.look_up(parts[:-1])
        return self.list(parts[:-1]).get(parts[-1]) if above and above.is_folder else None

    def list(self, parts: tuple[str, ...]) -> dict[str, _Entry]:
        """What is in a folder, by name. Raises RemoteError, the same each time, if it cannot be listed."""
        if parts not in self._listings:
            try:
                self._listings[parts] = self._ask(self.key_of(parts))
            except Exception as error:  # drivers raise many kinds
                self._listings[parts] = RemoteError(error)
        found = self._listings[parts]
        if isinstance(found, RemoteError):
            raise found
        return found

    def open_root(self) -> None:
        """List the folder itself, as the driver answers: raises what that raises, and NotADirectoryError for a file."""
        self._listings[()] = self._ask(self.key)

    def _ask(self, key: str) -> dict[str, _Entry]:
        entries: dict[str, _Entry] = {}
        for info in _persist(lambda: self.files.ls(key, detail=True)):
            is_folder, path = info["type"] == "directory", str(info["name"]).rstrip("/")
            if path.strip("/") != key.strip("/"):  # which object stores list as well
                entries[path.rpartition("/")[2]] = _Entry(is_folder, int(info.get("size") or 0))
            elif not is_folder and info.get("size"):
                raise NotADirectoryError
        return entries


class RemotePath:
    """A path below a folder at an address, with what readers ask of a Path. Its text is the address, without secrets.

    It can be sent to another process, which then reads the file by itself.
    """

    def __init__(self, folder: RemoteFolder, parts: tuple[str, ...] = (), entry: _Entry | None = None) -> None:
        """parts: names below the folder. entry: what a listing said, if it was asked before."""
        self.folder, self.parts, self._entry = folder, parts, entry

    def __str__(self) -> str:
        return self.folder.address_of(self.parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RemotePath) and (self.folder, self.parts) == (other.folder, other.parts)

    def __hash__(self) -> int:
        return hash(self.parts)

    def __truediv__(self, name: str) -> RemotePath:
        """Names as a list has them: `.` and `..` are followed; nothing is found above the folder or at a root."""
        parts = ["..", *self.parts] if name.startswith("/") else [*self.parts]
        for part in name.split("/"):
            if part == ".." and parts and parts[-1] != "..":
                parts.pop()
            elif part not in ("", "."):
                parts.append(part)
        return RemotePath(self.folder, tuple(parts))

    def joinpath(self, *names: str) -> RemotePath:
        """The path of names, each below the one before and as a listing has it."""
        return RemotePath(self.folder, (*self.parts, *names))

    @property
    def name(self) -> str:
        """The last name."""
        return self.parts[-1] if self.parts else PurePosixPath(self.folder.key).name

    @property
    def suffix(self) -> str:
        """As of a Path."""
        return PurePosixPath(self.name).suffix

    @property
    def stem(self) -> str:
        """As of a Path."""
        return PurePosixPath(self.name).stem

    def stat(self) -> os.stat_result:
        """Kind, size, and numbers that are the same for the same path. Raises FileNotFoundError or RemoteError."""
        self._entry = self._entry or self.folder.look_up(self.parts)
        if self._entry is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self))
        mode = stat.S_IFDIR if self._entry.is_folder else stat.S_IFREG
        number = int.from_bytes(hashlib.sha256("/".join(self.parts).encode("utf-8", "surrogatepass")).digest()[:8])
        return os.stat_result((mode, number, -1, 1, 0, 0, self._entry.size, 0, 0, 0))

    def is_dir(self) -> bool:
        """Whether a folder is there."""
        return stat.S_ISDIR(self.stat().st_mode)

    def is_file(self) -> bool:
        """Whether a file is there."""
        return not self.is_dir()

    def is_symlink(self) -> bool:
        """Object stores have no links."""
        return False

    def scan(self) -> list[RemotePath]:
        """What is in the folder. Raises RemoteError if it cannot be listed now."""
        entries = self.folder.list(self.parts)
        return [RemotePath(self.folder, (*self.parts, name), entry) for name, entry in entries.items()]

    def read_bytes(self) -> bytes:
        """All bytes of the file, after some tries if need be. Raises RemoteError if it cannot be read now."""
        size, key = self.stat().st_size, self.folder.key_of(self.parts)

        def read() -> bytes:
            data = bytes(self.folder.files.cat_file(key, end=MOST_BYTES))
            if len(data) < size:
                raise ConnectionError(f"{len(data):,} bytes came of {size:,}")
            return data

        def read_untold() -> bytes:
            with self.folder.files.open(key, "rb") as file:
                return bytes(file.read(MOST_BYTES))

        try:
            # Stores refuse to send a range of an empty file, which one of untold size may be.
            return _persist(read if size else read_untold)
        except Exception as error:  # drivers raise many kinds
            raise RemoteError(error) from error


PhotoPath = Path | RemotePath
"""Where a photo is: on this machine, or at an address."""


def is_address(folder: str | os.PathLike[str]) -> bool:
    """Whether a folder is named by an address that is for fsspec, and not by a path.

    >>> is_address("s3://bucket/photos"), is_address("C:/photos")
    (True, False)
    """
    return ADDRESS.match(os.fspath(folder)) is not None


def hide_secrets(text: object) -> str:
    """Text in which the passwords and the values of queries of addresses are stars.

    >>> hide_secrets("sftp://anna:secret@host/photos")
    'sftp://anna:***@host/photos'
    """
    return SECRET.sub(r"\1***", PASSWORD.sub(r"\1:***@", str(text)))


def open_address(address: str) -> PhotoPath:
    """The folder at an address, listed; a Path if the address is of this machine's files.

    Raises DatasetError if it is absent or refused, or if the driver for it is missing.
    """
    from fsspec.core import url_to_fs
    from fsspec.implementations.local import LocalFileSystem

    shown = hide_secrets(address)
    scheme = address.partition(":")[0].lower()
    if scheme in UNLISTED:
        raise DatasetError(f"{shown}: folders are not listed there; copy the photos, or give the address of a store")
    try:
        files, key = url_to_fs(address, skip_instance_cache=True)
        if isinstance(files, LocalFileSystem):
            return Path(key)
        root = RemoteFolder(files, key, shown)
        files.invalidate_cache()
        root.open_root()
    except ImportError as error:
        raise DatasetError(f"{shown}: its driver is missing ({error}); {_name_driver(scheme)}") from error
    except FileNotFoundError as error:
        raise DatasetError(f"{shown}: nothing is there; check the address") from error
    except NotADirectoryError as error:
        raise DatasetError(f"{shown}: a file; give a folder, or for a zip file zip://::{shown}") from error
    except PermissionError as error:
        remedy = "set up the credentials of its driver"
        raise DatasetError(f"{shown}: access is refused ({_reason(error)}); {remedy}") from error
    except Exception as error:  # drivers raise many kinds
        raise DatasetError(f"{shown}: cannot be listed ({_reason(error)}); check address and connection") from error
    return RemotePath(root)


def parts_below(root: PhotoPath, path: PhotoPath) -> tuple[str, ...]:
    """The names that lead from a folder to what is below it."""
    if isinstance(path, RemotePath):
        return path.parts[len(root.parts) :]
    return path.relative_to(str(root)).parts


def _persist(ask: Callable[[], Result]) -> Result:
    """What a question to a driver gives, asked again some times if that fails."""
    for wait in WAITS:
        try:
            return ask()
        except FINAL:
            raise
        except Exception:  # drivers raise many kinds
            sleep(wait)
    return ask()


def _name_driver(scheme: str) -> str:
    """What to install for a scheme, as far as fsspec knows the package."""
    from fsspec.registry import known_implementations

    package = str(known_implementations.get(scheme, {}).get("class", "")).partition(".")[0]
    return f"pip install {package}" if package and package != "fsspec" else "install what it names"


def _reason(error: Exception) -> str:
    """The first line of an error's message, without secrets."""
    lines = hide_secrets(getattr(error, "strerror", None) or error).strip().splitlines()
    return lines[0][:LONGEST_REASON] if lines else type(error).__name__

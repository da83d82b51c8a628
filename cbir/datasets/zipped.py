"""Photos out of a zip file that anybody may have sent: no name of it becomes a path, and no size in it is believed."""

from __future__ import annotations

import re
import stat
import struct
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader, FileIO
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from cbir.datasets.photo import Photo
from cbir.datasets.walk import LITTER, describe_other
from cbir.errors import DatasetError, PhotoError
from cbir.photos.decode import refuse_too_long
from cbir.photos.formats import SUFFIXES
from cbir.system.regular import kind_of
from cbir.system.text import printable

MOST_ENTRIES = 10_000
MOST_DIRECTORY = 4 << 20
"""Bytes of a zip's directory, at most: zipfile makes an object of some 600 bytes of every 46."""
MOST_LISTED = 20
"""Photos beyond the number that is taken are listed by name up to this number."""
LONGEST_NAME = 200
LONGEST_NUMBER = len(f" ({MOST_ENTRIES})")
LONGEST_SUFFIX = 20
"""Characters of a suffix, at most; what is longer is none."""
BOMB_RATIO, BOMB_BYTES = 200, 1 << 20
"""What unpacks to more than so many times its packed size, and to more than so many bytes, is no photo."""
BLOCK = 1 << 18
ARCHIVES = frozenset(".zip .zipx .rar .7z .tar .gz .tgz .bz2 .tbz .xz .txz .zst .lz4 .lzma .cab .iso .dmg".split())
"""Names that archives end in."""
ENCRYPTED = 1
UTF8 = 1 << 11
"""Flags of an entry."""
HEADER_BYTES = 30
"""Bytes of the header before an entry's name."""
UNIX = 3
"""The system whose file modes an entry carries."""
DAMAGE = (BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, struct.error)
"""What zipfile raises over a file that is damaged."""
DAMAGED = "damaged; zip the photos again"
TOGETHER = "too large to be unpacked with the photos before it; send it in another zip, or save it smaller"


class Unpacked(NamedTuple):
    """What came out of a zip file, in the order of its directory. What systems put among photos is not told."""

    photos: list[Photo]
    """Name: the path in the zip; path: where the photo lies now; label: its first folder."""
    refused: list[tuple[str, str]]
    """What is left out: name, and the reason with what to do."""
    others: dict[str, int]
    """Files of other kinds, counted by suffix in small letters."""


def unpack_photos(archive: Path, folder: Path, *, most: int, most_bytes: int, name: str | None = None) -> Unpacked:
    """Write the photos of a zip file to a folder, as 000001.jpg and so on.

    A photo is what has the suffix of one: the decoder refuses later what is none. If all photos lie below one folder,
    as where a folder was zipped, that one is taken off their names, and the next names the label. Names are printable,
    at most LONGEST_NAME characters long, and none comes twice.

    folder: an empty folder; nothing is written elsewhere, and nothing of what is refused stays in it.
    most: photos that are taken. most_bytes: bytes that may be unpacked, those of damaged photos included.
    name: what messages call the zip file (default: its own name).

    Raises DatasetError if the file is no zip file, cut off, or holds more than MOST_ENTRIES entries or MOST_DIRECTORY
    bytes about them, and OSError if the folder cannot be written to.
    """
    photos: list[Photo] = []
    names, beyond, left = _Names(), [], most_bytes
    with _opened(archive, name or archive.name) as zipped:
        entries, refused, others = _sort(zipped)
        tops = {parts[0] if len(parts) > 1 else "" for _, parts in entries}
        start = 1 if len(tops) == 1 and "" not in tops else 0
        overlapping = _find_overlapping(zipped)
        for info, parts in entries:
            path = folder / f"{len(photos) + 1:06}{_suffix_of(parts).lower()}"
            fault = DAMAGED if info in overlapping else _find_fault(info, left)
            if not fault and len(photos) >= most:
                beyond.append("/".join(parts))
                continue
            if not fault:
                fault = _unpack(zipped, info, path, left)
                left -= path.stat().st_size
                if fault:
                    path.unlink()
            if fault:
                refused.append((_shorten("/".join(parts)), fault))
            else:
                label = _shorten(parts[start]) if len(parts) > start + 1 else None
                photos.append(Photo(names.give(parts[start:]), path, label=label))
    return Unpacked(photos, refused + _list_beyond(beyond, most), dict(others))


class _TooLargeError(Exception):
    """The directory of a zip file is larger than MOST_DIRECTORY."""


class _BoundedFile(BufferedReader):
    """A file of which only so much is read at once: zipfile reads the directory, whatever its size, in one piece.

    A read without a size is passed on, since zipfile has one only over the last 64 KB.
    """

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > MOST_DIRECTORY:
            raise _TooLargeError
        return super().read(size)


@contextmanager
def _opened(archive: Path, name: str) -> Iterator[ZipFile]:
    """A zip file whose directory has been read. Raises DatasetError, as unpack_photos does."""
    name = printable(name)
    several = "zip the photos in several parts"
    try:
        raw = FileIO(archive)
    except OSError as error:
        raise DatasetError(f"{name}: cannot be opened ({error.strerror}); check the path") from error
    with _BoundedFile(raw) as file:
        try:
            zipped = ZipFile(file)
        except _TooLargeError as error:
            reason = f"its directory is larger than {MOST_DIRECTORY >> 20} MB"
            raise DatasetError(f"{name}: {reason}; {several}") from error
        except DAMAGE as error:
            raise DatasetError(f"{name}: not a zip file, or damaged or cut off; zip the photos again") from error
        with zipped:
            if len(zipped.infolist()) > MOST_ENTRIES:
                raise DatasetError(f"{name}: more than {MOST_ENTRIES:,} files are in it; {several}")
            yield zipped


def _sort(zipped: ZipFile) -> tuple[list[tuple[ZipInfo, list[str]]], list[tuple[str, str]], Counter[str]]:
    """Entries with the suffix of a photo and the parts of their names, what is refused by its name or kind, others."""
    entries, refused, others = [], [], Counter[str]()
    for info in zipped.infolist():
        name = _read_name(info)
        parts = [part for part in name.split("/") if part not in ("", ".")]
        if fault := _find_fault_of_name(name, parts):
            refused.append((_shorten(name), fault))
        elif name.endswith("/") or any(part.startswith(".") or part.casefold() in LITTER for part in parts):
            continue
        elif kind := _kind_of(info):
            refused.append((_shorten(name), describe_other(kind)))
        elif (suffix := _suffix_of(parts).lower()) in SUFFIXES:
            entries.append((info, parts))
        elif suffix in ARCHIVES:
            refused.append((_shorten(name), "an archive in the zip; unpack it and add its photos"))
        else:
            others[printable(suffix) if len(suffix) <= LONGEST_SUFFIX else ""] += 1
    return entries, refused, others


def _read_name(info: ZipInfo) -> str:
    """The name of an entry, with forward slashes.

    zipfile takes names that are not marked as UTF-8 for code page 437. Several programs do not mark theirs.
    """
    name = info.orig_filename
    if not info.flag_bits & UTF8:
        with suppress(UnicodeDecodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _find_fault_of_name(name: str, parts: list[str]) -> str:
    if ".." in parts or name.startswith("/") or re.match("[A-Za-z]:", name):
        return "its name leads out of the zip; zip the folder of the photos again"
    if "\0" in name or not parts:
        return "has no name that a file can have; rename it and zip the photos again"
    return ""


def _kind_of(info: ZipInfo) -> str:
    """What an entry is, in words; empty for a regular file."""
    mode = info.external_attr >> 16
    if info.create_system != UNIX or not stat.S_IFMT(mode):
        return ""
    return "a link" if stat.S_ISLNK(mode) else kind_of(mode)


def _suffix_of(parts: list[str]) -> str:
    return PurePosixPath(parts[-1]).suffix


def _find_overlapping(zipped: ZipFile) -> set[ZipInfo]:
    """Entries that share bytes with another one or the directory, as where a bomb unpacks the same bytes repeatedly."""
    found: set[ZipInfo] = set()
    end, last = 0, None
    for info in sorted(zipped.infolist(), key=lambda info: info.header_offset):
        own_end = info.header_offset + HEADER_BYTES + info.compress_size
        if info.header_offset < end:
            found |= {info, last or info}
        if own_end > zipped.start_dir:
            found.add(info)
        if own_end > end:
            end, last = own_end, info
    return found


def _find_fault(info: ZipInfo, most_bytes: int) -> str:
    """Why an entry cannot be taken, by what the directory says of it; empty if it may be."""
    if info.flag_bits & ENCRYPTED:
        return "protected by a password; zip the photos again without one"
    # Other methods may ask for gigabytes of memory.
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        return "packed by a method that is not read; zip the photos again by the usual one (deflate)"
    return _find_excess(info.file_size, info, most_bytes)


def _find_excess(size: int, info: ZipInfo, most_bytes: int) -> str:
    """Why an entry that unpacks to so many bytes, or more, cannot be taken; empty if it may be."""
    try:
        refuse_too_long(size, "photo")
    except PhotoError as error:
        return str(error).removeprefix("photo: ")
    if size > max(BOMB_BYTES, BOMB_RATIO * info.compress_size):
        return f"unpacks to more than {BOMB_RATIO} times its packed size; save the photo as JPEG"
    return TOGETHER if size > most_bytes else ""


def _unpack(zipped: ZipFile, info: ZipInfo, path: Path, most_bytes: int) -> str:
    """Write an entry to a new file, as far as it goes; why it cannot be taken, or empty."""
    size = 0
    with path.open("xb") as file:
        try:
            with zipped.open(info) as packed:
                while block := packed.read(BLOCK):
                    size += len(block)
                    if fault := _find_excess(size, info, most_bytes):
                        return fault
                    file.write(block)
        except DAMAGE:
            return DAMAGED
    return ""


def _list_beyond(names: list[str], most: int) -> list[tuple[str, str]]:
    """Photos beyond the number that is taken, the first few by name."""
    reason = f"more than {most:,} photos; send the others in another zip"
    listed = [_shorten(name) for name in names[:MOST_LISTED]]
    if len(names) > MOST_LISTED:
        listed.append(f"and {len(names) - MOST_LISTED:,} more")
    return [(name, reason) for name in listed]


def _shorten(text: str, suffix: str = "", most: int = LONGEST_NAME) -> str:
    """Printable text of at most so many characters, whose suffix is kept."""
    room = most - len(suffix)
    stem = printable(text.removesuffix(suffix)[: room + 1])
    return (stem if len(stem) <= room else stem[: room - 1] + "…") + suffix


class _Names:
    """Names for photos, none of which comes twice."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._numbers: Counter[str] = Counter()

    def give(self, parts: list[str]) -> str:
        """A path in the zip, shortened, and with a number if it is taken."""
        path, suffix = "/".join(parts), _suffix_of(parts)
        name = _shorten(path, suffix)
        # One count for all that are the same without their number, so that many of them take no longer.
        stem = _shorten(path, suffix, LONGEST_NAME - LONGEST_NUMBER).removesuffix(suffix)
        while name in self._taken:
            self._numbers[stem + suffix] += 1
            name = f"{stem} ({self._numbers[stem + suffix] + 1}){suffix}"
        self._taken.add(name)
        return name

"""The public clothing dataset from GitHub: a download that goes on where it broke off, checked before it counts.

    photos.csv   photo, label, contributor and kids of every photo
    photos/      the photos
    README.md    the dataset's own description

GitHub makes its archives on the fly: often of no declared length, and not always of the same bytes. So what is checked
is the commit, which the archive carries as its comment, the checksum of every file, and the number of photos.
"""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import stat
import struct
import time
import zlib
from collections.abc import Callable, Iterator
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from cbir.datasets.reader import read_photos
from cbir.errors import DownloadError
from cbir.system.files import locked, sync, sync_tree
from cbir.system.progress import Progress

COMMIT = "7ed86a9cc56763b6acb35e41cb35184e43a5d218"
ARCHIVE = f"https://github.com/alexeygrigorev/clothing-dataset/archive/{COMMIT}.zip"
TOP = f"clothing-dataset-{COMMIT}/"
LEAST = 5_000
"""Photos that must be there, of some 5,400 in the dataset's table."""
COLUMNS = {"image", "sender_id", "label", "kids"}
VAGUE = frozenset({"Not sure", "Other", "Skip"})
"""Labels of the dataset that name no garment."""
ELSEWHERE = "name another address of the archive with --url or CBIR_CLOTHING_URL"
PAUSES = (1, 2, 4, 8)
"""Seconds to wait before each further attempt."""
TIMEOUT = 30
BLOCK = 1 << 16
LARGEST = 4 << 30
"""Bytes that the archive may have, and what comes out of it."""
LARGEST_FILE = 64 << 20
DAMAGE = (BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, struct.error)
"""What zipfile raises over an archive that is damaged."""


class _BrokenOff(Exception):
    """A download ended early; another attempt may go on."""


class _WrongArchive(Exception):
    """What came is not the dataset; its message says what is wrong."""


def download_clothing(
    out: str | os.PathLike[str],
    *,
    url: str | None = None,
    progress: Progress = lambda *_: None,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Put the clothing dataset at `out`, in a layout that read_photos reads; nothing is done if it is there.

    Unfinished work stands in `out` with ".building" behind it, and the photos take their place in one step.

    url: another address of the same archive (default: $CBIR_CLOTHING_URL, or ARCHIVE). sleep: called with the seconds
    to wait before another attempt.

    Raises DownloadError if the archive cannot be fetched, is not the dataset, or finds no room, or if something else
    stands at `out`, and CatalogueError if another run is downloading to it.
    """
    target = Path(out).resolve()
    source = url or os.environ.get("CBIR_CLOTHING_URL") or ARCHIVE
    _refuse_to_replace(target)
    work = target.with_name(target.name + ".building")
    work.mkdir(parents=True, exist_ok=True)
    with locked(work / "lock"):
        if not (target / "photos.csv").is_file():
            archive = work / "archive.zip"
            try:
                if not archive.exists():
                    _fetch(source, archive, progress, sleep)
                _unpack(archive, work / "unpacked", progress)
            except _WrongArchive as error:
                shutil.rmtree(work)
                remedy = f"it was removed: run the same command again, or {ELSEWHERE}"
                raise DownloadError(f"{source}: {error}; {remedy}") from error
            sync_tree(work / "unpacked")
            (work / "unpacked").rename(target)
            sync(target.parent)
        shutil.rmtree(work)


def _refuse_to_replace(target: Path) -> None:
    """Raise DownloadError unless the place is free or holds the dataset."""
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return
    if not (target / "photos.csv").is_file():
        raise DownloadError(f"{target}: something else is there; choose another folder, or remove it")
    if len(read_photos(target).photos) < LEAST:
        raise DownloadError(f"{target}: fewer than {LEAST:,} photos are there; remove the folder, or choose another")


def _fetch(url: str, archive: Path, progress: Progress, sleep: Callable[[float], object]) -> None:
    """Download to `archive`, by way of a partial file that outlives this process."""
    _refuse_unsafe(url)
    part = archive.with_name(archive.name + ".part")
    for pause in (*PAUSES, None):
        try:
            _fetch_rest(url, part, progress)
            break
        except _BrokenOff as error:
            if pause is None:
                reason = f"the download broke off: {error}; run the same command again to go on"
                raise DownloadError(f"{url}: {reason}") from error
            sleep(pause)
    part.replace(archive)


def _fetch_rest(url: str, part: Path, progress: Progress) -> None:
    """Append what a partial file lacks, or write it anew where the server cannot go on with the same bytes."""
    mark = part.with_name("etag")
    known = mark.read_text() if mark.exists() else ""
    have = part.stat().st_size if known and part.exists() else 0
    asked = {"Range": f"bytes={have}-", "If-Range": known} if have else {}
    with _ask(url, asked, mark) as answer:
        etag = answer.headers.get("ETag", "")
        if answer.status == 206:
            same = answer.headers.get("Content-Range", "").startswith(f"bytes {have}-") and etag in ("", known)
            if not (have and same):
                mark.unlink(missing_ok=True)
                raise _BrokenOff("the server went on with something else")
        else:
            have = 0
            for path in (part, mark):
                path.unlink(missing_ok=True)
            # A weak tag vouches for the same content, not for the same bytes.
            if etag and not etag.startswith("W/"):
                mark.write_text(etag)
        total = None if answer.length is None else have + answer.length
        _refuse_without_room(part.parent, (total or have) - have)
        with part.open("ab") as file:
            for block in _blocks(answer):
                file.write(block)
                have += len(block)
                progress("download", have, total)
                if have > LARGEST:
                    raise _WrongArchive(f"larger than {LARGEST >> 30} GB")
    if total is not None and have < total:
        raise _BrokenOff(f"{have:,} of {total:,} bytes came")


def _ask(url: str, headers: dict[str, str], mark: Path) -> HTTPResponse:
    """The server's answer of status 200 or 206."""
    try:
        return build_opener(_SafeRedirects).open(Request(url, headers=headers), timeout=TIMEOUT)
    except HTTPError as error:
        told = f"the server answers {error.code} ({error.reason})"
        if error.code == 416:
            mark.unlink(missing_ok=True)
        elif error.code < 500 and error.code not in (408, 429):
            raise DownloadError(f"{url}: {told}; {ELSEWHERE}") from error
        raise _BrokenOff(told) from error
    except URLError as error:
        raise _BrokenOff(str(error.reason)) from error
    except (OSError, HTTPException, ValueError) as error:
        raise _BrokenOff(str(error)) from error


def _blocks(answer: HTTPResponse) -> Iterator[bytes]:
    """The body, where only what goes wrong with the connection counts as broken off."""
    try:
        while block := answer.read1(BLOCK):
            yield block
    except (OSError, HTTPException) as error:
        raise _BrokenOff(str(error)) from error


class _SafeRedirects(HTTPRedirectHandler):
    """Follows redirects, but not from https to anything else."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        _refuse_unsafe(newurl, after=req.full_url)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _refuse_unsafe(url: str, *, after: str = "") -> None:
    """Raise DownloadError unless an address is https, or http on this machine that no https address led to."""
    try:
        parts = urlsplit(url)
        local = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    except ValueError as error:
        raise DownloadError(f"{url}: not an address ({error}); give one that begins with https://") from error
    if parts.scheme != "https" and (not local or urlsplit(after).scheme == "https"):
        raise DownloadError(f"{url}: not a safe address; give one that begins with https://")


def _unpack(archive: Path, folder: Path, progress: Progress) -> None:
    """Write the dataset of an archive to a folder, which is emptied first.

    What is written follows from the table alone: no name of an archive's member ever becomes a path.
    """
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "photos").mkdir(parents=True)
    try:
        unzipped = ZipFile(archive)
    except DAMAGE as error:
        raise _WrongArchive("not a whole zip archive") from error
    with unzipped:
        if unzipped.comment != COMMIT.encode():
            raise _WrongArchive(f"not the archive of commit {COMMIT}")
        rows = _read_table(unzipped)
        sizes = {info.filename.removeprefix(TOP): info.file_size for info in unzipped.infolist()}
        there = [image for image in rows if f"images/{image}.jpg" in sizes]
        if len(there) < LEAST:
            raise _WrongArchive(f"only {len(there):,} photos of its images.csv are in it, not {LEAST:,}")
        size = sum(sizes[f"images/{image}.jpg"] for image in there)
        if size > LARGEST:
            raise _WrongArchive(f"more than {LARGEST >> 30} GB when unpacked")
        _refuse_without_room(folder, size)
        for done, image in enumerate(there, start=1):
            (folder / "photos" / f"{image}.jpg").write_bytes(_read_member(unzipped, f"images/{image}.jpg"))
            progress("unpack", done, len(there))
        for name in ("README.md", "LICENSE"):
            if name in sizes:
                (folder / name).write_bytes(_read_member(unzipped, name))
    # Photos that the table lists and the archive lacks stay listed: read_photos tells which they are.
    with (folder / "photos.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["photo", "label", "contributor", "kids"])
        for image, row in rows.items():
            label = "" if row["label"] in VAGUE else row["label"]
            table.writerow([f"photos/{image}.jpg", label, row["sender_id"], row["kids"]])


def _read_table(unzipped: ZipFile) -> dict[str, dict[str, Any]]:
    """The rows of images.csv by image, each of which can be a file's name."""
    try:
        lines = csv.DictReader(io.StringIO(_read_member(unzipped, "images.csv").decode("utf-8-sig"), newline=""))
        if lacking := COLUMNS - set(lines.fieldnames or ()):
            raise _WrongArchive(f"its images.csv has no column {min(lacking)!r}")
        rows = {row["image"]: row for row in lines}
    except (UnicodeDecodeError, csv.Error) as error:
        raise _WrongArchive(f"its images.csv is no table ({error})") from error
    for image in rows:
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,100}", image or ""):
            raise _WrongArchive(f"its images.csv lists {image!r}, which is not the name of a photo")
    return rows


def _read_member(unzipped: ZipFile, name: str) -> bytes:
    """One file of an archive, with the right checksum."""
    try:
        info = unzipped.getinfo(TOP + name)
        if stat.S_ISLNK(info.external_attr >> 16) or info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise _WrongArchive(f"its {name} is not a plain file")
        if info.file_size > LARGEST_FILE:
            raise _WrongArchive(f"its {name} is larger than {LARGEST_FILE >> 20} MB")
        with unzipped.open(info) as file:
            # Not read(): that would inflate all there is before it counts. One byte more, so that the end is checked.
            return file.read(info.file_size + 1)
    except KeyError as error:
        raise _WrongArchive(f"{name} is not in it") from error
    except DAMAGE as error:
        raise _WrongArchive(f"its {name} is damaged ({error})") from error


def _refuse_without_room(folder: Path, size: int) -> None:
    """Raise DownloadError if so many bytes do not fit on the disk of a folder."""
    free = shutil.disk_usage(folder).free
    if size > free:
        raise DownloadError(
            f"{folder}: {size / 1e6:,.0f} MB are needed and {free / 1e6:,.0f} MB are free; make room and run again"
        )

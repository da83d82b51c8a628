"""A catalogue that is changed on a page, while it is searched."""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, NamedTuple

from cbir.catalogue.catalogue import Catalogue
from cbir.catalogue.records import Records
from cbir.errors import CatalogueError, CbirError, PhotoError
from cbir.system.files import link_or_copy, measure_folder
from cbir.system.progress import Progress, TimeLeft
from cbir.system.text import printable
from cbir.system.versions import current_version
from cbir.web.trail import key_of, row_of
from cbir.web.wardrobes.garments import Garments, change, find_rows
from cbir.web.wardrobes.intake import LONGEST, Brought, take_in, tidy
from cbir.web.wardrobes.status import Status

if TYPE_CHECKING:
    from cbir.datasets.photo import Photo
    from cbir.network.extractor import FeatureExtractor

Check = Callable[[Path], object]
LOG = logging.getLogger(__name__)
BATCH = 4
"""Photos that go through the network at a time: a search waits no longer than for these."""
REFUSALS = 200
"""Refusals that are remembered, at most."""
PATH = re.compile(r"^/[^:]*: ")
FAILED = "That could not be done: {}. What was there before is still there."
UNEXPECTED = "an unexpected error; the log has the traceback"
NOT_KEPT = "it could not be kept ({}); bring it again"


class Limits(NamedTuple):
    """What a wardrobe may hold."""

    photos: int | None
    """None: any number."""
    unpacked: int
    """Bytes that the zips of one turn may unpack to."""


class Wardrobe:
    """A catalogue, and what is to become of it.

    What is taken out or called otherwise is so at once in `garments`. The catalogue follows when `work` is called,
    which may take long; all else may be called meanwhile, from any thread.
    """

    def __init__(self, folder: Path, inbox: Path, limits: Limits) -> None:
        """folder: of the catalogue, which need not be there yet. inbox: for photos that wait, this wardrobe's alone."""
        self.folder, self.limits = folder, limits
        self.by_garment = True
        """Whether a catalogue that is begun has the garments of photos of people, if the network can find them."""
        self.revision = 0
        """Grows whenever `garments` tells something else, but for other labels, which who chose them knows."""
        self.status = Status()
        self.failure: str | None = None
        self._inbox, self._lock = inbox, RLock()
        self._brought: list[Brought] = []
        self._refused: list[tuple[str, str]] = []
        self._gone: set[str] = set()
        self._renamed: dict[str, str | None] = {}
        self._opened: Catalogue | None = None
        self._count = 0
        self._working = self._closed = False
        self.size = 0
        """Bytes on disk, as far as they were counted."""

    @property
    def has_work(self) -> bool:
        """Whether something was asked for that is not done yet."""
        return bool(self._brought or self._gone or self._renamed)

    @property
    def refused(self) -> list[tuple[str, str]]:
        """What was brought last and left out: name, and the reason with what to do."""
        return list(self._refused)

    def catalogue(self) -> Catalogue | None:
        """The catalogue as it is now, None before there is one. Raises CatalogueError if it is damaged."""
        with self._lock:
            version = current_version(self.folder)
            if not (version / "manifest.json").exists():
                self._opened = None
            elif self._opened is None or self._opened.folder != version:
                self._opened = Catalogue.open(self.folder)
            return self._opened

    @property
    def settled(self) -> bool | None:
        """Whether its catalogue has the garments of photos of people; None before there is one."""
        catalogue = self.catalogue()
        return catalogue.by_garment if catalogue else None

    def garments(self) -> Garments:
        """What is in it, as it was asked for. Raises CatalogueError if it is damaged."""
        keys, renamed = set(self._gone), dict(self._renamed)  # first: what is done from now on is in the catalogue
        catalogue = self.catalogue()
        if catalogue is None:
            return Garments(None, range(0), {})
        records = catalogue.records
        gone, rows = find_rows(keys, records), range(len(records))
        left = [row for row in rows if row not in gone] if gone else rows
        labels = {row: label for key, label in renamed.items() for row in find_rows([key], records)}
        return Garments(catalogue, left, labels)

    def bring(self, files: Sequence[Brought]) -> bool:
        """Take files over, to be indexed; what cannot be kept is told in `refused`. False if the wardrobe was deleted.

        They are linked, so that they stay if they are deleted elsewhere.
        """
        with self._lock:
            if self._closed:
                return False
            self._refused, self.failure = [], None
            for file in files:
                try:
                    self._keep(file)
                except OSError as error:
                    LOG.warning("A file could not be kept. %s", error)
                    self._refused.append((tidy(file.name), NOT_KEPT.format(error.strerror)))
            self._wait()
            return True

    def _keep(self, file: Brought) -> None:
        self._count += 1
        own = self._inbox / f"{self._count:06}{file.path.suffix[:10]}"
        self._inbox.mkdir(parents=True, exist_ok=True)
        try:
            link_or_copy(file.path, own)
            self.size += own.stat().st_size
        except OSError:
            own.unlink(missing_ok=True)  # half a copy
            raise
        self._brought.append(Brought(file.name, own))

    def take_out(self, key: object) -> None:
        """Take a garment out, by its key, which may be anything. Raises CatalogueError if there is none."""
        with self._lock:
            self._gone.add(self._check(key))
            self.failure = None
            self.revision += 1
            self._wait()

    def call(self, key: object, label: str) -> None:
        """Call a garment otherwise, by its key, which may be anything; "" for no name. Raises as `take_out`."""
        with self._lock:
            self._renamed[self._check(key)] = printable(label).strip()[:LONGEST] or None
            self.failure = None
            self._wait()

    def _wait(self) -> None:
        if self.has_work and not self.status.stage:
            self.status = Status("waiting")

    def _check(self, key: object) -> str:
        catalogue = self.catalogue()
        row = row_of(key, catalogue.records if catalogue else Records(b""))
        assert catalogue is not None
        return key_of(row, catalogue.records[row])

    def work(self, network: Callable[[], FeatureExtractor], check: Check = lambda _: None) -> None:
        """Do what was asked for so far. Errors are told in `failure`.

        network: gives the network of the catalogue. check: raises PhotoError for a photo that is not to be decoded.
        """
        with self._lock:
            if self._closed:
                return
            self._working = True
        try:
            for step in (self._change, lambda: self._add(network, check)):
                with self._telling():
                    step()
            if self.limits.photos is not None:  # nobody asks for the size of a catalogue that is kept
                self.size = measure_folder(self.folder) + measure_folder(self._inbox)
        finally:
            with self._lock:
                self._working = False
                if self._closed:
                    self._delete()
                self.status = Status("waiting") if self.has_work else Status()

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """What goes wrong in the block is told in `failure`."""
        try:
            yield
        except (CbirError, OSError) as error:
            LOG.warning("A wardrobe could not be changed. %s", error)
            # Without the path of a file of the server, which messages begin with.
            reason = error.strerror if isinstance(error, OSError) else PATH.sub("", str(error))
            self.failure = FAILED.format(printable(reason).strip(": "))
        except Exception:
            LOG.exception("A wardrobe could not be changed.")
            self.failure = FAILED.format(UNEXPECTED)

    def _follow(self) -> Progress:
        """What tells how work goes on that begins now, and ends it if the wardrobe was deleted."""
        time_left = TimeLeft(after=1)

        def follow(stage: str, done: int, total: int | None, /) -> None:
            if self._closed:
                raise CatalogueError("the wardrobe was deleted")
            self.status = Status(stage, done, total or 0, time_left(stage, done, total))

        return follow

    def _add(self, network: Callable[[], FeatureExtractor], check: Check) -> None:
        # Torch comes with it, and a page that comes up need not wait for torch.
        from cbir.catalogue.edit import add_photos
        from cbir.network.garments import find_finder

        with self._lock:
            brought, self._brought = self._brought, []
        if not brought:
            return
        unpacked = self._inbox / "unpacked"
        try:
            catalogue = self.catalogue()
            records = catalogue.records if catalogue else []
            most, most_bytes = self.limits
            found = take_in(brought, unpacked, records, most=most, most_bytes=most_bytes)
            self._refused += found.refused
            photos = [photo for photo in found.photos if self._passes(photo, check)]
            if photos:
                extractor = network()
                weights = extractor.weights
                finds = weights.path is not None and find_finder(weights.path, weights.digest) is not None
                edit = add_photos(
                    photos,
                    self.folder,
                    extractor,
                    garments=self.by_garment and finds,
                    name_kinds=True,
                    batch=BATCH,
                    progress=self._follow(),
                )
                with self._lock:
                    self.revision += 1
                self._refused += [*edit.refused, *((name, f"taken, but {what}") for name, what in edit.warnings)]
            del self._refused[REFUSALS:]
        finally:
            shutil.rmtree(unpacked, ignore_errors=True)
            for file in brought:
                file.path.unlink(missing_ok=True)

    def _passes(self, photo: Photo, check: Check) -> bool:
        try:
            check(photo.path)
        except PhotoError as error:
            self._refused.append((photo.name, str(error).removeprefix(f"{photo.path}: ")))
            return False
        return True

    def _change(self) -> None:
        from cbir.catalogue.edit import change_records

        gone, renamed = set(self._gone), dict(self._renamed)
        if not (gone or renamed):
            return
        draws_anew = bool(gone)  # rows move, and keys with them
        try:
            now = self.garments()
            if now.catalogue is not None and not now.rows and self.limits.photos is not None:
                with self._lock:
                    self._opened = None
                    shutil.rmtree(self.folder, ignore_errors=True)
            elif now.catalogue is not None:
                change_records(self.folder, lambda records: change(records, gone, renamed))
        except BaseException:
            draws_anew = True  # all is as it was before it was asked for
            raise
        finally:
            with self._lock:
                self._gone -= gone
                done = renamed.items()
                self._renamed = {key: label for key, label in self._renamed.items() if (key, label) not in done}
                self.revision += draws_anew

    def close(self) -> None:
        """Delete all of it, or have it deleted by who works on it now."""
        with self._lock:
            self._closed = True
            if not self._working:
                self._delete()

    def _delete(self) -> None:
        self._opened, self.size = None, 0
        for folder in (self.folder, self._inbox):
            shutil.rmtree(folder, ignore_errors=True)

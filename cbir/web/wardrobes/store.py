"""The wardrobes of all visitors: each known by a token, kept while it is used, all of them within bounds."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections import Counter, OrderedDict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import RLock, Thread
from time import monotonic, sleep
from typing import Literal, NamedTuple

from filelock import Timeout

from cbir.system.files import make_lock
from cbir.web.wardrobes.wardrobe import Limits, Wardrobe

SECONDS = 3600
"""After which a wardrobe that nobody used is deleted."""
SWEEP = 60.0
"""Seconds between two looks for such."""
MOST = 64
"""Wardrobes that are kept, at most."""
BYTES = 4 * 2**30
"""What all of them may take on disk, as far as it is known."""
VISITOR = Limits(photos=200, unpacked=400_000_000)
"""What a visitor's wardrobe may hold."""
KEPT = Limits(photos=None, unpacked=20_000_000_000)
"""What a catalogue of one's own may take in one turn."""
PREFIX = "cbir-wardrobes-"
LOCK = "lock"

Why = Literal["wardrobe_old", "wardrobe_room", "wardrobe_network"]
"""Why a wardrobe is gone, as a key of texts: nobody used it, newer ones needed its room, or the page has another
network than made its features."""


class Kept(NamedTuple):
    """A wardrobe that is kept."""

    used: float
    """When it was used last."""
    wardrobe: Wardrobe
    address: str
    """Where whoever began it was; "" if nobody knows."""


class Scratch:
    """A folder of this process alone, for as long as it lives. Those of processes that were killed are removed."""

    def __init__(self) -> None:
        for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
            _remove_unused(left)
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        self._held = make_lock(self.folder / LOCK)
        with suppress(OSError):  # a file system without locks
            self._held.acquire()

    def remove(self) -> None:
        """Remove the folder."""
        self._held.release()
        shutil.rmtree(self.folder, ignore_errors=True)


class KeptWardrobe:
    """A catalogue that all who can reach the page change, for good, in place of the wardrobes of visitors."""

    kept = True

    def __init__(self, folder: Path) -> None:
        self._scratch = Scratch()
        self.wardrobe = Wardrobe(folder, self._scratch.folder / "inbox", KEPT)

    def begin(self, _: str = "") -> str:
        """A token of the wardrobe; any other is as good."""
        return "kept"

    def use(self, _: object) -> Wardrobe:
        """The wardrobe."""
        return self.wardrobe

    look = use

    def why_gone(self, _: object) -> None:
        """It is never gone."""

    def end(self, _: object) -> None:
        """It is not to be deleted on a page."""

    def make_room(self) -> None:
        """It has the room that it needs."""

    def close(self) -> None:
        """Delete what waits to be put in."""
        self._scratch.remove()


class Wardrobes:
    """Wardrobes by their tokens, those first that were not used for longest."""

    kept = False

    def __init__(
        self,
        *,
        seconds: float = SECONDS,
        most: int = MOST,
        most_bytes: int = BYTES,
        limits: Limits = VISITOR,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.seconds, self.limits = seconds, limits
        self._most, self._most_bytes, self._clock = most, most_bytes, clock
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._why: OrderedDict[str, Why] = OrderedDict()
        self._lock = RLock()
        self._scratch: Scratch | None = None

    def __len__(self) -> int:
        return len(self._kept)

    def begin(self, address: str = "") -> str:
        """The token of a new wardrobe. address: where who begins it is; whoever is there makes room for it first."""
        with self._lock:
            self.sweep()
            token = secrets.token_urlsafe(24)
            if self._scratch is None:
                self._scratch = Scratch()
                Thread(target=self._sweep_now_and_then, args=(self._scratch,), daemon=True).start()
            place = self._scratch.folder / secrets.token_hex(8)
            wardrobe = Wardrobe(place / "catalogue", place / "inbox", self.limits)
            self._kept[token] = Kept(self._clock(), wardrobe, address)
            self.make_room()
            return token

    def use(self, token: object) -> Wardrobe | None:
        """The wardrobe of a token, which may be anything; it stays for another while. None if there is none."""
        with self._lock:
            self.sweep()
            found = self._kept.pop(token, None) if isinstance(token, str) else None
            if found is None:
                return None
            self._kept[str(token)] = found._replace(used=self._clock())
            return found.wardrobe

    def look(self, token: object) -> Wardrobe | None:
        """The same without using it: it does not stay for that."""
        with self._lock:
            self.sweep()
            found = self._kept.get(token) if isinstance(token, str) else None
            return found.wardrobe if found else None

    def why_gone(self, token: object) -> Why | None:
        """Why the wardrobe of a token is not there any more; None if it is there, or never was, or its owner did it."""
        with self._lock:
            return self._why.get(token) if isinstance(token, str) else None

    def outdate(self, token: str) -> None:
        """Delete a wardrobe, as the page has another network now."""
        with self._lock:
            if token in self._kept:
                self._drop(token, "wardrobe_network")

    def end(self, token: object) -> None:
        """Delete a wardrobe, which its owner asked for."""
        with self._lock:
            found = self._kept.pop(token, None) if isinstance(token, str) else None
            if found:
                found.wardrobe.close()

    def sweep(self) -> None:
        """Delete those that nobody used for too long."""
        with self._lock:
            while self._kept:
                token, kept = next(iter(self._kept.items()))
                if self._clock() - kept.used <= self.seconds:
                    return
                self._drop(token, "wardrobe_old")

    def _sweep_now_and_then(self, scratch: Scratch) -> None:
        """Also when nobody asks for any."""
        while self._scratch is scratch:
            sleep(SWEEP)
            self.sweep()

    def make_room(self) -> None:
        """Delete some until the others are within bounds; the newest stays.

        The address that has most goes first, so that one visitor's many leave those of others alone; of those of one
        address, the one that was not used for longest.
        """
        with self._lock:
            while len(self._kept) > max(1, self._most):
                self._drop(self._choose(lambda _: 1), "wardrobe_room")
            while len(self._kept) > 1 and self._size() > self._most_bytes:
                self._drop(self._choose(lambda wardrobe: wardrobe.size), "wardrobe_room")

    def _choose(self, share: Callable[[Wardrobe], int]) -> str:
        """Which one makes room, but never the newest. share: what a wardrobe counts."""
        shares: Counter[str] = Counter()
        for kept in self._kept.values():
            shares[kept.address] += share(kept.wardrobe)
        *older, _ = self._kept
        return max(older, key=lambda token: shares[self._kept[token].address])

    def close(self) -> None:
        """Delete all."""
        with self._lock:
            for token in list(self._kept):
                self.end(token)
            if self._scratch:
                self._scratch.remove()
            self._scratch = None

    def _size(self) -> int:
        return sum(kept.wardrobe.size for kept in self._kept.values())

    def _drop(self, token: str, why: Why) -> None:
        self._kept.pop(token).wardrobe.close()
        self._why[token] = why
        while len(self._why) > 16 * self._most:
            self._why.popitem(last=False)


def _remove_unused(folder: Path) -> None:
    try:
        if not (folder / LOCK).exists():
            return
        with make_lock(folder / LOCK).acquire(blocking=False):
            pass
    except (Timeout, OSError):
        return
    shutil.rmtree(folder, ignore_errors=True)

"""Which of several ways of doing something is the quickest now, found out by doing it."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import cycle
from statistics import median
from threading import Lock
from typing import Generic, TypeVar

Way = TypeVar("Way")

REMEMBERED = 5
"""Last times of the way that is taken, whose median counts."""
SOONEST, LATEST = 8, 128
"""Uses after which another way is tried: at first, and after trials that found nothing quicker."""


class QuickestWay(Generic[Way]):
    """Takes the way that was quickest, and tries another now and then: what else the machine does may have changed.

    >>> quickest = QuickestWay(["two threads", "one thread"])
    >>> for _ in range(SOONEST):
    ...     way = quickest.choose()
    ...     quickest.record(way, {"two threads": 0.09, "one thread": 0.02}[way])
    >>> quickest.choose()
    'one thread'
    """

    def __init__(self, ways: Sequence[Way]) -> None:
        """ways: the first is taken at first."""
        self._best, self._times = ways[0], deque[float](maxlen=REMEMBERED)
        self._ways, self._others = ways, cycle(ways)
        self._uses, self._pause = 0, SOONEST
        self._lock = Lock()

    def choose(self) -> Way:
        """The way to take next; `record` is to be told how long it took."""
        with self._lock:
            self._uses += 1
            if self._uses < self._pause or len(self._ways) == 1:
                return self._best
            self._uses, self._pause = 0, min(2 * self._pause, LATEST)
            return next(way for way in self._others if way != self._best)

    def record(self, way: Way, seconds: float) -> None:
        """Remember how long a way took."""
        with self._lock:
            if way != self._best:
                if not self._times or seconds >= median(self._times):
                    return
                self._best, self._pause = way, SOONEST
                self._times.clear()
            self._times.append(seconds)

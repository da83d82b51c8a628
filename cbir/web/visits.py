"""What the tabs of browsers searched for last, kept on the server under a token that only the tab has."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from time import monotonic

from cbir.web.trail import Visit


class Visits:
    """Visits by their tokens: at most so many, none longer than so many seconds. The oldest are forgotten first."""

    def __init__(self, most: int, seconds: float, *, clock: Callable[[], float] = monotonic) -> None:
        self._most, self._seconds, self._clock = most, seconds, clock
        self._kept: OrderedDict[str, tuple[float, Visit]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, visit: Visit, token: object) -> str:
        """The token under which a visit can be found: the one given if it is one of ours, else a new one.

        A visit in which nothing is searched is forgotten, and its token is empty.
        """
        with self._lock:
            self._drop_old()
            known = isinstance(token, str) and self._kept.pop(token, None) is not None
            if visit.now is None:
                return ""
            token = str(token) if known else secrets.token_urlsafe()
            self._kept[token] = self._clock(), visit
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
            return token

    def find(self, token: object) -> Visit | None:
        """The visit of a token, which may be anything; None if there is none."""
        with self._lock:
            self._drop_old()
            found = self._kept.get(token) if isinstance(token, str) else None
        return found[1] if found else None

    def _drop_old(self) -> None:
        while self._kept:
            token, (kept, _) = next(iter(self._kept.items()))
            if self._clock() - kept <= self._seconds:
                return
            del self._kept[token]

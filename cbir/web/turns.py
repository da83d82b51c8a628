"""Handlers that work take turns: only so many at a time, wherever they were called, and only so many wait."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import wraps
from typing import Any

import gradio as gr
from anyio import CapacityLimiter, to_thread

from cbir.web.texts import texts_for

WAITING = 100
"""Calls that may wait, at most; half of them may be of one address."""


class Turns:
    """Turns of the handlers of one page. They stand in for Gradio's queue, through which an answer takes longer."""

    def __init__(self, at_once: int, *, waiting: int = WAITING) -> None:
        """at_once: handlers that work at a time. waiting: calls that wait for them, at most."""
        self._places, self._waiting = CapacityLimiter(at_once), waiting
        self._of_address: Counter[str] = Counter()

    def take(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        """The handler, of which a call waits for its turn, or raises gr.Error if too many do, in all or of an address.

        An address may have half of the places to wait, and as many calls more as work at a time. Those who come
        through a proxy share its address.
        """

        @wraps(handler)
        async def wait(*sent: Any) -> Any:
            request = next((one for one in sent if isinstance(one, gr.Request)), None)
            address = find_address(request)
            of_one = self._waiting // 2 + int(self._places.total_tokens)
            full = self._places.statistics().tasks_waiting >= self._waiting
            if full or (address and self._of_address[address] >= of_one):
                raise gr.Error(texts_for(request)("busy"), print_exception=False)
            self._of_address[address] += 1
            try:
                return await to_thread.run_sync(handler, *sent, limiter=self._places)
            finally:
                self._of_address[address] -= 1
                self._of_address += Counter()  # forgets addresses that nobody calls from

        return wait


def find_address(request: gr.Request | None) -> str:
    """The address that a request comes from; "" if nobody knows."""
    client = getattr(request, "client", None)
    return str(getattr(client, "host", "") or "")

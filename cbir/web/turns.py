"""Handlers that work take turns: only so many at a time, wherever they were called, and only so many wait."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import gradio as gr
from anyio import CapacityLimiter, to_thread

WAITING = 100
"""Calls that may wait, at most."""
BUSY = "Too many searches at once. Try again in a minute."


class Turns:
    """Turns of the handlers of one page. They stand in for Gradio's queue, through which an answer takes longer."""

    def __init__(self, at_once: int, *, waiting: int = WAITING) -> None:
        """at_once: handlers that work at a time. waiting: calls that wait for them, at most."""
        self._places, self._waiting = CapacityLimiter(at_once), waiting

    def take(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        """The handler, of which a call waits for its turn, or raises gr.Error if too many do."""

        @wraps(handler)
        async def wait(*sent: Any) -> Any:
            if self._places.statistics().tasks_waiting >= self._waiting:
                raise gr.Error(BUSY, print_exception=False)
            return await to_thread.run_sync(handler, *sent, limiter=self._places)

        return wait

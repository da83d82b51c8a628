"""Answers of the server that are changed on their way."""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send


class Rewriting:
    """Sends an answer on when it is whole, changed if it is of the kind that is."""

    def __init__(self, send: Send, kind: str | tuple[str, ...], change: Callable[[bytes], bytes]) -> None:
        """kind: start of the content type, or several. change: makes another body of one."""
        self._send, self._kind, self._change = send, kind, change
        self._start: Message = {}
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if message.get("more_body"):
            return
        headers = MutableHeaders(raw=self._start["headers"])
        if headers.get("content-type", "").startswith(self._kind):
            self._body = self._change(self._body)
            headers["content-length"] = str(len(self._body))
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": self._body})

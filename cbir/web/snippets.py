"""Examples of code in the documentation of the API that run as they are printed."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from cbir.web.base import PREFIX, find_base
from cbir.web.rewriting import Rewriting

PAGE = "http://page.invalid/"
"""Stands for the page's address, which only a request tells."""
PATHS = (f"{PREFIX}info", f"{PREFIX}openapi.json")
READ = re.compile(rb"\| read EVENT_ID; (curl -N [^\s\"]+)")


class RunnableSnippets:
    """Middleware that puts the page's address into the examples, and mends those for a shell.

    Gradio's read a variable at the end of a pipe, which in bash is lost there.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in PATHS:
            base = find_base(Request(scope)).encode()
            send = Rewriting(send, "application/json", lambda told: mend(told, base))
        await self._app(scope, receive, send)


def mend(told: bytes, base: bytes) -> bytes:
    """The documentation as JSON, for the page of an address."""
    return READ.sub(rb"| (read EVENT_ID; \1)", told).replace(PAGE.encode(), base)

"""The page comes in the language that a browser asks for, from its first byte on."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from cbir.web.preview import PAGES
from cbir.web.rewriting import Rewriting
from cbir.web.texts import Texts, texts_for

CONFIG = "/config"
"""Where programs get what Gradio says of a page."""


class Translating:
    """Middleware that puts texts in the place of their marks (see `mark`), and tells browsers the language."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in (*PAGES, CONFIG):
            say = texts_for(Request(scope))
            send = Rewriting(send, ("text/html", "application/json"), lambda page: translate(page, say))
        await self._app(scope, receive, send)


def translate(page: bytes, say: Texts) -> bytes:
    """A page with the texts of a language."""
    return say.fill(page.decode()).replace('lang="en"', f'lang="{say.language}"', 1).encode()

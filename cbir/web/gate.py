"""What of Gradio's server is reached from outside: not what this page has no use for, and no other site through it."""

from __future__ import annotations

import re
from http import HTTPStatus

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cbir.web.log import log_odd

API = "/gradio_api/"
CLOSED = re.compile(
    rf"{API}(proxy=|file[=/]https?:|stream/|custom_component/|process_recording|run-history|runs\b|dev/|deep_link"
    r"|monitoring|(undo-)?vibe)|/(monitoring|pwa_icon/|login|logout|svelte/)",
    re.IGNORECASE,
)
"""Addresses that are not there: of other sites, of what others saw and no sweep deletes, and of parts that no page of
ours has.
"""


class Gate:
    """Middleware that answers for what is closed, and for requests that Gradio's server fails at: these are the
    caller's fault, and no more than a line of the log.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if CLOSED.match(scope["path"]):
            await _refuse(HTTPStatus.NOT_FOUND)(scope, receive, send)
            return
        started = ended = False

        async def send_and_note(message: Message) -> None:
            nonlocal started, ended
            started = True
            ended = message["type"] == "http.response.body" and not message.get("more_body")
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        except Exception as error:
            log_odd(error)
            if started and not ended:
                await send({"type": "http.response.body", "body": b""})
            elif not started:
                await _refuse(HTTPStatus.BAD_REQUEST)(scope, receive, send)


def _refuse(status: HTTPStatus) -> JSONResponse:
    return JSONResponse({"detail": status.phrase}, status)

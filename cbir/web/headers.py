"""What the page tells browsers to allow it: its own files, this machine's camera, and being shown in a Space."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SPACES = ("https://huggingface.co", "https://*.huggingface.co", "https://*.hf.space")
POLICY = {
    "default-src": ("'self'",),
    # Gradio's page has scripts within it, and makes functions of texts.
    "script-src": ("'self'", "'unsafe-inline'", "'unsafe-eval'", "blob:"),
    "style-src": ("'self'", "'unsafe-inline'"),
    "img-src": ("'self'", "data:", "blob:"),
    "media-src": ("'self'", "data:", "blob:"),
    "font-src": ("'self'", "data:"),
    "worker-src": ("'self'", "blob:"),
    "connect-src": ("'self'", "data:", "blob:", "https://huggingface.co"),
    "object-src": ("'none'",),
    "base-uri": ("'self'",),
    "form-action": ("'self'",),
    "frame-ancestors": ("'self'", *SPACES),
}
HEADERS = {
    "content-security-policy": "; ".join(f"{what} {' '.join(sources)}" for what, sources in POLICY.items()),
    "x-content-type-options": "nosniff",
    # The address of a page may say what was searched; other sites are not told.
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=()",
}


class Headers:
    """Middleware that gives every answer these headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)

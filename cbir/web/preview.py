"""What other sites show of a link to the page: its title, a sentence and a picture, in place of Gradio's own."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from cbir.web.rewriting import Rewriting
from cbir.web.texts import texts_for

PICTURE = Path(__file__).with_name("preview.jpg")
"""1,200 x 630 pixels."""
PAGES = ("/", "/catalogue", "/how", "/wardrobe")
TAGS = re.compile(rb'<meta\s+(?:property="og:|name="twitter:)[^>]*>\s*')


class LinkPreview:
    """Middleware that changes the tags in the pages' HTML, and serves the picture that they name."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path")
        if scope["type"] != "http" or scope["method"] != "GET" or path not in (*PAGES, f"/{PICTURE.name}"):
            await self._app(scope, receive, send)
        elif path in PAGES:
            await self._app(scope, receive, Rewriting(send, "text/html", lambda html: put_tags(html, scope)))
        else:
            await FileResponse(PICTURE, media_type="image/jpeg")(scope, receive, send)


def put_tags(html: bytes, scope: Scope) -> bytes:
    """A page with tags of its own in place of Gradio's."""
    return TAGS.sub(b"", html).replace(b"<head>", b"<head>" + draw_tags(scope), 1)


def draw_tags(scope: Scope) -> bytes:
    """The tags of a page for the address by which it was asked for."""
    base, say = str(Request(scope).base_url), texts_for(Request(scope))
    properties = {
        "type": "website",
        "title": say("name"),
        "description": say("sentence"),
        "image": f"{base}{PICTURE.name}",
    }
    tags = [
        f'<meta name="description" content="{escape(say("sentence"))}">',
        '<meta name="twitter:card" content="summary_large_image">',
    ]
    tags += [f'<meta property="og:{name}" content="{escape(content)}">' for name, content in properties.items()]
    return "".join(tags).encode()

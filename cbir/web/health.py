"""Whether the page can search, for programs that watch it: GET /healthz."""

from __future__ import annotations

import hashlib
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from anyio import to_thread
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from cbir.errors import CbirError
from cbir.web.reloading import LiveSearcher

if TYPE_CHECKING:
    from cbir.web.background import BackgroundDownload

ADDRESS = "/healthz"
AGAIN = 5.0
"""Seconds until a catalogue that cannot be used is looked at again: that takes reading all of it."""
ABSENT = "There is no catalogue yet."
UNUSABLE = "The catalogue is damaged, of another version, or on a server that is down. The log, or `verify`, says more."


class Health:
    """How a page is. It tells nothing of where files are."""

    def __init__(self, live: LiveSearcher, download: BackgroundDownload | None = None) -> None:
        """download: one that may be under way."""
        self._live, self._download = live, download
        self._version, self._start = digest_program(), monotonic()
        self._is_there, self._until = False, 0.0

    def tell(self) -> tuple[int, dict[str, Any]]:
        """HTTP status and plain data: 200 while the page can search, else 503 and the reason."""
        if monotonic() < self._until:
            return 503, self._name_fault()
        try:
            catalogue = self._live.searched()
            self._live.check()
        except (CbirError, OSError):
            self._is_there, self._until = self._live.is_there, monotonic() + AGAIN
            return 503, self._name_fault()
        return 200, {
            "status": "ok",
            "photos": len(catalogue.records),
            "weights": catalogue.weights_digest,
            "version": self._version,
            "uptime_s": round(monotonic() - self._start),
        }

    def _name_fault(self) -> dict[str, str]:
        if self._download and not self._download.status.final:
            return {"status": "downloading", "reason": self._download.status.text}
        if self._is_there:
            return {"status": "unusable", "reason": UNUSABLE}
        return {"status": "absent", "reason": ABSENT}


class HealthCheck:
    """Middleware that answers for the health of the page that Gradio's app serves."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or scope["path"] != ADDRESS:
            await self._app(scope, receive, send)
            return
        # In a thread: it may wait for a catalogue that is being opened.
        status, told = await to_thread.run_sync(scope["app"].get_blocks().health.tell)
        await JSONResponse(told, status, {"Cache-Control": "no-store"})(scope, receive, send)


def digest_program() -> str:
    """What tells this version of the program from others: the start of a SHA-256 of its files."""
    package, whole = Path(__file__).parents[1], hashlib.sha256()
    for path in sorted(package.rglob("*")):
        name = path.relative_to(package).as_posix()
        # Installed, the package has the catalogue in it.
        if path.suffix in (".py", ".js", ".css", ".json") and not name.startswith("index/"):
            whole.update(f"{name}\0".encode() + path.read_bytes())
    return whole.hexdigest()[:12]

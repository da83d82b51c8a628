"""A stand-in for Hugging Face's hub: it takes Spaces and what is uploaded to them, or refuses."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlsplit

from tests.support.local import listening


@dataclass
class Hub:
    """What it was asked, what its one Space holds, and how it answers."""

    large: bool = True
    """Whether files that are no text go as LFS; else all are part of the commit."""
    refused: Callable[[str], int] = lambda path: 0
    """The status by which a path is refused, 0 if it is not."""
    url: str = ""
    asked: list[str] = field(default_factory=list)
    """Method and path of each request."""
    tokens: set[str] = field(default_factory=set)
    created: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    """By their paths in the Space."""
    pointers: dict[str, tuple[str, int]] = field(default_factory=dict)
    """SHA-256 and size that LFS files were committed with, by their paths."""
    stored: dict[str, bytes] = field(default_factory=dict)
    """Content of LFS files by its SHA-256."""

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        """Status and plain data for a request."""
        if status := self.refused(path):
            return status, {"error": f"refused with {status}"}
        if method == "PUT" and path.startswith("/stored/"):
            self.stored[hashlib.sha256(body).hexdigest()] = body
            return 200, {}
        if path == "/api/repos/create":
            self.created.append(json.loads(body))
            space = f"{self.created[-1]['organization']}/{self.created[-1]['name']}"
            return 409 if len(self.created) > 1 else 200, {"url": f"{self.url}/spaces/{space}"}
        if path == "/api/validate-yaml":
            wrong = [] if "\nsdk: gradio\n" in json.loads(body)["content"] else [{"message": "no sdk"}]
            return 400 if wrong else 200, {"errors": wrong}
        if path.endswith("/tree/main"):
            held = self.files.items()
            return 200, [{"type": "file", "path": name, "size": len(it), "oid": "0" * 40} for name, it in held]
        if path.endswith("/preupload/main"):
            return 200, {"files": [self._choose_mode(file) for file in json.loads(body)["files"]]}
        if path.endswith(".git/info/lfs/objects/batch"):
            return 200, {"objects": [self._where_to_store(one) for one in json.loads(body)["objects"]]}
        if path.endswith("/commit/main"):
            for line in body.splitlines():
                self._apply(json.loads(line))
            space = path.removeprefix("/api/").removesuffix("/commit/main")
            return 200, {"commitUrl": f"{self.url}/{space}/commit/{'0' * 40}", "commitOid": "0" * 40}
        return 404, {}

    def _choose_mode(self, file: dict[str, Any]) -> dict[str, Any]:
        try:
            base64.b64decode(file["sample"]).decode()
            mode = "regular"
        except UnicodeDecodeError:
            mode = "lfs" if self.large else "regular"
        return {"path": file["path"], "uploadMode": mode, "shouldIgnore": False, "oid": None}

    def _where_to_store(self, one: dict[str, Any]) -> dict[str, Any]:
        if one["oid"] in self.stored:
            return one
        return {**one, "actions": {"upload": {"href": f"{self.url}/stored/{one['oid']}"}}}

    def _apply(self, change: dict[str, Any]) -> None:
        kind, value = change["key"], change["value"]
        if kind == "file":
            self.files[value["path"]] = base64.b64decode(value["content"])
        elif kind == "lfsFile":
            self.pointers[value["path"]] = value["oid"], value["size"]
            self.files[value["path"]] = self.stored[value["oid"]]
        elif kind == "deletedFile":
            del self.files[value["path"]]
        else:
            assert kind == "header"


@contextmanager
def serving_hub(hub: Hub) -> Iterator[Hub]:
    """The stand-in on this machine for as long as the context lasts; its address is put into it."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def respond(self) -> None:
            body, path = self.read_body(), urlsplit(self.path).path
            hub.asked.append(f"{self.command} {path}")
            hub.tokens.add(self.headers.get("Authorization", ""))
            status, told = hub.answer(self.command, path, body)
            encoded = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(encoded)))
            self.end_headers()
            self.wfile.write(encoded)

        do_GET = do_POST = do_PUT = respond

        def read_body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            blocks = []
            while size := int(self.rfile.readline(), 16):
                blocks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(blocks)

    with listening(Handler) as hub.url:
        yield hub

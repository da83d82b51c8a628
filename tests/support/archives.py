"""Archives of the clothing dataset as GitHub makes them, and a server that sends them well or badly."""

from __future__ import annotations

import io
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from cbir.datasets.clothing.download import COMMIT, TOP
from tests.support.drawings import LABELS, draw_garment
from tests.support.local import listening


def make_archive(
    count: int,
    *,
    drawings: int = 8,
    commit: str = COMMIT,
    members: dict[str, bytes] | None = None,
    without: tuple[str, ...] = (),
    links: tuple[str, ...] = (),
) -> bytes:
    """An archive of `count` photos, copies of a few drawings; every fifth is labelled "Not sure".

    members: more files, or others of the same name. without: files to leave out. links: files to mark as links.
    """
    photos = []
    for number in range(drawings):
        encoded = io.BytesIO()
        draw_garment(number, LABELS[number % len(LABELS)]).save(encoded, "JPEG", quality=90)
        photos.append(encoded.getvalue())
    rows, files = ["image,sender_id,label,kids"], {"README.md": b"A dataset.\n", "notebook.ipynb": b"{}"}
    for number in range(count):
        label = "Not sure" if number % 5 == 4 else LABELS[number % drawings % len(LABELS)]
        rows.append(f"{number:08x}-751a-4b74-8e9b-43af05deee22,{number % 3},{label},{number % 2 == 1}")
        files[f"images/{number:08x}-751a-4b74-8e9b-43af05deee22.jpg"] = photos[number % drawings]
    files["images.csv"] = ("\n".join(rows) + "\n").encode()
    files |= members or {}
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as unpacked:
        for name, content in files.items():
            if name not in without:
                info = ZipInfo(name if name.startswith(("/", "..", "C:")) else TOP + name)
                info.compress_type = ZIP_DEFLATED
                info.external_attr = (stat.S_IFLNK if name in links else stat.S_IFREG | 0o644) << 16
                unpacked.writestr(info, content)
        unpacked.comment = commit.encode()
    return packed.getvalue()


@dataclass
class Answer:
    """How a server answers one request."""

    body: bytes = b""
    status: int = 200
    etag: str = '"one"'
    ranges: bool = True
    """Honour Range, and If-Range with it."""
    careless: bool = False
    """Honour Range whatever If-Range says."""
    length: int | None = None
    """Claim this Content-Length (default: the true one); -1 claims none."""
    chunked: bool = False
    """Send no Content-Length, but chunks, and no end if cut."""
    cut: int | None = None
    """Close the connection after so many bytes of the body."""
    pause: tuple[int, threading.Event] | None = None
    """Wait for an event after so many bytes of the body."""
    location: str = ""


@dataclass
class Server:
    """Answers to give in turn, the last one again and again, and what was asked and sent."""

    answers: list[Answer]
    url: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    """Bytes of each body."""


@contextmanager
def serving(*answers: Answer) -> Iterator[Server]:
    """A server on this machine for as long as the context lasts."""
    server, turn = Server(list(answers)), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            with turn:
                answer = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
                request = len(server.asked)
                server.asked.append(dict(self.headers))
                server.sent.append(0)

            def count(size: int) -> None:
                server.sent[request] += size

            self.close_connection = True
            # Who asks may leave before all is sent.
            with suppress(ConnectionError):
                send(self, answer, count)

    with listening(Handler) as address:
        server.url = f"{address}/archive.zip"
        try:
            yield server
        finally:
            for answer in answers:
                if answer.pause:
                    answer.pause[1].set()


def send(handler: BaseHTTPRequestHandler, answer: Answer, count: Callable[[int], None]) -> None:
    status, body = answer.status, answer.body
    asked = handler.headers.get("Range", "")
    if (
        asked
        and status == 200
        and answer.ranges
        and (answer.careless or handler.headers.get("If-Range") == answer.etag)
    ):
        start = int(asked.removeprefix("bytes=").removesuffix("-"))
        status = 206 if start < len(body) else 416
        body = body[start:]
    handler.send_response(status)
    if status == 206:
        handler.send_header("Content-Range", f"bytes {start}-{len(answer.body) - 1}/{len(answer.body)}")
    if answer.location:
        handler.send_header("Location", answer.location)
    if answer.etag:
        handler.send_header("ETag", answer.etag)
    if answer.chunked:
        handler.send_header("Transfer-Encoding", "chunked")
    elif answer.length != -1:
        handler.send_header("Content-Length", str(len(body) if answer.length is None else answer.length))
    handler.send_header("Connection", "close")
    handler.end_headers()
    whole = answer.cut is None
    body = body[: answer.cut]
    at = answer.pause[0] if answer.pause else len(body)
    for part in (body[:at], body[at:]):
        for start in range(0, len(part), 1 << 14):
            block = part[start : start + (1 << 14)]
            count(len(block))
            handler.wfile.write(b"%x\r\n%b\r\n" % (len(block), block) if answer.chunked else block)
        handler.wfile.flush()
        if answer.pause:
            answer.pause[1].wait(60)
    if answer.chunked and whole:
        handler.wfile.write(b"0\r\n\r\n")

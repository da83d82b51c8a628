"""The page's end: at once, however many have it open, and nothing that was uploaded stays."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cbir.system.versions import IN_USE, VERSIONS
from tests.support.drawings import draw_garment
from tests.support.serving import served
from tests.web.test_uploads import upload

LONGEST = 5
"""Seconds; two are meant, on a machine that has nothing else to do."""


def keep_open(address: str, visitor: str) -> socket.socket:
    """The connection that an open page keeps, for as long as it is open."""
    place = urlsplit(address)
    assert place.hostname and place.port
    connection = socket.create_connection((place.hostname, place.port), timeout=60)
    connection.sendall(f"GET /gradio_api/heartbeat/{visitor} HTTP/1.1\r\nHost: {place.netloc}\r\n\r\n".encode())
    told = b""
    while b"ALIVE" not in told:
        told += connection.recv(1000)
    return connection


def find_leases(catalogue: Path) -> set[Path]:
    """What those who read a catalogue keep there meanwhile."""
    return {*(catalogue / VERSIONS / IN_USE).glob("*")}


@pytest.mark.parametrize("visitors", [0, 3])
def test_the_page_ends_soon_and_leaves_nothing_behind(tmp_path: Path, catalogue: Path, visitors: int) -> None:
    photo = tmp_path / "dress.jpg"
    draw_garment(55, "dress").save(photo)
    others = find_leases(catalogue)
    with ExitStack() as connections:
        with served(catalogue, TMPDIR=str(tmp_path)) as (address, *_):
            uploaded = Path(upload(address, photo))
            for number in range(visitors):
                connections.enter_context(keep_open(address, f"visitor{number}"))
            while find_leases(catalogue) <= others:
                time.sleep(0.05)
            assert uploaded.is_file()
            asked_to_end = time.monotonic()
        assert time.monotonic() - asked_to_end < LONGEST
    assert not uploaded.exists()
    assert find_leases(catalogue) <= others

"""The page as its own process, for tests and benchmarks."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).parents[2]


class Served(NamedTuple):
    """A page that is up."""

    address: str
    errors: Path
    """What gets its error output."""
    process: int


@contextmanager
def served(
    folder: Path | str, *, project: Path = PROJECT, command: Sequence[str] = (), **variables: str
) -> Iterator[Served]:
    """`python app.py --index folder`, or another command, up and answering until the end of the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"GRADIO_SERVER_PORT": str(port), "GRADIO_ANALYTICS_ENABLED": "False"} | variables
    command = command or [sys.executable, "app.py", "--index", str(folder)]
    address = f"http://127.0.0.1:{port}"
    with (
        tempfile.NamedTemporaryFile("w") as log,
        subprocess.Popen(command, cwd=project, env=environment, stderr=log) as app,
    ):
        errors = Path(log.name)
        try:
            for _ in range(10_000):
                assert app.poll() is None, errors.read_text()
                try:
                    urllib.request.urlopen(address, timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.02)
            else:
                raise TimeoutError(f"{address} does not answer: {errors.read_text()}")
            yield Served(address, errors, app.pid)
        finally:
            app.send_signal(signal.SIGTERM)

"""Milvus for tests: its Lite in this process, and a real server that can be killed and started again."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest
from filelock import FileLock

from cbir.collection.address import Address

needs_lite = pytest.mark.skipif(
    not (find_spec("pymilvus") and find_spec("milvus_lite")), reason="needs pymilvus and milvus-lite"
)
needs_server = pytest.mark.skipif(not (find_spec("pymilvus") and find_spec("milvus")), reason="needs pymilvus, milvus")


def lite(folder: Path, name: str = "clothes") -> Address:
    """The address of a collection in a file of Milvus Lite."""
    return Address(str(folder / "milvus.db"), name)


class Server:
    """A standalone server. Its ports and its data stay when it is started again."""

    def __init__(self, folder: Path) -> None:
        from milvus import MilvusServer

        first = MilvusServer()
        first.set_base_dir(str(folder))
        first.start()
        self._folder, self._health = folder, f"http://127.0.0.1:{first.webservice_port}/healthz"
        self.engine = f"http://127.0.0.1:{first.listen_port}"
        program = Path(first.get_milvus_executable_path())
        self._command = [str(program), "run", "standalone"]
        self._variables = os.environ | {
            "DEPLOY_MODE": "STANDALONE",
            "METRICS_PORT": str(first.webservice_port),
            "MILVUS_RUN_DIR": str(folder / "run"),
            "LD_LIBRARY_PATH": str(program.parent),
        }
        self._process: subprocess.Popen[bytes] = first.server_proc
        first.server_proc = None  # which it would stop as soon as it is collected

    def address(self, name: str) -> Address:
        """That of a collection on it."""
        return Address(self.engine, name)

    def kill(self) -> None:
        """As a power cut would."""
        self._process.kill()
        self._process.wait()

    def start(self) -> None:
        """Start it again; returns when it answers, which is before it can search."""
        with (self._folder / "again.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=self._folder, env=self._variables, stdout=log, stderr=log
            )
        for _ in range(3_000):
            try:
                with urllib.request.urlopen(self._health, timeout=10) as answer:
                    if b"OK" in answer.read():
                        return
            except OSError:
                assert self._process.poll() is None, (self._folder / "again.log").read_text()[-2_000:]
            time.sleep(0.05)
        raise TimeoutError(self._health)


@contextmanager
def serving_milvus(folder: Path) -> Iterator[Server]:
    """A server until the end of the block; one at a time, as some of its ports are always the same."""
    with FileLock(Path(tempfile.gettempdir(), "one Milvus at a time.lock")):
        server = Server(folder)
        try:
            yield server
        finally:
            server.kill()

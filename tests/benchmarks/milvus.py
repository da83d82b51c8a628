"""A catalogue in Milvus beside the same in a folder: how long, over how many bytes, how many of the nearest.

python -m tests.benchmarks.milvus --json cbir/collection/figures.json
"""

from __future__ import annotations

import argparse
import json
import platform
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from importlib.metadata import version
from pathlib import Path
from threading import Lock, Thread
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

from cbir.catalogue.catalogue import Catalogue
from cbir.collection.address import Address
from cbir.collection.collection import Collection
from cbir.collection.transfer import push_catalogue
from cbir.commands.defaults import SHIPPED
from cbir.system.process import count_cores
from tests.benchmarks.pipeline import write_large
from tests.benchmarks.timing import time_queries
from tests.benchmarks.vectors import make_vectors
from tests.support.milvus import serving_milvus

QUERIES, K = 200, 3
KINDS = ("FLAT", "HNSW")
"""Indexes that the server of the package `milvus` builds; it never ends with DISKANN."""
PIECE = 1 << 16


class Counted:
    """Bytes that went through a connection, either way."""

    def __init__(self) -> None:
        self.up = self.down = 0
        self._lock = Lock()

    def add(self, count: int, *, up: bool) -> None:
        with self._lock:
            self.up += count if up else 0
            self.down += 0 if up else count


@contextmanager
def counting(engine: str) -> Iterator[tuple[str, Counted]]:
    """Another address of a server, and the bytes that go through it."""
    target, counted = urlsplit(engine), Counted()

    def pump(source: socket.socket, sink: socket.socket, *, up: bool) -> None:
        with suppress(OSError), sink:  # the other way may have ended before
            while data := source.recv(PIECE):
                counted.add(len(data), up=up)
                sink.sendall(data)

    def accept(listener: socket.socket) -> None:
        while True:
            client, _ = listener.accept()
            server = socket.create_connection((target.hostname, target.port or 80))
            for ends, up in (((client, server), True), ((server, client), False)):
                Thread(target=pump, args=ends, kwargs={"up": up}, daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=accept, args=(listener,), daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", counted


def compare(folder: Path, engine: str, files: Path) -> list[dict[str, Any]]:
    """Each index of Milvus: rows a second that are pushed, a query's milliseconds and bytes, and what it finds."""
    catalogue = Catalogue.open(folder)
    queries, rows = make_vectors(QUERIES, seed=2), list[dict[str, Any]]()
    for kind in KINDS:
        address, start = Address(engine, kind.lower()), perf_counter()
        push_catalogue(catalogue, address, files=str(files / kind), index=kind, grace=0)
        pushed = perf_counter() - start
        with counting(engine) as (counted_engine, counted):
            collection = Collection.open(Address(counted_engine, address.name))
            for query in queries[:20]:
                collection.index.search(query, K)
            before = counted.up, counted.down
            for query in queries[20:]:
                collection.index.search(query, K)
            after = counted.up, counted.down
            up, down = ((later - earlier) / (QUERIES - 20) for later, earlier in zip(after, before))
        collection = Collection.open(address)
        times = time_queries(
            queries, milvus=partial(collection.index.search, k=K), folder=partial(catalogue.index.search, k=K)
        )
        recall = collection.recall["recall"] if collection.recall else 1.0
        row = {"index": kind, "rows": len(catalogue.records), "push": pushed, "seconds": times["milvus"]}
        rows.append(row | {"folder": times["folder"], "up": round(up), "down": round(down), "recall": recall})
        print(rows[-1], flush=True)
    return rows


def main() -> None:
    """Print what was measured, and store it."""
    parser = argparse.ArgumentParser(description="A catalogue in Milvus beside the same in a folder.")
    parser.add_argument("--counts", type=int, nargs="+", default=[20_000, 80_000], help="sizes of the catalogue")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for count in options.counts:
        with tempfile.TemporaryDirectory() as place, serving_milvus(Path(place, "milvus")) as server:
            write_large(Path(place, "catalogue"), make_vectors(count), SHIPPED / "weights.pth")
            rows += compare(Path(place, "catalogue"), server.engine, Path(place, "files"))
    packages = ", ".join(f"{name} {version(name)}" for name in ("milvus", "pymilvus", "hnswlib", "numpy"))
    report = {"machine": f"{count_cores()} cores, {platform.python_version()}; {packages}", "rows": rows}
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()

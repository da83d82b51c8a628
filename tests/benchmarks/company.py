"""Beside other work: features while other processes keep the cores busy, and a page with many visitors."""

from __future__ import annotations

import http.client
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import urlparse
from uuid import uuid4

from cbir.commands.defaults import SHIPPED
from tests.benchmarks.timing import Row
from tests.support.serving import served

BUSY = (0, 1, 2)
"""Other processes that never pause."""
AIM = 1 / 1.5
ROUNDS, PHOTOS = 3, 80
VISITORS, ANSWERS = 32, 960
PROGRAM = """
import sys, time
from cbir.system.process import prepare_process
prepare_process()
import numpy as np
from cbir.network.extractor import FeatureExtractor
from cbir.system.choice import QuickestWay
extractor = FeatureExtractor.open(sys.argv[1])
if sys.argv[2] == "all threads":
    extractor._in_all_threads = QuickestWay([True])
pixels = np.random.default_rng(0).integers(0, 256, (1, 224, 224, 3), np.uint8)
for number in range(10 + int(sys.argv[3])):
    time.sleep(0.05)  # a visitor's pause
    start = time.perf_counter()
    extractor.embed(pixels)
    if number >= 10:
        print(time.perf_counter() - start)
"""
WAYS = {
    "ours": ("as it is", {}),
    "passive": ("all threads", {"OMP_WAIT_POLICY": "passive"}),
    "active": ("all threads", {}),
}
"""How threads are used and wait: as the project does, always all with a passive wait, always all with an active one."""


def compare_company() -> list[Row]:
    """Features of one photo beside busy processes, against torch's threads with a passive and an active wait."""
    rows = []
    for count in BUSY:
        times: dict[str, list[float]] = {name: [] for name in WAYS}
        for _ in range(ROUNDS):
            for name, (threads, variables) in WAYS.items():
                with busy(count):
                    times[name] += time_features(threads, variables)
        what = f"one photo beside {count} busy processes"
        ours = median(times["ours"])
        rows.append(Row(what, ours, "passive wait", median(times["passive"]), AIM if count else None))
        rows.append(Row(what, ours, "active wait", median(times["active"])))
    return rows


@contextmanager
def busy(count: int) -> Iterator[None]:
    """So many processes that compute without a pause."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def time_features(threads: str, variables: dict[str, str]) -> list[float]:
    """Seconds of each of PHOTOS photos, one at a time, in a process of its own."""
    command = [sys.executable, "-c", PROGRAM, str(SHIPPED), threads, str(PHOTOS)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | variables)
    return [float(line) for line in done.stdout.split()]


def serve_visitors(photos: Sequence[Path]) -> float:
    """Answers a second of the page to VISITORS who ask again as soon as they are answered."""
    uploads = [form(path) for path in photos]
    with served(SHIPPED) as (address, _, _), ThreadPoolExecutor(VISITORS) as visitors:
        host, rng = urlparse(address).netloc, random.Random(0)
        chosen = [rng.choice(uploads) for _ in range(ANSWERS)]
        list(visitors.map(lambda upload: ask(host, upload), chosen[:VISITORS]))
        start = time.perf_counter()
        list(visitors.map(lambda upload: ask(host, upload), chosen))
        return ANSWERS / (time.perf_counter() - start)


def form(photo: Path) -> tuple[str, bytes]:
    """Content type and body of an upload."""
    boundary = uuid4().hex
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{photo.name}"\r\n\r\n'
    return (
        f"multipart/form-data; boundary={boundary}",
        head.encode() + photo.read_bytes() + f"\r\n--{boundary}--".encode(),
    )


def ask(host: str, upload: tuple[str, bytes]) -> None:
    """Upload a photo and wait for its answer, with little work on this side: both sides share the cores."""
    server = http.client.HTTPConnection(host)
    server.request("POST", "/gradio_api/upload", upload[1], {"Content-Type": upload[0]})
    (path,) = json.loads(server.getresponse().read())
    data = json.dumps({"data": [{"path": path, "meta": {"_type": "gradio.FileData"}}]})
    server.request("POST", "/gradio_api/call/search", data, {"Content-Type": "application/json"})
    event = json.loads(server.getresponse().read())["event_id"]
    server.request("GET", f"/gradio_api/call/search/{event}")
    answer = server.getresponse().read()
    assert b"event: complete" in answer, answer
    server.close()

"""An answer to one visitor while the photos of another are indexed."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from cbir.commands.defaults import SHIPPED
from tests.benchmarks.company import ask, form
from tests.benchmarks.timing import Row
from tests.support.serving import served

ANSWERS = 60
PAUSE = 0.1
"""Seconds between two answers: a visitor looks at them."""
AIM = 0.5
META = {"meta": {"_type": "gradio.FileData"}}


def compare_neighbours(photos: Sequence[Path]) -> list[Row]:
    """Answers to one visitor on an idle page, and while as many photos as a wardrobe holds are indexed for another."""
    searched, brought = photos[:10], photos[10:210]
    uploads = [form(path) for path in searched]
    with served(SHIPPED) as (address, *_):
        host = address.removeprefix("http://")
        for upload in uploads:
            ask(host, upload)
        idle = [time_answer(host, uploads[number % len(uploads)]) for number in range(ANSWERS)]
        bring, follow = find_handlers(address)
        files = [upload_photo(address, path) for path in brought]
        _, token, *_ = call(address, bring, [files, True, "", None])
        busy: list[float] = []
        while "<progress" in str(call(address, follow, [token, None])[0]) and len(busy) < 1000:
            busy.append(time_answer(host, uploads[len(busy) % len(uploads)]))
    print(f"  {len(busy)} answers while {len(brought)} photos were indexed", flush=True)
    return [Row("answer while a wardrobe is indexed", median(busy), "idle page", median(idle), AIM)]


def time_answer(host: str, upload: tuple[str, bytes]) -> float:
    """Seconds of an answer, after a pause."""
    time.sleep(PAUSE)
    start = time.perf_counter()
    ask(host, upload)
    return time.perf_counter() - start


def find_handlers(address: str) -> tuple[int, int]:
    """Numbers of the handlers that bring photos to a wardrobe, and that tell how it is."""
    with urllib.request.urlopen(f"{address}/config") as answer:
        config = json.load(answer)
    names = {one["api_name"]: one["id"] for one in config["dependencies"]}
    return names["bring"], names["follow"]


def upload_photo(address: str, photo: Path) -> dict[str, Any]:
    """A photo that was uploaded, as handlers take it."""
    kind, body = form(photo)
    request = urllib.request.Request(f"{address}/gradio_api/upload", body, {"Content-Type": kind})
    with urllib.request.urlopen(request) as answer:
        (path,) = json.load(answer)
    return {"path": path, "orig_name": photo.name, **META}


def call(address: str, handler: int, data: list[Any]) -> list[Any]:
    """What a handler of the page gives."""
    body = json.dumps({"fn_index": handler, "data": data, "session_hash": "neighbour"}).encode()
    request = urllib.request.Request(f"{address}/gradio_api/run/predict", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        given: list[Any] = json.load(answer)["data"]
    return given

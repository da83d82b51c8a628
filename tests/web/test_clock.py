"""A page whose system clock jumps by a day, forwards and back, at every look at it."""

from __future__ import annotations

import json
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.serving import Served, served
from tests.web.test_health import ask
from tests.web.test_uploads import META, call_endpoint, call_handler, upload

JUMPING = """
import itertools, sys, time
jumps, real, real_ns = itertools.cycle((0, 86_400, -86_400)), time.time, time.time_ns
time.time = lambda: real() + next(jumps)
time.time_ns = lambda: real_ns() + 10**9 * next(jumps)
from cbir.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def page(catalogue: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    command = [sys.executable, "-c", JUMPING, "page", "--index", str(catalogue)]
    with served(catalogue, command=command, TMPDIR=str(tmp_path_factory.mktemp("temporary"))) as page:
        yield page


def test_searches_are_answered_and_time_up_grows(page: Served, photos: Path) -> None:
    ups = []
    for name in ("hat/001.jpg", "dress/000.jpg", "scarf/002.jpg"):
        told = call_endpoint(page.address, {"path": upload(page.address, photos / name)} | META)
        assert f'"photo": "{name}"' in told
        ups.append(ask(page.address)[1]["uptime_s"])
    assert ups == sorted(ups) and 0 <= ups[0] <= ups[-1] < 3_600


def test_a_visit_and_a_wardrobe_stay(page: Served, photos: Path) -> None:
    with urllib.request.urlopen(f"{page.address}/config") as answer:
        config = json.load(answer)
    numbers = {one["api_name"]: one["id"] for one in config["dependencies"]}

    def bring() -> dict[str, Any]:
        return {"path": upload(page.address, photos / "hat/001.jpg")} | META

    def call(name: str, *inputs: Any, first: Any = None) -> Any:
        told = call_handler(page.address, (numbers[name], [None, *inputs]), first)
        assert told["success"], told
        return told["output"]["data"]

    call("answer", False, None, first=bring())
    assert "distance" in json.dumps(call("toggle_evidence", None, first=False))
    token = call("bring", False, "", None, first=[bring()])[1]
    for _ in range(10):
        again = call("bring", False, token, None, first=[bring()])[1]
        assert again == token, "it is the same wardrobe"
    assert "Traceback" not in page.errors.read_text()

"""The log of the page: a line for each answer, and nothing in it of who asked for what."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from gradio_client import Client, handle_file

from cbir.web.endpoints import Endpoints
from cbir.web.pictures import Pictures
from cbir.web.reloading import LiveSearcher
from cbir.web.sources import Sources
from tests.support.serving import Served, served

LINE = re.compile(r"time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ event=search ms=\d+\.\d k=(\d+) exact=(\w+) photos=(\d+)")


@pytest.fixture(scope="module")
def page(worn_catalogue: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(worn_catalogue, TMPDIR=str(tmp_path_factory.mktemp("temporary"))) as page:
        yield page


def test_each_answer_is_a_line_of_the_log(page: Served, photos: Path) -> None:
    client, photo = Client(page.address, verbose=False), handle_file(photos / "hat/001.jpg")
    client.predict(photo, k=5, api_name="/search")
    client.predict(photo, k=2, where={"kind": "hat"}, api_name="/search")
    looks = client.predict(photo, k=1, api_name="/look")
    with pytest.raises(Exception, match="k has to be"):
        client.predict(photo, k=0, api_name="/search")
    log = page.errors.read_text()
    expected = [("5", "true", "24"), ("2", "true", "6"), *[("1", "true", "24")] * len(looks)]
    assert LINE.findall(log) == expected
    assert not re.search(r"hat|\.jpg|127\.0\.0\.1|/", "\n".join(re.findall(".*event=search.*", log)))


def test_so_is_each_answer_of_the_page(catalogue: Path, photos: Path, caplog: pytest.LogCaptureFixture) -> None:
    endpoints, photo = Endpoints(Sources(LiveSearcher(lambda: catalogue)), Pictures(set())), photos / "hat/001.jpg"
    with caplog.at_level(logging.INFO, "cbir.web"):
        answer = endpoints.answer({"path": str(photo)}, False)
        endpoints.toggle_evidence(True, answer.visit)
        endpoints.answer(None, False)
    (line,) = caplog.messages
    assert re.fullmatch(r"event=search ms=\d+\.\d k=3 exact=true photos=24", line)

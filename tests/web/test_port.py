"""The port of the page: another one if it is taken, which is told; none that is no port."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from cbir.commands.parser import main
from tests.support.serving import PROJECT, served


@pytest.fixture
def taken() -> Iterator[int]:
    """A port at which something else listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_port_that_is_taken_is_told_and_the_next_one_used(catalogue: Path, taken: int) -> None:
    environment = os.environ | {"GRADIO_SERVER_PORT": str(taken), "GRADIO_ANALYTICS_ENABLED": "False"}
    command = [sys.executable, "app.py", "--index", str(catalogue)]
    with subprocess.Popen(command, cwd=PROJECT, env=environment, stderr=subprocess.PIPE, text=True) as app:
        assert app.stderr is not None
        line = next(line for line in app.stderr if "cannot be used" in line)
        told = re.search(r"Port (\d+) cannot be used; the page is at (\d+)\. GRADIO_SERVER_PORT names another\.", line)
        assert told is not None and int(told[1]) == taken != int(told[2])
        with urllib.request.urlopen(f"http://127.0.0.1:{told[2]}/healthz", timeout=60) as answer:
            assert answer.status == 200
        app.terminate()


def test_one_that_is_free_is_not_spoken_of(catalogue: Path) -> None:
    with served(catalogue) as page:
        log = page.errors.open()
    with log:
        assert "cannot be used" not in log.read()


def test_without_any_port_it_ends(catalogue: Path, taken: int) -> None:
    variables = {"GRADIO_SERVER_PORT": str(taken), "GRADIO_NUM_PORTS": "1"}
    command = [sys.executable, "app.py", "--index", str(catalogue)]
    ended = subprocess.run(
        command, cwd=PROJECT, env=os.environ | variables, capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode == 1
    last = ended.stderr.splitlines()[-1]
    assert last.startswith("error: ") and str(taken) in last and "GRADIO_SERVER_PORT" in last


@pytest.mark.parametrize("asked", ["", "x", "0", "70000", "-1", "7860.0"])
def test_what_is_no_port_is_told(
    catalogue: Path, asked: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GRADIO_SERVER_PORT", asked)
    assert main(["page", "--index", str(catalogue)]) == 1
    assert capsys.readouterr().err == (
        f"error: GRADIO_SERVER_PORT={asked}: no port; set it to a number up to 65535, or unset it\n"
    )

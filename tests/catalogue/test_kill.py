"""SIGKILL at any moment loses nothing: the next run ends with the bundle of a run never killed."""

from __future__ import annotations

import multiprocessing
import random
import signal
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from cbir.catalogue.catalogue import Catalogue
from cbir.catalogue.verify import check_catalogue
from cbir.commands.parser import main
from tests.support.drawings import fill_folder

pytestmark = pytest.mark.slow


def index_command(arguments: list[str]) -> None:
    """In a process of its own; forked from a server that has the libraries loaded but no thread running."""
    sys.exit(main(arguments))


def test_killed_at_ten_random_moments(tmp_path: Path, weights_file: Path) -> None:
    photos = fill_folder(tmp_path / "photos", 64)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["cbir.catalogue.build", "cbir.commands.parser"])

    def start(out: Path) -> multiprocessing.process.BaseProcess:
        arguments = ["index", str(photos), "--out", str(out), "--weights", str(weights_file)]
        process = context.Process(target=index_command, args=(arguments,))
        process.start()
        return process

    def finish(out: Path) -> Catalogue:
        process = start(out)
        process.join()
        assert process.exitcode == 0
        catalogue = Catalogue.open(out)
        check_catalogue(catalogue)
        return catalogue

    finish(tmp_path / "warm up")
    began = time.monotonic()
    expected = finish(tmp_path / "never killed")
    whole = time.monotonic() - began

    moments, killed = random.Random(0), 0
    out = tmp_path / "killed"
    while killed < 10:
        process = start(out)
        process.join(moments.uniform(0, whole))
        process.kill()
        process.join()
        killed += process.exitcode == -signal.SIGKILL
        if out.exists():
            # Whatever is to be seen is whole, killed or not. On to a new place, and the next kills.
            Catalogue.open(out)
            assert list(finish(out).records) == list(expected.records)
            out = tmp_path / f"killed after {killed}"
    catalogue = finish(out)

    assert list(catalogue.records) == list(expected.records)
    np.testing.assert_allclose(catalogue.index.vectors[:], expected.index.vectors[:], atol=1e-5)
    for number in range(len(expected.records)):
        assert catalogue.thumb(number).read_bytes() == expected.thumb(number).read_bytes()
    assert not list(tmp_path.glob("*.building"))

"""SIGKILL at any moment loses nothing: the next run ends with the bundle of a run never killed."""

from __future__ import annotations

import multiprocessing
import random
import shutil
import signal
import sys
import time
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from cbir.catalogue import bundle
from cbir.catalogue.catalogue import Catalogue
from cbir.catalogue.verify import check_catalogue
from cbir.commands.parser import main
from cbir.nearest import project
from cbir.network.extractor import FeatureExtractor
from cbir.system.versions import CURRENT, IN_USE, LOCK, VERSIONS
from tests.support.drawings import draw_garment, fill_folder
from tests.support.people import save_random_finder

pytestmark = pytest.mark.slow


def index_command(arguments: list[str], least: int) -> None:
    """In a process of its own; forked from a server that has the libraries loaded but no thread running."""
    bundle.LEAST = least
    project.FEW = 10**9  # large ones have axes for what comes later
    sys.exit(main(arguments))


def start(
    photos: Path, out: Path, weights: Path, *options: str, least: int = bundle.LEAST
) -> multiprocessing.process.BaseProcess:
    """least: records from which on a catalogue is changed in place."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["cbir.catalogue.build", "cbir.commands.parser"])
    arguments = ["index", str(photos), "--out", str(out), "--weights", str(weights), *options]
    process = context.Process(target=index_command, args=(arguments, least))
    process.start()
    return process


def finish(photos: Path, out: Path, weights: Path, *options: str, least: int = bundle.LEAST) -> Catalogue:
    """Run to the end; the catalogue, which is whole and has nothing unfinished beside it."""
    process = start(photos, out, weights, *options, least=least)
    process.join()
    assert process.exitcode == 0
    catalogue = Catalogue.open(out)
    check_catalogue(catalogue)
    assert [path.name for path in out.iterdir()] == [VERSIONS]
    left = {path.name for path in (out / VERSIONS).iterdir()}
    assert left == {catalogue.folder.name, CURRENT, LOCK, IN_USE}
    return catalogue


def kill(process: multiprocessing.process.BaseProcess, after: float) -> bool:
    """Whether it was still running."""
    process.join(after)
    process.kill()
    process.join()
    return process.exitcode == -signal.SIGKILL


@pytest.mark.parametrize(
    ("size", "kills", "options"), [(64, 10, ()), (40, 6, ("--garments",))], ids=["photos", "garments"]
)
def test_killed_at_random_moments(
    tmp_path: Path, extractor: FeatureExtractor, size: int, kills: int, options: tuple[str, ...]
) -> None:
    photos = fill_folder(tmp_path / "photos", size)
    weights_file = save_random_finder(tmp_path / "network", extractor.weights).weights.path
    assert weights_file
    finish(photos, tmp_path / "warm up", weights_file, *options)
    began = time.monotonic()
    expected = finish(photos, tmp_path / "never killed", weights_file, *options)
    whole = time.monotonic() - began
    assert len(expected.records) >= 2 * size if options else len(expected.records) == size

    moments, killed, places = random.Random(0), 0, count()
    out = tmp_path / f"killed {next(places)}"
    while killed < kills:
        killed += kill(start(photos, out, weights_file, *options), moments.uniform(0, whole))
        if (out / VERSIONS / CURRENT).exists():
            # Whatever is to be seen is whole, killed or not. On to a new place, and the next kills.
            Catalogue.open(out)
            assert list(finish(photos, out, weights_file, *options).records) == list(expected.records)
            out = tmp_path / f"killed {next(places)}"
    catalogue = finish(photos, out, weights_file, *options)

    assert list(catalogue.records) == list(expected.records)
    np.testing.assert_allclose(catalogue.index.vectors[:], expected.index.vectors[:], atol=1e-5)
    for number in range(len(expected.records)):
        assert catalogue.thumb(number).read_bytes() == expected.thumb(number).read_bytes()


@pytest.mark.parametrize("least", [1, bundle.LEAST], ids=["changed in place", "linked anew"])
def test_updates_killed_at_ten_random_moments(tmp_path: Path, weights_file: Path, least: int) -> None:
    """At first of a plain catalogue, as former versions of this project made them."""
    photos, out = fill_folder(tmp_path / "photos", 16), tmp_path / "index"
    shutil.copytree(finish(photos, tmp_path / "made", weights_file).folder, out)
    more = photos / "hat" / "more.jpg"
    began = time.monotonic()
    finish(photos, tmp_path / "timed", weights_file, least=least)
    whole = time.monotonic() - began

    moments, killed = random.Random(0), 0
    while killed < 10:
        before = list(Catalogue.open(out).records)
        if more.exists():
            more.unlink()
        else:
            draw_garment(99, "hat").save(more)
        killed += kill(start(photos, out, weights_file, least=least), moments.uniform(0, whole))
        found = Catalogue.open(out)
        check_catalogue(found)
        after = [path.relative_to(photos).as_posix() for path in sorted(photos.rglob("*.jpg"))]
        assert list(found.records) == before or [record.photo for record in found.records] == after
        del found  # or the next run would leave it
        assert [record.photo for record in finish(photos, out, weights_file, least=least).records] == after

"""Workers that die, a driver that is killed, and a Ray that is not there."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cbir.catalogue.build import index_photos
from cbir.catalogue.catalogue import Catalogue
from cbir.catalogue.distributed import LOCAL, ray_workers
from cbir.catalogue.journal import Journal
from cbir.catalogue.verify import check_catalogue
from cbir.commands.parser import main
from cbir.errors import WorkersError
from cbir.network.extractor import FeatureExtractor
from cbir.system.versions import VERSIONS, WORK
from tests.support.drawings import fill_folder
from tests.support.processes import descendants, have_ended

WORKER = "ray::MapWorker"
needs_ray = pytest.mark.usefixtures("ray")


@pytest.fixture(scope="module")
def ray() -> None:
    pytest.importorskip("ray.data", reason='needs: pip install "ray[data]"')


def check_vectors(place: Path, folder: Path, extractor: FeatureExtractor) -> None:
    """A catalogue is whole and has the photos of a folder in order; every 16th vector is the feature of its photo."""
    catalogue = Catalogue.open(place)
    check_catalogue(catalogue)
    names = [record.photo for record in catalogue.records]
    assert names == sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.jpg"))
    features = extractor.extract([folder / name for name in names[::16]])
    np.testing.assert_allclose(catalogue.index.vectors[::16], features, atol=1e-5)


@pytest.mark.slow
@needs_ray
@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_workers_that_die_are_replaced(extractor: FeatureExtractor, tmp_path: Path) -> None:
    folder, killed = fill_folder(tmp_path / "photos", 256), list[int]()

    def kill_workers(stage: str, done: int, total: int | None) -> None:
        if not killed:
            killed.extend(descendants(os.getpid(), WORKER))
            for worker in killed:
                os.kill(worker, signal.SIGKILL)

    with ray_workers(LOCAL, processes=2) as embed:
        report = index_photos(folder, tmp_path / "ray", extractor, embed=embed, progress=kill_workers)
    assert killed and report.embedded == report.count == 256 and not report.refused
    check_vectors(tmp_path / "ray", folder, extractor)


def index_and_stop(arguments: list[str]) -> None:
    """In a process of its own, which stands still as soon as the first photos are in the journal."""
    add = Journal.add

    def add_and_stop(self: Journal, *photos: Any) -> None:
        add(self, *photos)
        os.kill(os.getpid(), signal.SIGSTOP)

    Journal.add = add_and_stop  # type: ignore[method-assign,assignment]
    sys.exit(main(arguments))


@pytest.mark.slow
@needs_ray
@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_a_killed_run_goes_on_where_it_stood(extractor: FeatureExtractor, weights_file: Path, tmp_path: Path) -> None:
    folder, out = fill_folder(tmp_path / "photos", 256), tmp_path / "ray"
    arguments = ["index", folder, "--out", out, "--weights", weights_file, "--workers", LOCAL]
    driver = multiprocessing.get_context("spawn").Process(target=index_and_stop, args=(list(map(str, arguments)),))
    driver.start()
    assert driver.pid
    _, state = os.waitpid(driver.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(state), "it ended before it was killed"
    workers = descendants(driver.pid, WORKER)
    driver.kill()
    driver.join()
    assert driver.exitcode == -signal.SIGKILL and workers and have_ended(workers, within=60)

    finished = len(Journal(out / VERSIONS / WORK, extractor.weights.digest).written)
    assert 0 < finished < 256
    with ray_workers(LOCAL, processes=2) as embed:
        report = index_photos(folder, out, extractor, embed=embed)
    assert (report.count, report.embedded) == (256, 256 - finished)
    check_vectors(out, folder, extractor)


@pytest.mark.slow
@needs_ray
@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_ray_is_stopped_after_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    others, started = descendants(os.getpid()), list[int]()
    with pytest.raises(KeyboardInterrupt), ray_workers(LOCAL, processes=1):
        started += {*descendants(os.getpid())}.difference(others)
        raise KeyboardInterrupt
    assert started and have_ended(started, within=60)
    assert capfd.readouterr() == ("", "")


@needs_ray
@pytest.mark.parametrize("address", ["127.0.0.1:9", "ray://127.0.0.1:9", "nonsense"])
def test_a_cluster_that_does_not_answer_is_told(photos: Path, tmp_path: Path, address: str) -> None:
    with pytest.raises(WorkersError, match=f"^{address}: no Ray answers .* check the address"), ray_workers(address):
        pass


def test_the_command_tells_what_to_install(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)  # as if it was not installed
    assert main(["index", str(photos), "--out", str(tmp_path / "index"), "--workers", "ray"]) == 1
    assert 'pip install "ray[data]"' in capsys.readouterr().err
    assert not (tmp_path / "index").exists()

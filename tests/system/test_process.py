"""Cores are counted as a container grants them, and memory is kept."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cbir.system.process import count_cores

BOUND = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


@pytest.mark.parametrize(
    ("quota", "expected"),
    [
        ("max 100000", BOUND),
        ("100000 100000", 1),
        ("50000 100000", 1),
        ("99900000 100000", BOUND),
        ("damaged", BOUND),
        (None, BOUND),
    ],
)
def test_a_quota_limits_the_cores(tmp_path: Path, quota: str | None, expected: int) -> None:
    if quota is not None:
        (tmp_path / "cpu.max").write_text(quota + "\n")
    assert count_cores(tmp_path) == expected


@pytest.mark.parametrize(("asked", "expected"), [("1", 1), (None, count_cores())])
def test_torch_uses_as_many_threads(asked: str | None, expected: int) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    code = "from cbir.system.process import prepare_process; prepare_process()\n"
    code += "import torch; print(torch.get_num_threads())"
    told = subprocess.run(
        [sys.executable, "-c", code],
        env=environment | ({"OMP_NUM_THREADS": asked} if asked else {}),
        check=True,
        capture_output=True,
        text=True,
    )
    assert int(told.stdout) == expected


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's own habit")
def test_freed_memory_is_used_again() -> None:
    """Twenty times 4 MB come from the system once, not twenty times (1,024 pages each)."""
    code = """
import resource
from cbir.system.process import prepare_process
prepare_process()
import numpy as np
np.ones(2**19)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    np.ones(2**19)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert int(told.stdout) < 2 * 1024

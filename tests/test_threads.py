"""Cores are counted as a container grants them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cbir.threads import count_cores

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
    code = "from cbir.threads import limit_threads; limit_threads(); import torch; print(torch.get_num_threads())"
    told = subprocess.run(
        [sys.executable, "-c", code],
        env=environment | ({"OMP_NUM_THREADS": asked} if asked else {}),
        check=True,
        capture_output=True,
        text=True,
    )
    assert int(told.stdout) == expected

"""As many threads as there are cores for them."""

from __future__ import annotations

import os
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")


def limit_threads() -> None:
    """Make NumPy and torch use as many threads as there are cores, unless $OMP_NUM_THREADS says how many.

    In a container they would count those of the machine. To be called before either is imported.
    """
    os.environ.setdefault("OMP_NUM_THREADS", str(count_cores()))


def count_cores(cgroup: Path = CGROUP) -> int:
    """Cores that this process may use: those it is bound to, or fewer if its container has a quota of their time."""
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = (cgroup / "cpu.max").read_text().split()  # version 2; "max" if there is no quota
        return min(bound, max(1, int(quota) // int(period)))
    except (OSError, ValueError):
        return bound

"""Thread count and allocator settings of this process, and its end."""

from __future__ import annotations

import atexit
import ctypes
import os
import sys
from pathlib import Path
from typing import NoReturn

CGROUP = Path("/sys/fs/cgroup")
KEPT = 2**27
"""Bytes that may lie unused at the end of memory."""
MAPPED = 2**24
"""From so many bytes on, memory is asked for one by one and given back at once."""


def prepare_process() -> None:
    """To be called before NumPy or torch is imported."""
    limit_threads()
    keep_memory()


def limit_threads() -> None:
    """Make NumPy and torch use as many threads as there are cores, unless $OMP_NUM_THREADS says how many.

    In a container they would count those of the machine.
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


def keep_memory() -> None:
    """Use memory that was freed again, where glibc would give it back and ask for it at once.

    Otherwise glibc unmaps and re-faults 10 MB per photo: about 20 % of inference. Threads share a few arenas: with one
    for each of forty, as it would have them, those of a page hold ever more memory that none of them uses.
    """
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        trim_threshold, mmap_threshold, arena_max = -1, -3, -8  # malloc.h
        libc.mallopt(trim_threshold, KEPT)
        libc.mallopt(mmap_threshold, MAPPED)
        libc.mallopt(arena_max, count_cores() + 1)


def end_process() -> NoReturn:
    """End this process well, locks released, and at once: it is not taken apart object by object, which takes seconds.

    Threads that are at work do not delay that. In their way, Python's own end may be a crash.
    """
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)

"""Time measured fairly: what is compared takes turns in the same run, and the median counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import cycle, islice
from statistics import median
from time import perf_counter, sleep
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
ROUNDS = 10
"""Turns of each way of a search, with as many queries, one after the other, that each is asked once."""
PAUSE = 0.05
"""Seconds before each turn: threads of the one before wait for more work for a while, and would take a core each."""


class Row(NamedTuple):
    """One comparison. Times in seconds, of one photo, query or start."""

    what: str
    ours: float
    against: str
    theirs: float
    aim: float | None = None
    """Least ratio that is aimed at."""

    @property
    def ratio(self) -> float:
        """How many times as long the other takes."""
        return self.theirs / self.ours


def take_turns(functions: Mapping[str, Callable[[], object]], rounds: int, *, warm_up: int = 2) -> dict[str, float]:
    """Median seconds of each function; all run once a round, after a few rounds that do not count."""
    times: dict[str, list[float]] = {name: [] for name in functions}
    for number in range(warm_up + rounds):
        for name, function in functions.items():
            sleep(PAUSE)
            start = perf_counter()
            function()
            if number >= warm_up:
                times[name].append(perf_counter() - start)
    return {name: median(some) for name, some in times.items()}


def time_queries(queries: Vectors, **ways: Callable[[Vectors], object]) -> dict[str, float]:
    """Median seconds of a query, each way."""
    turn = len(queries) // ROUNDS

    def ask(search: Callable[[Vectors], object]) -> Callable[[], object]:
        asked = cycle(queries)
        return lambda: [search(query) for query in islice(asked, turn)]

    times = take_turns({name: ask(search) for name, search in ways.items()}, ROUNDS, warm_up=1)
    return {name: time / turn for name, time in times.items()}

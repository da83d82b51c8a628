"""Work done ahead by threads, in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from cbir.system.process import count_cores

Item = TypeVar("Item")
Result = TypeVar("Result")


def worker_pool() -> ThreadPoolExecutor:
    """As many threads as there are cores for this process."""
    return ThreadPoolExecutor(count_cores())


def map_ahead(
    pool: ThreadPoolExecutor, function: Callable[[Item], Result], items: Iterable[Item], *, ahead: int
) -> Iterator[Result]:
    """Results of function over items in their order, computed by the pool at most `ahead` items in advance."""
    todo = iter(items)
    waiting = deque(pool.submit(function, item) for item in islice(todo, ahead))
    try:
        while waiting:
            yield waiting.popleft().result()
            waiting.extend(pool.submit(function, item) for item in islice(todo, 1))
    finally:
        for future in waiting:
            future.cancel()


def batched(items: Iterator[Item], size: int) -> Iterator[list[Item]]:
    """Items in lists of `size`, the last one shorter."""
    while batch := list(islice(items, size)):
        yield batch

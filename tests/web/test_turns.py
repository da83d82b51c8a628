"""Turns: no more handlers work at a time than may, and no more wait."""

from __future__ import annotations

import asyncio
import threading

import gradio as gr
import pytest

from cbir.web.turns import Turns


def test_so_many_work_so_many_wait_and_the_rest_is_told() -> None:
    go, lock = threading.Event(), threading.Lock()
    working, most = 0, 0

    def work(number: int) -> int:
        nonlocal working, most
        with lock:
            working += 1
            most = max(most, working)
        assert go.wait(30)
        with lock:
            working -= 1
        return number

    async def call_all() -> list[int | BaseException]:
        take = Turns(2, waiting=3).take(work)
        calls = [asyncio.create_task(take(number)) for number in range(5)]
        while working < 2:
            await asyncio.sleep(0.01)
        with pytest.raises(gr.Error, match="Too many searches at once"):
            await take(5)
        go.set()
        answers = await asyncio.gather(*calls, return_exceptions=True)
        assert await take(6) == 6, "there is room again"
        return answers

    assert asyncio.run(call_all()) == [0, 1, 2, 3, 4]
    assert most == 2


def test_an_error_gives_the_turn_back() -> None:
    def fail() -> None:
        raise ValueError("broken")

    async def call_twice() -> None:
        take = Turns(1, waiting=1).take(fail)
        for _ in range(2):
            with pytest.raises(ValueError, match="broken"):
                await take()

    asyncio.run(call_twice())

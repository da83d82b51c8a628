"""Turns: no more handlers work at a time than may, and no more wait."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace

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


def ask(address: str, language: str = "") -> gr.Request:
    client, headers = SimpleNamespace(host=address), {"accept-language": language}
    return gr.Request(SimpleNamespace(client=client, headers=headers))  # type: ignore[arg-type]


def test_one_address_leaves_places_to_others_and_is_told_in_its_language() -> None:
    go = threading.Event()

    def work(_: gr.Request) -> bool:
        return go.wait(30)

    async def call_all() -> list[bool]:
        take = Turns(1, waiting=4).take(work)
        calls = [asyncio.create_task(take(ask("10.0.0.1"))) for _ in range(3)]
        await asyncio.sleep(0.1)
        with pytest.raises(gr.Error, match="Try again"):
            await take(ask("10.0.0.1"))
        with pytest.raises(gr.Error, match="Versuchen Sie es"):
            await take(ask("10.0.0.1", "de-AT"))
        calls.append(asyncio.create_task(take(ask("10.0.0.2"))))
        await asyncio.sleep(0.1)
        go.set()
        answers = await asyncio.gather(*calls)
        assert await take(ask("10.0.0.1")), "there is room again"
        return answers

    assert asyncio.run(call_all()) == [True] * 4

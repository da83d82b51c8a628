"""The thread that works on wardrobes: one at a time, in turn, patient, and not stopped by any of them."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Lock, Thread

import pytest

from cbir.errors import WeightsError
from cbir.network.extractor import FeatureExtractor
from cbir.web.wardrobes.indexer import NICE, Indexer
from cbir.web.wardrobes.wardrobe import Check, Wardrobe
from tests.support.obstacles import within
from tests.support.wardrobes import draw, make_wardrobe, names


class Turns:
    """Notes which wardrobes are worked on, and holds each turn until it is let go."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.order: list[str] = []
        self.begun, self.go_on = Event(), Event()
        self._one, self.together = Lock(), False
        work = Wardrobe.work

        def work_when_told(wardrobe: Wardrobe, network: Callable[[], FeatureExtractor], check: Check) -> None:
            self.together |= not self._one.acquire(blocking=False)
            self.order.append(wardrobe.folder.parent.name)
            self.begun.set()
            assert self.go_on.wait(60)
            work(wardrobe, network, check)
            self._one.release()

        patch.setattr(Wardrobe, "work", work_when_told)


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> Iterator[Turns]:
    turns = Turns(monkeypatch)
    with within(120):
        yield turns
        turns.go_on.set()


@pytest.fixture
def three(tmp_path: Path) -> list[Wardrobe]:
    """Wardrobes a, b and c, in folders of these names, with nothing to do."""
    return [make_wardrobe(tmp_path / name) for name in "abc"]


def absent() -> FeatureExtractor:
    raise WeightsError("weights.pth: absent; train it")


def test_wardrobes_are_worked_on_one_at_a_time_in_the_order_in_which_they_asked(
    turns: Turns, three: list[Wardrobe]
) -> None:
    indexer = Indexer(absent)
    assert [indexer.before(wardrobe) for wardrobe in three] == [0, 0, 0]
    for wardrobe in three:
        indexer.ask(wardrobe)
    assert turns.begun.wait(60)
    assert [indexer.before(wardrobe) for wardrobe in three] == [0, 1, 2] and turns.order == ["a"]
    turns.go_on.set()
    indexer.wait()
    assert turns.order == ["a", "b", "c"] and not turns.together
    assert [indexer.before(wardrobe) for wardrobe in three] == [0, 0, 0]


def test_one_that_asks_again_goes_behind_others_and_once(turns: Turns, three: list[Wardrobe]) -> None:
    indexer = Indexer(absent)
    indexer.ask(three[0])
    assert turns.begun.wait(60)
    for wardrobe in (three[1], three[0], three[2], three[1], three[0]):
        indexer.ask(wardrobe)
    turns.go_on.set()
    indexer.wait()
    assert turns.order == ["a", "b", "a", "c"]


def test_waiting_waits_for_those_that_ask_meanwhile(turns: Turns, three: list[Wardrobe]) -> None:
    indexer = Indexer(absent)
    indexer.wait()
    indexer.ask(three[0])
    waiting = Thread(target=indexer.wait)
    waiting.start()
    indexer.ask(three[1])
    assert waiting.is_alive()
    turns.go_on.set()
    waiting.join(60)
    assert not waiting.is_alive() and turns.order == ["a", "b"]


@pytest.mark.parametrize("error", [WeightsError("absent"), ZeroDivisionError(), OSError(28, "full")], ids=repr)
def test_one_that_cannot_be_worked_on_does_not_stop_the_next(
    error: Exception, three: list[Wardrobe], inbox: Path, extractor: FeatureExtractor
) -> None:
    answers: list[FeatureExtractor | Exception] = [error, extractor]

    def network() -> FeatureExtractor:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    indexer = Indexer(network)
    for wardrobe in three[:2]:
        wardrobe.bring([draw(inbox, 1)])
        indexer.ask(wardrobe)
    with within(120):
        indexer.wait()
    assert three[0].failure is not None and names(three[0]) == [] and not three[0].status.stage
    assert three[1].failure is None and names(three[1]) == ["001.jpg"]
    assert answers == []


def test_the_same_network_at_another_place_is_used_from_there(
    three: list[Wardrobe], inbox: Path, weights_file: Path, tmp_path: Path
) -> None:
    """Each version of the page's catalogue has a copy of the network, and old versions are removed."""
    opened: list[FeatureExtractor] = []
    indexer = Indexer(lambda: opened[-1])
    for version, wardrobe in zip(("first", "second"), three):
        copy = tmp_path / version / "weights.pth"
        copy.parent.mkdir()
        shutil.copy(weights_file, copy)
        opened.append(FeatureExtractor.open(copy))
        wardrobe.bring([draw(inbox, 1)])
        indexer.ask(wardrobe)
        with within(120):
            indexer.wait()
        assert wardrobe.failure is None and names(wardrobe) == ["001.jpg"]
        copy.unlink()


@pytest.mark.skipif(sys.platform != "linux", reason="a thread has no niceness of its own elsewhere")
def test_other_threads_come_first(three: list[Wardrobe], inbox: Path) -> None:
    before, seen = os.getpriority(os.PRIO_PROCESS, 0), []

    def network() -> FeatureExtractor:
        seen.append(os.getpriority(os.PRIO_PROCESS, 0))
        return absent()

    indexer = Indexer(network)
    three[0].bring([draw(inbox, 1)])
    indexer.ask(three[0])
    with within(60):
        indexer.wait()
    assert seen == [max(before, NICE)] and os.getpriority(os.PRIO_PROCESS, 0) == before < NICE

"""The quickest way is found, and found anew when another has become quicker."""

from __future__ import annotations

import doctest

import cbir.system.choice
from cbir.system.choice import LATEST, REMEMBERED, SOONEST, QuickestWay

ALONE = {"two": 0.011, "one": 0.019}
IN_COMPANY = {"two": 0.120, "one": 0.019}


def use(quickest: QuickestWay[str], seconds: dict[str, float], times: int) -> list[str]:
    """The ways taken; the tenth of each kind takes five times as long, as happens."""
    taken = []
    for number in range(times):
        way = quickest.choose()
        quickest.record(way, seconds[way] * (5 if number % 10 == 9 else 1))
        taken.append(way)
    return taken


def test_the_example_in_the_docstring() -> None:
    assert doctest.testmod(cbir.system.choice).failed == 0


def test_alone_the_first_way_is_taken_nearly_always() -> None:
    taken = use(QuickestWay(["two", "one"]), ALONE, 1000)
    assert taken[: SOONEST - 1] == ["two"] * (SOONEST - 1)
    assert 0 < taken.count("one") <= 1000 / LATEST + 5


def test_in_company_the_other_is_taken_soon_and_then_nearly_always() -> None:
    quickest = QuickestWay(["two", "one"])
    assert use(quickest, IN_COMPANY, SOONEST)[-1] == "one"
    assert use(quickest, IN_COMPANY, 1000).count("two") <= 1000 / LATEST + 5


def test_when_company_comes_and_goes() -> None:
    quickest = QuickestWay(["two", "one"])
    for _ in range(3):
        use(quickest, IN_COMPANY, 2 * LATEST + REMEMBERED)
        assert use(quickest, IN_COMPANY, 50).count("one") >= 48
        use(quickest, ALONE, 2 * LATEST + REMEMBERED)
        assert use(quickest, ALONE, 50).count("two") >= 48


def test_one_way_is_no_choice() -> None:
    assert set(use(QuickestWay(["only"]), {"only": 1.0}, 300)) == {"only"}

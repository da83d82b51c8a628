"""Figures: worked by hand, and intervals that cover what they should."""

from __future__ import annotations

import numpy as np
import pytest

from cbir.evaluation.metrics import average_precision, estimate, precision_at

HITS = [[True, False, True, False], [False, False, False, True], [False, False, False, False]]


def test_precision_by_hand() -> None:
    assert precision_at(HITS, 1).tolist() == [1, 0, 0]
    assert precision_at(HITS, 3).tolist() == [pytest.approx(2 / 3), 0, 0]


def test_average_precision_by_hand() -> None:
    assert average_precision(HITS).tolist() == [pytest.approx((1 + 2 / 3) / 2), 0.25, 0]


def test_average_precision_agrees_with_its_definition() -> None:
    hits = np.random.default_rng(0).random((20, 30)) < 0.3
    for row, value in zip(hits, average_precision(hits)):
        places = [place for place, hit in enumerate(row, start=1) if hit]
        expected = sum(number / place for number, place in enumerate(places, start=1)) / len(places)
        assert value == pytest.approx(expected)


def test_the_interval_holds_the_mean_and_depends_on_the_groups() -> None:
    values = np.repeat([0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0], 20)
    alone, grouped = estimate(values, range(160)), estimate(values, np.repeat(range(8), 20).tolist())
    assert alone.value == grouped.value == values.mean() and alone.size == 160
    assert grouped.low < alone.low < alone.value < alone.high < grouped.high, "photos of one contributor are alike"
    assert estimate(values, range(160)) == alone, "the same seed gives the same interval"
    same = estimate(np.full(30, 0.25), range(30))
    assert (same.value, same.low, same.high) == (0.25, 0.25, 0.25)


def test_the_interval_covers_the_truth_in_about_95_of_100_cases() -> None:
    numbers = np.random.default_rng(1)
    covered = 0
    for seed in range(200):
        each = numbers.normal(0.5, 0.2, 40).repeat(3) + numbers.normal(0, 0.1, 120)
        interval = estimate(each, np.repeat(range(40), 3).tolist(), draws=400, seed=seed)
        covered += interval.low <= 0.5 <= interval.high
    assert 176 <= covered <= 199


def test_an_interval_of_groups_of_unequal_size_by_enumeration() -> None:
    """Of two groups, (1) and (0, 0, 0), the draws are 1, 1/4 (twice as likely) and 0."""
    interval = estimate([1, 0, 0, 0], ["a", "b", "b", "b"], level=0.4, draws=20000)
    assert (interval.value, interval.low, interval.high) == (0.25, 0.25, 0.25)
    wide = estimate([1, 0, 0, 0], ["a", "b", "b", "b"], level=0.6, draws=20000)
    assert (wide.low, wide.high) == (0.0, 1.0)


def test_no_values_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one, got 0 and 0"):
        estimate([], [])
    with pytest.raises(ValueError, match="as many groups as values"):
        estimate([1.0], ["a", "b"])

"""How hypothesis draws its examples: the same ones in every run, few, and without a limit of time."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

QUICK = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

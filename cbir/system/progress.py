"""Progress: what long work tells, and bars on the terminal that show it."""

from __future__ import annotations

from time import monotonic
from typing import Any, Protocol

UNITS = {"download": "B", "garments": "pictures", "epoch": "steps", "map": "steps"}
"""What a stage counts, if not photos."""


class Progress(Protocol):
    """What long work tells: the stage it is in, how much of it is done, and the total where it is known."""

    def __call__(self, stage: str, done: int, total: int | None, /) -> object: ...


class TimeLeft:
    """How long a stage of long work still takes, by its rate so far."""

    def __init__(self, after: float) -> None:
        """after: seconds in a stage from which on its rate says something."""
        self._after = after
        self._stage, self._since, self._first, self._done = "", 0.0, 0, 0

    def __call__(self, stage: str, done: int, total: int | None) -> float | None:
        """Seconds, from what `Progress` is told; None while it cannot be said. A stage that falls back begins anew."""
        now = monotonic()
        if stage != self._stage or done < self._done:
            self._stage, self._since, self._first = stage, now, done
        self._done = done
        if total is None or done <= self._first or now - self._since <= self._after:
            return None
        return (total - done) * (now - self._since) / (done - self._first)


class Bars:
    """One progress bar a stage, with rate and time left, on the terminal's error stream."""

    def __init__(self) -> None:
        self._stage = ""
        self._bar: Any = None

    def __enter__(self) -> Bars:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def update(self, stage: str, done: int, total: int | None) -> None:
        """Show that `done` of `total`, if that is known, are done in a stage."""
        from tqdm import tqdm

        if stage != self._stage:
            if self._bar is not None:
                self._bar.close()
            unit = UNITS.get(stage.partition(" ")[0], "photos")
            scaled = unit == "B"
            self._bar = tqdm(
                desc=stage,
                total=total,
                unit=unit if scaled else f" {unit}",
                unit_scale=scaled,
                initial=done,
                dynamic_ncols=True,
            )
            self._stage = stage
        self._bar.update(done - self._bar.n)

    def note(self, **figures: str) -> None:
        """Show figures behind the bar."""
        self._bar.set_postfix(figures)

"""Progress: what long work tells, and bars on the terminal that show it."""

from __future__ import annotations

from typing import Any, Protocol

UNITS = {"download": "B", "garments": "pictures", "epoch": "steps", "map": "steps"}
"""What a stage counts, if not photos."""


class Progress(Protocol):
    """What long work tells: the stage it is in, how much of it is done, and the total where it is known."""

    def __call__(self, stage: str, done: int, total: int | None, /) -> object: ...


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

"""Progress on the terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cbir.training import Epoch, Step


UNITS = {"download": "B", "garments": "pictures", "epoch": "steps"}
"""What a stage counts, if not photos."""


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

    def report(self, news: Step | Epoch) -> None:
        """Show where a training stands."""
        from cbir.training import Step

        if isinstance(news, Step):
            self.update(f"epoch {news.epoch}", news.step, news.steps)
            self._bar.set_postfix(loss=f"{news.loss:.3f}", accuracy=f"{news.accuracy:.3f}")
        else:
            print(
                f"epoch {news.epoch}: loss {news.loss:.3f}, accuracy {news.accuracy:.3f}; "
                f"validation loss {news.validation_loss:.3f}, accuracy {news.validation_accuracy:.3f}",
                file=sys.stderr,
            )

"""Where the catalogue is when nobody names one."""

from __future__ import annotations

import os
from pathlib import Path

SHIPPED = Path(__file__).parents[2] / "index"
"""What comes along with the project: the network, and a catalogue if there is one."""


def default_folder() -> Path:
    """Where a catalogue is looked for when none is named: $CBIR_INDEX, or SHIPPED."""
    return Path(os.environ.get("CBIR_INDEX") or SHIPPED)

"""Arrays in files."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def save_array(path: Path, array: NDArray[Any]) -> None:
    """Write an .npy file. Raises OSError with the system's reason, such as a full disk, where np.save gives none."""
    content = io.BytesIO()
    np.save(content, array)
    path.write_bytes(content.getbuffer())

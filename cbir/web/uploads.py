"""What the page accepts as a photo: files that were uploaded to it, and the examples it offers."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from cbir.web.pictures import FileSet

REFUSAL = "This is not a photo that was uploaded here, or it has been deleted since. Upload it and try again."
SWEEP = (600, 3600)
"""Seconds between two sweeps of the upload folder, and the age from which on a sweep deletes a file."""


class GuardedBlocks(gr.Blocks):
    """Blocks whose image inputs take uploads and nothing else.

    A request can name any path or address. Gradio itself looks only at paths of objects that carry `meta`, downloads
    addresses, and says in its errors where it looked. Here every handler, public or private, gives the one REFUSAL
    before Gradio does anything. Handlers take their input with `preprocess=False`, a mapping that has a `path`:
    otherwise Gradio would open the file first, in any format that Pillow knows.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(delete_cache=SWEEP, **options)
        # Handlers add the pictures that they make of photos: those are swept as well.
        self.upload_file_set = FileSet()
        self.temp_file_sets = [self.upload_file_set]

    async def preprocess_data(self, block_fn: Any, inputs: list[Any], state: Any, explicit_call: bool = False) -> Any:
        """Raises gr.Error unless each image among the inputs is None or an upload."""
        for block, payload in zip(block_fn.inputs, inputs):
            if isinstance(block, gr.Image) and payload is not None and not is_upload(payload):
                raise gr.Error(REFUSAL, print_exception=False)
        return await super().preprocess_data(block_fn, inputs, state, explicit_call)


def is_upload(payload: object) -> bool:
    """Whether a payload names a regular file in Gradio's upload folder, where it keeps offered examples as well."""
    path = payload.get("path") if isinstance(payload, dict) else None
    named, real = str(Path(get_upload_folder()).absolute()), os.path.realpath(get_upload_folder())
    # Paths elsewhere are refused by their name alone: even a look at one can hang, or tell that it is there.
    if not isinstance(path, str) or not _is_below(os.path.normpath(path), named, real):
        return False
    try:
        return _is_below(os.path.realpath(path), real) and stat.S_ISREG(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False


def _is_below(path: str, *folders: str) -> bool:
    return any(Path(path).is_relative_to(folder) for folder in folders)

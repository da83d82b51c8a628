"""What the page accepts as a photo: files that were uploaded to it, and the examples it offers."""

from __future__ import annotations

import base64
import binascii
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import gradio as gr
from anyio import to_thread
from gradio.components.api_component import Api
from gradio.processing_utils import save_bytes_to_cache
from gradio.utils import get_upload_folder

from cbir.web.pictures import FileSet

if TYPE_CHECKING:
    from cbir.web.health import Health

REFUSAL = "This is not a photo that was uploaded here, or it has been deleted since. Upload it and try again."
SWEEP = (600, 3600)
"""Seconds between two sweeps of the upload folder, and the age from which on a sweep deletes a file."""
SERVED = "/gradio_api/file="
"""What comes before a file's path in its address."""
LONGEST = 28_000_000
"""Characters of a photo sent as text, at most: 20 MB."""
PHOTO = "photo"
"""Label of the parameter of an endpoint that takes a photo."""


class GuardedBlocks(gr.Blocks):
    """Blocks whose inputs take uploads and no other file.

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
        self.example = "photo.jpg"
        """Address of a photo that may be searched, for the documentation of the API."""
        self.health: Health | None = None
        """What its health check tells."""

    def get_api_info(self, all_endpoints: bool = False, page: str | None = None) -> Any:
        """Gradio's documentation of the endpoints, with examples that may be sent as they are."""
        told = super().get_api_info(all_endpoints, page)
        photo = {"path": self.example, "url": self.example, "meta": {"_type": "gradio.FileData"}}
        for endpoint in told["named_endpoints"].values():
            for one in endpoint["parameters"]:
                one["example_input"] = photo if one["label"] == PHOTO else one["parameter_default"]
        return told

    async def preprocess_data(self, block_fn: Any, inputs: list[Any], state: Any, explicit_call: bool = False) -> Any:
        """Raises gr.Error unless each photo among the inputs is None or an upload, and no other input names a file.

        Last inputs of an endpoint for programs may be left out.
        """
        left_out = [block.value for block in block_fn.inputs[len(inputs) :] if isinstance(block, Api)]
        checked = []
        for block, payload in zip(block_fn.inputs, [*inputs, *left_out]):
            if takes_photo(block) and payload is not None:
                payload = await to_thread.run_sync(self._take, payload)
            elif names_file(payload):
                raise gr.Error(REFUSAL, print_exception=False)
            checked.append(payload)
        return await super().preprocess_data(block_fn, checked, state, explicit_call)

    def _take(self, payload: object) -> dict[str, Any]:
        """The upload that a payload names or is."""
        named = payload.get("path") if isinstance(payload, dict) else payload
        path = self._save(payload) if isinstance(payload, str) and payload.startswith("data:") else path_in(named)
        if not is_upload({"path": path}):
            raise gr.Error(REFUSAL, print_exception=False)
        return {"path": path, "meta": {"_type": "gradio.FileData"}}

    def _save(self, text: str) -> str | None:
        """Path of a photo that came as a data address of base64, kept as an upload is; None if it is none."""
        head, _, data = text.partition(",")
        try:
            photo = base64.b64decode(data, validate=True) if head.endswith(";base64") and len(text) <= LONGEST else b""
        except (binascii.Error, ValueError):
            return None
        if not photo:
            return None
        path = save_bytes_to_cache(photo, "photo.jpg", get_upload_folder())
        self.upload_file_set.add(path)
        return path


def takes_photo(block: object) -> bool:
    """Whether an input of a handler is a photo: that of the page, or the parameter of an endpoint for programs."""
    return isinstance(block, gr.Image) or (isinstance(block, Api) and block.label == PHOTO)


def path_in(named: object) -> object:
    """The path in the address of a file that Gradio serves, which is not asked for it; all else as it is."""
    if not isinstance(named, str) or not named.startswith(("http://", "https://")):
        return named
    try:
        _, found, path = urlsplit(named).path.partition(SERVED)
    except ValueError:
        return named
    return unquote(path) if found else named


def names_file(payload: object) -> bool:
    """Whether a payload has an object in it that Gradio would take for a file, and copy or download."""
    rest = [payload]
    while rest:
        one = rest.pop()
        if isinstance(one, dict):
            if "path" in one and "meta" in one:
                return True
            rest.extend(one.values())
        elif isinstance(one, list):
            rest.extend(one)
    return False


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

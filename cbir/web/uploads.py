"""What the page accepts as a photo: files that were uploaded to it, and the examples it offers."""

from __future__ import annotations

import base64
import binascii
import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import gradio as gr
from anyio import CapacityLimiter, to_thread
from gradio.components.api_component import Api
from gradio.processing_utils import save_bytes_to_cache
from gradio.utils import get_upload_folder

from cbir.errors import CbirError, PhotoError
from cbir.photos.vet import Vetter, needs_vetting
from cbir.system.process import count_cores
from cbir.web.answers import hide_server_path
from cbir.web.log import log_odd
from cbir.web.pictures import FileSet

if TYPE_CHECKING:
    from cbir.web.health import Health

REFUSAL = "This is not a photo that was uploaded here, or it has been deleted since. Upload it and try again."
ODD = "The page cannot make anything of this request. Reload it and try again."
FILES = 500
"""Files that are taken at once, at most."""
UNREAD = {"meta": {"_type": "gradio.FileData"}, "is_stream": True}
"""What Gradio has to be told of a file so that it does not look for it."""
TOO_MANY = f"Bring at most {FILES} files at once, or a zip of them."
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
        self.upload_file_set = FileSet()
        self.made = FileSet()
        """Pictures that handlers make of photos, files that they give, and photos that are searched: those are swept as
        uploads are, and not deleted if the same photo is brought to a wardrobe, whose upload is the same file."""
        self.temp_file_sets = [self.upload_file_set, self.made]
        self.example = "photo.jpg"
        """Address of a photo that may be searched, for the documentation of the API."""
        self.health: Health | None = None
        """What its health check tells."""
        self.vetter, self._vets = Vetter(count_cores()), CapacityLimiter(count_cores())
        self.closing: list[Callable[[], None]] = [self.vetter.close]
        """What is to be done when it is stopped."""

    def get_api_info(self, all_endpoints: bool = False, page: str | None = None) -> Any:
        """Gradio's documentation of the endpoints, with examples that may be sent as they are."""
        told = super().get_api_info(all_endpoints, page)
        photo = {"path": self.example, "url": self.example, "meta": {"_type": "gradio.FileData"}}
        for endpoint in told["named_endpoints"].values():
            for one in endpoint["parameters"]:
                one["example_input"] = photo if one["label"] == PHOTO else one["parameter_default"]
        return told

    async def process_api(self, *sent: Any, **options: Any) -> Any:
        """Raises gr.Error, and leaves no trace, if what was chosen names a file: no choice of a page of ours does."""
        event = options.get("event_data")
        if event is not None and names_file(event._data, whole=False):
            raise gr.Error(REFUSAL, print_exception=False)
        return await super().process_api(*sent, **options)

    async def preprocess_data(self, block_fn: Any, inputs: list[Any], state: Any, explicit_call: bool = False) -> Any:
        """Raises gr.Error unless each photo among the inputs is None or an upload, and no other input names a file.

        Last inputs of an endpoint for programs may be left out.
        """
        left_out = [block.value for block in block_fn.inputs[len(inputs) :] if isinstance(block, Api)]
        checked = []
        for block, payload in zip(block_fn.inputs, [*inputs, *left_out]):
            if takes_photo(block) and payload is not None:
                payload = await to_thread.run_sync(self._take, payload)
                self.made.add(payload["path"])
                if await to_thread.run_sync(needs_vetting, Path(payload["path"])):
                    # Those that wait for it hold no thread that others need.
                    await to_thread.run_sync(self._vet, payload["path"], limiter=self._vets)
            elif isinstance(block, gr.File) and payload is not None:
                payload = await to_thread.run_sync(self._take_all, payload)
            elif names_file(payload):
                raise gr.Error(REFUSAL, print_exception=False)
            checked.append(payload)
        try:
            return await super().preprocess_data(block_fn, checked, state, explicit_call)
        except Exception as error:  # too few inputs, or others than any page of ours sends
            log_odd(error)
            raise gr.Error(ODD, print_exception=False) from error

    def _take_all(self, payload: object) -> list[dict[str, Any]]:
        """The uploads that a payload lists, each with what its sender calls it, which may be anything.

        One that is gone stays in the list, so that who takes the others can tell.
        """
        if not isinstance(payload, list) or len(payload) > FILES:
            raise gr.Error(TOO_MANY, print_exception=False)
        return [self._take_or_name(one) for one in payload if isinstance(one, dict)]

    def _take_or_name(self, payload: dict[str, Any]) -> dict[str, Any]:
        taken = UNREAD | {"path": payload["path"]} if is_gone(payload) else self._take(payload)
        return taken | {"orig_name": payload.get("orig_name")}

    def _take(self, payload: object) -> dict[str, Any]:
        """The upload that a payload names or is."""
        named = payload.get("path") if isinstance(payload, dict) else payload
        path = self._save(payload) if isinstance(payload, str) and payload.startswith("data:") else path_in(named)
        if not is_upload({"path": path}):
            raise gr.Error(REFUSAL, print_exception=False)
        return {"path": path, "meta": {"_type": "gradio.FileData"}}

    def _vet(self, path: str) -> None:
        """Raise gr.Error for a photo at which a decoder would crash."""
        try:
            self.vetter.check(Path(path))
        except PhotoError as error:
            raise gr.Error(hide_server_path(error, path), print_exception=False) from error

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


def make_upload_folder() -> None:
    """Raise CbirError unless files can be kept where uploads go: another user of the machine may have made that."""
    try:
        folder = Path(get_upload_folder())
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        remedy = "set GRADIO_TEMP_DIR to a folder that can be written to"
        raise CbirError(f"uploads cannot be kept: {error}; {remedy}") from error


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


def names_file(payload: object, *, whole: bool = True) -> bool:
    """Whether a payload has an object in it that Gradio would take for a file, and copy or download.

    whole: an object with a path alone is none; it can be a filter by a column of that name.
    """
    rest = [payload]
    while rest:
        one = rest.pop()
        if isinstance(one, dict):
            if "path" in one and ("meta" in one or not whole):
                return True
            rest.extend(one.values())
        elif isinstance(one, list):
            rest.extend(one)
    return False


def is_upload(payload: object) -> bool:
    """Whether a payload names a regular file in Gradio's upload folder, where it keeps offered examples as well."""
    path = _path_of_upload(payload)
    try:
        return path is not None and stat.S_ISREG(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False


def is_gone(payload: object) -> bool:
    """Whether a payload names a file in Gradio's upload folder that is not there, as after a sweep."""
    path = _path_of_upload(payload)
    try:
        if path is not None:
            os.lstat(path)
    except OSError as error:
        return isinstance(error, FileNotFoundError)
    return False


def _path_of_upload(payload: object) -> str | None:
    """The path that a payload names, if it lies in Gradio's upload folder, whatever is there."""
    path = payload.get("path") if isinstance(payload, dict) else None
    named, real = str(Path(get_upload_folder()).absolute()), os.path.realpath(get_upload_folder())
    # Paths elsewhere are refused by their name alone: even a look at one can hang, or tell that it is there.
    if not isinstance(path, str) or not _is_below(os.path.normpath(path), named, real):
        return None
    try:
        return path if _is_below(os.path.realpath(path), real) else None
    except (OSError, ValueError):
        return None


def _is_below(path: str, *folders: str) -> bool:
    return any(Path(path).is_relative_to(folder) for folder in folders)

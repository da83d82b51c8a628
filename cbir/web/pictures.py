"""Pictures of the page: files in Gradio's own folder, the only one that is served, and their addresses."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from gradio.processing_utils import save_bytes_to_cache, save_file_to_cache, save_pil_to_cache
from gradio.utils import get_upload_folder
from PIL import Image

from cbir.photos.decode import load_image
from cbir.photos.drawing import frame_region
from cbir.photos.formats import SHOWN_BY_BROWSERS, recognise
from cbir.photos.region import Region

PREVIEW_SIDE = 800
"""Short side in pixels of the copy that is shown of a photo whose format browsers cannot show."""
BROWSER_SUFFIXES = frozenset((".avif", ".bmp", ".gif", ".jfif", ".jpeg", ".jpg", ".png", ".webp"))
"""Names from which Gradio and browsers guess a picture."""


class FileSet(set[str]):
    """Paths of files. Gradio's sweep goes through it while handlers add to it, which a plain set does not survive.

    Gradio never lets go of a file that somebody else deleted; going through it does.
    """

    def __iter__(self) -> Iterator[str]:
        for path in set(self):
            if os.path.lexists(path):
                yield path
            else:
                self.discard(path)


class Pictures:
    """Puts pictures where the page can get them, and remembers which, so that they are swept as uploads are."""

    def __init__(self, files: set[str]) -> None:
        """files: what the page sweeps; see GuardedBlocks."""
        self._files = files
        self.kept = FileSet()
        """What the page offers, which stays as long as it does."""

    def show(self, photo: str) -> str:
        """Address of what a browser can show of a photo in Gradio's folder: the file itself, or a picture of it."""
        shown = shown_by_browsers(photo)
        return address(photo) if isinstance(shown, str) else self.put(shown)

    def put(self, picture: Image.Image) -> str:
        """Address of a picture that was made."""
        return self._keep(save_pil_to_cache(picture, get_upload_folder(), format="jpeg"))

    def bring(self, photo: Path) -> str:
        """Path of a copy of a photo, as if it had been uploaded."""
        path = save_file_to_cache(photo, get_upload_folder())
        self._keep(path)
        return path

    def offer(self, picture: Image.Image) -> str:
        """Address of a picture that stays."""
        path = save_pil_to_cache(picture, get_upload_folder(), format="jpeg")
        self.kept.add(path)
        return address(path)

    def offer_photo(self, photo: Path) -> str:
        """Address of a copy of a photo that stays, and can be searched as if it had been uploaded."""
        path = save_file_to_cache(photo, get_upload_folder())
        self.kept.add(path)
        return address(path)

    def put_file(self, data: bytes, name: str) -> str:
        """Address of a file to be downloaded under a name."""
        return self._keep(save_bytes_to_cache(data, name, get_upload_folder()))

    def put_thumb(self, thumb: Path, region: Region | None) -> str:
        """Address of a thumbnail of the catalogue, with a frame about a region of it, if any.

        It is of a copy, which an update of the catalogue does not remove.
        """
        if region is not None:
            return self.put(frame_region(load_image(thumb), region))
        return self._keep(save_file_to_cache(thumb, get_upload_folder()))

    def delete_upload(self, photo: Path) -> None:
        """Delete a photo that was uploaded, which a visitor named; not what the page made or offers."""
        if str(photo) not in self._files and str(photo) not in self.kept:
            with suppress(OSError):
                photo.unlink()

    def _keep(self, path: str) -> str:
        os.utime(path)  # a copy that was there already is as good as new
        self._files.add(path)
        return address(path)


def address(path: str) -> str:
    """Where the page gets a file in Gradio's folder, relative to the page's own address."""
    return f"gradio_api/file={quote(path)}"


def shown_by_browsers(photo: str) -> str | Image.Image:
    """What a browser can show of a photo: the file itself, whatever it is called, or a picture of it."""
    with Path(photo).open("rb") as file:
        shown = recognise(file.read(64)) in SHOWN_BY_BROWSERS and Path(photo).suffix.lower() in BROWSER_SUFFIXES
    return photo if shown else load_image(photo, short_side=PREVIEW_SIDE)

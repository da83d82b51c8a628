"""What the page shows of a garment that was found in a photo of the catalogue."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from gradio.utils import get_upload_folder
from PIL import Image

from cbir.photos.region import Region
from cbir.web.pictures import Pictures
from tests.support.drawings import draw_garment


def test_a_match_is_framed_in_a_file_of_the_page(tmp_path: Path) -> None:
    thumb = tmp_path / "thumb.jpg"
    draw_garment(1, "hat").save(thumb)
    files: set[str] = set()
    Pictures(files).put_thumb(thumb, None)
    assert Path(files.pop()).read_bytes() == thumb.read_bytes()
    address = Pictures(files).put_thumb(thumb, Region(0.25, 0.25, 0.75, 0.5))
    shown = Path(files.pop())
    assert address == f"gradio_api/file={shown}"
    assert Path(get_upload_folder()).resolve() in shown.parents
    with Image.open(shown) as framed, Image.open(thumb) as plain:
        assert framed.size == plain.size
        differing = np.abs(np.asarray(framed).astype(int) - np.asarray(plain)).max(-1) > 100
        assert (
            differing[100, 80:240].mean() > 0.9 and not differing[:90].any() and not differing[120:180, 100:220].any()
        )

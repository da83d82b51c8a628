"""The public clothing dataset, downloaded and indexed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cbir.datasets.clothing.download import download_clothing
from cbir.system.progress import Progress

if TYPE_CHECKING:
    from cbir.catalogue.build import Report


def bring_clothing(out: Path, weights: Path, *, url: str | None = None, progress: Progress = lambda *_: None) -> Report:
    """Fetch the clothing dataset to a folder and index it, as far as that is not done.

    weights: what FeatureExtractor.open takes. Raises what download_clothing and index_photos raise.
    """
    # Torch comes with them, and a page that waits for photos need not wait for torch.
    from cbir.catalogue.build import index_photos
    from cbir.network.extractor import FeatureExtractor

    download_clothing(out, url=url, progress=progress)
    return index_photos(out, catalogue_of(out), FeatureExtractor.open(weights), progress=progress)


def catalogue_of(out: Path) -> Path:
    """Where the catalogue of the clothing dataset at `out` is."""
    return out / "index"

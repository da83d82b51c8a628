"""Visual search for clothes: a photo in, the most similar garments of a catalogue out, proven exact."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cbir.network.extractor import FeatureExtractor
    from cbir.search import Searcher

__all__ = ["FeatureExtractor", "Searcher"]

_HOMES = {"FeatureExtractor": "cbir.network.extractor", "Searcher": "cbir.search"}


def __getattr__(name: str) -> Any:
    """Load torch and hnswlib only when a name that needs them is first used (PEP 562)."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

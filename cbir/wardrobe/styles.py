"""What a kind of garment is: its styles, each with fabrics and patterns, and how many families the catalogue has."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from cbir.wardrobe.cloth.colours import COLOURS
from cbir.wardrobe.geometry.noise import Random
from cbir.wardrobe.geometry.pieces import Piece

Cut = Callable[[str, Random, Random], list[Piece]]
"""A function of a style and of two random generators: the family's (the shape), the garment's (how it lies)."""


class Style(NamedTuple):
    """One cut of a kind. The families of a style take its patterns in turn, and its fabrics by chance."""

    name: str
    fabrics: tuple[str, ...]
    patterns: tuple[str, ...]


class Kind(NamedTuple):
    """One kind of garment."""

    label: str
    families: int
    """How many families the sample catalogue has."""
    cut: Cut
    styles: tuple[Style, ...]
    palette: tuple[str, ...] = tuple(COLOURS)
    """Colours that its families are drawn from; some fabrics have palettes of their own."""
    later: tuple[Style, ...] = ()
    """Styles that were added later, and have numbers of their own, so that the others keep theirs."""
    later_families: int = 0
    """How many families of these the sample catalogue has."""

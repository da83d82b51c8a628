"""The pieces of a garment: panels of cloth, lines on them, and discs such as buttons. Lengths are in centimetres.

A garment is a list of pieces, the lowest first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from cbir.wardrobe.geometry.outlines import Outline, Point


class Crease(NamedTuple):
    """One fold that comes from the cut, such as a fold that runs from an armpit."""

    start: Point
    end: Point
    width: float
    height: float
    bend: float = 0.0
    """How far its middle lies beside the straight line."""


@dataclass(frozen=True)
class Panel:
    """A piece of cloth. Angles are in degrees."""

    outline: Outline
    cloth: str = "main"
    """The name of the cloth that it is cut from: main, sleeve, trim, inside, sole, ..."""
    grain: float = 0.0
    """How far the cloth and its pattern are turned."""
    lift: float = 0.6
    """Height above what lies below."""
    edge: float = 1.6
    """Width of the rounded edge."""
    bulge: float = 0.0
    """Extra height in its middle, for what is stuffed or stiff."""
    folds: float = 1.0
    """How strongly it folds; 1 is a light shirt."""
    relief: str = ""
    """"rib", "pleats" or "quilt": what is knitted or sewn in on top of the weave."""
    creases: tuple[Crease, ...] = ()
    dark: float = 1.0
    """The share of the light that reaches it. The inside of a neck gets less than 1."""


@dataclass(frozen=True)
class Line:
    """Something along a line, open unless its last point is its first."""

    points: Outline
    style: str = "seam"
    """"seam", "stitch" (a row of stitches), "crease" (pressed in), "zip" or "cord"."""
    cloth: str = "main"
    """Of zips and cords; the others have the colour of what they lie on, or of the thread."""
    width: float = 0.5
    """Of zips and cords; the others have widths of their own."""


@dataclass(frozen=True)
class Disc:
    """A button, snap or eyelet."""

    centre: Point
    diameter: float
    style: str = "button"
    """"button", with a rim and holes, or "snap"."""
    cloth: str = "button"


Piece = Panel | Line | Disc

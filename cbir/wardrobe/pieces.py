"""What a garment is made of, lowest piece first: panels of cloth, lines on them, buttons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from cbir.wardrobe.outlines import Outline, Point


class Crease(NamedTuple):
    """One fold that the cut brings about, such as those that run from an armpit."""

    start: Point
    end: Point
    width: float = 2.0
    height: float = 0.35
    bend: float = 0.0
    """How far its middle lies off the straight line, in centimetres."""


@dataclass(frozen=True)
class Panel:
    """A piece of cloth. Lengths in centimetres, angles in degrees."""

    outline: Outline
    cloth: str = "main"
    """Which cloth of the garment it is cut from: main, sleeve, trim, inside, sole, ..."""
    grain: float = 0.0
    """How far the cloth, and its pattern, is turned."""
    lift: float = 0.6
    """Height above what lies below."""
    edge: float = 1.6
    """Width over which its edge rounds off."""
    bulge: float = 0.0
    """Further height in its middle, for what is stuffed or stiff."""
    folds: float = 1.0
    """How much it folds; 1 is a light shirt."""
    relief: str = ""
    """"rib", "pleats", "quilt" or "grooves": a shape of its own on top of the fabric's."""
    creases: tuple[Crease, ...] = ()
    dark: float = 1.0
    """How much light reaches it: the inside of a neck gets less."""


@dataclass(frozen=True)
class Line:
    """Something sewn along a line: a seam, a row of stitches, a zip, a cord, a crease pressed in."""

    points: Outline
    style: str = "seam"
    cloth: str = "main"
    width: float = 0.5


@dataclass(frozen=True)
class Disc:
    """A button, snap or eyelet."""

    centre: Point
    diameter: float = 1.3
    style: str = "button"
    cloth: str = "button"


Piece = Panel | Line | Disc

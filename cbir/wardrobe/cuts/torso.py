"""The upper body of a garment: its measures, the front, the sleeves and the neck."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cbir.wardrobe.geometry.noise import Random
from cbir.wardrobe.geometry.outlines import Outline, Point, between, box, curve, join, step, symmetric, tube
from cbir.wardrobe.geometry.pieces import Crease, Disc, Line, Panel, Piece
from cbir.wardrobe.geometry.placing import both, mirror

SIDES = (1, -1)


@dataclass(frozen=True, kw_only=True)
class Torso:
    """The measures of a front, in centimetres. Widths are half widths; heights are counted down from the shoulders."""

    neck: float
    depth: float
    """How far the neckline comes down in front."""
    shoulder: float = 22.0
    drop: float = 4.5
    """How far the shoulder slopes down."""
    armpit: float = 24.0
    chest: float = 26.0
    waist: float
    hem: float = 25.5
    length: float
    neckline: str = "crew"
    """"crew", "v" or "boat"."""
    curved: float = 0.8
    """How far the hem hangs lower in the middle."""

    def collar(self) -> Outline:
        """The right half of the neckline, from the middle up to the shoulder."""
        w, d = self.neck, self.depth
        if self.neckline == "v":
            return curve((0, d), (0.55 * w, 0.45 * d), (w, 0))
        if self.neckline == "boat":
            return curve((0, d), (0.6 * w, 0.75 * d), (w, 0))
        return curve((0, d), (0.5 * w, 0.86 * d), (0.88 * w, 0.45 * d), (w, 0))

    def armhole(self, *, bare: float = 0.0) -> Outline:
        """The right armhole, from the shoulder to the armpit. Without sleeves, `bare` is how much deeper it is cut."""
        s, c, tall = self.shoulder, self.chest, self.armpit - self.drop
        if bare:
            inner = min(s, c) - bare
            points = (inner, self.drop + 0.45 * tall), (inner + 0.32 * (c - inner), self.drop + 0.82 * tall)
            return curve((s, self.drop), *points, (c, self.armpit))
        return curve((s, self.drop), (min(s, c) - 2.2, self.drop + 0.55 * tall), (c, self.armpit))

    def side(self) -> Outline:
        """The right side, from the armpit to the hem."""
        low = self.armpit + 0.5 * (self.length - self.armpit)
        return curve((self.chest, self.armpit), (self.waist, low), (self.hem, self.length))

    def front(self, *, bare: float = 0.0) -> Outline:
        """The whole front."""
        end = [(self.hem * 0.5, self.length + self.curved), (0.0, self.length + 1.2 * self.curved)]
        return symmetric(self.collar(), self.armhole(bare=bare), self.side(), curve((self.hem, self.length), *end))

    def back(self) -> Outline:
        """The part of the inside of the back that is seen above the front neckline."""
        w = self.neck
        return symmetric(
            curve((0, 1.4), (0.6 * w, 1.0), (w, -0.3)), [(w + 1, 2)], [(w, self.depth + 3), (0, self.depth + 4)]
        )


def inside(torso: Torso, *, label: bool = True) -> list[Piece]:
    """The back of the neck, with its label."""
    pieces: list[Piece] = [Panel(torso.back(), "inside", folds=0.1, dark=0.55, lift=0.1, edge=0.3)]
    if label:
        pieces.append(Panel(box(-1.7, 2.0, 1.7, 4.6), "label", folds=0, lift=0.15, edge=0.2, dark=0.8))
    return pieces


def front(
    torso: Torso, lay: Random, *, folds: float = 1.0, bare: float = 0.0, hem: str = "stitch", relief: str = ""
) -> list[Piece]:
    """The front with its folds, seams and hem. hem: "stitch" or "rib"; bare: as in Torso.armhole."""
    creases = []
    for side in SIDES:
        pit = (side * (torso.chest - 1), torso.armpit + 1)
        for _ in range(lay.integers(1, 4)):
            end = (side * lay.uniform(0.1, 0.6) * torso.chest, torso.armpit + lay.uniform(-8, 22))
            creases.append(Crease(pit, end, lay.uniform(1.4, 2.8), lay.uniform(0.25, 0.6), lay.uniform(-3, 3)))
    for _ in range(lay.integers(1, 5)):
        x, y = lay.uniform(-0.8, 0.8) * torso.hem, lay.uniform(0.55, 0.95) * torso.length
        end = (x + lay.uniform(-9, 9), y + lay.uniform(-16, 10))
        creases.append(Crease((x, y), end, lay.uniform(1.4, 3), lay.uniform(0.2, 0.5), lay.uniform(-3, 3)))
    pieces: list[Piece] = [Panel(torso.front(bare=bare), folds=folds, creases=tuple(creases), relief=relief)]
    pieces += both(Line(torso.armhole(bare=bare), "seam"))
    if hem == "stitch":
        low = torso.length - 2.2
        pieces.append(Line(curve((-torso.hem, low), (0, low + torso.curved), (torso.hem, low)), "stitch"))
    else:
        half = torso.hem - 0.4
        band = box(-half, torso.length - 2.5, half, torso.length + 6)
        pieces.append(Panel(band, "trim", folds=0.1, relief="rib"))
    return pieces


def crease(pieces: list[Piece], creases: tuple[Crease, ...]) -> list[Piece]:
    """Pieces whose panels have further folds."""
    return [
        replace(piece, creases=(*piece.creases, *creases)) if isinstance(piece, Panel) else piece for piece in pieces
    ]


def neck_band(torso: Torso, *, width: float = 2.2, cloth: str = "trim", relief: str = "rib") -> list[Piece]:
    """A knitted band along the neckline."""
    inner = torso.collar()
    grow = 1 + width / torso.neck
    outer = inner * (grow, 1) + (0, width)
    outer[-1] = (torso.neck + width, 0.9)
    if torso.neckline == "v":
        outer[0] = (0, torso.depth + 1.3 * width)
    half = join(inner, outer[::-1])
    return both(Panel(half, cloth, folds=0, lift=0.35, edge=0.5, relief=relief), Line(outer, "seam"))


def sleeves(
    torso: Torso,
    lay: Random,
    *,
    length: float,
    cuff: float,
    angle: float,
    folds: float = 1.0,
    end: str = "hem",
) -> list[Piece]:
    """Both sleeves, at an angle below the horizontal in degrees. They lie below the front.

    length: in centimetres; cuff: the width at the hand. end: "hem", "rib", "cuff", "band" or "none".
    """
    pieces: list[Piece] = []
    for side in SIDES:
        lean = angle + lay.uniform(-5, 5)
        shoulder, pit = (torso.shoulder, torso.drop), (torso.chest, torso.armpit)
        root = between(shoulder, pit, 0.5)
        bend = lay.uniform(-4, 9) if length > 35 else 0.0
        elbow = step(root, lean - bend, 0.5 * length)
        hand = step(elbow, lean + bend, 0.5 * length)
        wide = (
            0.5 * (cuff + float(np.hypot(pit[0] - shoulder[0], pit[1] - shoulder[1]))) * (0.98 if length > 35 else 1.0)
        )
        upper = curve(shoulder, step(elbow, lean - 90, wide / 2), step(hand, lean + bend - 90, cuff / 2))
        lower = curve(step(hand, lean + bend + 90, cuff / 2), step(elbow, lean + 90, wide / 2), pit)
        tucked = [(pit[0] - 5, pit[1] + 0.5), (shoulder[0] - 6, shoulder[1] + 2)]
        outline = join(upper, lower, tucked)
        grain = lean - 90
        tug = Crease(step(root, lean, 3), between((torso.chest, torso.armpit), hand, 0.35), 2.2, 0.5)
        creases = [tug]
        if length > 35:
            for _ in range(4):
                at = between(elbow, hand, lay.uniform(-0.25, 0.4))
                across = lean + 90 + lay.uniform(-25, 25)
                creases.append(
                    Crease(
                        step(at, across, 0.4 * cuff), step(at, across + 180, 0.5 * cuff), 1.6, 0.4, lay.uniform(-1, 1)
                    )
                )
        parts: list[Piece] = [Panel(outline, "sleeve", grain, folds=folds, creases=tuple(creases))]
        parts += _sleeve_end(end, hand, lean + bend, cuff, grain)
        pieces += parts if side > 0 else [mirror(part) for part in parts]
    return pieces


def _sleeve_end(end: str, hand: Point, along: float, cuff: float, grain: float) -> list[Piece]:
    """How a sleeve ends at the hand; along: its direction there, in degrees."""

    def band(start: float, stop: float, widths: tuple[float, float]) -> Outline:
        return tube((step(hand, along, start), step(hand, along, stop)), widths)

    if end == "rib":
        return [Panel(band(0, 6, (0.92 * cuff, 0.78 * cuff)), "trim", grain, folds=0.1, relief="rib")]
    if end == "cuff":
        return [
            Panel(band(-1, 6, (cuff, cuff)), "sleeve", grain, folds=0.15, lift=0.7, edge=0.6),
            Line(_across(step(hand, along, 0), along, 0.94 * cuff), "stitch"),
            Disc(step(step(hand, along, 3), along + 90, 0.25 * cuff), 1.1),
        ]
    if end == "band":
        ribbed = band(-1, 2, (cuff, 0.96 * cuff))
        return [Panel(ribbed, "collar", grain, folds=0.1, lift=0.5, edge=0.6, relief="rib")]
    if end == "hem":
        return [Line(_across(step(hand, along, -2.2), along, 0.97 * cuff), "stitch")]
    return []


def _across(centre: Point, angle: float, width: float) -> Outline:
    return curve(step(centre, angle + 90, width / 2), step(centre, angle - 90, width / 2))

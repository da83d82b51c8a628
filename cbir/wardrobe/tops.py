"""Cuts of what is worn above the waist, and of dresses: from T-shirts to coats."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cbir.wardrobe.outlines import (
    Outline,
    Point,
    between,
    box,
    curve,
    ellipse,
    flip,
    join,
    step,
    symmetric,
    tube,
)
from cbir.wardrobe.pieces import Crease, Disc, Line, Panel, Piece

Random = np.random.Generator
SIDES = (1, -1)


@dataclass(frozen=True)
class Torso:
    """The measures of a front, centimetres from the middle of the neck at the shoulders' height; widths are halves."""

    neck: float = 8.5
    depth: float = 9.0
    """How far the neckline comes down in front."""
    shoulder: float = 22.0
    drop: float = 4.5
    """How far the shoulder slopes down."""
    armpit: float = 24.0
    chest: float = 26.0
    waist: float = 25.0
    hem: float = 25.5
    length: float = 68.0
    neckline: str = "crew"
    curved: float = 0.8
    """How far the hem hangs lower in the middle."""

    def collar(self) -> Outline:
        """The right half of the neckline, from the middle up to the shoulder."""
        w, d = self.neck, self.depth
        if self.neckline == "v":
            return curve((0, d), (0.55 * w, 0.45 * d), (w, 0))
        if self.neckline == "square":
            return join([(0, d), (0.85 * w, d)], [(w, 0)])
        if self.neckline == "boat":
            return curve((0, d), (0.6 * w, 0.75 * d), (w, 0))
        return curve((0, d), (0.5 * w, 0.86 * d), (0.88 * w, 0.45 * d), (w, 0))

    def armhole(self, *, bare: float = 0.0) -> Outline:
        """The right armhole, from the shoulder to the armpit; `bare` cuts it deeper, for what has no sleeves."""
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
        """What shows of the inside of the back, above the front neckline."""
        w = self.neck
        return symmetric(curve((0, 1.4), (0.6 * w, 1.0), (w, -0.3)), [(w + 1, 2)], [(w, self.depth + 3), (0, self.depth + 4)])


def inside(torso: Torso, *, label: bool = True) -> list[Piece]:
    """The back of the neck, with its label."""
    pieces: list[Piece] = [Panel(torso.back(), "inside", folds=0.1, dark=0.55, lift=0.1, edge=0.3)]
    if label:
        pieces.append(Panel(box(-1.7, 2.0, 1.7, 4.6), "label", folds=0, lift=0.15, edge=0.2, dark=0.8))
    return pieces


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
    """Both sleeves, laid out at an angle below the horizontal (degrees); they go below the front.

    cuff: its width. end: "hem", "rib", "cuff", "band" or "none".
    """
    pieces: list[Piece] = []
    for side in SIDES:
        lean = angle + lay.uniform(-5, 5)
        shoulder, pit = (torso.shoulder, torso.drop), (torso.chest, torso.armpit)
        root = between(shoulder, pit, 0.5)
        bend = lay.uniform(-4, 9) if length > 35 else 0.0
        elbow = step(root, lean - bend, 0.5 * length)
        hand = step(elbow, lean + bend, 0.5 * length)
        wide = 0.5 * (cuff + float(np.hypot(pit[0] - shoulder[0], pit[1] - shoulder[1]))) * (0.98 if length > 35 else 1.0)
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
                    Crease(step(at, across, 0.4 * cuff), step(at, across + 180, 0.5 * cuff), 1.6, 0.4, lay.uniform(-1, 1))
                )
        parts: list[Piece] = [Panel(outline, "sleeve", grain, folds=folds, creases=tuple(creases))]
        if end == "rib":
            parts.append(Panel(tube((hand, step(hand, lean + bend, 6)), (0.92 * cuff, 0.78 * cuff)), "trim", grain, folds=0.1, relief="rib"))
        elif end == "cuff":
            parts.append(Panel(tube((step(hand, lean + bend, -1), step(hand, lean + bend, 6)), (cuff, cuff)), "sleeve", grain, folds=0.15, lift=0.7, edge=0.6))
            parts.append(Line(_across(step(hand, lean + bend, 0), lean + bend, 0.94 * cuff), "stitch"))
            parts.append(Disc(step(step(hand, lean + bend, 3), lean + bend + 90, 0.25 * cuff), 1.1))
        elif end == "band":
            parts.append(Panel(tube((step(hand, lean + bend, -1), step(hand, lean + bend, 2)), (cuff, 0.96 * cuff)), "collar", grain, folds=0.1, lift=0.5, edge=0.6, relief="rib"))
        elif end == "hem":
            parts.append(Line(_across(step(hand, lean + bend, -2.2), lean + bend, 0.97 * cuff), "stitch"))
        pieces += parts if side > 0 else [mirror(part) for part in parts]
    return pieces


def _across(centre: Point, angle: float, width: float) -> Outline:
    return curve(step(centre, angle + 90, width / 2), step(centre, angle - 90, width / 2))


def mirror(piece: Any) -> Any:
    """The same piece on the other side."""
    if isinstance(piece, Disc):
        return replace(piece, centre=(-piece.centre[0], piece.centre[1]))
    if isinstance(piece, Line):
        return replace(piece, points=piece.points * (-1, 1))
    creases = tuple(
        crease._replace(start=(-crease.start[0], crease.start[1]), end=(-crease.end[0], crease.end[1]), bend=-crease.bend)
        for crease in piece.creases
    )
    return replace(piece, outline=flip(piece.outline), grain=-piece.grain, creases=creases)


def both(*pieces: Piece) -> list[Piece]:
    """Pieces of the right side and their mirror images."""
    return [*pieces, *(mirror(piece) for piece in pieces)]


def hanger(lay: Random) -> list[Piece]:
    """A clothes hanger: below what hangs on it, so that its hook shows, and its bar where a neck is open."""
    bar = tube(((-18, 7), (-9, 2.5), (0, -1.2), (9, 2.5), (18, 7)), (2.0, 2.6, 3.2, 2.6, 2.0))
    side, lean = lay.choice([-1, 1]), lay.uniform(-1, 1)
    hook = curve((0, -2), (lean, -6.5), (lean + 2.6 * side, -10), (lean, -12.6), (lean - 2.8 * side, -10.8))
    return [Line(hook, "cord", "metal", 0.7), Panel(bar, "hanger", folds=0, lift=0.6, edge=1.2)]


def front(torso: Torso, lay: Random, *, folds: float = 1.0, bare: float = 0.0, hem: str = "stitch", relief: str = "") -> list[Piece]:
    """The front with the folds that a front laid down has, its seams and its hem."""
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
        end = curve((-torso.hem, torso.length - 2.2), (0, torso.length + torso.curved - 2.2), (torso.hem, torso.length - 2.2))
        pieces.append(Line(end, "stitch"))
    elif hem == "rib":
        half = torso.hem - 0.4
        band = box(-half, torso.length - 2.5, half, torso.length + 6)
        pieces.append(Panel(band, "trim", folds=0.1, relief="rib"))
    return pieces


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


def t_shirt(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """Crew or V neck, short sleeves."""
    torso = Torso(
        neck=shape.uniform(8, 10.5),
        depth=shape.uniform(14, 18) if cut == "V-neck" else shape.uniform(8, 11),
        neckline="v" if cut == "V-neck" else "crew",
        waist=shape.uniform(22.5, 26),
        length=shape.uniform(60, 72),
    )
    arms = sleeves(torso, lay, length=shape.uniform(14, 21), cuff=shape.uniform(17, 20), angle=lay.uniform(28, 48))
    pocket = patch_pocket(11, 24) if cut == "pocket" else []
    return [*inside(torso), *arms, *front(torso, lay), *neck_band(torso), *pocket]


def patch_pocket(x: float, y: float, *, width: float = 10, height: float = 12, cloth: str = "main") -> list[Piece]:
    """A pocket sewn on, its top in the middle at (x, y)."""
    half = width / 2
    outline = np.array([(x - half, y), (x + half, y), (x + half, y + 0.8 * height), (x, y + height), (x - half, y + 0.8 * height)])
    seam = np.array([(x - half + 0.6, y), (x - half + 0.6, y + 0.78 * height), (x, y + height - 0.8), (x + half - 0.6, y + 0.78 * height), (x + half - 0.6, y)])
    return [
        Panel(outline, cloth, folds=0.2, lift=0.4, edge=0.4),
        Line(seam, "stitch"),
        Line(curve((x - half, y + 1.6), (x + half, y + 1.6)), "stitch"),
    ]


def longsleeve(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """A jumper or long-sleeved T-shirt; also a cardigan."""
    torso = Torso(
        neck=shape.uniform(8, 10),
        depth=shape.uniform(13, 19) if cut in ("V-neck", "cardigan") else shape.uniform(7, 10),
        neckline="v" if cut in ("V-neck", "cardigan") else "crew",
        chest=shape.uniform(25, 29),
        waist=shape.uniform(24, 27),
        length=shape.uniform(58, 68),
    )
    ribbed = cut in ("sweater", "cardigan", "V-neck", "roll neck")
    arms = sleeves(torso, lay, length=shape.uniform(50, 56), cuff=shape.uniform(11, 13), angle=lay.uniform(68, 86), end="rib" if ribbed else "hem")
    pieces = [*inside(torso), *arms, *front(torso, lay, hem="rib" if ribbed else "stitch")]
    if cut == "roll neck":
        roll = symmetric([(0, -7), (7.5, -6.5)], [(8.6, 3), (0, 5.5)])
        return [*pieces, Panel(roll, "trim", folds=0.5, lift=1.2, edge=2, relief="rib")]
    pieces += neck_band(torso, width=shape.uniform(2, 3.2))
    if cut == "cardigan":
        pieces.append(Panel(box(-1.6, torso.depth + 1, 1.6, torso.length + 6), "trim", folds=0, lift=0.5, edge=0.5, relief="rib"))
        pieces += [Disc((0, y), 1.6) for y in np.linspace(torso.depth + 4, torso.length + 2, 6)]
    return pieces


def collar_leaves(torso: Torso, *, length: float = 7.5, spread: float = 6.2, cloth: str = "collar", relief: str = "") -> list[Piece]:
    """A shirt's collar: the stand behind, a leaf on each side."""
    n = torso.neck
    stand = symmetric(curve((0, -2.6), (0.7 * n, -2.2), (n + 0.6, -0.6)), [(n, 2.6)], curve((n - 1, 3), (0.5 * n, 2.2), (0, 2.0)))
    leaf = join(curve((n + 0.8, -1.2), (0.72 * n, -2.4), (0.45 * n, -2.2)), [(0.15, torso.depth)], [(spread, torso.depth + length)], curve((n + 3.2, 4), (n + 0.8, -1.2)))
    inner = between((0.15, torso.depth), (spread, torso.depth + length), 0.06)
    trace = join([inner, between((spread, torso.depth + length), (0.4 * n, torso.depth), 0.12), (n + 2.2, 4)])
    return [
        Panel(stand, cloth, folds=0.1, lift=0.2, edge=0.4, dark=0.72, relief=relief),
        *both(Panel(leaf, cloth, grain=38, folds=0.15, lift=1.3, edge=0.6, relief=relief), Line(trace, "stitch", cloth)),
    ]


def placket(top: float, bottom: float, count: int, *, width: float = 3.2, cloth: str = "main", size: float = 1.15) -> list[Piece]:
    """The strip down the front with its buttons."""
    half = width / 2
    strip = Panel(box(-half, top, half, bottom), cloth, folds=0.15, lift=1.1, edge=0.35)
    seams = [Line(curve((x, top), (x, bottom)), "stitch") for x in (-half + 0.5, half - 0.5)]
    return [strip, *seams, *(Disc((0, y), size) for y in np.linspace(top + 3, bottom - 5, count))]


def shirt(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """A shirt with collar, placket and cuffs, long or short sleeves."""
    torso = Torso(neck=8, depth=lay.choice([shape.uniform(3.5, 6), lay.uniform(8, 15)]), chest=26.5, waist=shape.uniform(24, 26.5), hem=26, length=shape.uniform(68, 75), curved=2.5, drop=5)
    short = cut == "short-sleeved"
    arms = (
        sleeves(torso, lay, length=shape.uniform(16, 22), cuff=19, angle=lay.uniform(30, 50))
        if short
        else sleeves(torso, lay, length=52, cuff=shape.uniform(11.5, 13.5), angle=lay.uniform(56, 74), end="cuff")
    )
    pieces = [*inside(torso), *arms, *front(torso, lay)]
    pieces += placket(torso.depth, torso.length + 2.6, 7, width=3.6, size=1.4)
    for x in (11, -11) if cut == "two pockets" else (11,):
        pieces += patch_pocket(x, 21, width=11, height=13)
    if cut == "no pocket":
        pieces = pieces[:-3]
    return [*pieces, *collar_leaves(torso)]


def polo(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """A short-sleeved polo with a knitted collar and a short placket."""
    torso = Torso(neck=8, depth=shape.uniform(4, 6.5), waist=shape.uniform(24, 26), length=shape.uniform(64, 71))
    arms = sleeves(torso, lay, length=shape.uniform(16, 21), cuff=18, angle=lay.uniform(34, 55), end="band")
    pieces = [*inside(torso), *arms, *front(torso, lay)]
    pieces += placket(torso.depth, torso.depth + 16, 2 if cut == "two buttons" else 3, cloth="main")
    return [*pieces, *collar_leaves(torso, length=7.0, spread=9.0, cloth="collar", relief="rib")]


def undershirt(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """A sleeveless vest with broad straps."""
    torso = Torso(
        neck=shape.uniform(8.5, 10.5), depth=shape.uniform(15, 20), shoulder=shape.uniform(14, 17), drop=2.5, armpit=27,
        chest=24.5, waist=shape.uniform(22, 25), hem=24.5, length=shape.uniform(64, 72), neckline="crew",
    )
    bare = 3.0 if cut == "tank" else 1.0
    arm = torso.armhole(bare=bare)
    binding = join(arm, (arm + (-1.4, 0.3))[::-1])
    return [
        *inside(torso, label=False), *front(torso, lay, bare=bare),
        *both(Panel(binding, "trim", folds=0, lift=0.2, edge=0.3)), *neck_band(torso, width=1.4, relief=""),
    ]


def top(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """A camisole on thin straps, or a short top on broad ones."""
    crop = cut == "crop top"
    y = 14.0
    w, length = 13.5, (40 if crop else shape.uniform(52, 60))
    flare = shape.uniform(20, 24) if not crop else 19
    dip = shape.uniform(1, 4)
    body = symmetric(curve((0, y + dip), (0.5 * w, y + 0.6 * dip), (w, y)), curve((w, y), (w + 1.5, y + 7), (19, y + 11)), curve((19, y + 11), (18, y + 24), (flare, length)), curve((flare, length), (0, length + 1.5)))
    thick = 2.6 if crop else 0.8
    strap = tube(((w - 1, y + 1), (w - 2.5, 6), (w - 4, 0)), (thick,) * 3)
    behind = tube(((w - 4, 0), (w - 3.4, 7), (w - 3, y + 3)), (thick,) * 3)
    back = symmetric(curve((0, y + 2.5), (0.6 * w, y + 2), (w - 1, y + 1.5)), [(w - 1, y + dip + 3), (0, y + dip + 4)])
    folds = tuple(Crease((x + lay.uniform(-1, 1), y + 12), (1.25 * x, length), 2.2, 0.5, lay.uniform(-1, 1)) for x in np.linspace(-15, 15, 6))
    edge = curve((-w, y + 1.2), (0, y + dip + 1.2), (w, y + 1.2))
    pieces: list[Piece] = [
        *both(Panel(behind, "trim", folds=0, lift=0.1, edge=0.2, dark=0.75)),
        Panel(back, "inside", folds=0.2, lift=0.1, dark=0.55), Panel(body, folds=1.0, creases=folds),
        Line(edge, "stitch"), Line(curve((-flare, length - 1.5), (0, length), (flare, length - 1.5)), "stitch"),
        *both(Panel(strap, "trim", folds=0, lift=0.3, edge=0.3)),
    ]
    if cut == "lace-trimmed":
        pieces += [Panel(tube(((x, length + 1.2 - 0.002 * x * x), (x + 2.2, length + 1.2 - 0.002 * x * x)), (2.6, 2.6)), "trim", folds=0, edge=0.8) for x in np.arange(-flare, flare - 1, 2.4)]
    return pieces


def blouse(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """Loose, with wide sleeves that are gathered at the wrist, and a bow or ruffle."""
    torso = Torso(neck=9, depth=shape.uniform(10, 15), neckline="v", chest=27, waist=27, hem=29, length=shape.uniform(60, 66), curved=2)
    long = cut != "short-sleeved"
    arms = sleeves(torso, lay, length=48 if long else 20, cuff=17 if long else 22, angle=lay.uniform(64, 80) if long else 38, folds=1.4)
    pieces = [*inside(torso), *arms, *front(torso, lay, folds=1.3), *neck_band(torso, width=1.6, cloth="main", relief="")]
    pieces += placket(torso.depth + 1.5, torso.length + 2, 7, width=2, size=0.9)
    if cut == "bow":
        y = torso.depth + 1
        loop = join(curve((0, y), (5, y - 4), (9, y - 2), (9, y + 3), (4, y + 2.5), (0, y)))
        tail = join([(0, y)], [(5.5, y + 18), (2, y + 19)], [(-0.5, y + 1)])
        pieces += [*both(Panel(tail, folds=1, lift=0.8, grain=-12)), *both(Panel(loop, folds=0.8, lift=1.2, grain=-60)), Panel(ellipse((0, y + 0.3), 3, 3.4), lift=1.2)]
    if cut == "ruffle":
        for x in (3.2, 6.2):
            ruffle = join(curve((x, 6), (x + 0.8, 18), (x, 30), (x - 0.6, 42)), curve((x + 2.2, 42), (x + 3.2, 30), (x + 3, 18), (x + 2.6, 6)))
            pieces += both(Panel(ruffle, folds=0.6, lift=0.8, edge=1.2, relief="pleats", grain=90))
    return pieces


def body(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """A baby's bodysuit with snaps between the legs. Drawn at a baby's measures times two."""
    torso = Torso(neck=10, depth=8, shoulder=18, drop=3, armpit=19, chest=21.5, waist=21, hem=20, length=46, neckline="boat")
    long = cut == "long-sleeved"
    arms = sleeves(torso, lay, length=30 if long else 11, cuff=9.5 if long else 14, angle=lay.uniform(48, 70) if long else lay.uniform(25, 50), end="rib" if long else "hem")
    outline = symmetric(torso.collar(), torso.armhole(), curve((21.5, 19), (21, 32), (21, 43)), curve((21, 43), (10.5, 52), (6, 64)), curve((6, 64), (0, 65)))
    leg = join(curve((21, 43), (10.5, 52), (6, 64)), curve((4.8, 62.4), (9.2, 50.4), (20.8, 41)))
    lap = join(curve((10, -0.5), (14, 6), (20, 14)), curve((18.6, 15), (12.6, 7.5), (8.6, 0.5)))
    return [
        *inside(torso), *arms,
        Panel(outline, creases=tuple(Crease((lay.uniform(-15, 15), 30), (lay.uniform(-6, 6), 62), 2.4, 0.4) for _ in range(4))),
        *both(Line(torso.armhole()), Panel(leg, "trim", folds=0, lift=0.4, edge=0.5, relief="rib"), Panel(lap, "trim", folds=0, lift=0.4, edge=0.5)),
        *neck_band(torso, width=1.8), *(Disc((x, 62.6), 1.8, "snap", "metal") for x in (-4, 0, 4)),
    ]


def hoodie(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """A sweatshirt with a hood, pocket and cords; with a zip or without."""
    torso = Torso(neck=9.5, depth=11, shoulder=24, armpit=26, chest=29, waist=28, hem=27, length=shape.uniform(60, 66), drop=5.5)
    arms = sleeves(torso, lay, length=shape.uniform(50, 55), cuff=14, angle=lay.uniform(68, 84), end="rib")
    pieces = [*arms, *front(torso, lay, hem="rib"), *hood(lay)]
    pocket = symmetric([(0, 40), (10, 40)], curve((10, 40), (14.5, 47), (17, 54)), [(17, torso.length - 1), (0, torso.length - 1)])
    pieces += [Panel(pocket, folds=0.4, lift=0.9, edge=0.9), *both(Line(curve((10, 40), (14.5, 47), (17, 54)) - (0.9, 0), "stitch")), Line(curve((-10, 40.8), (10, 40.8)), "stitch")]
    if cut == "zip":
        shut = [Line(curve((0, 12), (0, torso.length + 6)), "zip", "metal", 1.8)]
        pieces += hang_open(torso, lay, 12, torso.length + 6) if lay.random() < 0.4 else shut
    for side in SIDES:
        end = lay.uniform(24, 32)
        pieces.append(Line(curve((side * 3.2, 11), (side * lay.uniform(3, 5), 18), (side * lay.uniform(3, 7), end)), "cord", "cord", 0.9))
    return pieces


def hood(lay: Random, *, relief: str = "", lift: float = 1.8) -> list[Piece]:
    """A hood laid flat above the neck: its crown, the dark opening, and two edges that meet at the throat."""
    tall, wide, gape = lay.uniform(22, 27), lay.uniform(14.5, 17.5), lay.uniform(0.55, 1.0)
    crown = symmetric(curve((0, -tall), (0.55 * wide, 0.5 - tall), (0.92 * wide, -0.62 * tall), (wide, -0.2 * tall), (0.86 * wide, 4.5)), curve((0.86 * wide, 4.5), (7, 10), (0, 14)))
    edge = curve((0, -0.72 * tall), (6.5 * gape, -0.68 * tall), (10.5 * gape, -0.38 * tall), (8.5 * gape, 0), (3.5 * gape, 8), (0, 13))
    hem = edge * (1.0, 1.0) + np.stack([np.linspace(0.8, 2.0, len(edge)), np.linspace(-2.4, 0.4, len(edge))], axis=1)
    fan = tuple(Crease((lay.uniform(-0.8, 0.8) * wide, -tall + 3), (lay.uniform(-9, 9), 6), lay.uniform(1.6, 2.8), lay.uniform(0.4, 0.9), lay.uniform(-4, 4)) for _ in range(6))
    rim = join(edge, hem[::-1])
    return [
        Panel(crown, folds=1.2, lift=lift, edge=4, creases=fan, relief=relief),
        Panel(symmetric(edge), "inside", folds=1.0, dark=0.5, lift=-0.8, creases=fan[:2]),
        *both(Panel(rim, folds=0.3, lift=0.6, edge=0.7), Line(hem, "stitch")),
    ]


def lapels(torso: Torso, button: float, *, wide: float = 8.5, notch: float = 13.0) -> list[Piece]:
    """A jacket's notched lapels and collar, down to its first button."""
    n = torso.neck
    lapel = join([(0.2, button)], curve((0.45 * n, 0.5 * button), (n - 1.2, 4)), [(n + 2.6, notch - 3.5)], [(n + wide - 1, notch - 1.5)], curve((n + wide - 1.2, notch + 1), (0.62 * (n + wide), 0.62 * button), (0.2, button)))
    collar = join(curve((n - 2.2, 6.5), (n - 0.4, -1), (n - 3, -3.2)), curve((n + 1.6, -2.4), (n + 3.8, 4), (n + 5.6, notch - 4.5)), [(n + 2.2, notch - 2.2)])
    back = symmetric(curve((0, -3.8), (n - 3, -3.4)), [(n - 1.8, 0.5)], curve((n - 3, 0.9), (0, 0.6)))
    return [
        Panel(back, "collar", folds=0, lift=0.8, edge=0.7, dark=0.85),
        *both(Panel(lapel, "collar", grain=22, folds=0.15, lift=0.9, edge=0.9), Panel(collar, "collar", grain=32, folds=0.1, lift=1.0, edge=0.8)),
    ]


def jacket_front(torso: Torso, lay: Random, *, opening: float, cutaway: float = 0.0, folds: float = 0.5, overlap: float = 1.8) -> list[Piece]:
    """Two fronts that meet at a button, the right one above, over the lining that shows in the neck."""
    n = torso.neck
    lining = symmetric(curve((0, -0.5), (n, -0.5)), [(n + 3, 3), (0.3, opening + 2)])
    end = curve((torso.hem, torso.length), (0.5 * torso.hem + cutaway / 2, torso.length + 0.8), (cutaway + 3, torso.length - 0.2), (cutaway - overlap, torso.length - 1.2 * cutaway - 0.5))
    outline = join([(-overlap, opening), (n * 0.5, 0.45 * opening), (n, 0)], torso.armhole(), torso.side(), end, [(-overlap, opening + 8 + (torso.length - opening) * 0.3)])
    pit = (torso.chest - 1, torso.armpit + 1)
    creases = tuple(
        Crease(pit, (lay.uniform(3, 16), torso.armpit + lay.uniform(0, 25)), lay.uniform(2, 3.4), lay.uniform(0.3, 0.6), lay.uniform(-3, 3)) for _ in range(2)
    )
    near = Panel(outline, folds=folds, lift=0.9, edge=1.4, creases=creases)
    dart = Line(curve((13, torso.armpit + 3), (12, torso.armpit + 18), (13, 0.74 * torso.length)), "seam")
    pieces: list[Piece] = [Panel(lining, "lining", folds=0.4, dark=0.62, lift=0.1), Panel(box(-2.4, 2.2, 2.4, 5.4), "label", folds=0, lift=0.1, edge=0.2, dark=0.8)]
    return [*pieces, mirror(near), near, *both(Line(torso.armhole()), dart)]


def flap_pocket(x: float, y: float, *, width: float = 13, slope: float = 1.0) -> list[Piece]:
    """A flap on each side."""
    half = width / 2
    flap = np.array([(x - half, y), (x + half, y - slope), (x + half, y + 5 - slope), (x - half, y + 5)])
    return both(Panel(flap, folds=0.1, lift=0.5, edge=0.5))


def blazer(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """A tailored jacket with lapels, one or two buttons or double-breasted."""
    torso = Torso(neck=8.5, depth=3, shoulder=22.5, drop=4, armpit=25, chest=26, waist=shape.uniform(22.5, 25), hem=27, length=shape.uniform(66, 74))
    double = cut == "double-breasted"
    button = shape.uniform(36, 44)
    arms = sleeves(torso, lay, length=57, cuff=14, angle=lay.uniform(74, 88), folds=0.6, end="none")
    pieces = [*arms, *jacket_front(torso, lay, opening=button - 2, cutaway=0 if double else 4.5, overlap=6 if double else 1.8), *lapels(torso, button - 1, wide=shape.uniform(6.5, 10))]
    pieces += flap_pocket(16, 51)
    welt = np.array([(9, 25.4), (18, 24), (18, 26.2), (9, 27.6)])
    pieces += [Panel(welt, folds=0, lift=0.3, edge=0.3)]
    if double:
        return pieces + [Disc((x, y), 2.1) for x in (-5, 5) for y in (button, button + 9, button + 18)]
    return pieces + [Disc((0.2, button + 9 * row), 2.1) for row in range(1 if cut == "one button" else 2)]


def suit_jacket(shape: Random, lay: Random) -> list[Piece]:
    """The blazer of a suit over a shirt and tie."""
    torso = Torso(neck=8.5, depth=3, shoulder=22.5, drop=4, armpit=25, chest=26, waist=24, hem=27, length=72)
    button = shape.uniform(38, 44)
    arms = sleeves(torso, lay, length=57, cuff=14, angle=lay.uniform(76, 88), folds=0.5, end="none")
    fronts = jacket_front(torso, lay, opening=button - 2, cutaway=4.5)
    chest = Panel(symmetric([(0, -1), (8, 0)], [(11, 6), (0.4, button)]), "shirt", folds=0.2, lift=0.4)
    knot = symmetric([(0, 4), (2.6, 4)], [(1.7, 8.5), (0, 8.7)])
    tie = symmetric([(0, 8.5), (1.7, 8.5)], [(3.8, button - 4), (0, button + 2)])
    shirt_collar = join([(0, 5)], curve((3, 1.4), (6.5, -1.5)), [(8.2, 1.5)], [(5.4, 10.5)])
    neckwear = [Panel(tie, "tie", folds=0.1, lift=0.5), Panel(knot, "tie", grain=25, lift=0.6), *both(Panel(shirt_collar, "shirt", folds=0, lift=0.6, edge=0.5))]
    welt = np.array([(9, 25.4), (18, 24), (18, 26.2), (9, 27.6)])
    handkerchief = np.array([(10, 25.3), (11.5, 21.5), (13.5, 23.5), (15.5, 21), (17, 24.3)])
    return [
        *arms, fronts[0], chest, *neckwear, *fronts[2:], *lapels(torso, button - 1), *flap_pocket(16, 52),
        Panel(handkerchief, "shirt", folds=0.1, lift=0.3, edge=0.3), Panel(welt, folds=0, lift=0.4, edge=0.3),
        *(Disc((0.2, button + 9 * row), 2.1) for row in range(2)),
    ]


def hang_open(torso: Torso, lay: Random, top: float, bottom: float, *, zipped: bool = True) -> list[Piece]:
    """A front that stands open: the lining between its two edges."""
    gap, lean = lay.uniform(2.5, 7), lay.uniform(-2, 2)
    edge = curve((0.75 * torso.neck, top), (0.6 * gap + lean, 0.45 * bottom), (gap + lean, bottom + 0.6))
    other = curve((-0.75 * torso.neck, top), (-0.6 * gap + lean, 0.45 * bottom), (-gap + lean, bottom + 0.6))
    folds = tuple(Crease((lay.uniform(-2, 2), top), (lay.uniform(-4, 4), bottom), 2, 0.4, 2) for _ in range(2))
    shut = Panel(join(edge, other[::-1]), "lining", folds=0.5, lift=-0.5, edge=0.3, dark=0.55, creases=folds)
    style, cloth, width = ("zip", "metal", 1.3) if zipped else ("stitch", "main", 0.5)
    return [shut, Line(edge + (0.4, 0), style, cloth, width), Line(other - (0.4, 0), style, cloth, width)]


def outwear(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """Jackets: puffer, bomber, denim, biker, rain."""
    torso = Torso(neck=9, depth=5, shoulder=24, drop=5, armpit=27, chest=29, waist=28, hem=27.5, length=shape.uniform(60, 68))
    puffer, rain, opened = cut == "puffer", cut == "rain jacket", lay.random() < 0.45
    hooded = shape.random() < 0.4
    relief = "quilt" if puffer else ""
    arms = sleeves(torso, lay, length=54, cuff=15, angle=lay.uniform(68, 84), folds=0.7, end="rib" if cut in ("bomber", "puffer") else "cuff")
    if puffer:
        arms = [replace(piece, relief="quilt", creases=()) if isinstance(piece, Panel) and piece.cloth == "sleeve" else piece for piece in arms]
    hem = "rib" if cut in ("bomber", "puffer") else "stitch"
    pieces = [*inside(torso), *arms, *front(torso, lay, folds=0.4 if puffer else 0.8, hem=hem, relief=relief)]
    bottom = torso.length + (6 if hem == "rib" else 0.8)
    if rain or (puffer and hooded):
        pieces += hood(lay, relief=relief)
    elif puffer:
        pieces += [Panel(symmetric(curve((0, -5), (8, -4.5)), [(11, 5)], curve((8, 7.5), (0, 8.5))), folds=0.2, lift=1.4, edge=1.6, relief="quilt")]
    if cut == "denim jacket":
        leaves = collar_leaves(torso, length=9, spread=10)
        pieces += hang_open(torso, lay, torso.depth, bottom, zipped=False) if opened else placket(torso.depth, bottom - 1, 6, width=4.4, size=1.7)
        pieces += [Line(curve((-26, 21), (0, 21.5), (26, 21)), "stitch"), Panel(box(-27.6, bottom - 5, 27.6, bottom), folds=0.1, lift=0.6, edge=0.5), Line(curve((-27, bottom - 4.4), (27, bottom - 4.4)), "stitch")]
        pieces += both(*patch_pocket(12.5, 22, width=11, height=13), Disc((12.5, 25), 1.6), Line(curve((9, 35), (6.5, 50), (5.5, bottom - 5)), "stitch"), Line(curve((16, 35), (17.5, 50), (18, bottom - 5)), "stitch"))
        return pieces + leaves
    if cut == "biker":
        pieces += lapels(torso, 24, wide=7, notch=11)
        zips = [((6, 22), (3, bottom - 2)), ((11, 44), (20, 38)), ((9, 27), (15, 22)), ((-20, 38), (-11, 44))]
        pieces += [Line(curve(*ends), "zip", "metal", 1.3) for ends in zips]
        return [*pieces, Panel(box(-27.4, bottom - 4.5, 27.4, bottom), folds=0.2, lift=0.6, edge=0.5)]
    start = 8 if rain or hooded else 5 if puffer else 4
    pieces += hang_open(torso, lay, start, bottom) if opened else [Line(curve((0, start), (0, bottom)), "zip", "metal", 2.0)]
    pieces += both(Line(curve((20, 42), (15, 54)), "zip" if cut == "bomber" else "seam", "metal", 1.1))
    if cut == "bomber":
        stand = symmetric(curve((0, -1.5), (9, -1)), [(11.5, 4)], curve((9, 5), (4, 7.5), (0, 8)))
        pieces += [Panel(stand, "trim", folds=0, lift=0.8, edge=0.8, relief="rib"), Panel(symmetric(curve((0, 0.6), (7, 0.8)), curve((7, 3), (0, 5))), "inside", dark=0.5, lift=-0.3)]
    return pieces


def coat(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """Long, with lapels: single- or double-breasted, or a trench coat with its belt."""
    torso = Torso(neck=9, depth=3, shoulder=23, drop=4, armpit=26, chest=28, waist=shape.uniform(25, 28), hem=shape.uniform(32, 37), length=shape.uniform(100, 114))
    button = shape.uniform(30, 40)
    arms = sleeves(torso, lay, length=58, cuff=15, angle=lay.uniform(76, 88), folds=0.5, end="none")
    single = cut == "single-breasted"
    pieces = [*arms, *jacket_front(torso, lay, opening=button - 2, cutaway=0, overlap=2.5 if single else 7), *lapels(torso, button - 1, wide=shape.uniform(8, 12))]
    pieces += flap_pocket(18, 66, slope=3)
    columns = (0.0,) if single else (-6.0, 6.0)
    rows = range(4 if single else 3)
    pieces += [Disc((x, button + 12 * row), 2.6) for x in columns for row in rows]
    if cut == "trench":
        w = torso.waist
        pieces += [Panel(box(-w - 1, 48, w + 1, 53), folds=0.2, lift=0.9, edge=0.5), Line(curve((-w, 49), (w, 49)), "stitch"), Line(curve((-w, 52), (w, 52)), "stitch")]
        pieces += [Panel(join([(3, 52), (7, 52), (10, 74), (6, 75)]), folds=0.3, lift=0.8, edge=0.5, grain=-10), Panel(box(-3.5, 47, 3.5, 54), "buckle", folds=0, lift=0.6, edge=0.5), Panel(box(-2, 48.6, 2, 52.4), folds=0, lift=-0.1, edge=0.3)]
        pieces += both(Panel(join([(14, 4.2), (21, 6), (20.6, 9), (13.5, 7)]), folds=0, lift=0.5, edge=0.5))
    return pieces


def vest(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """Sleeveless, over a shirt: a waistcoat, a knitted slipover, or a quilted gilet."""
    if cut == "waistcoat":
        torso = Torso(neck=8, depth=3, shoulder=17, drop=4, armpit=28, chest=24, waist=22, hem=22.5, length=54)
        button = shape.uniform(24, 30)
        lining = symmetric([(0, -1), (8, 0)], [(10, 4), (0.3, button + 3)])
        end = [(22.5, 54), (8, 60), (-1.5, 53)]
        half = join([(-1.5, button), (4, 0.5 * button), (8, 0)], torso.armhole(bare=2.5), curve((24, 28), (22, 42), (22.5, 54)), end)
        creases = tuple(Crease((22, 30), (lay.uniform(2, 14), lay.uniform(34, 50)), 2.4, 0.4) for _ in range(2))
        near = Panel(half, folds=0.4, lift=0.8, edge=1, creases=creases)
        welts = [Panel(np.array([(x - 5, y), (x + 5, y - 0.8), (x + 5, y + 1.4), (x - 5, y + 2.2)]), folds=0, lift=0.4, edge=0.3) for x, y in ((12.5, 44), (12.5, 30))]
        return [Panel(lining, "lining", dark=0.6, lift=0.1, folds=0.3), Panel(box(-2.2, 2, 2.2, 5), "label", folds=0, dark=0.8, lift=0.1), mirror(near), near, *both(*welts, Line(curve((11, 33), (10.5, 44), (10, 56)))), *(Disc((0.1, y), 1.4) for y in np.linspace(button + 1, 51, 5))]
    if cut == "gilet":
        torso = Torso(neck=9, depth=5, shoulder=21, drop=5, armpit=29, chest=27, waist=26, hem=26.5, length=64)
        stand = symmetric(curve((0, -5), (8, -4.5)), [(10.5, 5)], curve((8, 7), (0, 8)))
        return [*inside(torso), *front(torso, lay, folds=0.3, relief="quilt", bare=1.5), Panel(stand, folds=0.2, lift=1.5, edge=1.5, relief="quilt"), Line(curve((0, -4), (0, 64.5)), "zip", "metal", 1.5), *both(Line(curve((21, 44), (16, 56)), "zip", "metal", 1.0))]
    torso = Torso(neck=8.5, depth=shape.uniform(17, 23), shoulder=19, drop=4, armpit=28, chest=25, waist=24, hem=24, length=56, neckline="v")
    arm = torso.armhole(bare=2.0)
    rib = join(arm, (arm + (-2.6, 0.6))[::-1])
    return [*inside(torso), *front(torso, lay, hem="rib", bare=2.0, folds=0.6), *both(Panel(rib, "trim", folds=0, lift=0.4, edge=0.6, relief="rib")), *neck_band(torso, width=3)]


def dress(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """A bodice and a skirt: fitted and flared, straight, on straps, long or short."""
    length = shape.uniform(104, 125) if cut == "maxi" else shape.uniform(80, 96)
    flare = shape.uniform(27, 30) if cut == "shift" else shape.uniform(36, 46)
    waist_y = 40.0
    strap = cut in ("slip", "maxi")
    torso = Torso(
        neck=shape.uniform(9, 12), depth=shape.uniform(9, 16), shoulder=16 if strap else 18.5, drop=3, armpit=21, chest=22,
        waist=19, hem=20, length=waist_y, neckline=str(shape.choice(["crew", "v", "boat"])),
    )
    pieces: list[Piece] = [*inside(torso)]
    if cut in ("long-sleeved", "wrap"):
        pieces += sleeves(torso, lay, length=48, cuff=11.5, angle=lay.uniform(66, 84))
    elif cut in ("short-sleeved", "shirt dress"):
        pieces += sleeves(torso, lay, length=15, cuff=16, angle=lay.uniform(35, 55))
    if cut == "shift":
        outline = symmetric(torso.collar(), torso.armhole(bare=1.5), curve((22, 21), (22.5, 40), (flare, length)), curve((flare, length), (0, length + 2)))
        return [*pieces, Panel(outline, creases=_hang(lay, 24, 40, flare, length, 5)), *neck_band(torso, width=1.4, cloth="main", relief=""), *both(Line(curve((20.5, 25), (13, 30)))), Line(curve((-flare, length - 2), (0, length), (flare, length - 2)), "stitch")]
    waist = 18.5
    skirt = symmetric([(0, waist_y), (waist, waist_y)], curve((waist, waist_y), (waist + 0.35 * (flare - waist), waist_y + 12), (flare, length)), curve((flare, length), (0.5 * flare, length + 3), (0, length + 4)))
    bodice = symmetric(torso.collar(), torso.armhole(bare=2.5 if strap else 1.5), curve((22, 21), (waist + 0.8, 32), (waist, waist_y + 0.5)), [(0, waist_y + 1)])
    pieces += [Panel(skirt, folds=0.8, creases=_hang(lay, waist, waist_y, flare, length, 9)), Panel(bodice, folds=0.6, lift=0.8)]
    pieces += neck_band(torso, width=1.3, cloth="main", relief="")
    pieces += [Line(curve((-flare, length - 1), (-0.5 * flare, length + 2), (0, length + 3), (0.5 * flare, length + 2), (flare, length - 1)), "stitch")]
    if cut == "shirt dress":
        pieces += [*placket(8, length, 9, width=3), *collar_leaves(replace(torso, neck=8, depth=5))]
    if cut == "wrap":
        edge = curve((9, 2), (4, 18), (-12, waist_y))
        pieces += [Line(edge, "seam"), Line(curve((-12, waist_y), (-6, 0.5 * (waist_y + length)), (2, length + 2)), "seam")]
    belt = cut in ("shirt dress", "wrap", "belted") or lay.random() < 0.2
    band_cloth = "trim" if belt else "main"
    pieces += [Panel(box(-waist - 0.3, waist_y - 1.6, waist + 0.3, waist_y + 1.8), band_cloth, folds=0.15, lift=0.5, edge=0.6)]
    return pieces


def _hang(lay: Random, top: float, y: float, bottom: float, length: float, count: int) -> tuple[Crease, ...]:
    """Folds that fan out from a waist to a hem."""
    creases = []
    for place in np.linspace(-0.9, 0.9, count):
        place = float(place) + lay.uniform(-0.07, 0.07)
        start = (place * top, y + lay.uniform(0, 10))
        end = (place * bottom, length + 4)
        creases.append(Crease(start, end, lay.uniform(1.8, 3.2), lay.uniform(0.5, 1.1), lay.uniform(-2, 2)))
    return tuple(creases)

"""Parts of many garments: collars, lapels, plackets, pockets, hoods, and the hanger."""

from __future__ import annotations

import numpy as np

from cbir.wardrobe.cuts.torso import Torso
from cbir.wardrobe.geometry.noise import Random
from cbir.wardrobe.geometry.outlines import between, box, curve, join, symmetric, tube
from cbir.wardrobe.geometry.pieces import Crease, Disc, Line, Panel, Piece
from cbir.wardrobe.geometry.placing import both


def hanger(lay: Random) -> list[Piece]:
    """A clothes hanger below the garment. Its hook is seen, and its bar where the neck is open."""
    bar = tube(((-18, 7), (-9, 2.5), (0, -1.2), (9, 2.5), (18, 7)), (2.0, 2.6, 3.2, 2.6, 2.0))
    side, lean = lay.choice([-1, 1]), lay.uniform(-1, 1)
    hook = curve((0, -2), (lean, -6.5), (lean + 2.6 * side, -10), (lean, -12.6), (lean - 2.8 * side, -10.8))
    return [Line(hook, "cord", "metal", 0.7), Panel(bar, "hanger", folds=0, lift=0.6, edge=1.2)]


def patch_pocket(x: float, y: float, *, width: float = 10, height: float = 12) -> list[Piece]:
    """A pocket that is sewn on; the middle of its top edge is (x, y)."""
    half = width / 2
    outline = np.array(
        [(x - half, y), (x + half, y), (x + half, y + 0.8 * height), (x, y + height), (x - half, y + 0.8 * height)]
    )
    seam = np.array(
        [
            (x - half + 0.6, y),
            (x - half + 0.6, y + 0.78 * height),
            (x, y + height - 0.8),
            (x + half - 0.6, y + 0.78 * height),
            (x + half - 0.6, y),
        ]
    )
    return [
        Panel(outline, folds=0.2, lift=0.4, edge=0.4),
        Line(seam, "stitch"),
        Line(curve((x - half, y + 1.6), (x + half, y + 1.6)), "stitch"),
    ]


def flap_pocket(x: float, y: float, *, slope: float = 1.0) -> list[Piece]:
    """A flap of a pocket on each side, its outer end higher by `slope`."""
    half = 6.5
    flap = np.array([(x - half, y), (x + half, y - slope), (x + half, y + 5 - slope), (x - half, y + 5)])
    return both(Panel(flap, folds=0.1, lift=0.5, edge=0.5))


def collar_leaves(torso: Torso, *, length: float = 7.5, spread: float = 6.2, relief: str = "") -> list[Piece]:
    """The collar of a shirt: the stand behind the neck and a leaf on each side."""
    n = torso.neck
    stand = symmetric(
        curve((0, -2.6), (0.7 * n, -2.2), (n + 0.6, -0.6)), [(n, 2.6)], curve((n - 1, 3), (0.5 * n, 2.2), (0, 2.0))
    )
    leaf = join(
        curve((n + 0.8, -1.2), (0.72 * n, -2.4), (0.45 * n, -2.2)),
        [(0.15, torso.depth)],
        [(spread, torso.depth + length)],
        curve((n + 3.2, 4), (n + 0.8, -1.2)),
    )
    inner = between((0.15, torso.depth), (spread, torso.depth + length), 0.06)
    trace = join([inner, between((spread, torso.depth + length), (0.4 * n, torso.depth), 0.12), (n + 2.2, 4)])
    return [
        Panel(stand, "collar", folds=0.1, lift=0.2, edge=0.4, dark=0.72, relief=relief),
        *both(Panel(leaf, "collar", grain=38, folds=0.15, lift=1.3, edge=0.6, relief=relief), Line(trace, "stitch")),
    ]


def stand_collar(*, relief: str = "") -> Panel:
    """A collar that stands about the neck, shut in front."""
    outline = symmetric(curve((0, -5), (8, -4.5)), [(11, 5)], curve((8, 7.5), (0, 8.5)))
    return Panel(outline, folds=0.2, lift=1.4, edge=1.6, relief=relief)


def placket(top: float, bottom: float, count: int, *, width: float = 3.2, size: float = 1.15) -> list[Piece]:
    """The strip with the buttons down the front, from y = top to y = bottom."""
    half = width / 2
    strip = Panel(box(-half, top, half, bottom), folds=0.15, lift=1.1, edge=0.35)
    seams = [Line(curve((x, top), (x, bottom)), "stitch") for x in (-half + 0.5, half - 0.5)]
    return [strip, *seams, *(Disc((0, y), size) for y in np.linspace(top + 3, bottom - 5, count))]


def lapels(torso: Torso, button: float, *, wide: float = 8.5, notch: float = 13.0) -> list[Piece]:
    """The notched lapels and the collar of a jacket; button: the height of its first button."""
    n = torso.neck
    lapel = join(
        [(0.2, button)],
        curve((0.45 * n, 0.5 * button), (n - 1.2, 4)),
        [(n + 2.6, notch - 3.5)],
        [(n + wide - 1, notch - 1.5)],
        curve((n + wide - 1.2, notch + 1), (0.62 * (n + wide), 0.62 * button), (0.2, button)),
    )
    collar = join(
        curve((n - 2.2, 6.5), (n - 0.4, -1), (n - 3, -3.2)),
        curve((n + 1.6, -2.4), (n + 3.8, 4), (n + 5.6, notch - 4.5)),
        [(n + 2.2, notch - 2.2)],
    )
    back = symmetric(curve((0, -3.8), (n - 3, -3.4)), [(n - 1.8, 0.5)], curve((n - 3, 0.9), (0, 0.6)))
    return [
        Panel(back, "collar", folds=0, lift=0.8, edge=0.7, dark=0.85),
        *both(
            Panel(lapel, "collar", grain=22, folds=0.15, lift=0.9, edge=0.9),
            Panel(collar, "collar", grain=32, folds=0.1, lift=1.0, edge=0.8),
        ),
    ]


def hood(lay: Random, *, relief: str = "", fur: bool = False) -> list[Piece]:
    """A hood that lies flat above the neck: its crown, the dark opening, and two edges that meet at the throat."""
    tall, wide, gape = lay.uniform(22, 27), lay.uniform(14.5, 17.5), lay.uniform(0.55, 1.0)
    crown = symmetric(
        curve(
            (0, -tall), (0.55 * wide, 0.5 - tall), (0.92 * wide, -0.62 * tall), (wide, -0.2 * tall), (0.86 * wide, 4.5)
        ),
        curve((0.86 * wide, 4.5), (7, 10), (0, 14)),
    )
    edge = curve(
        (0, -0.72 * tall),
        (6.5 * gape, -0.68 * tall),
        (10.5 * gape, -0.38 * tall),
        (8.5 * gape, 0),
        (3.5 * gape, 8),
        (0, 13),
    )
    hem = edge + np.stack([np.linspace(0.8, 2.0, len(edge)), np.linspace(-2.4, 0.4, len(edge))], axis=1)
    fan = tuple(
        Crease(
            (lay.uniform(-0.8, 0.8) * wide, -tall + 3),
            (lay.uniform(-9, 9), 6),
            lay.uniform(1.6, 2.8),
            lay.uniform(0.4, 0.9),
            lay.uniform(-4, 4),
        )
        for _ in range(6)
    )
    rim = join(edge, hem[::-1])
    trim = Panel(rim, folds=0.3, lift=0.6, edge=0.7)
    if fur:
        trim = Panel(join(edge, (edge + (hem - edge) * 2.2)[::-1]), "fringe", folds=1.6, lift=1.6, edge=1.6)
    return [
        Panel(crown, folds=1.2, lift=1.8, edge=4, creases=fan, relief=relief),
        Panel(symmetric(edge), "inside", folds=1.0, dark=0.5, lift=-0.8, creases=fan[:2]),
        *both(trim, Line(hem, "stitch")),
    ]


def hang_open(torso: Torso, lay: Random, top: float, bottom: float, *, zipped: bool = True) -> list[Piece]:
    """An open front: the lining between its two edges."""
    gap, lean = lay.uniform(2.5, 7), lay.uniform(-2, 2)
    edge = curve((0.75 * torso.neck, top), (0.6 * gap + lean, 0.45 * bottom), (gap + lean, bottom + 0.6))
    other = curve((-0.75 * torso.neck, top), (-0.6 * gap + lean, 0.45 * bottom), (-gap + lean, bottom + 0.6))
    folds = tuple(Crease((lay.uniform(-2, 2), top), (lay.uniform(-4, 4), bottom), 2, 0.4, 2) for _ in range(2))
    shut = Panel(join(edge, other[::-1]), "lining", folds=0.5, lift=-0.5, edge=0.3, dark=0.55, creases=folds)
    style, cloth, width = ("zip", "metal", 1.3) if zipped else ("stitch", "main", 0.5)
    return [
        shut,
        Line(edge + np.array((0.4, 0)), style, cloth, width),
        Line(other - np.array((0.4, 0)), style, cloth, width),
    ]

"""Cuts of tailored jackets, suits and coats."""

from __future__ import annotations

import numpy as np

from cbir.wardrobe.cuts.bottoms import pants
from cbir.wardrobe.cuts.details import flap_pocket, lapels, patch_pocket
from cbir.wardrobe.cuts.torso import Torso, sleeves
from cbir.wardrobe.geometry.noise import Random
from cbir.wardrobe.geometry.outlines import box, curve, join, symmetric
from cbir.wardrobe.geometry.pieces import Crease, Disc, Line, Panel, Piece
from cbir.wardrobe.geometry.placing import both, mirror, moved


def jacket_front(torso: Torso, lay: Random, *, opening: float, cutaway: float, overlap: float = 1.8) -> list[Piece]:
    """Two fronts that meet at a button, the right one on top, and the lining that is seen in the neck.

    opening: how far down the neck is open. cutaway: how far the hem is cut away at the middle. overlap: of the fronts.
    """
    n = torso.neck
    lining = symmetric(curve((0, -0.5), (n, -0.5)), [(n + 3, 3), (0.3, opening + 2)])
    end = curve(
        (torso.hem, torso.length),
        (0.5 * torso.hem + cutaway / 2, torso.length + 0.8),
        (cutaway + 3, torso.length - 0.2),
        (cutaway - overlap, torso.length - 1.2 * cutaway - 0.5),
    )
    outline = join(
        [(-overlap, opening), (n * 0.5, 0.45 * opening), (n, 0)],
        torso.armhole(),
        torso.side(),
        end,
        [(-overlap, opening + 8 + (torso.length - opening) * 0.3)],
    )
    pit = (torso.chest - 1, torso.armpit + 1)
    creases = tuple(
        Crease(
            pit,
            (lay.uniform(3, 16), torso.armpit + lay.uniform(0, 25)),
            lay.uniform(2, 3.4),
            lay.uniform(0.3, 0.6),
            lay.uniform(-3, 3),
        )
        for _ in range(2)
    )
    near = Panel(outline, folds=0.5, lift=0.9, edge=1.4, creases=creases)
    dart = Line(curve((13, torso.armpit + 3), (12, torso.armpit + 18), (13, 0.74 * torso.length)), "seam")
    pieces: list[Piece] = [
        Panel(lining, "lining", folds=0.4, dark=0.62, lift=0.1),
        Panel(box(-2.4, 2.2, 2.4, 5.4), "label", folds=0, lift=0.1, edge=0.2, dark=0.8),
    ]
    return [*pieces, mirror(near), near, *both(Line(torso.armhole()), dart)]


def breast_pocket(*, lift: float) -> Panel:
    """The welt of a pocket on the left breast."""
    return Panel(np.array([(9, 25.4), (18, 24), (18, 26.2), (9, 27.6)]), folds=0, lift=lift, edge=0.3)


def blazer(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """A tailored jacket with lapels, one or two buttons or double-breasted."""
    torso = Torso(
        neck=8.5,
        depth=3,
        shoulder=22.5,
        drop=4,
        armpit=25,
        chest=26,
        waist=shape.uniform(22.5, 25),
        hem=27,
        length=shape.uniform(66, 74),
    )
    double = cut == "double-breasted"
    button = shape.uniform(36, 44)
    arms = sleeves(torso, lay, length=57, cuff=14, angle=lay.uniform(74, 88), folds=0.6, end="none")
    pieces = [
        *arms,
        *jacket_front(torso, lay, opening=button - 2, cutaway=0 if double else 4.5, overlap=6 if double else 1.8),
        *lapels(torso, button - 1, wide=shape.uniform(6.5, 10)),
    ]
    pieces += both(*patch_pocket(15, 48, width=15, height=17)) if cut == "patch pockets" else flap_pocket(16, 51)
    pieces += [breast_pocket(lift=0.3)]
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
    neckwear = [
        Panel(tie, "tie", folds=0.1, lift=0.5),
        Panel(knot, "tie", grain=25, lift=0.6),
        *both(Panel(shirt_collar, "shirt", folds=0, lift=0.6, edge=0.5)),
    ]
    handkerchief = np.array([(10, 25.3), (11.5, 21.5), (13.5, 23.5), (15.5, 21), (17, 24.3)])
    return [
        *arms,
        fronts[0],
        chest,
        *neckwear,
        *fronts[2:],
        *lapels(torso, button - 1),
        *flap_pocket(16, 52),
        Panel(handkerchief, "shirt", folds=0.1, lift=0.3, edge=0.3),
        breast_pocket(lift=0.4),
        *(Disc((0.2, button + 9 * row), 2.1) for row in range(2)),
    ]


def suit(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """A jacket over its trousers."""
    trousers = moved(pants("pressed", shape, lay), lay.uniform(-3, 3), 36, size=0.84)
    return [*trousers, *suit_jacket(shape, lay)]


def coat(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """Long, with lapels: single- or double-breasted, or a trench coat with its belt."""
    torso = Torso(
        neck=9,
        depth=3,
        shoulder=23,
        drop=4,
        armpit=26,
        chest=28,
        waist=shape.uniform(25, 28),
        hem=shape.uniform(32, 37),
        length=shape.uniform(100, 114),
    )
    button = shape.uniform(30, 40)
    arms = sleeves(torso, lay, length=58, cuff=15, angle=lay.uniform(76, 88), folds=0.5, end="none")
    single = cut == "single-breasted"
    pieces = [
        *arms,
        *jacket_front(torso, lay, opening=button - 2, cutaway=0, overlap=2.5 if single else 7),
        *lapels(torso, button - 1, wide=shape.uniform(8, 12)),
    ]
    pieces += flap_pocket(18, 66, slope=3)
    columns = (0.0,) if single else (-6.0, 6.0)
    rows = range(4 if single else 3)
    pieces += [Disc((x, button + 12 * row), 2.6) for x in columns for row in rows]
    if cut == "trench":
        w = torso.waist
        pieces += [
            Panel(box(-w - 1, 48, w + 1, 53), folds=0.2, lift=0.9, edge=0.5),
            Line(curve((-w, 49), (w, 49)), "stitch"),
            Line(curve((-w, 52), (w, 52)), "stitch"),
        ]
        pieces += [
            Panel(join([(3, 52), (7, 52), (10, 74), (6, 75)]), folds=0.3, lift=0.8, edge=0.5, grain=-10),
            Panel(box(-3.5, 47, 3.5, 54), "buckle", folds=0, lift=0.6, edge=0.5),
            Panel(box(-2, 48.6, 2, 52.4), folds=0, lift=-0.1, edge=0.3),
        ]
        pieces += both(Panel(join([(14, 4.2), (21, 6), (20.6, 9), (13.5, 7)]), folds=0, lift=0.5, edge=0.5))
    return pieces

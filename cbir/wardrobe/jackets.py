"""Cuts of jackets, coats, suits and vests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cbir.wardrobe.bottoms import pants
from cbir.wardrobe.details import collar_leaves, flap_pocket, hang_open, hood, lapels, patch_pocket, placket
from cbir.wardrobe.noise import Random
from cbir.wardrobe.outlines import box, curve, join, symmetric
from cbir.wardrobe.pieces import Crease, Disc, Line, Panel, Piece
from cbir.wardrobe.things import moved
from cbir.wardrobe.torso import Torso, both, front, inside, mirror, neck_band, sleeves


def jacket_front(
    torso: Torso, lay: Random, *, opening: float, cutaway: float = 0.0, folds: float = 0.5, overlap: float = 1.8
) -> list[Piece]:
    """Two fronts that meet at a button, the right one above, over the lining that shows in the neck."""
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
    near = Panel(outline, folds=folds, lift=0.9, edge=1.4, creases=creases)
    dart = Line(curve((13, torso.armpit + 3), (12, torso.armpit + 18), (13, 0.74 * torso.length)), "seam")
    pieces: list[Piece] = [
        Panel(lining, "lining", folds=0.4, dark=0.62, lift=0.1),
        Panel(box(-2.4, 2.2, 2.4, 5.4), "label", folds=0, lift=0.1, edge=0.2, dark=0.8),
    ]
    return [*pieces, mirror(near), near, *both(Line(torso.armhole()), dart)]


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
    neckwear = [
        Panel(tie, "tie", folds=0.1, lift=0.5),
        Panel(knot, "tie", grain=25, lift=0.6),
        *both(Panel(shirt_collar, "shirt", folds=0, lift=0.6, edge=0.5)),
    ]
    welt = np.array([(9, 25.4), (18, 24), (18, 26.2), (9, 27.6)])
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
        Panel(welt, folds=0, lift=0.4, edge=0.3),
        *(Disc((0.2, button + 9 * row), 2.1) for row in range(2)),
    ]


def outwear(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """Jackets: puffer, bomber, denim, biker, rain."""
    torso = Torso(
        neck=9, depth=5, shoulder=24, drop=5, armpit=27, chest=29, waist=28, hem=27.5, length=shape.uniform(60, 68)
    )
    puffer, rain, opened = cut == "puffer", cut == "rain jacket", lay.random() < 0.45
    hooded = shape.random() < 0.4
    relief = "quilt" if puffer else ""
    arms = sleeves(
        torso,
        lay,
        length=54,
        cuff=15,
        angle=lay.uniform(68, 84),
        folds=0.7,
        end="rib" if cut in ("bomber", "puffer") else "cuff",
    )
    if puffer:
        arms = [
            replace(piece, relief="quilt", creases=())
            if isinstance(piece, Panel) and piece.cloth == "sleeve"
            else piece
            for piece in arms
        ]
    hem = "rib" if cut in ("bomber", "puffer") else "stitch"
    pieces = [*inside(torso), *arms, *front(torso, lay, folds=0.4 if puffer else 0.8, hem=hem, relief=relief)]
    bottom = torso.length + (6 if hem == "rib" else 0.8)
    if rain or (puffer and hooded):
        pieces += hood(lay, relief=relief)
    elif puffer:
        pieces += [
            Panel(
                symmetric(curve((0, -5), (8, -4.5)), [(11, 5)], curve((8, 7.5), (0, 8.5))),
                folds=0.2,
                lift=1.4,
                edge=1.6,
                relief="quilt",
            )
        ]
    if cut == "denim jacket":
        leaves = collar_leaves(torso, length=9, spread=10)
        pieces += (
            hang_open(torso, lay, torso.depth, bottom, zipped=False)
            if opened
            else placket(torso.depth, bottom - 1, 6, width=4.4, size=1.7)
        )
        pieces += [
            Line(curve((-26, 21), (0, 21.5), (26, 21)), "stitch"),
            Panel(box(-27.6, bottom - 5, 27.6, bottom), folds=0.1, lift=0.6, edge=0.5),
            Line(curve((-27, bottom - 4.4), (27, bottom - 4.4)), "stitch"),
        ]
        pieces += both(
            *patch_pocket(12.5, 22, width=11, height=13),
            Disc((12.5, 25), 1.6),
            Line(curve((9, 35), (6.5, 50), (5.5, bottom - 5)), "stitch"),
            Line(curve((16, 35), (17.5, 50), (18, bottom - 5)), "stitch"),
        )
        return pieces + leaves
    if cut == "biker":
        pieces += lapels(torso, 24, wide=7, notch=11)
        zips = [((6, 22), (3, bottom - 2)), ((11, 44), (20, 38)), ((9, 27), (15, 22)), ((-20, 38), (-11, 44))]
        pieces += [Line(curve(*ends), "zip", "metal", 1.3) for ends in zips]
        return [*pieces, Panel(box(-27.4, bottom - 4.5, 27.4, bottom), folds=0.2, lift=0.6, edge=0.5)]
    start = 8 if rain or hooded else 5 if puffer else 4
    pieces += (
        hang_open(torso, lay, start, bottom) if opened else [Line(curve((0, start), (0, bottom)), "zip", "metal", 2.0)]
    )
    pieces += both(Line(curve((20, 42), (15, 54)), "zip" if cut == "bomber" else "seam", "metal", 1.1))
    if cut == "bomber":
        stand = symmetric(curve((0, -1.5), (9, -1)), [(11.5, 4)], curve((9, 5), (4, 7.5), (0, 8)))
        pieces += [
            Panel(stand, "trim", folds=0, lift=0.8, edge=0.8, relief="rib"),
            Panel(symmetric(curve((0, 0.6), (7, 0.8)), curve((7, 3), (0, 5))), "inside", dark=0.5, lift=-0.3),
        ]
    return pieces


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


def vest(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """Sleeveless, over a shirt: a waistcoat, a knitted slipover, or a quilted gilet."""
    if cut == "waistcoat":
        torso = Torso(neck=8, depth=3, shoulder=17, drop=4, armpit=28, chest=24, waist=22, hem=22.5, length=54)
        button = shape.uniform(24, 30)
        lining = symmetric([(0, -1), (8, 0)], [(10, 4), (0.3, button + 3)])
        end = [(22.5, 54), (8, 60), (-1.5, 53)]
        half = join(
            [(-1.5, button), (4, 0.5 * button), (8, 0)],
            torso.armhole(bare=2.5),
            curve((24, 28), (22, 42), (22.5, 54)),
            end,
        )
        creases = tuple(Crease((22, 30), (lay.uniform(2, 14), lay.uniform(34, 50)), 2.4, 0.4) for _ in range(2))
        near = Panel(half, folds=0.4, lift=0.8, edge=1, creases=creases)
        welts = [
            Panel(
                np.array([(x - 5, y), (x + 5, y - 0.8), (x + 5, y + 1.4), (x - 5, y + 2.2)]),
                folds=0,
                lift=0.4,
                edge=0.3,
            )
            for x, y in ((12.5, 44), (12.5, 30))
        ]
        return [
            Panel(lining, "lining", dark=0.6, lift=0.1, folds=0.3),
            Panel(box(-2.2, 2, 2.2, 5), "label", folds=0, dark=0.8, lift=0.1),
            mirror(near),
            near,
            *both(*welts, Line(curve((11, 33), (10.5, 44), (10, 56)))),
            *(Disc((0.1, y), 1.4) for y in np.linspace(button + 1, 51, 5)),
        ]
    if cut == "gilet":
        torso = Torso(neck=9, depth=5, shoulder=21, drop=5, armpit=29, chest=27, waist=26, hem=26.5, length=64)
        stand = symmetric(curve((0, -5), (8, -4.5)), [(10.5, 5)], curve((8, 7), (0, 8)))
        return [
            *inside(torso),
            *front(torso, lay, folds=0.3, relief="quilt", bare=1.5),
            Panel(stand, folds=0.2, lift=1.5, edge=1.5, relief="quilt"),
            Line(curve((0, -4), (0, 64.5)), "zip", "metal", 1.5),
            *both(Line(curve((21, 44), (16, 56)), "zip", "metal", 1.0)),
        ]
    torso = Torso(
        neck=8.5,
        depth=shape.uniform(17, 23),
        shoulder=19,
        drop=4,
        armpit=28,
        chest=25,
        waist=24,
        hem=24,
        length=56,
        neckline="v",
    )
    arm = torso.armhole(bare=2.0)
    rib = join(arm, (arm + np.array((-2.6, 0.6)))[::-1])
    return [
        *inside(torso),
        *front(torso, lay, hem="rib", bare=2.0, folds=0.6),
        *both(Panel(rib, "trim", folds=0, lift=0.4, edge=0.6, relief="rib")),
        *neck_band(torso, width=3),
    ]


def suit(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """A jacket over its trousers."""
    trousers = moved(pants("pressed", shape, lay), lay.uniform(-3, 3), 36, size=0.84)
    return [*trousers, *suit_jacket(shape, lay)]

"""Cuts of vests: waistcoats, quilted gilets, knitted slipovers."""

from __future__ import annotations

import numpy as np

from cbir.wardrobe.cuts.torso import Torso, front, inside, neck_band
from cbir.wardrobe.geometry.noise import Random
from cbir.wardrobe.geometry.outlines import box, curve, join, symmetric
from cbir.wardrobe.geometry.pieces import Crease, Disc, Line, Panel, Piece
from cbir.wardrobe.geometry.placing import both, mirror


def vest(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """Sleeveless, over a shirt."""
    return {"waistcoat": waistcoat, "gilet": gilet, "slipover": slipover}[cut](shape, lay)


def waistcoat(shape: Random, lay: Random) -> list[Piece]:
    """Two fronts with welt pockets and five buttons, pointed at the hem."""
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


def gilet(shape: Random, lay: Random) -> list[Piece]:
    """Quilted, with a zip and a standing collar."""
    torso = Torso(neck=9, depth=5, shoulder=21, drop=5, armpit=29, chest=27, waist=26, hem=26.5, length=64)
    stand = symmetric(curve((0, -5), (8, -4.5)), [(10.5, 5)], curve((8, 7), (0, 8)))
    return [
        *inside(torso),
        *front(torso, lay, folds=0.3, relief="quilt", bare=1.5),
        Panel(stand, folds=0.2, lift=1.5, edge=1.5, relief="quilt"),
        Line(curve((0, -4), (0, 64.5)), "zip", "metal", 1.5),
        *both(Line(curve((21, 44), (16, 56)), "zip", "metal", 1.0)),
    ]


def slipover(shape: Random, lay: Random) -> list[Piece]:
    """Knitted, with a V neck and ribs."""
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

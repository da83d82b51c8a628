"""Cuts of T-shirts, vests, tops and bodysuits."""

from __future__ import annotations

import numpy as np

from cbir.wardrobe.cuts.details import patch_pocket
from cbir.wardrobe.cuts.torso import Torso, front, inside, neck_band, sleeves
from cbir.wardrobe.geometry.noise import Random
from cbir.wardrobe.geometry.outlines import curve, join, symmetric, tube
from cbir.wardrobe.geometry.pieces import Crease, Disc, Line, Panel, Piece
from cbir.wardrobe.geometry.placing import both


def t_shirt(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """Crew or V neck, short sleeves; those of a fitted one only cap the shoulders."""
    fitted = cut == "cap sleeves"
    torso = Torso(
        neck=shape.uniform(8, 10.5) + 2 * fitted,
        depth=shape.uniform(14, 18) if cut == "V-neck" else shape.uniform(8, 11) + 3 * fitted,
        neckline="v" if cut == "V-neck" else "crew",
        waist=shape.uniform(22.5, 26) - 2 * fitted,
        length=shape.uniform(60, 72),
    )
    reach, cuff = (8, 11), (15, 17)
    if not fitted:
        reach, cuff = (14, 21), (17, 20)
    arms = sleeves(torso, lay, length=shape.uniform(*reach), cuff=shape.uniform(*cuff), angle=lay.uniform(28, 48))
    pocket = patch_pocket(11, 24) if cut == "pocket" else []
    return [*inside(torso), *arms, *front(torso, lay), *neck_band(torso), *pocket]


def undershirt(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """A sleeveless vest with broad straps."""
    torso = Torso(
        neck=shape.uniform(8.5, 10.5),
        depth=shape.uniform(15, 20),
        shoulder=shape.uniform(14, 17),
        drop=2.5,
        armpit=27,
        chest=24.5,
        waist=shape.uniform(22, 25),
        hem=24.5,
        length=shape.uniform(64, 72),
        neckline="crew",
    )
    bare = 3.0 if cut == "tank" else 1.0
    arm = torso.armhole(bare=bare)
    binding = join(arm, (arm + np.array((-1.4, 0.3)))[::-1])
    return [
        *inside(torso, label=False),
        *front(torso, lay, bare=bare),
        *both(Panel(binding, "trim", folds=0, lift=0.2, edge=0.3)),
        *neck_band(torso, width=1.4, relief=""),
    ]


def top(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """A camisole on thin straps, or a short top on broad ones."""
    crop = cut == "crop top"
    y = 14.0
    w, length = 13.5, (40 if crop else shape.uniform(52, 60))
    flare = shape.uniform(20, 24) if not crop else 19
    dip = shape.uniform(1, 4)
    body = symmetric(
        curve((0, y + dip), (0.5 * w, y + 0.6 * dip), (w, y)),
        curve((w, y), (w + 1.5, y + 7), (19, y + 11)),
        curve((19, y + 11), (18, y + 24), (flare, length)),
        curve((flare, length), (0, length + 1.5)),
    )
    thick = 2.6 if crop else 0.8
    strap = tube(((w - 1, y + 1), (w - 2.5, 6), (w - 4, 0)), (thick,) * 3)
    behind = tube(((w - 4, 0), (w - 3.4, 7), (w - 3, y + 3)), (thick,) * 3)
    back = symmetric(curve((0, y + 2.5), (0.6 * w, y + 2), (w - 1, y + 1.5)), [(w - 1, y + dip + 3), (0, y + dip + 4)])
    folds = tuple(
        Crease((x + lay.uniform(-1, 1), y + 12), (1.25 * x, length), 2.2, 0.5, lay.uniform(-1, 1))
        for x in np.linspace(-15, 15, 6)
    )
    edge = curve((-w, y + 1.2), (0, y + dip + 1.2), (w, y + 1.2))
    pieces: list[Piece] = [
        *both(Panel(behind, "trim", folds=0, lift=0.1, edge=0.2, dark=0.75)),
        Panel(back, "inside", folds=0.2, lift=0.1, dark=0.55),
        Panel(body, folds=1.0, creases=folds),
        Line(edge, "stitch"),
        Line(curve((-flare, length - 1.5), (0, length), (flare, length - 1.5)), "stitch"),
        *both(Panel(strap, "trim", folds=0, lift=0.3, edge=0.3)),
    ]
    if cut == "lace-trimmed":
        pieces += [
            Panel(
                tube(((x, length + 1.2 - 0.002 * x * x), (x + 2.2, length + 1.2 - 0.002 * x * x)), (2.6, 2.6)),
                "trim",
                folds=0,
                edge=0.8,
            )
            for x in np.arange(-flare, flare - 1, 2.4)
        ]
    return pieces


def body(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """A bodysuit for babies with snaps between the legs, drawn at twice its real size."""
    torso = Torso(
        neck=10, depth=8, shoulder=18, drop=3, armpit=19, chest=21.5, waist=21, hem=20, length=46, neckline="boat"
    )
    long = cut == "long-sleeved"
    arms = sleeves(
        torso,
        lay,
        length=30 if long else 11,
        cuff=9.5 if long else 14,
        angle=lay.uniform(48, 70) if long else lay.uniform(25, 50),
        end="rib" if long else "hem",
    )
    outline = symmetric(
        torso.collar(),
        torso.armhole(),
        curve((21.5, 19), (21, 32), (21, 43)),
        curve((21, 43), (10.5, 52), (6, 64)),
        curve((6, 64), (0, 65)),
    )
    leg = join(curve((21, 43), (10.5, 52), (6, 64)), curve((4.8, 62.4), (9.2, 50.4), (20.8, 41)))
    lap = join(curve((10, -0.5), (14, 6), (20, 14)), curve((18.6, 15), (12.6, 7.5), (8.6, 0.5)))
    return [
        *inside(torso),
        *arms,
        Panel(
            outline,
            creases=tuple(Crease((lay.uniform(-15, 15), 30), (lay.uniform(-6, 6), 62), 2.4, 0.4) for _ in range(4)),
        ),
        *both(
            Line(torso.armhole()),
            Panel(leg, "trim", folds=0, lift=0.4, edge=0.5, relief="rib"),
            Panel(lap, "trim", folds=0, lift=0.4, edge=0.5),
        ),
        *neck_band(torso, width=1.8),
        *(Disc((x, 62.6), 1.8, "snap", "metal") for x in (-4, 0, 4)),
    ]

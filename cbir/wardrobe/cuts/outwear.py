"""Cuts of jackets for outdoors: puffers, bombers, denim, biker and rain jackets; those of parkas.py come in as well."""

from __future__ import annotations

from dataclasses import replace

from cbir.wardrobe.cuts.details import collar_leaves, hang_open, hood, lapels, patch_pocket, placket, stand_collar
from cbir.wardrobe.cuts.parkas import PARKAS
from cbir.wardrobe.cuts.torso import Torso, front, inside, sleeves
from cbir.wardrobe.geometry.noise import Random
from cbir.wardrobe.geometry.outlines import box, curve, symmetric
from cbir.wardrobe.geometry.pieces import Disc, Line, Panel, Piece
from cbir.wardrobe.geometry.placing import both


def outwear(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """Jackets: puffer, bomber, denim, biker, rain; and those of PARKAS."""
    if cut in PARKAS:
        return PARKAS[cut](shape, lay)
    torso = Torso(
        neck=9, depth=5, shoulder=24, drop=5, armpit=27, chest=29, waist=28, hem=27.5, length=shape.uniform(60, 68)
    )
    puffer, rain, opened = cut == "puffer", cut == "rain jacket", lay.random() < 0.45
    hooded, ribbed = shape.random() < 0.4, cut in ("bomber", "puffer")
    relief = "quilt" if puffer else ""
    angle = lay.uniform(68, 84)
    arms = sleeves(torso, lay, length=54, cuff=15, angle=angle, folds=0.7, end="rib" if ribbed else "cuff")
    if puffer:
        arms = [_quilted(piece) for piece in arms]
    hem = "rib" if ribbed else "stitch"
    pieces = [*inside(torso), *arms, *front(torso, lay, folds=0.4 if puffer else 0.8, hem=hem, relief=relief)]
    bottom = torso.length + (6 if ribbed else 0.8)
    if rain or (puffer and hooded):
        pieces += hood(lay, relief=relief)
    elif puffer:
        pieces.append(stand_collar(relief="quilt"))
    if cut == "denim jacket":
        return [*pieces, *_denim(torso, lay, bottom, opened)]
    if cut == "biker":
        return [*pieces, *_biker(torso, bottom)]
    start = 8 if rain or hooded else 5 if puffer else 4
    pieces += (
        hang_open(torso, lay, start, bottom) if opened else [Line(curve((0, start), (0, bottom)), "zip", "metal", 2.0)]
    )
    pieces += both(Line(curve((20, 42), (15, 54)), "zip" if cut == "bomber" else "seam", "metal", 1.1))
    return [*pieces, *_ribbed_collar()] if cut == "bomber" else pieces


def _quilted(piece: Piece) -> Piece:
    """A piece of a sleeve, quilted if it is cut from the cloth of the sleeves."""
    if isinstance(piece, Panel) and piece.cloth == "sleeve":
        return replace(piece, relief="quilt", creases=())
    return piece


def _ribbed_collar() -> list[Piece]:
    """The knitted collar of a bomber jacket."""
    stand = symmetric(curve((0, -1.5), (9, -1)), [(11.5, 4)], curve((9, 5), (4, 7.5), (0, 8)))
    return [
        Panel(stand, "trim", folds=0, lift=0.8, edge=0.8, relief="rib"),
        Panel(symmetric(curve((0, 0.6), (7, 0.8)), curve((7, 3), (0, 5))), "inside", dark=0.5, lift=-0.3),
    ]


def _denim(torso: Torso, lay: Random, bottom: float, opened: bool) -> list[Piece]:
    """What is sewn to the front of a denim jacket: yoke, pockets with buttons, seams, waistband and collar."""
    leaves = collar_leaves(torso, length=9, spread=10)
    pieces = (
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
    return [*pieces, *leaves]


def _biker(torso: Torso, bottom: float) -> list[Piece]:
    """What is sewn to the front of a biker jacket: lapels, slanting zips, a band at the hem."""
    pieces = lapels(torso, 24, wide=7, notch=11)
    zips = [((6, 22), (3, bottom - 2)), ((11, 44), (20, 38)), ((9, 27), (15, 22)), ((-20, 38), (-11, 44))]
    pieces += [Line(curve(*ends), "zip", "metal", 1.3) for ends in zips]
    return [*pieces, Panel(box(-27.4, bottom - 4.5, 27.4, bottom), folds=0.2, lift=0.6, edge=0.5)]

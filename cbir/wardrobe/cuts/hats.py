"""Cuts of hats: beanies, bucket hats and brimmed hats, seen from the front and a little from above."""

from __future__ import annotations

import numpy as np

from cbir.wardrobe.cuts.caps import cap
from cbir.wardrobe.geometry.noise import Random
from cbir.wardrobe.geometry.outlines import Outline, curve, ellipse, join, loop, symmetric, tube
from cbir.wardrobe.geometry.pieces import Crease, Disc, Line, Panel, Piece


def hat(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """A hat of one cut."""
    if cut in ("beanie", "bobble hat"):
        return beanie(cut == "bobble hat", shape, lay)
    if cut == "cap":
        return cap(shape, lay)
    if cut == "bucket hat":
        return bucket(shape, lay)
    return brimmed(cut == "sun hat", shape, lay)


def beanie(bobble: bool, shape: Random, lay: Random) -> list[Piece]:
    """A knitted hat with a turned-up edge, with or without a bobble of wool."""
    tall, deep = shape.uniform(15, 19), shape.uniform(6, 9)
    dome = symmetric(
        curve((0, -tall), (5, -tall + 0.7), (9.4, -0.72 * tall), (11.6, -0.4 * tall), (12, 0)),
        curve((12, 0), (6, 1.2), (0, 1.6)),
    )
    brim = symmetric(
        curve((0, 4.6 - deep), (6, 4.2 - deep), (12.1, 3 - deep)),
        curve((12.6, 0), (12.4, 3.4)),
        curve((12.4, 3.4), (6, 4.7), (0, 5.1)),
    )
    gathers = tuple(Crease((x, -tall + 0.5), (2.6 * x, -0.45 * tall), 0.8, 0.35) for x in (-3.2, -1.4, 0.6, 2.4, 4))
    pieces: list[Piece] = [
        Panel(dome, folds=0.5, lift=1.2, edge=5, bulge=2.5, relief="rib", creases=gathers),
        Panel(brim, "trim", folds=0.15, lift=1.2, edge=1.8, bulge=0.6, relief="rib"),
    ]
    if not bobble:
        return pieces
    middle = np.array((0, -tall - 2.2))
    yarn: list[Piece] = []
    for angle, far in zip(lay.uniform(0, 2 * np.pi, 260), 4.3 * np.sqrt(np.sort(lay.uniform(0.1, 1, 260))[::-1])):
        out = np.array((np.cos(angle), np.sin(angle)))
        start, end = middle + out * max(far - 1.8, 0), middle + out * far * lay.uniform(0.94, 1.08)
        yarn.append(Line(np.array((start, end)), "cord", "trim", 0.42))
    return [Panel(ellipse((0, -tall - 2.2), 8, 7.8), "trim", folds=0.6, lift=2.2, edge=3.6), *yarn, *pieces]


def bucket(shape: Random, lay: Random) -> list[Piece]:
    """A flat crown, sloping sides, a soft brim with rows of stitches."""
    wide, drop = shape.uniform(15, 17), shape.uniform(6.4, 8.4)
    crown = symmetric(
        curve((0, -14), (5, -13.7), (8.2, -12.2)),
        curve((8.2, -12.2), (9.2, -7), (9.8, -1.6)),
        curve((9.8, -1.6), (5, 0.7), (0, 1.3)),
    )
    dents = Crease((-6, -8), (2, -3), 1.6, 0.4), Crease((7, -9), (5, -2), 1.4, 0.35)
    return [
        *_soft_brim(shape, lay, wide, drop),
        Panel(crown, folds=0.5, lift=1.4, edge=4.5, bulge=3, creases=dents),
        Panel(ellipse((0, -11.9), 16.2, 4.2), folds=0.5, lift=0.15, edge=1.6, dark=1.04),
        Line(ellipse((0, -11.9), 16.4, 4.4), "seam"),
        Line(ellipse((0, -11.5), 16.4, 4.6, start=10, end=170), "stitch"),
        Line(curve((6.6, -10.4), (7.2, -5), (7.6, -0.4)), "seam"),
        *(Disc((x, -6.4), 0.7, "snap", "metal") for x in (-6.3, -4.2)),
    ]


def _soft_brim(shape: Random, lay: Random, wide: float, drop: float) -> list[Piece]:
    """The wavy brim of a bucket hat with its rows of stitches. wide: half its width; drop: how far it comes down."""
    wave = lay.normal(0, 0.5, 3)
    upper = curve((-9.6, -2.4), (-5, -0.2), (0, 0.4), (5, -0.2), (9.6, -2.4))
    lower = curve(
        (wide, drop - 3),
        (wide - 3, drop + wave[0]),
        (6, drop + 2.2 + wave[1]),
        (0, drop + 2.7),
        (-6, drop + 2.2 + wave[2]),
        (3 - wide, drop - wave[0]),
        (-wide, drop - 3),
    )
    right, left = curve((9.6, -2.4), (13, 0.2), (wide, drop - 3)), curve((-wide, drop - 3), (-13, 0.2), (-9.6, -2.4))
    flares = tuple(
        Crease((x, 0.5), (1.6 * x, drop + 1), 1.8, lay.uniform(0.3, 0.8), lay.normal(0, 1))
        for x in (-8, -4, 0.5, 5, 8.5)
    )
    near, far = _resampled(upper), _resampled(lower[::-1])
    shares = np.linspace(0.14, 0.96, int(shape.integers(4, 8)))
    return [
        Panel(join(upper, right, lower, left), folds=0.6, lift=1.0, edge=1.4, bulge=0.6, creases=flares),
        *(Line((1 - share) * near + share * far, "stitch") for share in shares),
    ]


def _resampled(line: Outline) -> Outline:
    """A line with 60 points, (60, 2)."""
    at, given = np.linspace(0, 1, 60), np.linspace(0, 1, len(line))
    return np.stack([np.interp(at, given, line[:, axis]) for axis in (0, 1)], axis=1)


def brimmed(sun: bool, shape: Random, lay: Random) -> list[Piece]:
    """A dented crown with a ribbon; a wide brim against the sun, or a narrow one that is turned up behind."""
    wide = shape.uniform(23, 27) if sun else shape.uniform(16, 18.5)
    deep, dip = (0.36 if sun else 0.3) * wide, lay.normal(0, 0.8)
    crown = symmetric(
        curve((0, -12.2), (2.5, -13.4), (6.4, -13.8), (8.8, -11), (10, -5), (10.6, 0)),
        curve((10.6, 0), (6, 2.6), (0, 3.4)),
    )
    tall = shape.uniform(2.6, 4)
    band = symmetric(
        curve((0, 3.2 - tall), (6, 2.6 - tall), (10.5, 0.2 - tall)), curve((10.7, -0.2), (6, 2.4), (0, 3.2))
    )
    dents = (
        Crease((-1, -12.8), (0.6, -5.6), 2.4, -1.2),
        Crease((-7.6, -11), (-5, -5), 1.8, -0.7),
        Crease((7.4, -11), (5.2, -5), 1.8, -0.7),
    )
    pieces = [
        *_stiff_brim(sun, wide, deep, dip),
        Panel(crown, folds=0.12, lift=1.6, edge=4, bulge=3, creases=dents),
        Panel(band, "trim", folds=0.05, lift=0.3, edge=0.4),
    ]
    if shape.random() < 0.6:
        bow = tube(((7.6, 2.4 - tall), (8.6, -0.6), (7.8, 2.2 - 0.3 * tall)), (2.2, 1.2, 2.2))
        pieces.append(Panel(bow, "trim", folds=0.2, lift=0.5, edge=0.5))
    return pieces


def _stiff_brim(sun: bool, wide: float, deep: float, dip: float) -> list[Piece]:
    """The brim of a brimmed hat with its rings or its row of stitches. wide: half its width."""
    brim = loop(
        (-wide, -1.2 + dip),
        (-0.7 * wide, -0.66 * deep),
        (0, -0.9 * deep),
        (0.7 * wide, -0.66 * deep),
        (wide, -1.2 - dip),
        (0.72 * wide, 0.72 * deep),
        (0, deep + 0.6),
        (-0.72 * wide, 0.72 * deep),
    )
    bends = (
        Crease((-0.9 * wide, 0), (-0.3 * wide, 0.7 * deep), 3, 0.6),
        Crease((0.4 * wide, 0.7 * deep), (0.9 * wide, 0), 3, 0.5),
    )
    panel = Panel(brim, folds=0.2, lift=0.9, edge=1.6, creases=bends)
    if not sun:
        return [panel, Line(brim * 0.95, "stitch")]
    rings = (brim * share + (0, (1 - share) * 0.8) for share in (0.94, 0.85, 0.76, 0.67, 0.58))
    return [panel, *(Line(ring, "seam") for ring in rings)]

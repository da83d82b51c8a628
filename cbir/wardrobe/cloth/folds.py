"""The height of folds, and of what is sewn or knitted in, in centimetres."""

from __future__ import annotations

import numpy as np

from cbir.wardrobe.geometry.noise import Field, Noise
from cbir.wardrobe.geometry.pieces import Crease, Panel


def fold(
    panel: Panel, stiffness: float, u: Field, v: Field, x: Field, y: Field, noise: Noise, *, shift: float
) -> Field:
    """The height of folds, (h, w) float32, in centimetres: waves along the grain, wrinkles, and the creases of the cut.

    u, v: the points in the coordinates of the cloth; x, y: the same points in those of the garment; each (h, w), in
    centimetres. stiffness: of the fabric. shift: selects the random fields.
    """
    amount = panel.folds
    if not amount:
        return np.zeros_like(u)
    at = noise.at
    u = u + 2.5 * at(u / 13, v / 15, shift=shift)
    place = np.clip(0.55 + 0.6 * at(u / 15, v / 18, shift=shift + 1), 0.08, 1.4)
    waves = (1.1 - 0.7 * stiffness) * 0.42 * at(u / 4.5, v / 17, shift=shift + 2)
    broad = 0.5 * at(u / 13, v / 22, shift=shift + 3)
    course = at(u / (8 - 3 * stiffness), v / 13, shift=shift + 4) + 0.35 * at(u / 3, v / 5, shift=shift + 5)
    wrinkles = (0.16 + 0.3 * stiffness) * np.exp(-((course / (0.26 - 0.1 * stiffness)) ** 2))
    small = stiffness * 0.06 * at(u / 1.6, v / 1.9, shift=shift + 6)
    folds = amount * (1.9 * place * (waves + wrinkles + small) + 1.7 * broad)
    for crease in panel.creases:
        folds += 1.5 * (0.55 + 0.45 * amount) * _crease(crease, x, y)
    return folds.astype(np.float32)


def _crease(crease: Crease, x: Field, y: Field) -> Field:
    """A ridge from one point to another that tapers to both ends and is steeper on one side."""
    start, end = np.array(crease.start), np.array(crease.end)
    length = max(float(np.hypot(*(end - start))), 1e-3)
    along = (end - start) / length
    t = ((x - start[0]) * along[0] + (y - start[1]) * along[1]) / length
    far = (y - start[1]) * along[0] - (x - start[0]) * along[1] - crease.bend * 4 * t * (1 - t)
    width = np.where(far > 0, crease.width, 0.6 * crease.width)
    taper = np.clip(4.5 * t * (1.1 - t), 0, 1) * np.clip(8 * (t + 0.02), 0, 1)
    ridge = np.exp(-((far / width) ** 2))
    trough = 0.5 * np.exp(-(((far + 1.7 * crease.width) / (1.3 * crease.width)) ** 2))
    return (crease.height * taper * (ridge - trough)).astype(np.float32)


def emboss(relief: str, u: Field, v: Field, noise: Noise, *, pixel: float) -> Field:
    """The height of what is sewn or knitted in, (h, w) float32, in centimetres: ribs, pleats, quilting.

    relief: as in a panel. u, v: the points in the coordinates of the cloth, each (h, w), in centimetres.
    pixel: centimetres per pixel; ribs are at least four pixels wide.
    """
    if relief == "rib":
        return (0.09 * np.cos(2 * np.pi * u / max(0.75, 4 * pixel))).astype(np.float32)
    if relief == "pleats":
        middle = float(np.median(u))
        spread = 1 + 0.011 * (v - float(v.min()))
        place = ((u - middle) / spread / 3.4) % 1
        return (0.75 * np.where(place < 0.8, place / 0.8, (1 - place) / 0.2)).astype(np.float32)
    if relief == "quilt":
        baffle = (v + 0.5 * noise.at(u / 9, v / 9)) / 7 % 1
        pillow = np.sqrt(np.clip(1 - (2 * baffle - 1) ** 2, 0, 1))
        pucker = 0.22 * noise.at(u / 1.8, v / 5) * (1 - pillow) + 0.12 * noise.at(u / 3, v / 4)
        return (2.6 * pillow + 1.6 * pucker).astype(np.float32)
    return np.zeros_like(u)

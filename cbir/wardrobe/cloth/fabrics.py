"""Fabrics: how they fall and shine, and the surface of their weave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cbir.wardrobe.geometry.noise import Field, Noise


@dataclass(frozen=True)
class Fabric:
    """How a material falls and shines."""

    name: str
    stiffness: float
    """0: many soft folds; 1: few sharp folds."""
    thickness: float
    """Of one layer, in centimetres."""
    gloss: float = 0.0
    """0: matt; 1: mirrors the light."""
    fuzz: float = 0.0
    """How far fibres stand off its edge and blur it, from 0 to 1."""


FABRICS = {
    fabric.name: fabric
    for fabric in (
        Fabric("jersey", 0.25, 0.5),
        Fabric("knit", 0.15, 1.0, fuzz=0.6),
        Fabric("rib knit", 0.15, 0.8, fuzz=0.4),
        Fabric("cotton", 0.55, 0.4),
        Fabric("linen", 0.75, 0.4),
        Fabric("denim", 0.85, 0.6),
        Fabric("twill", 0.7, 0.5),
        Fabric("corduroy", 0.6, 0.7),
        Fabric("wool", 0.4, 0.9, fuzz=0.5),
        Fabric("fleece", 0.3, 1.1, fuzz=0.5),
        Fabric("leather", 0.8, 0.8, gloss=0.35),
        Fabric("satin", 0.05, 0.3, gloss=0.5),
        Fabric("nylon", 0.5, 0.6, gloss=0.2),
        Fabric("felt", 0.9, 0.8, fuzz=0.4),
        Fabric("canvas", 0.9, 0.6),
        Fabric("suede", 0.8, 0.7, fuzz=0.3),
        Fabric("straw", 1.0, 0.6),
        Fabric("rubber", 1.0, 0.6, gloss=0.12),
    )
}


class Surface(NamedTuple):
    """The surface of a fabric at a grid of points; both fields are (h, w)."""

    tone: Field
    """The colour is multiplied by it; 1 where it leaves the colour as it is."""
    bump: Field
    """Height in centimetres."""


def weave(fabric: str, u: Field, v: Field, noise: Noise, *, pixel: float, shift: float) -> Surface:
    """The surface of a fabric at points u (across the grain) and v (along it), each (h, w), in centimetres.

    pixel: centimetres per pixel. Threads thinner than a few pixels are drawn a few pixels wide.
    shift: selects the random fields of the threads.
    """
    thread = max(0.35, 2.6 * pixel)
    grain = noise.at(u / thread, v / thread, shift=shift)
    if fabric in ("knit", "rib knit"):
        wide = max(0.9, 4.5 * pixel)
        lean = np.abs((u / wide) % 1 - 0.5)  # each wale is a column of Vs
        loop = np.cos(2 * np.pi * (v / (0.8 * wide) + 1.1 * lean))
        column = np.cos(2 * np.pi * u / wide)
        rib = 0.5 * np.cos(2 * np.pi * u / (3 * wide)) if fabric == "rib knit" else 0.0
        return Surface(1 + 0.05 * loop - 0.05 * column + 0.05 * grain, 0.05 * loop - 0.06 * column + 0.12 * rib)
    if fabric == "denim":
        twill = np.sin(2 * np.pi * (u + v) / max(0.45, 3.2 * pixel))
        slub = noise.at(u / thread, v / (6 * thread), shift=shift + 1)
        fade = noise.cloudy(u / 9, v / 14, octaves=3, shift=shift + 2)
        return Surface(1 + 0.05 * twill + 0.09 * slub + 0.05 * grain + 0.08 * fade, 0.012 * twill)
    if fabric in ("twill", "canvas"):
        twill = np.sin(2 * np.pi * (u + v) / max(0.5, 3.2 * pixel))
        return Surface(1 + 0.025 * twill + 0.025 * grain, 0.01 * twill)
    if fabric == "corduroy":
        wale = np.cos(2 * np.pi * u / max(0.8, 4 * pixel))
        return Surface(1 + 0.1 * wale + 0.04 * grain, 0.06 * wale)
    if fabric == "linen":
        across = noise.at(u / (9 * thread), v / thread, shift=shift + 1)
        along = noise.at(u / thread, v / (9 * thread), shift=shift + 2)
        return Surface(1 + 0.06 * across + 0.06 * along, 0.012 * (across + along))
    if fabric == "leather":
        pebble = noise.at(u / (2 * thread), v / (2 * thread), shift=shift + 1)
        patina = noise.cloudy(u / 12, v / 12, octaves=3, shift=shift + 2)
        return Surface(1 + 0.03 * pebble + 0.06 * patina, 0.012 * np.abs(pebble))
    if fabric in ("wool", "fleece", "felt", "suede"):
        cloud = noise.cloudy(u / 2.5, v / 2.5, octaves=3, shift=shift + 1)
        return Surface(1 + 0.07 * grain + 0.03 * cloud, 0.02 * grain)
    if fabric == "straw":
        plait = np.sin(2 * np.pi * (u + v) / 1.3) * np.sin(2 * np.pi * (u - v) / 1.3)
        return Surface(1 + 0.12 * plait + 0.06 * grain, 0.07 * plait)
    faint = {"satin": 0.0, "nylon": 0.01}.get(fabric, 0.02)
    return Surface(1 + faint * grain, faint * 0.1 * grain)

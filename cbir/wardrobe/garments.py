"""Which garment a number stands for, and its pieces.

A seed and a number, 0, 1, 2, ..., name a garment. Every FAMILY numbers in a row are a family of similar garments.
From LATER on, the numbers are of the styles that were added later.
"""

from __future__ import annotations

import numpy as np

from cbir.wardrobe.cloth.colours import COLOURS, DENIM, LEATHERS, POPULAR, STRAWS, SUEDES, contrasting, lightness
from cbir.wardrobe.cloth.garment import Cloth, Garment
from cbir.wardrobe.cuts.details import hanger
from cbir.wardrobe.geometry.noise import Random
from cbir.wardrobe.geometry.pieces import Piece
from cbir.wardrobe.kinds import KINDS
from cbir.wardrobe.styles import Kind, Style

FAMILY = 4
"""How many garments of one cut, fabric and pattern there are, in colours from one palette."""

TAILORED = ("Blazer", "Coat", "Suit", "Vest")
"""Kinds with quiet patterns and dark buttons."""
HUNG = ("Blazer", "Coat", "Outwear", "Shirt", "Blouse", "Dress", "Vest")
"""Kinds that are sometimes shown on a hanger."""


_FAMILIES = [(kind, before) for kind in KINDS for before in range(kind.families)]
"""The first families of the sample catalogue: the kind of each, and how many of that kind come before it."""
_LATER_FAMILIES = [(kind, before) for kind in KINDS for before in range(kind.later_families)]
"""The same of the styles that were added later."""
COUNT = FAMILY * len(_FAMILIES)
"""From this number on, the kinds start again with new families."""
LATER = 10_000
"""The first number of the styles that were added later. The numbers below stand for what they stood for before."""
SAMPLE = (*range(COUNT), *range(LATER, LATER + FAMILY * len(_LATER_FAMILIES)))
"""The numbers of the sample catalogue."""
SHIRT_SIZES = {"plaid": (1.7, 3.4), "checked": (1, 2.6), "pinstriped": (0.9, 1.8)}
"""As SIZES, for shirts."""
SIZES = {
    "striped": (3, 7),
    "breton striped": (3, 5.5),
    "multi-striped": (5, 9),
    "pinstriped": (1.4, 2.6),
    "checked": (1.6, 5),
    "plaid": (3, 7),
    "dotted": (2.2, 6),
    "floral": (6, 13),
    "herringbone": (1.8, 3.2),
    "camouflage": (4, 7),
}
"""The smallest and largest repeat of a pattern, in centimetres."""


def plan_garment(number: int, *, seed: int = 0) -> Garment:
    """Garment `number` of the wardrobe of a seed."""
    family, colourway = divmod(number, FAMILY)
    kind, (style, fabrics, patterns), turn = _style_of(family)
    shape = np.random.default_rng([seed, 1, family])
    fabric = str(shape.choice(fabrics))
    pattern = patterns[turn % len(patterns)]
    low, high = (SHIRT_SIZES if kind.label == "Shirt" else SIZES).get(pattern) or SIZES.get(pattern, (4, 4))
    size = float(shape.uniform(low, high)) * (0.55 if kind.label in ("Hat", "Shoes") else 1.0)
    tint = np.random.default_rng([seed, 2, family])
    palette = {"denim": DENIM, "leather": LEATHERS, "suede": SUEDES, "straw": STRAWS}.get(fabric, kind.palette)
    weights = np.array([POPULAR.get(name, 1.0) for name in palette])
    bases = tint.choice(palette, FAMILY, replace=False, p=weights / weights.sum())
    base = str(bases[colourway])
    rng = np.random.default_rng([seed, 3, number])
    sober = pattern in ("pinstriped", "herringbone") or (kind.label in TAILORED and pattern != "solid")
    second = _near(base, rng) if sober else contrasting(base, rng)
    if kind.label == "Shirt" and pattern in ("checked", "plaid", "pinstriped"):
        second = "white" if lightness(base) < 0.6 else str(rng.choice(["navy", "denim blue", "red", "black"]))
    third = contrasting(second, rng, apart=0.2)
    main = Cloth(fabric, (base, second, third), pattern, size)
    return Garment(number, kind.label, style, _cloths(kind.label, style, main, rng), family)


def shape_of(garment: Garment, *, seed: int = 0, hung: bool = True) -> list[Piece]:
    """The pieces of a garment as it lies, in centimetres, the lowest first.

    hung: some garments of some kinds are shown on a hanger.
    """
    kind = next(kind for kind in KINDS if kind.label == garment.kind)
    shape = np.random.default_rng([seed, 4, garment.family])
    lay = np.random.default_rng([seed, 5, garment.number])
    pieces = kind.cut(garment.style, shape, lay)
    return [*hanger(lay), *pieces] if hung and garment.kind in HUNG and lay.random() < 0.35 else pieces


def _style_of(family: int) -> tuple[Kind, Style, int]:
    """The kind and the style of a family, and how many families of that style come before it."""
    first, families = (LATER // FAMILY, _LATER_FAMILIES) if family >= LATER // FAMILY else (0, _FAMILIES)
    rounds, place = divmod(family - first, len(families))
    kind, before = families[place]
    count, styles = (kind.later_families, kind.later) if first else (kind.families, kind.styles)
    turn, style = divmod(rounds * count + before, len(styles))
    return kind, styles[style], turn


def _near(base: str, rng: Random) -> str:
    """A colour a little lighter or darker than `base`, for woven patterns."""
    calm = ("grey", "light grey", "charcoal", "black", "sand", "camel", "brown", "navy", "cream", "white")
    choices = [name for name in COLOURS if name in calm and 0.08 < abs(lightness(name) - lightness(base)) < 0.3]
    return str(rng.choice(choices))


def _cloths(kind: str, style: str, main: Cloth, rng: Random) -> dict[str, Cloth]:
    """All cloths of a garment by name: its main cloth and those that go with it."""
    base, second, third = main.colours
    soft = main.fabric if main.fabric in ("knit", "rib knit", "wool", "fleece", "jersey") else "jersey"
    matched = rng.random() < 0.62 or kind in ("Undershirt", "Vest")
    trim = Cloth(soft, (base if matched else second,) * 3)
    soles = ["white", "white", "cream", "white", "black"] if "trainers" in style else ["black", "dark brown"]
    soles = ["white", "cream", "black", "dark brown"] if style == "flip-flops" else soles
    buttons = ["white", "cream"] if lightness(base) < 0.55 else ["white", "dark brown", "black", "charcoal"]
    buttons = ["black", "dark brown", "charcoal", base] if kind in TAILORED else buttons
    thread = {"denim": "#c98f4a"}.get(main.fabric, base)
    return {
        "main": main,
        "sleeve": Cloth(main.fabric, (second, base, third)) if main.pattern == "colour block" else main,
        "trim": trim,
        "collar": trim if kind == "Polo" else main,
        "inside": Cloth(main.fabric, (base, second, third), "solid"),
        "lining": Cloth("satin", (str(rng.choice(["burgundy", "grey", "navy", "sand", "charcoal", "cream"])),) * 3),
        "label": Cloth("satin", (str(rng.choice(["white", "black", "cream"])),) * 3),
        "button": Cloth("rubber", (str(rng.choice(buttons)),) * 3),
        "metal": Cloth("rubber", (str(rng.choice(["#b9bcc0", "#a98748", "#8d8f94"])),) * 3),
        "hanger": Cloth("rubber", (str(rng.choice(["black", "brown", "camel", "light grey"])),) * 3),
        "buckle": Cloth("rubber", ("dark brown",) * 3),
        "cord": Cloth("jersey", ("white" if rng.random() < 0.5 else second,) * 3),
        "fringe": Cloth("wool", (base if main.pattern == "solid" else str(rng.choice([base, second])),) * 3),
        "sole": Cloth("rubber", (str(rng.choice(soles)),) * 3),
        "toe": Cloth(
            "rubber" if main.fabric == "canvas" else main.fabric, ("white" if main.fabric == "canvas" else base,) * 3
        ),
        "visor": Cloth(main.fabric, (base if rng.random() < 0.6 else second, second, third), "solid"),
        "shirt": Cloth("cotton", (str(rng.choice(["white", "sky blue", "pink", "white"])),) * 3),
        "tie": Cloth(
            "satin",
            (str(rng.choice(["burgundy", "navy", "bottle green", "mustard", "purple"])), "light grey", "white"),
            str(rng.choice(["striped", "dotted", "solid"])),
            2.4,
        ),
        "thread": Cloth("jersey", (thread,) * 3),
        "figure": Cloth("rubber", (str(rng.choice(["#d9cfc4", "#b98d70", "#8a634b", "#5a4034", "#c9c9c7"])),) * 3),
        "insole": Cloth("suede", (str(rng.choice(["sand", "camel", "brown", "light grey", "black"])),) * 3),
    }

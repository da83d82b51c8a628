"""What hangs in the wardrobe: number 0, 1, 2, ... of a seed, each a garment of a family of like ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cbir.wardrobe.colours import COLOURS, DENIM, LEATHERS, POPULAR, STRAWS, SUEDES, contrasting, lightness
from cbir.wardrobe.details import hanger
from cbir.wardrobe.kinds import KINDS, Kind
from cbir.wardrobe.noise import Random
from cbir.wardrobe.pieces import Piece

FAMILY = 4
"""Garments of one cut, fabric and pattern, in colours drawn from one palette."""

TAILORED = ("Blazer", "Coat", "Suit", "Vest")
"""Kinds of quiet patterns and dark buttons."""
HUNG = ("Blazer", "Coat", "Outwear", "Shirt", "Blouse", "Dress", "Vest")
"""Kinds that are at times shown on a hanger."""


@dataclass(frozen=True)
class Cloth:
    """What a panel is cut from."""

    fabric: str
    colours: tuple[str, ...]
    """The ground first; names, or #rrggbb."""
    pattern: str = "solid"
    size: float = 4.0
    """Of the pattern's repeat, in centimetres."""


@dataclass(frozen=True)
class Garment:
    """One garment of the wardrobe."""

    number: int
    kind: str
    style: str
    cloths: dict[str, Cloth]
    family: int

    @property
    def fabric(self) -> str:
        """Of its main cloth."""
        return self.cloths["main"].fabric

    @property
    def pattern(self) -> str:
        """Of its main cloth."""
        return self.cloths["main"].pattern

    @property
    def colours(self) -> tuple[str, ...]:
        """Those that are seen, the ground first."""
        main = self.cloths["main"]
        count = {"solid": 1, "printed": 2, "floral": 3, "plaid": 3, "multi-striped": 3, "camouflage": 3}.get(
            main.pattern, 2
        )
        return tuple(dict.fromkeys(main.colours[:count]))

    @property
    def description(self) -> str:
        """Colours, pattern, fabric and cut in a few words."""
        colours = list(self.colours)
        named = colours[0] if len(colours) == 1 else ", ".join(colours[:-1]) + " and " + colours[-1]
        pattern = "" if self.pattern == "solid" else f"{self.pattern} "
        return f"{named} {pattern}{self.fabric}, {self.style}"


COUNT = FAMILY * sum(kind.families for kind in KINDS)
SHIRT_SIZES = {"plaid": (1.7, 3.4), "checked": (1, 2.6), "pinstriped": (0.9, 1.8)}
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


def plan_garment(number: int, *, seed: int = 0) -> Garment:
    """Garment `number` of the wardrobe; beyond COUNT the kinds begin again with new families."""
    family, colourway = divmod(number, FAMILY)
    kind, turn = _kind_of(family)
    shape = np.random.default_rng([seed, 1, family])
    style, fabrics, patterns = kind.styles[turn % len(kind.styles)]
    fabric = str(shape.choice(fabrics))
    pattern = str(patterns[(turn // len(kind.styles) + turn) % len(patterns)])
    low, high = (SHIRT_SIZES if kind.label == "Shirt" else SIZES).get(pattern) or SIZES.get(pattern, (4, 4))
    size = float(shape.uniform(low, high)) * (0.55 if kind.label in ("Hat", "Shoes") else 1.0)
    tint = np.random.default_rng([seed, 2, family])
    palette = {"denim": DENIM, "leather": LEATHERS, "suede": SUEDES, "straw": STRAWS}.get(fabric, kind.palette)
    weights = np.array([POPULAR.get(name, 1.0) for name in palette])
    bases = tint.choice(palette, FAMILY, replace=False, p=weights / weights.sum())
    base = str(bases[colourway])
    random = np.random.default_rng([seed, 3, number])
    sober = pattern in ("pinstriped", "herringbone") or (kind.label in TAILORED and pattern != "solid")
    second = _near(base, random) if sober else contrasting(base, random)
    if kind.label == "Shirt" and pattern in ("checked", "plaid", "pinstriped"):
        second = "white" if lightness(base) < 0.6 else str(random.choice(["navy", "denim blue", "red", "black"]))
    third = contrasting(second, random, apart=0.2)
    main = Cloth(fabric, (base, second, third), pattern, size)
    return Garment(number, kind.label, style, _cloths(kind.label, style, main, random), family)


def shape_of(garment: Garment, *, seed: int = 0, hung: bool = True) -> list[Piece]:
    """The pieces of a garment, as it lies this time, lowest first, in centimetres; some kinds at times on a hanger."""
    kind = next(kind for kind in KINDS if kind.label == garment.kind)
    shape = np.random.default_rng([seed, 4, garment.family])
    lay = np.random.default_rng([seed, 5, garment.number])
    pieces = kind.cut(garment.style, shape, lay)
    return [*hanger(lay), *pieces] if hung and garment.kind in HUNG and lay.random() < 0.35 else pieces


def _kind_of(family: int) -> tuple[Kind, int]:
    """The kind of a family, and the how-manieth of that kind it is."""
    rounds, place = divmod(family, COUNT // FAMILY)
    for kind in KINDS:
        if place < kind.families:
            return kind, rounds * kind.families + place
        place -= kind.families
    raise AssertionError("a place beyond the last kind")


def _near(base: str, random: Random) -> str:
    """A colour a little lighter or darker, for a woven effect."""
    choices = [name for name in COLOURS if 0.08 < abs(lightness(name) - lightness(base)) < 0.3]
    calm = [
        name
        for name in choices
        if name in ("grey", "light grey", "charcoal", "black", "sand", "camel", "brown", "navy", "cream", "white")
    ]
    return str(random.choice(calm or choices))


def _cloths(kind: str, style: str, main: Cloth, random: Random) -> dict[str, Cloth]:
    """All that a garment is cut from: its main cloth, and what goes with it."""
    base, second, third = main.colours
    soft = main.fabric if main.fabric in ("knit", "rib knit", "wool", "fleece", "jersey") else "jersey"
    matched = random.random() < 0.62 or kind in ("Undershirt", "Vest")
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
        "lining": Cloth("satin", (str(random.choice(["burgundy", "grey", "navy", "sand", "charcoal", "cream"])),) * 3),
        "label": Cloth("satin", (str(random.choice(["white", "black", "cream"])),) * 3),
        "button": Cloth("rubber", (str(random.choice(buttons)),) * 3),
        "metal": Cloth("rubber", (str(random.choice(["#b9bcc0", "#a98748", "#8d8f94"])),) * 3),
        "hanger": Cloth("rubber", (str(random.choice(["black", "brown", "camel", "light grey"])),) * 3),
        "buckle": Cloth("rubber", ("dark brown",) * 3),
        "cord": Cloth("jersey", ("white" if random.random() < 0.5 else second,) * 3),
        "fringe": Cloth("wool", (base if main.pattern == "solid" else str(random.choice([base, second])),) * 3),
        "sole": Cloth("rubber", (str(random.choice(soles)),) * 3),
        "toe": Cloth(
            "rubber" if main.fabric == "canvas" else main.fabric, ("white" if main.fabric == "canvas" else base,) * 3
        ),
        "visor": Cloth(main.fabric, (base if random.random() < 0.6 else second, second, third), "solid"),
        "shirt": Cloth("cotton", (str(random.choice(["white", "sky blue", "pink", "white"])),) * 3),
        "tie": Cloth(
            "satin",
            (str(random.choice(["burgundy", "navy", "bottle green", "mustard", "purple"])), "light grey", "white"),
            str(random.choice(["striped", "dotted", "solid"])),
            2.4,
        ),
        "thread": Cloth("jersey", (thread,) * 3),
        "figure": Cloth("rubber", (str(random.choice(["#d9cfc4", "#b98d70", "#8a634b", "#5a4034", "#c9c9c7"])),) * 3),
        "insole": Cloth("suede", (str(random.choice(["sand", "camel", "brown", "light grey", "black"])),) * 3),
    }

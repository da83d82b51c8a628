"""What hangs in the wardrobe: number 0, 1, 2, ... of a seed, each a garment of a family of like ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cbir.wardrobe import bottoms, things, tops
from cbir.wardrobe.colours import COLOURS, contrasting, lightness
from cbir.wardrobe.pieces import Piece

Random = np.random.Generator
Cut = Callable[[str, Random, Random], list[Piece]]

FAMILY = 4
"""Garments of one cut, fabric and pattern, each in colours of its own."""

PLAIN = ("solid",)
LIGHT_PATTERNS = ("solid", "solid", "striped", "printed", "dotted", "floral", "colour block")
SHIRT_PATTERNS = ("solid", "plaid", "pinstriped", "checked", "solid", "floral", "plaid")
KNIT_PATTERNS = ("solid", "solid", "breton striped", "multi-striped", "colour block", "solid")
SUITING = ("solid", "pinstriped", "herringbone", "plaid")
DRESS_PATTERNS = ("solid", "floral", "dotted", "floral", "striped", "checked")
DENIM = ("indigo", "denim blue", "pale denim", "black", "grey", "denim blue")
LEATHERS = ("black", "dark brown", "brown", "camel", "burgundy", "navy")
POPULAR = {"black": 4.0, "white": 3.0, "navy": 4.0, "grey": 2.5, "charcoal": 3.0, "denim blue": 2.5, "indigo": 2.0, "sky blue": 2.0, "red": 1.5}
"""Colours that are worn more than others, and how much more."""
SHIRT_COLOURS = ("white", "sky blue", "navy", "denim blue", "pale denim", "red", "grey", "black", "green", "burgundy", "royal blue", "pink", "lilac", "khaki", "indigo")
OUTDOORS = ("black", "navy", "charcoal", "olive", "burgundy", "red", "mustard", "grey", "petrol", "khaki", "bottle green", "brown", "royal blue", "camel", "sand")
SOBER = ("navy", "charcoal", "grey", "black", "camel", "brown", "olive", "burgundy", "cream", "bottle green", "sand")

HUNG = ("Blazer", "Coat", "Outwear", "Shirt", "Blouse", "Dress", "Vest")
"""Kinds that are at times shown on a hanger."""


class Kind(NamedTuple):
    """One kind of garment."""

    label: str
    families: int
    """How many in the sample catalogue."""
    cut: Cut
    styles: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]
    """The name of a cut, the fabrics that it comes in, and the patterns."""
    palette: tuple[str, ...] = tuple(COLOURS)


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
        count = {"solid": 1, "printed": 2, "floral": 3, "plaid": 3, "multi-striped": 3, "camouflage": 3}.get(main.pattern, 2)
        return tuple(dict.fromkeys(main.colours[:count]))

    @property
    def description(self) -> str:
        """Colours, pattern, fabric and cut in a few words."""
        colours = list(self.colours)
        named = colours[0] if len(colours) == 1 else ", ".join(colours[:-1]) + " and " + colours[-1]
        pattern = "" if self.pattern == "solid" else f"{self.pattern} "
        return f"{named} {pattern}{self.fabric}, {self.style}"


def suit(cut: str, shape: Random, lay: Random) -> list[Piece]:
    """A jacket over its trousers."""
    trousers = things.moved(bottoms.pants("pressed", shape, lay), lay.uniform(-3, 3), 36, size=0.84)
    return [*trousers, *tops.suit_jacket(shape, lay)]


KINDS = (
    Kind("T-Shirt", 16, tops.t_shirt, (("crew neck", ("jersey",), LIGHT_PATTERNS), ("V-neck", ("jersey",), LIGHT_PATTERNS), ("pocket", ("jersey",), ("solid", "breton striped", "striped")))),
    Kind("Longsleeve", 11, tops.longsleeve, (
        ("sweater", ("knit", "rib knit", "wool"), KNIT_PATTERNS), ("crew neck", ("jersey",), ("solid", "breton striped", "printed", "striped")),
        ("cardigan", ("knit", "wool"), PLAIN), ("V-neck", ("wool", "knit"), KNIT_PATTERNS), ("roll neck", ("rib knit", "knit"), PLAIN))),
    Kind("Shirt", 10, tops.shirt, (("one pocket", ("cotton", "linen", "twill"), SHIRT_PATTERNS), ("two pockets", ("denim", "twill", "cotton"), ("solid", "plaid", "checked")), ("short-sleeved", ("cotton", "linen"), SHIRT_PATTERNS)), SHIRT_COLOURS),
    Kind("Polo", 5, tops.polo, (("three buttons", ("jersey",), ("solid", "solid", "striped", "solid", "solid")), ("two buttons", ("jersey",), ("solid", "solid", "breton striped")))),
    Kind("Undershirt", 5, tops.undershirt, (("tank", ("jersey", "rib knit"), ("solid", "solid", "printed", "striped")), ("broad straps", ("jersey",), ("solid", "printed", "floral")))),
    Kind("Top", 5, tops.top, (("camisole", ("satin", "jersey", "cotton"), DRESS_PATTERNS), ("lace-trimmed", ("satin", "jersey"), ("solid", "floral")), ("crop top", ("rib knit", "jersey"), ("solid", "striped", "dotted")))),
    Kind("Blouse", 2, tops.blouse, (("bow", ("satin", "cotton"), DRESS_PATTERNS), ("ruffle", ("cotton", "satin"), PLAIN), ("short-sleeved", ("cotton", "satin"), ("floral", "dotted", "solid")))),
    Kind("Body", 5, tops.body, (("short-sleeved", ("jersey",), ("solid", "striped", "dotted", "printed")), ("long-sleeved", ("jersey",), ("striped", "solid", "dotted", "printed")))),
    Kind("Hoodie", 6, tops.hoodie, (("pullover", ("fleece", "jersey"), ("solid", "solid", "printed", "solid", "colour block")), ("zip", ("fleece", "jersey"), ("solid", "solid", "solid", "colour block")))),
    Kind("Outwear", 9, tops.outwear, (("puffer", ("nylon",), ("solid", "colour block")), ("bomber", ("nylon", "satin", "leather"), PLAIN), ("denim jacket", ("denim",), PLAIN), ("biker", ("leather",), PLAIN), ("rain jacket", ("nylon",), ("solid", "colour block", "camouflage"))), OUTDOORS),
    Kind("Coat", 5, tops.coat, (("single-breasted", ("wool",), SUITING), ("double-breasted", ("wool",), SUITING), ("trench", ("twill",), PLAIN)), SOBER),
    Kind("Blazer", 6, tops.blazer, (("two buttons", ("wool", "twill", "linen"), SUITING), ("one button", ("wool", "twill", "corduroy"), SUITING), ("double-breasted", ("wool",), SUITING)), (*SOBER, "royal blue", "pink", "white")),
    Kind("Suit", 4, suit, (("with tie", ("wool",), SUITING),), ("navy", "charcoal", "grey", "black", "brown", "light grey", "indigo", "burgundy", "bottle green")),
    Kind("Vest", 4, tops.vest, (("waistcoat", ("wool", "twill"), SUITING), ("slipover", ("knit", "wool"), ("solid", "multi-striped", "solid")), ("gilet", ("nylon",), PLAIN))),
    Kind("Dress", 11, tops.dress, (("slip", ("satin", "cotton"), DRESS_PATTERNS), ("short-sleeved", ("cotton", "jersey"), DRESS_PATTERNS), ("long-sleeved", ("jersey", "cotton", "satin"), DRESS_PATTERNS), ("shift", ("cotton", "wool", "linen"), ("solid", "plaid", "floral", "striped")), ("maxi", ("cotton", "satin"), DRESS_PATTERNS), ("wrap", ("jersey", "satin"), DRESS_PATTERNS), ("shirt dress", ("cotton", "linen", "denim"), ("solid", "striped", "checked")))),
    Kind("Skirt", 7, bottoms.skirt, (("A-line", ("cotton", "wool", "suede", "linen"), ("solid", "floral", "plaid", "dotted")), ("pencil", ("wool", "leather", "twill"), ("solid", "herringbone", "checked")), ("pleated", ("satin", "wool", "cotton"), ("solid", "plaid")), ("denim", ("denim",), PLAIN), ("mini", ("corduroy", "leather", "wool"), ("solid", "plaid")), ("tiered", ("cotton",), ("floral", "solid")), ("maxi", ("cotton", "satin"), ("floral", "solid", "dotted")))),
    Kind("Pants", 14, bottoms.pants, (("straight", ("denim",), PLAIN), ("skinny", ("denim",), PLAIN), ("boot-cut", ("denim",), PLAIN), ("pressed", ("wool", "twill"), ("solid", "pinstriped", "herringbone", "checked")), ("cargo", ("twill",), ("solid", "camouflage")), ("joggers", ("fleece", "jersey"), PLAIN), ("leggings", ("jersey",), ("solid", "floral")), ("wide", ("linen", "corduroy", "twill"), ("solid", "striped")))),
    Kind("Shorts", 8, bottoms.shorts, (("bermuda", ("twill", "linen", "cotton"), ("solid", "checked", "solid", "plaid")), ("hot pants", ("denim",), PLAIN), ("sports", ("nylon", "jersey"), PLAIN), ("swim", ("nylon",), ("floral", "striped", "solid", "dotted")), ("cargo", ("twill",), ("solid", "camouflage")))),
    Kind("Shoes", 10, things.shoes, (("trainers", ("canvas", "suede", "leather"), PLAIN), ("high-top trainers", ("canvas",), PLAIN), ("boots", ("leather", "suede"), PLAIN), ("loafers", ("leather", "suede"), PLAIN), ("flip-flops", ("rubber",), PLAIN), ("pumps", ("leather", "suede"), PLAIN))),
    Kind("Hat", 6, things.hat, (("beanie", ("rib knit",), ("solid", "multi-striped")), ("bobble hat", ("knit",), ("solid", "multi-striped")), ("cap", ("twill", "canvas"), ("solid", "camouflage")), ("bucket hat", ("canvas", "denim"), ("solid", "floral")), ("sun hat", ("straw",), PLAIN), ("trilby", ("felt", "straw"), PLAIN))),
    Kind("Scarf", 5, things.scarf, (("long", ("wool", "knit"), ("solid", "plaid", "striped", "checked")), ("looped", ("knit", "wool", "cotton"), ("solid", "plaid", "multi-striped")), ("square", ("satin",), ("floral", "dotted", "solid", "plaid")))),
)  # fmt: skip
COUNT = FAMILY * sum(kind.families for kind in KINDS)
SHIRT_SIZES = {"plaid": (1.7, 3.4), "checked": (1, 2.6), "pinstriped": (0.9, 1.8)}
SIZES = {"striped": (3, 7), "breton striped": (3, 5.5), "multi-striped": (5, 9), "pinstriped": (2, 3.4), "checked": (1.6, 5), "plaid": (3, 7), "dotted": (2.2, 6), "floral": (6, 13), "herringbone": (1.8, 3.2), "camouflage": (4, 7)}  # fmt: skip


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
    palette = {"denim": DENIM, "leather": LEATHERS, "straw": ("sand", "camel", "cream", "brown", "black")}.get(fabric, kind.palette)
    weights = np.array([POPULAR.get(name, 1.0) for name in palette])
    bases = tint.choice(palette, FAMILY, replace=False, p=weights / weights.sum())
    base = str(bases[colourway])
    random = np.random.default_rng([seed, 3, number])
    sober = fabric in ("wool", "twill") and pattern in ("pinstriped", "herringbone")
    second = _near(base, random) if sober else contrasting(base, random)
    if kind.label == "Shirt" and pattern in ("checked", "plaid", "pinstriped"):
        second = "white" if lightness(base) < 0.6 else str(random.choice(["navy", "denim blue", "red", "black"]))
    third = contrasting(second, random, apart=0.2)
    main = Cloth(fabric, (base, second, third), pattern, size)
    return Garment(number, kind.label, style, _cloths(kind.label, style, main, random), family)


def shape_of(garment: Garment, *, seed: int = 0) -> list[Piece]:
    """The pieces of a garment, as it lies this time, lowest first, in centimetres."""
    kind = next(kind for kind in KINDS if kind.label == garment.kind)
    shape = np.random.default_rng([seed, 4, garment.family])
    lay = np.random.default_rng([seed, 5, garment.number])
    pieces = kind.cut(garment.style, shape, lay)
    return [*tops.hanger(lay), *pieces] if garment.kind in HUNG and lay.random() < 0.35 else pieces


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
    calm = [name for name in choices if name in ("grey", "light grey", "charcoal", "black", "sand", "camel", "brown", "navy", "cream", "white")]
    return str(random.choice(calm or choices))


def _cloths(kind: str, style: str, main: Cloth, random: Random) -> dict[str, Cloth]:
    """All that a garment is cut from: its main cloth, and what goes with it."""
    base, second, third = main.colours
    soft = main.fabric if main.fabric in ("knit", "rib knit", "wool", "fleece", "jersey") else "jersey"
    matched = random.random() < 0.62 or kind in ("Undershirt", "Vest")
    trim = Cloth(soft, (base if matched else second,) * 3)
    sole = str(random.choice(["white", "cream", "black", "dark brown"])) if "trainers" in style or style == "flip-flops" else str(random.choice(["black", "dark brown"]))
    tailored = kind in ("Blazer", "Coat", "Suit", "Vest")
    buttons = ["white", "cream"] if lightness(base) < 0.55 else ["white", "dark brown", "black", "charcoal"]
    buttons = ["black", "dark brown", "charcoal", base] if tailored else buttons
    thread = {"denim": "#c98f4a"}.get(main.fabric, base)
    cloths = {
        "main": main,
        "sleeve": Cloth(main.fabric, (second, base, third)) if main.pattern == "colour block" else main,
        "trim": trim,
        "collar": main if kind not in ("Polo",) else trim,
        "inside": Cloth(main.fabric, (base, second, third), "solid"),
        "lining": Cloth("satin", (str(random.choice(["burgundy", "grey", "navy", "sand", "charcoal", "cream"])),) * 3),
        "label": Cloth("satin", (str(random.choice(["white", "black", "cream"])),) * 3),
        "button": Cloth("rubber", (str(random.choice(buttons)),) * 3),
        "metal": Cloth("rubber", (str(random.choice(["#b9bcc0", "#a98748", "#8d8f94"])),) * 3),
        "hanger": Cloth("rubber", (str(random.choice(["black", "brown", "camel", "light grey"])),) * 3),
        "buckle": Cloth("rubber", ("dark brown",) * 3),
        "cord": Cloth("jersey", ("white" if random.random() < 0.5 else second,) * 3),
        "fringe": Cloth("wool", (base if main.pattern == "solid" else str(random.choice([base, second])),) * 3),
        "sole": Cloth("rubber", (sole,) * 3),
        "toe": Cloth("rubber" if main.fabric == "canvas" else main.fabric, ("white" if main.fabric == "canvas" else base,) * 3),
        "visor": Cloth(main.fabric, (base if random.random() < 0.6 else second, second, third), "solid"),
        "shirt": Cloth("cotton", (str(random.choice(["white", "sky blue", "pink", "white"])),) * 3),
        "tie": Cloth("satin", (str(random.choice(["burgundy", "navy", "bottle green", "mustard", "purple"])), "light grey", "white"), str(random.choice(["striped", "dotted", "solid"])), 2.4),
        "thread": Cloth("jersey", (thread,) * 3),
    }  # fmt: skip
    if kind == "Outwear" and style == "biker":
        cloths["collar"] = main
    return cloths

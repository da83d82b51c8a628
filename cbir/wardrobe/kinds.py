"""What kinds of garment there are, in which cuts, fabrics, patterns and colours, and how many of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from cbir.wardrobe import bottoms, dresses, hats, jackets, outwear, scarves, shoes, tops, vests
from cbir.wardrobe.colours import COLOURS, OUTDOORS, SHIRT_COLOURS, SOBER
from cbir.wardrobe.noise import Random
from cbir.wardrobe.pieces import Piece

Cut = Callable[[str, Random, Random], list[Piece]]
"""Pieces of a named style, from random numbers of the family (its shape) and of the garment (how it lies)."""

PLAIN = ("solid",)
LIGHT_PATTERNS = ("solid", "solid", "striped", "printed", "dotted", "floral", "colour block")
SHIRT_PATTERNS = ("solid", "plaid", "pinstriped", "checked", "solid", "floral", "plaid")
KNIT_PATTERNS = ("solid", "solid", "breton striped", "multi-striped", "colour block", "solid")
SUITING = ("solid", "pinstriped", "herringbone", "plaid")
DRESS_PATTERNS = ("solid", "floral", "dotted", "floral", "striped", "checked")


class Style(NamedTuple):
    """One cut of a kind. Patterns are taken in turn, fabrics by chance."""

    name: str
    fabrics: tuple[str, ...]
    patterns: tuple[str, ...]


class Kind(NamedTuple):
    """One kind of garment."""

    label: str
    families: int
    """How many in the sample catalogue."""
    cut: Cut
    styles: tuple[Style, ...]
    palette: tuple[str, ...] = tuple(COLOURS)


KINDS = (
    Kind(
        "T-Shirt",
        16,
        tops.t_shirt,
        (
            Style("crew neck", ("jersey",), LIGHT_PATTERNS),
            Style("V-neck", ("jersey",), LIGHT_PATTERNS),
            Style("pocket", ("jersey",), ("solid", "breton striped", "striped")),
        ),
    ),
    Kind(
        "Longsleeve",
        11,
        tops.longsleeve,
        (
            Style("sweater", ("knit", "rib knit", "wool"), KNIT_PATTERNS),
            Style("crew neck", ("jersey",), ("solid", "breton striped", "printed", "striped")),
            Style("cardigan", ("knit", "wool"), PLAIN),
            Style("V-neck", ("wool", "knit"), KNIT_PATTERNS),
            Style("roll neck", ("rib knit", "knit"), PLAIN),
        ),
    ),
    Kind(
        "Shirt",
        10,
        tops.shirt,
        (
            Style("one pocket", ("cotton", "linen", "twill"), SHIRT_PATTERNS),
            Style("two pockets", ("denim", "twill", "cotton"), ("solid", "plaid", "checked")),
            Style("short-sleeved", ("cotton", "linen"), SHIRT_PATTERNS),
        ),
        SHIRT_COLOURS,
    ),
    Kind(
        "Polo",
        5,
        tops.polo,
        (
            Style("three buttons", ("jersey",), ("solid", "solid", "striped", "solid", "solid")),
            Style("two buttons", ("jersey",), ("solid", "solid", "breton striped")),
        ),
    ),
    Kind(
        "Undershirt",
        5,
        tops.undershirt,
        (
            Style("tank", ("jersey", "rib knit"), ("solid", "solid", "printed", "striped")),
            Style("broad straps", ("jersey",), ("solid", "printed", "floral")),
        ),
    ),
    Kind(
        "Top",
        5,
        tops.top,
        (
            Style("camisole", ("satin", "jersey", "cotton"), DRESS_PATTERNS),
            Style("lace-trimmed", ("satin", "jersey"), ("solid", "floral")),
            Style("crop top", ("rib knit", "jersey"), ("solid", "striped", "dotted")),
        ),
    ),
    Kind(
        "Blouse",
        2,
        tops.blouse,
        (
            Style("bow", ("satin", "cotton"), DRESS_PATTERNS),
            Style("ruffle", ("cotton", "satin"), PLAIN),
            Style("short-sleeved", ("cotton", "satin"), ("floral", "dotted", "solid")),
        ),
    ),
    Kind(
        "Body",
        5,
        tops.body,
        (
            Style("short-sleeved", ("jersey",), ("solid", "striped", "dotted", "printed")),
            Style("long-sleeved", ("jersey",), ("striped", "solid", "dotted", "printed")),
        ),
    ),
    Kind(
        "Hoodie",
        6,
        tops.hoodie,
        (
            Style("pullover", ("fleece", "jersey"), ("solid", "solid", "printed", "solid", "colour block")),
            Style("zip", ("fleece", "jersey"), ("solid", "solid", "solid", "colour block")),
        ),
    ),
    Kind(
        "Outwear",
        9,
        outwear.outwear,
        (
            Style("puffer", ("nylon",), ("solid", "colour block")),
            Style("bomber", ("nylon", "satin", "leather"), PLAIN),
            Style("denim jacket", ("denim",), PLAIN),
            Style("biker", ("leather",), PLAIN),
            Style("rain jacket", ("nylon",), ("solid", "colour block", "camouflage")),
        ),
        OUTDOORS,
    ),
    Kind(
        "Coat",
        5,
        jackets.coat,
        (
            Style("single-breasted", ("wool",), SUITING),
            Style("double-breasted", ("wool",), SUITING),
            Style("trench", ("twill",), PLAIN),
        ),
        SOBER,
    ),
    Kind(
        "Blazer",
        6,
        jackets.blazer,
        (
            Style("two buttons", ("wool", "twill", "linen"), SUITING),
            Style("one button", ("wool", "twill", "corduroy"), SUITING),
            Style("double-breasted", ("wool",), SUITING),
        ),
        (*SOBER, "royal blue", "pink", "white"),
    ),
    Kind(
        "Suit",
        4,
        jackets.suit,
        (Style("with tie", ("wool",), SUITING),),
        ("navy", "charcoal", "grey", "black", "brown", "light grey", "indigo", "burgundy", "bottle green"),
    ),
    Kind(
        "Vest",
        4,
        vests.vest,
        (
            Style("waistcoat", ("wool", "twill"), SUITING),
            Style("slipover", ("knit", "wool"), ("solid", "multi-striped", "solid")),
            Style("gilet", ("nylon",), PLAIN),
        ),
    ),
    Kind(
        "Dress",
        11,
        dresses.dress,
        (
            Style("slip", ("satin", "cotton"), DRESS_PATTERNS),
            Style("short-sleeved", ("cotton", "jersey"), DRESS_PATTERNS),
            Style("long-sleeved", ("jersey", "cotton", "satin"), DRESS_PATTERNS),
            Style("shift", ("cotton", "wool", "linen"), ("solid", "plaid", "floral", "striped")),
            Style("maxi", ("cotton", "satin"), DRESS_PATTERNS),
            Style("wrap", ("jersey", "satin"), DRESS_PATTERNS),
            Style("shirt dress", ("cotton", "linen", "denim"), ("solid", "striped", "checked")),
        ),
    ),
    Kind(
        "Skirt",
        7,
        bottoms.skirt,
        (
            Style("A-line", ("cotton", "wool", "suede", "linen"), ("solid", "floral", "plaid", "dotted")),
            Style("pencil", ("wool", "leather", "twill"), ("solid", "herringbone", "checked")),
            Style("pleated", ("satin", "wool", "cotton"), ("solid", "plaid")),
            Style("denim", ("denim",), PLAIN),
            Style("mini", ("corduroy", "leather", "wool"), ("solid", "plaid")),
            Style("tiered", ("cotton",), ("floral", "solid")),
            Style("maxi", ("cotton", "satin"), ("floral", "solid", "dotted")),
        ),
    ),
    Kind(
        "Pants",
        14,
        bottoms.pants,
        (
            Style("straight", ("denim",), PLAIN),
            Style("skinny", ("denim",), PLAIN),
            Style("boot-cut", ("denim",), PLAIN),
            Style("pressed", ("wool", "twill"), ("solid", "pinstriped", "herringbone", "checked")),
            Style("cargo", ("twill",), ("solid", "camouflage")),
            Style("joggers", ("fleece", "jersey"), PLAIN),
            Style("leggings", ("jersey",), ("solid", "floral")),
            Style("wide", ("linen", "corduroy", "twill"), ("solid", "striped")),
        ),
    ),
    Kind(
        "Shorts",
        8,
        bottoms.shorts,
        (
            Style("bermuda", ("twill", "linen", "cotton"), ("solid", "checked", "solid", "plaid")),
            Style("hot pants", ("denim",), PLAIN),
            Style("sports", ("nylon", "jersey"), PLAIN),
            Style("swim", ("nylon",), ("floral", "striped", "solid", "dotted")),
            Style("cargo", ("twill",), ("solid", "camouflage")),
        ),
    ),
    Kind(
        "Shoes",
        10,
        shoes.shoes,
        (
            Style("trainers", ("canvas", "suede", "leather"), PLAIN),
            Style("high-top trainers", ("canvas",), PLAIN),
            Style("boots", ("leather", "suede"), PLAIN),
            Style("loafers", ("leather", "suede"), PLAIN),
            Style("flip-flops", ("rubber",), PLAIN),
            Style("pumps", ("leather", "suede"), PLAIN),
            Style("sandals", ("leather", "suede"), PLAIN),
            Style("rain boots", ("rubber",), PLAIN),
            Style("ballet flats", ("leather", "suede"), PLAIN),
            Style("slippers", ("suede", "felt"), PLAIN),
        ),
    ),
    Kind(
        "Hat",
        6,
        hats.hat,
        (
            Style("beanie", ("rib knit",), ("solid", "multi-striped")),
            Style("bobble hat", ("knit",), ("solid", "multi-striped")),
            Style("cap", ("twill", "canvas"), ("solid", "camouflage")),
            Style("bucket hat", ("canvas", "denim"), ("solid", "floral")),
            Style("sun hat", ("straw",), PLAIN),
            Style("trilby", ("felt", "straw"), PLAIN),
        ),
    ),
    Kind(
        "Scarf",
        5,
        scarves.scarf,
        (
            Style("long", ("wool", "knit"), ("solid", "plaid", "striped", "checked")),
            Style("looped", ("knit", "wool", "cotton"), ("solid", "plaid", "multi-striped")),
            Style("square", ("satin",), ("floral", "dotted", "solid", "plaid")),
        ),
    ),
)

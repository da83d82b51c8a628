"""The kinds of garment: their cuts, fabrics, patterns and colours, and how many families the sample catalogue has."""

from __future__ import annotations

from cbir.wardrobe.cloth.colours import OUTDOORS, SHIRT_COLOURS, SOBER
from cbir.wardrobe.cuts.bottoms import pants, shorts, skirt
from cbir.wardrobe.cuts.dresses import dress
from cbir.wardrobe.cuts.hats import hat
from cbir.wardrobe.cuts.jackets import blazer, coat, suit
from cbir.wardrobe.cuts.jumpers import hoodie, longsleeve
from cbir.wardrobe.cuts.outwear import outwear
from cbir.wardrobe.cuts.scarves import scarf
from cbir.wardrobe.cuts.shirts import blouse, polo, shirt
from cbir.wardrobe.cuts.shoes import shoes
from cbir.wardrobe.cuts.tops import body, t_shirt, top, undershirt
from cbir.wardrobe.cuts.vests import vest
from cbir.wardrobe.styles import Kind, Style

PLAIN = ("solid",)

KINDS = (
    Kind(
        "T-Shirt",
        16,
        t_shirt,
        (
            Style(
                "crew neck", ("jersey",), ("solid", "dotted", "solid", "floral", "striped", "colour block", "printed")
            ),
            Style("V-neck", ("jersey",), ("solid", "floral", "striped", "colour block", "printed", "solid", "dotted")),
            Style("pocket", ("jersey",), ("striped", "solid", "breton striped")),
        ),
        later=(Style("cap sleeves", ("jersey",), ("printed", "solid", "striped", "floral")),),
        later_families=4,
    ),
    Kind(
        "Longsleeve",
        11,
        longsleeve,
        (
            Style("sweater", ("knit", "rib knit", "wool"), PLAIN),
            Style("crew neck", ("jersey",), ("breton striped", "striped")),
            Style("cardigan", ("knit", "wool"), PLAIN),
            Style("V-neck", ("wool", "knit"), ("multi-striped",)),
            Style("roll neck", ("rib knit", "knit"), PLAIN),
        ),
        later=(
            Style("long-sleeved T-shirt", ("jersey",), ("solid", "printed", "dotted", "floral")),
            Style("sweatshirt", ("fleece", "jersey"), ("solid", "printed")),
            Style("fleece jacket", ("fleece",), ("solid", "colour block")),
        ),
        later_families=10,
    ),
    Kind(
        "Shirt",
        10,
        shirt,
        (
            Style(
                "one pocket",
                ("cotton", "linen", "twill"),
                ("solid", "solid", "plaid", "floral", "pinstriped", "plaid", "checked"),
            ),
            Style("two pockets", ("denim", "twill", "cotton"), ("plaid", "checked", "solid")),
            Style(
                "short-sleeved",
                ("cotton", "linen"),
                ("pinstriped", "plaid", "checked", "solid", "solid", "plaid", "floral"),
            ),
        ),
        SHIRT_COLOURS,
    ),
    Kind(
        "Polo",
        5,
        polo,
        (
            Style("three buttons", ("jersey",), ("solid", "solid", "solid", "solid", "striped")),
            Style("two buttons", ("jersey",), PLAIN),
        ),
    ),
    Kind(
        "Undershirt",
        5,
        undershirt,
        (
            Style("tank", ("jersey", "rib knit"), ("solid", "striped", "printed", "solid")),
            Style("broad straps", ("jersey",), ("printed",)),
        ),
    ),
    Kind(
        "Top",
        5,
        top,
        (
            Style("camisole", ("satin", "jersey", "cotton"), ("solid", "striped", "dotted")),
            Style("lace-trimmed", ("satin", "jersey"), ("floral",)),
            Style("crop top", ("rib knit", "jersey"), ("dotted", "solid", "striped")),
        ),
    ),
    Kind(
        "Blouse",
        2,
        blouse,
        (
            Style("bow", ("satin", "cotton"), ("solid", "striped", "dotted")),
            Style("ruffle", ("cotton", "satin"), PLAIN),
            Style("short-sleeved", ("cotton", "satin"), ("solid", "floral", "dotted")),
        ),
        later=(Style("tunic", ("cotton", "satin"), ("floral", "dotted")),),
        later_families=2,
    ),
    Kind(
        "Body",
        5,
        body,
        (
            Style("short-sleeved", ("jersey",), ("solid", "printed", "dotted", "striped")),
            Style("long-sleeved", ("jersey",), ("solid", "striped", "printed", "dotted")),
        ),
    ),
    Kind(
        "Hoodie",
        6,
        hoodie,
        (
            Style("pullover", ("fleece", "jersey"), ("solid", "solid", "solid", "colour block", "printed")),
            Style("zip", ("fleece", "jersey"), ("solid", "solid", "colour block", "solid")),
        ),
        later=(Style("half zip", ("fleece",), ("colour block", "striped")),),
        later_families=2,
    ),
    Kind(
        "Outwear",
        9,
        outwear,
        (
            Style("puffer", ("nylon",), PLAIN),
            Style("bomber", ("nylon", "satin", "leather"), PLAIN),
            Style("denim jacket", ("denim",), PLAIN),
            Style("biker", ("leather",), PLAIN),
            Style("rain jacket", ("nylon",), ("colour block",)),
        ),
        OUTDOORS,
        later=(
            Style("hooded jacket", ("nylon",), ("floral", "dotted", "camouflage")),
            Style("snowsuit", ("nylon",), ("solid", "floral", "dotted")),
            Style("parka", ("twill", "nylon"), PLAIN),
        ),
        later_families=8,
    ),
    Kind(
        "Coat",
        5,
        coat,
        (
            Style("single-breasted", ("wool",), PLAIN),
            Style("double-breasted", ("wool",), ("pinstriped",)),
            Style("trench", ("twill",), PLAIN),
        ),
        SOBER,
    ),
    Kind(
        "Blazer",
        6,
        blazer,
        (
            Style("two buttons", ("wool", "twill", "linen"), PLAIN),
            Style("one button", ("wool", "twill", "corduroy"), ("pinstriped",)),
            Style("double-breasted", ("wool",), ("herringbone",)),
        ),
        (*SOBER, "royal blue", "pink", "white"),
        later=(Style("patch pockets", ("wool",), ("plaid", "checked")),),
        later_families=2,
    ),
    Kind(
        "Suit",
        4,
        suit,
        (Style("with tie", ("wool",), ("solid", "herringbone")),),
        ("navy", "charcoal", "grey", "black", "brown", "light grey", "indigo", "burgundy", "bottle green"),
    ),
    Kind(
        "Vest",
        4,
        vest,
        (
            Style("waistcoat", ("wool", "twill"), PLAIN),
            Style("slipover", ("knit", "wool"), ("multi-striped", "solid", "solid")),
            Style("gilet", ("nylon",), PLAIN),
        ),
    ),
    Kind(
        "Dress",
        11,
        dress,
        (
            Style("slip", ("satin", "cotton"), ("solid", "dotted", "striped")),
            Style("short-sleeved", ("cotton", "jersey"), ("floral", "floral", "checked")),
            Style("long-sleeved", ("jersey", "cotton", "satin"), ("dotted", "striped", "solid")),
            Style("shift", ("cotton", "wool", "linen"), ("striped",)),
            Style("maxi", ("cotton", "satin"), ("striped", "solid", "dotted")),
            Style("wrap", ("jersey", "satin"), ("checked", "floral", "floral")),
            Style("shirt dress", ("cotton", "linen", "denim"), ("solid", "checked", "striped")),
        ),
        later=(Style("trapeze", ("cotton", "linen", "jersey"), ("solid", "floral", "dotted", "striped")),),
        later_families=4,
    ),
    Kind(
        "Skirt",
        7,
        skirt,
        (
            Style("A-line", ("cotton", "wool", "suede", "linen"), PLAIN),
            Style("pencil", ("wool", "leather", "twill"), ("herringbone", "solid", "checked")),
            Style("pleated", ("satin", "wool", "cotton"), PLAIN),
            Style("denim", ("denim",), PLAIN),
            Style("mini", ("corduroy", "leather", "wool"), PLAIN),
            Style("tiered", ("cotton",), PLAIN),
            Style("maxi", ("cotton", "satin"), ("floral", "dotted", "solid")),
        ),
    ),
    Kind(
        "Pants",
        14,
        pants,
        (
            Style("straight", ("denim",), PLAIN),
            Style("skinny", ("denim",), PLAIN),
            Style("boot-cut", ("denim",), PLAIN),
            Style("pressed", ("wool", "twill"), ("checked", "solid", "pinstriped", "herringbone")),
            Style("cargo", ("twill",), ("solid", "camouflage")),
            Style("joggers", ("fleece", "jersey"), PLAIN),
            Style("leggings", ("jersey",), ("solid", "floral")),
            Style("wide", ("linen", "corduroy", "twill"), ("striped", "solid")),
        ),
        later=(
            Style("pull-on", ("jersey", "cotton"), ("solid", "striped", "checked")),
            Style("cropped", ("denim", "twill", "linen"), PLAIN),
        ),
        later_families=6,
    ),
    Kind(
        "Shorts",
        8,
        shorts,
        (
            Style("bermuda", ("twill", "linen", "cotton"), PLAIN),
            Style("hot pants", ("denim",), PLAIN),
            Style("sports", ("nylon", "jersey"), PLAIN),
            Style("swim", ("nylon",), ("dotted", "striped")),
            Style("cargo", ("twill",), PLAIN),
        ),
    ),
    Kind(
        "Shoes",
        10,
        shoes,
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
        hat,
        (
            Style("beanie", ("rib knit",), ("solid", "multi-striped")),
            Style("bobble hat", ("knit",), ("multi-striped", "solid")),
            Style("cap", ("twill", "canvas"), ("solid", "camouflage")),
            Style("bucket hat", ("canvas", "denim"), ("floral", "solid")),
            Style("sun hat", ("straw",), PLAIN),
            Style("trilby", ("felt", "straw"), PLAIN),
        ),
    ),
    Kind(
        "Scarf",
        5,
        scarf,
        (
            Style("long", ("wool", "knit"), PLAIN),
            Style("looped", ("knit", "wool", "cotton"), ("plaid", "multi-striped", "solid")),
            Style("square", ("satin",), PLAIN),
        ),
        later=(Style("wrapped", ("wool", "cotton", "knit"), ("plaid", "solid", "floral", "solid")),),
        later_families=4,
    ),
)

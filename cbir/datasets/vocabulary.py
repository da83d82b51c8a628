"""Words for garments: kinds by the words of street photos."""

from __future__ import annotations

BODY = ("null", "skin", "hair")
"""Labels and tags of the background and the wearer; all others are worn."""
KINDS = {
    "Bag": ("bag", "purse"),
    "Blazer": ("blazer",),
    "Blouse": ("blouse",),
    "Cape": ("cape",),
    "Coat": ("coat",),
    "Dress": ("dress",),
    "Hat": ("hat",),
    "Hoodie": ("hoodie",),
    "Longsleeve": ("sweater", "sweatshirt"),
    "Outwear": ("jacket",),
    "Pants": ("pants", "jeans"),
    "Scarf": ("scarf",),
    "Shirt": ("shirt",),
    "Shoes": ("shoes", "boots", "heels", "sandals", "sneakers", "flats", "pumps", "loafers", "wedges", "clogs"),
    "Shorts": ("shorts",),
    "Skirt": ("skirt",),
    "Suit": ("suit",),
    "T-Shirt": ("t-shirt",),
    "Top": ("top",),
    "Vest": ("vest",),
}
"""Kinds of garments, as the clothing dataset and the wardrobe call them, by the words of street photos."""

GARMENTS = {
    "top": ("blouse", "bodysuit", "hoodie", "jumper", "shirt", "sweater", "sweatshirt", "t-shirt", "top"),
    "outerwear": ("blazer", "cape", "cardigan", "coat", "jacket"),
    "dress": ("dress", "romper"),
    "trousers": ("jeans", "leggings", "pants"),
    "shorts": ("shorts",),
    "skirt": ("skirt",),
    "shoes": (
        "boots", "clogs", "flats", "heels", "loafers", "pumps", "sandals", "shoes", "sneakers", "wedges",
    ),
    "bag": ("bag", "purse", "wallet"),
    "hat": ("hat",),
    "scarf": ("scarf",),
    "belt": ("belt",),
    "tie": ("tie",),
    "glasses": ("glasses", "sunglasses"),
    "suit": ("suit",),
    "vest": ("vest",),
    "tights": ("socks", "stockings", "tights"),
}  # fmt: skip
"""Kinds of garments that the finder tells apart in a photo, by the words of street photos."""
BACKGROUND, PERSON = "background", "body"
LABELS = (BACKGROUND, PERSON, *GARMENTS)
"""What a place of a photo can show, in the order of the finder's last layer. The body is skin and hair."""
UNKNOWN = 255
"""Label of a place that shows something else, such as jewellery."""
LAID_OUT = {
    "Bag": "bag",
    "Blazer": "outerwear",
    "Blouse": "top",
    "Body": "top",
    "Cape": "outerwear",
    "Coat": "outerwear",
    "Dress": "dress",
    "Hat": "hat",
    "Hoodie": "top",
    "Longsleeve": "top",
    "Outwear": "outerwear",
    "Pants": "trousers",
    "Polo": "top",
    "Scarf": "scarf",
    "Shirt": "top",
    "Shoes": "shoes",
    "Shorts": "shorts",
    "Skirt": "skirt",
    "Suit": "suit",
    "T-Shirt": "top",
    "Top": "top",
    "Undershirt": "top",
    "Vest": "vest",
}
"""The same kinds by the labels of the clothing dataset and of the wardrobe."""

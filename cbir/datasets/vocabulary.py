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

"""The colours of the wardrobe, by the names that shops use, and how they are compared and mixed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cbir.wardrobe.geometry.noise import Field, Random

Colour = NDArray[Any]
"""One colour, (3,), or a colour for each pixel, (h, w, 3): floats, linear light from 0 to 1."""

COLOURS = {
    "white": "#f4f3ef",
    "cream": "#ece2cc",
    "sand": "#cdb899",
    "camel": "#b58a57",
    "brown": "#6b4730",
    "dark brown": "#3f2a20",
    "black": "#1d1c1e",
    "charcoal": "#3d3e42",
    "grey": "#8c8d90",
    "light grey": "#c3c3c4",
    "navy": "#1e2945",
    "indigo": "#2c3a5e",
    "denim blue": "#4a6b94",
    "pale denim": "#8fabc8",
    "royal blue": "#2848a3",
    "sky blue": "#9dc0e0",
    "petrol": "#1f5666",
    "teal": "#2a8483",
    "mint": "#a8d5c2",
    "green": "#2e7043",
    "bottle green": "#1c4034",
    "olive": "#666a3b",
    "khaki": "#918763",
    "yellow": "#eccb45",
    "mustard": "#c9962c",
    "orange": "#db6f2c",
    "rust": "#a64a2a",
    "coral": "#e5796a",
    "red": "#b9202f",
    "burgundy": "#6a1b2d",
    "pink": "#e7a9b6",
    "fuchsia": "#c42a75",
    "purple": "#5b3a7a",
    "lilac": "#b9a5d3",
}
BASIC = {
    "cream": "beige",
    "sand": "beige",
    "camel": "beige",
    "khaki": "beige",
    "dark brown": "brown",
    "rust": "brown",
    "charcoal": "grey",
    "light grey": "grey",
    "indigo": "navy",
    "denim blue": "blue",
    "pale denim": "blue",
    "royal blue": "blue",
    "sky blue": "blue",
    "petrol": "green",
    "teal": "green",
    "mint": "green",
    "bottle green": "green",
    "olive": "green",
    "mustard": "yellow",
    "coral": "orange",
    "burgundy": "red",
    "fuchsia": "pink",
    "lilac": "purple",
}
"""The plain word for the name of a colour, where the two differ."""
# Palettes of fabrics; a colour that is named twice comes twice as often.
DENIM = ("indigo", "denim blue", "pale denim", "black", "grey", "denim blue")
LEATHERS = ("black", "dark brown", "brown", "camel", "burgundy", "navy")
STRAWS = ("sand", "camel", "cream", "brown", "black")
SUEDES = (*LEATHERS, "sand", "grey", "olive", "rust", "red", "pink")
POPULAR = {
    "black": 4.0,
    "white": 3.0,
    "navy": 4.0,
    "grey": 2.5,
    "charcoal": 3.0,
    "denim blue": 2.5,
    "indigo": 2.0,
    "sky blue": 2.0,
    "red": 1.5,
}
"""How many times as often as other colours these are chosen."""
# Palettes of kinds.
SHIRT_COLOURS = (
    "white",
    "sky blue",
    "navy",
    "denim blue",
    "pale denim",
    "red",
    "grey",
    "black",
    "green",
    "burgundy",
    "royal blue",
    "pink",
    "lilac",
    "khaki",
    "indigo",
)
OUTDOORS = (
    "black",
    "navy",
    "charcoal",
    "olive",
    "burgundy",
    "red",
    "mustard",
    "grey",
    "petrol",
    "khaki",
    "bottle green",
    "brown",
    "royal blue",
    "camel",
    "sand",
)
SOBER = ("navy", "charcoal", "grey", "black", "camel", "brown", "olive", "burgundy", "cream", "bottle green", "sand")


def linear(name: str) -> Colour:
    """A colour, given as a name or as #rrggbb, as linear light: (3,) float32 from 0 to 1."""
    code = COLOURS.get(name, name).lstrip("#")
    encoded = np.array([int(code[at : at + 2], 16) for at in (0, 2, 4)], np.float32) / 255
    return encoded**2.2


def lightness(name: str) -> float:
    """How light a colour looks, from 0 to 1."""
    return float(np.dot(linear(name), (0.2126, 0.7152, 0.0722)) ** (1 / 2.2))


def contrasting(base: str, rng: Random, *, apart: float = 0.3) -> str:
    """The name of a colour whose lightness differs from that of `base` by at least `apart`."""
    choices = [name for name in COLOURS if abs(lightness(name) - lightness(base)) >= apart]
    calm = [
        name for name in choices if name in ("white", "cream", "navy", "black", "charcoal", "light grey", "sky blue")
    ]
    return str(rng.choice(calm if rng.random() < 0.5 else choices))


def mix(ground: Colour, over: Colour, share: Field | float) -> Colour:
    """One colour over another, (h, w, 3) linear light; share, from 0 to 1, is how much of the ground it covers."""
    share = np.asarray(share, np.float32)[..., None]
    return ground * (1 - share) + over * share

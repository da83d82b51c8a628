"""What a tab of a browser remembers by itself: tokens, in its sessionStorage, which no other tab and no other site can
read, and which goes with it.
"""

from __future__ import annotations

VISIT, WARDROBE = "visit", "wardrobe"
"""Names of the tokens: of what was searched last, and of the visitor's own wardrobe."""


def read_js(name: str) -> str:
    """JavaScript: the token of a name; "" if there is none."""
    return f"(sessionStorage.getItem('{name}') ?? '')"


def write_js(name: str) -> str:
    """JavaScript: a function that has the tab remember a token."""
    return f"(token) => {{ sessionStorage.setItem('{name}', token); return []; }}"
